import * as fs from 'fs';
import * as path from 'path';
import { IgnoreStrategy, Size, Token } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { entriesOf } from './build-context';
import { namedContext } from './staged-contexts';
import { PlatformBuild } from '../../build/image-build';
import { parsePlatform } from '../../engine/platforms';
import { reject } from '../../private/validation';
import { ImageSourceDirectoryOptions } from '../image-source-config';
import { normalPlatform } from '../platform-names';

// S3 accepts objects of up to 5 GiB in one request.
const MOST_BYTES = Size.gibibytes(5).toBytes();
// The architecture of the machine on which CodeBuild builds images of an architecture.
const ARCHITECTURES: Readonly<Record<string, PlatformBuild['architecture']>> = { amd64: 'amd64', 386: 'amd64', arm64: 'arm64' };
// Outputs that are ignored, because BuildKit pushes the image anyway.
const PUSHED = /^(type=)?(docker|image|registry)$/;

/** Rejects options that require a build on the machine that runs `cdk deploy`. */
export function checkRemote(scope: Construct, directory: string, options: ImageSourceDirectoryOptions): void {
  const { buildSsh, buildSecrets, outputs = [], networkMode, buildContexts = {} } = options;
  const elsewhere = 'be left out with a builder, because the build runs on another machine';
  if (buildSsh !== undefined) {
    reject(scope, { property: 'buildSsh', must: elsewhere, got: buildSsh, fix: 'Store a deploy key or token in Secrets Manager, and use the `secrets` of the builder.' });
  }
  if (buildSecrets !== undefined && Object.keys(buildSecrets).length > 0) {
    reject(scope, { property: 'buildSecrets', must: elsewhere, got: buildSecrets, fix: 'Store them in Secrets Manager: ImageBuilder.codeBuild({ secrets: { npm: secret } }).' });
  }
  const output = outputs.find(each => !PUSHED.test(each));
  if (output !== undefined) {
    reject(scope, {
      property: 'outputs', must: elsewhere, got: output, fix: 'Leave it out. For another compression, use the option `compression` of the builder.',
    });
  }
  const mode = networkMode?.mode;
  if (mode !== undefined && !Token.isUnresolved(mode) && !['default', 'none', 'host'].includes(mode)) {
    reject(scope, { property: 'networkMode', must: 'be a mode that BuildKit supports', got: mode, fix: 'Use NetworkMode.DEFAULT, NetworkMode.NONE or NetworkMode.HOST.' });
  }
  for (const [name, value] of Object.entries(buildContexts)) {
    const { root, isLocal } = namedContext(directory, value);
    if (isLocal && root === undefined && !Token.isUnresolved(value)) {
      reject(scope, {
        property: `buildContexts.${name}`, must: 'be a directory that exists, an image or a URL', got: value,
        fix: 'Write its path from the directory of the build, or from the working directory of the CDK app. For an image, write "docker-image://" before it.',
      });
    }
  }
}

/** The platforms, with the architectures of the machines that build them. */
export function remotePlatforms(scope: Construct, { platform, platforms }: ImageSourceDirectoryOptions): PlatformBuild[] {
  if (platforms !== undefined && platform !== undefined) {
    reject(scope, { property: 'platforms', must: 'come without platform', got: platform.platform, fix: 'Name all platforms in platforms.' });
  }
  const wanted = platforms ?? [platform ?? Platform.LINUX_AMD64];
  if (platforms?.length === 0) reject(scope, { property: 'platforms', must: 'name a platform', got: platforms, fix: 'Name one, or leave it out.' });
  const builds = wanted.map(({ platform: name }): PlatformBuild => {
    const { os, architecture = '' } = parsePlatform(name);
    const native = os === 'linux' ? ARCHITECTURES[architecture] : undefined;
    if (native !== undefined) return { platform: normalPlatform(name), architecture: native };
    return reject(scope, {
      property: platforms === undefined ? 'platform' : 'platforms', must: 'be one that CodeBuild builds natively', got: name,
      fix: 'Use Platform.LINUX_AMD64 or Platform.LINUX_ARM64, or leave the builder out.',
    });
  });
  const twice = builds.find(({ platform: name }, position) => builds.findIndex(each => each.platform === name) < position);
  if (twice !== undefined) reject(scope, { property: 'platforms', must: 'name each platform once', got: twice.platform, fix: 'Leave one out.' });
  return builds;
}

/** Rejects a build context that cannot be uploaded. */
export function checkSize(scope: Construct, directory: string, ignore: IgnoreStrategy): void {
  const bytes = sizeOf(path.resolve(directory), ignore);
  if (bytes <= MOST_BYTES) return;
  reject(scope, {
    property: 'directory', must: 'have at most 5 GiB of files, because S3 accepts at most 5 GiB in one request', got: `${(bytes / 2 ** 30).toFixed(1)} GiB`,
    fix: 'List large files in .dockerignore, or let the Dockerfile download them.',
  });
}

function sizeOf(folder: string, ignore: IgnoreStrategy): number {
  let bytes = 0;
  for (const entry of entriesOf(folder)) {
    const full = path.join(folder, entry.name);
    if (ignore.completelyIgnores(full)) continue;
    if (entry.isDirectory()) bytes += sizeOf(full, ignore);
    else if (entry.isFile() && !ignore.ignores(full)) bytes += fs.statSync(full).size;
  }
  return bytes;
}
