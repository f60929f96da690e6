import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ClaimedNames } from '../private/claims';
import { reject } from '../private/validation';

const TAGS = new ClaimedNames();

/**
 * The second image with the same tag at the same place would fail its deployment; or, where the tag may move, nobody could
 * say which of the two has it afterwards.
 *
 * @param owner what the images have in common: another owner may well put the same image at the same place.
 */
export function claimTags(scope: IConstruct, tags: string[], owner: IConstruct, place = ''): void {
  for (const tag of Token.isUnresolved(tags) ? [] : tags) {
    if (TAGS.claim(scope, `${place}:${tag}`, owner) !== undefined) {
      reject(scope, {
        property: 'tags', must: 'name one image each', got: tag,
        fix: 'Give the second image another tag, e.g. with the name of the image in it.',
      });
    }
  }
}
