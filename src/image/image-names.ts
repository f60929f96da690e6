import * as path from 'path';
import { Token } from 'aws-cdk-lib';
import { DockerImageAssetOptions } from 'aws-cdk-lib/aws-ecr-assets';
import { IConstruct } from 'constructs';
import { checkPattern, reject } from '../private/validation';

/** Tags that start like this are set by this library: one per published image, so that it is never untagged. */
export const LIVE_TAG_PREFIX = 'live-';

/**
 * Live tags of one image in one repository: this prefix, then the start of the digest.
 *
 * The dot cannot occur in an image id, so the prefix of `web` never matches a tag of `web-admin`.
 */
export function liveTagPrefix(imageId: string): string {
  return `${LIVE_TAG_PREFIX}${imageId}.`;
}

/** The id of an image built from a directory: all that makes it another image than its neighbour. */
export function imageIdOf(directory: string, options: DockerImageAssetOptions): string {
  const folder = path.basename(path.normalize(directory));
  const parts = [/^\.*$/.test(folder) ? 'image' : folder, options.file, options.target, options.platform?.platform];
  return parts
    .filter((part): part is string => part !== undefined)
    .map(part => part.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, ''))
    .join('-');
}

/** The id becomes part of a tag, so it has the characters of one. */
export function checkImageId(scope: IConstruct, id: string): void {
  checkPattern(scope, {
    property: 'id',
    value: id,
    pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$/,
    must: 'be 1 to 100 letters, digits, "-" or "_" and start with a letter or digit',
    cure: 'Choose such an id: publish(\'web\', …).',
  });
}

/**
 * Tags that the user adds.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
 */
export function checkTags(scope: IConstruct, tags: string[]): void {
  for (const tag of tags) {
    checkPattern(scope, {
      property: 'tags',
      value: tag,
      pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/,
      must: 'be 1 to 128 letters, digits, "_", "." or "-" and not start with "." or "-"',
      cure: 'Use a tag such as "v1.2.3".',
    });
    if (!Token.isUnresolved(tag) && tag.startsWith(LIVE_TAG_PREFIX)) {
      reject(scope, {
        property: 'tags',
        must: `not start with "${LIVE_TAG_PREFIX}", which marks deployed images`,
        got: tag,
        cure: 'Choose another tag; the live tag is set for you.',
      });
    }
  }
  if (new Set(tags).size < tags.length) {
    reject(scope, { property: 'tags', must: 'name each tag once', got: tags, cure: 'Remove the repeated tag.' });
  }
}

/**
 * A digest as ECR gives it.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
export function checkTagOrDigest(scope: IConstruct, tagOrDigest: string): void {
  checkPattern(scope, {
    property: 'tagOrDigest',
    value: tagOrDigest,
    pattern: /^(sha256:[a-f0-9]{64}|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/,
    must: 'be a tag, or "sha256:" and 64 lower-case hexadecimal digits',
    cure: 'Copy it from `aws ecr describe-images`.',
  });
}
