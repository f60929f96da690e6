import { Stage, Token } from 'aws-cdk-lib';
import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { reject } from '../../../private/validation';

/** By app or stage, namespace and name: who has it. */
const OWNERS = new WeakMap<IConstruct, Map<string, IConstruct>>();

/**
 * A namespace has each name once, whatever its capitals. Names that are given outside of this app are not known.
 *
 * https://docs.aws.amazon.com/cloud-map/latest/api/API_CreateService.html
 */
export function claimName(scope: IConstruct, namespace: INamespace, claim: { readonly property: string; readonly name: string }): void {
  const { property, name } = claim;
  if (Token.isUnresolved(name)) {
    return;
  }
  const app = Stage.of(scope) ?? scope.node.root;
  const owners = OWNERS.get(app) ?? new Map<string, IConstruct>();
  OWNERS.set(app, owners);
  // The same one may be imported in several stacks.
  const key = `${Token.isUnresolved(namespace.namespaceId) ? namespace.node.path : namespace.namespaceId} ${name.toLowerCase()}`;
  const owner = owners.get(key);
  if (owner !== undefined) {
    reject(scope, {
      property, must: `differ from the name of ${owner.node.path} in the same namespace`, got: name, cure: 'Give one of the two services another name.',
    });
  }
  owners.set(key, scope);
}
