import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { ClaimedNames } from '../../../private/claims';
import { isKnown } from '../../../private/lookups';
import { reject } from '../../../private/validation';

const NAMES = new ClaimedNames();

/**
 * A namespace has each name once, whatever its capitals. Names that are given outside of this app are not known.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
 */
export function claimNameIn(namespace: INamespace, scope: IConstruct, claim: { readonly property: string; readonly name: string }): void {
  const { property, name } = claim;
  if (!isKnown(name)) {
    return;
  }
  const owner = NAMES.claim(scope, name.toLowerCase(), namespace, namespace.namespaceId);
  if (owner !== undefined) {
    reject(scope, {
      property, must: `differ from the name of ${owner.node.path} in the same namespace`, got: name, fix: 'Give one of the two services another name.',
    });
  }
}
