import { Token } from 'aws-cdk-lib';
import { formatPlatform, parsePlatform, readPlatform } from '../engine/platforms';

/** The platform in an image configuration or an index; undefined if it is incomplete. */
export function platformIn(json: { readonly [name: string]: unknown }): string | undefined {
  const { os, architecture, variant } = readPlatform(json);
  return os === undefined || architecture === undefined ? undefined : formatPlatform({ os, architecture, variant });
}

/** A platform in its usual spelling: `linux/arm64` for `linux/aarch64`, `Linux/arm64/v8` and `arm64`. */
export function normalPlatform(platform: string): string {
  return formatPlatform(parsePlatform(platform));
}

/** Whether Linux on a CPU architecture runs an image. Tokens pass. Its variants, such as `linux/amd64/v3`, are compared when the image is deployed. */
export function isBuiltFor(platform: string, architecture: 'amd64' | 'arm64'): boolean {
  const { os, architecture: name } = parsePlatform(platform);
  return Token.isUnresolved(platform) || (os === 'linux' && name === architecture);
}
