import { Token } from 'aws-cdk-lib';

// The names that other tools use, and the variants that every processor of an architecture has, as in containerd:
// https://github.com/containerd/platforms/blob/main/database.go
const ARCHITECTURES: ReadonlyMap<string, string> = new Map([
  ['x86_64', 'amd64'], ['x86-64', 'amd64'], ['aarch64', 'arm64'], ['i386', '386'], ['armhf', 'arm/v7'], ['armel', 'arm/v6'],
]);
const USUAL_VARIANTS: ReadonlyMap<string, string> = new Map([['amd64', 'v1'], ['arm64', 'v8'], ['arm', '']]);

/** The platform in an image configuration or an index; undefined if it is not complete. */
export function platformIn(json: { readonly [name: string]: unknown }): string | undefined {
  const [os, architecture, variant] = [json.os, json.architecture, json.variant].map(part => typeof part === 'string' ? part.trim() : '');
  return os === '' || architecture === '' ? undefined : normalPlatform([os, architecture, variant].filter(Boolean).join('/'));
}

/** A platform in its usual spelling: `linux/arm64` for `linux/aarch64` and `Linux/arm64/v8`. */
export function normalPlatform(platform: string): string {
  const [os, name = '', given] = platform.toLowerCase().split('/');
  const [architecture, implied] = (ARCHITECTURES.get(name) ?? name).split('/');
  const variant = given ?? implied;
  return [os, architecture, variant === USUAL_VARIANTS.get(architecture) ? undefined : variant].filter(Boolean).join('/');
}

/** Whether Linux on a CPU architecture runs an image. Tokens pass. Its variants, such as `linux/amd64/v3`, are compared when the image is deployed. */
export function isBuiltFor(platform: string, architecture: 'amd64' | 'arm64'): boolean {
  const [os, name] = normalPlatform(platform).split('/');
  return Token.isUnresolved(platform) || (os === 'linux' && name === architecture);
}
