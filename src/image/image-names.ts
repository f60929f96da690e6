import { createHash } from 'crypto';
import * as path from 'path';
import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ImageSourceDirectoryOptions } from './image-source-config';
import { checkBuild } from './sources/directory-source';
import { ClaimedNames } from '../private/claims';
import { isImported } from '../private/lookups';
import { checkValue, ListRule } from '../private/shape';
import { outermostStack } from '../private/stacks';
import { reject } from '../private/validation';

/** The prefix of the tags that this library sets, one for each published image, so that no published image is untagged. */
export const LIVE_TAG_PREFIX = 'live-';

/** The prefixes of tags that must never move: those of deployed images, and those of referrers of a digest, e.g. signatures. */
export const STEADY_PREFIXES = [LIVE_TAG_PREFIX, 'sha256-'];

const CLAIMED_TAGS = new ClaimedNames();

// The copy function writes this tag, and lifecycle rules select it.
export { KEPT_TAG } from '../copy/image-copy-properties';

/** The part of the tag of a directly pushed image between the prefix of the image and the start of its input hash. */
export const PUSHED_TAG = 'pushed-';

const DIGITS_OF_PUBLISHER = 8;

/**
 * The prefix of the live tags of an image. The start of the digest follows.
 *
 * It contains a hash of the publisher: another stack or app can publish an image with the same ID into the same repository, and its new versions must
 * not expire the deployed version of this one. An app without `env` can be deployed to several accounts, but it owns the repository in only one of
 * them. An image ID contains no dot, so the prefix of `web` never matches a tag of `web-admin`.
 */
export function liveTagPrefix(image: IConstruct, repository: IConstruct): string {
  const { account, region, stackName } = outermostStack(image);
  const names = [account, region, stackName].map(name => Token.isUnresolved(name) ? '' : name);
  const publisher = createHash('sha256').update(JSON.stringify([...names, image.node.path, isImported(repository) ? 'imported' : 'own'])).digest('hex').slice(0, DIGITS_OF_PUBLISHER);
  return `${LIVE_TAG_PREFIX}${image.node.id}.${publisher}.`;
}

/** The ID of an image that is built from a directory: all options that distinguish it from other images of the directory. */
export function imageIdOf(scope: IConstruct, directory: string, options: ImageSourceDirectoryOptions): string {
  checkBuild(scope, directory, options);
  const folder = idPart(path.basename(path.normalize(directory))) || 'image';
  const platforms = [options.platform, ...options.platforms ?? []].map(each => each?.platform);
  // An absolute path would be different on another machine.
  const file = options.file && path.isAbsolute(options.file) ? path.relative(directory, options.file) : options.file;
  const others = [file, options.target, ...platforms].map(part => idPart(part ?? ''));
  return [folder, ...others].filter(part => part !== '').join('-');
}

function idPart(text: string): string {
  return text.replace(/[^A-Za-z0-9]+/g, '-').replace(/^-|-$/g, '');
}

/** Checks an image ID. It becomes part of a tag. */
export function checkImageId(scope: IConstruct, id: string): void {
  const fix = 'Choose an id such as publish(\'web\', …).';
  checkValue(scope, 'id', id, {
    kind: 'text', required: true, pattern: /^[A-Za-z0-9][A-Za-z0-9_-]{0,79}$/, must: 'be 1 to 80 letters, digits, "-" or "_" and start with a letter or digit', fix,
  });
  // The construct tree stores children in a plain object, which already has these names. A token could not become part of a tag.
  if (Token.isUnresolved(id) || id in Object.prototype) {
    reject(scope, { property: 'id', must: 'be known at synthesis, and not a name that every JavaScript object has', got: id, fix });
  }
}

/**
 * A list of image tags.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#pulling-manifests
 */
export const TAGS: ListRule = {
  kind: 'list', fix: 'Write tags: [\'v1.2.3\'].', of: {
    kind: 'text', pattern: /^[A-Za-z0-9_][A-Za-z0-9._-]{0,127}$/, must: 'be 1 to 128 letters, digits, "_", "." or "-" and not start with "." or "-"',
    fix: 'Use a tag such as "v1.2.3".',
  },
};

/** Checks that tags are unique and do not start with the prefixes of this library. */
export function checkTags(scope: IConstruct, tags: string[]): void {
  if (Token.isUnresolved(tags)) return;
  for (const tag of tags) {
    const ours = STEADY_PREFIXES.find(prefix => !Token.isUnresolved(tag) && tag.startsWith(prefix));
    if (ours !== undefined) {
      reject(scope, {
        property: 'tags',
        must: `not start with "${ours}", which marks deployed images and their signatures`,
        got: tag,
        fix: 'Choose another tag. The live tag is set for you.',
      });
    }
  }
  if (new Set(tags).size < tags.length) {
    reject(scope, { property: 'tags', must: 'name each tag once', got: tags, fix: 'Remove the repeated tag.' });
  }
}

/**
 * Checks a tag or a digest.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests
 */
export function checkTagOrDigest(scope: IConstruct, tagOrDigest: string): void {
  checkValue(scope, 'tagOrDigest', tagOrDigest, {
    kind: 'text', required: true, pattern: /^(sha256:[a-f0-9]{64}|[A-Za-z0-9_][A-Za-z0-9._-]{0,127})$/,
    must: 'be a tag, or "sha256:" and 64 lower-case hexadecimal digits', fix: 'Copy it from `aws ecr describe-images`.',
  });
}

/**
 * Rejects two images with the same tag in one repository. The second one would fail its deployment, or the tag would refer to either of them.
 *
 * @param owner the construct whose images must have different tags
 */
export function claimTags(scope: IConstruct, tags: string[], owner: IConstruct, place = ''): void {
  for (const tag of Token.isUnresolved(tags) ? [] : tags) {
    if (CLAIMED_TAGS.claim(scope, `${place}:${tag}`, owner) !== undefined) {
      reject(scope, {
        property: 'tags', must: 'name one image each', got: tag,
        fix: 'Give the second image another tag, e.g. with the name of the image in it.',
      });
    }
  }
}
