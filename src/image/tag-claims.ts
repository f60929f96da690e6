import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { reject } from '../private/validation';

const claimed = new WeakMap<IConstruct, Set<string>>();

/**
 * The second image with the same tag at the same place would fail its deployment; or, where the tag may move, nobody could
 * say which of the two has it afterwards.
 *
 * @param owner what the images have in common: another owner may well put the same image at the same place.
 */
export function claimTags(scope: IConstruct, tags: string[], owner: IConstruct, place = ''): void {
  const names = claimed.get(owner) ?? new Set();
  claimed.set(owner, names);
  for (const tag of Token.isUnresolved(tags) ? [] : tags) {
    const name = `${place}:${tag}`;
    if (names.has(name)) {
      reject(scope, {
        property: 'tags', must: 'name one image each', got: tag,
        cure: 'Give the second image another tag, e.g. with the name of the image in it.',
      });
    }
    names.add(name);
  }
}
