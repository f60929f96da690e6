import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { reject } from '../private/validation';

// By cluster, as long as that is there.
const OWNERS = new WeakMap<object, Map<string, IConstruct>>();

/** Each name is there once in a namespace: of two services, the second would overwrite the first, and the removal of one remove both. */
export function claimName(owner: IConstruct, cluster: object, namespace: string, serviceName: string): void {
  if (Token.isUnresolved(namespace) || Token.isUnresolved(serviceName)) return;
  const owners = OWNERS.get(cluster) ?? new Map<string, IConstruct>();
  OWNERS.set(cluster, owners);
  const name = `${namespace}/${serviceName}`;
  const other = owners.get(name);
  if (other !== undefined) {
    reject(owner, {
      property: 'serviceName', must: `differ from that of ${other.node.path} in the same namespace`, got: serviceName, cure: 'Choose another, or leave it out.',
    });
  }
  owners.set(name, owner);
}
