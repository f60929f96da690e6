import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { INamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { IConstruct } from 'constructs';
import { ClaimedNames } from '../../../private/claims';
import { isKnown } from '../../../private/lookups';
import { InstanceRule } from '../../../private/shape';
import { reject } from '../../../private/validation';

const NAMES = new ClaimedNames();

export const NAMESPACE: InstanceRule = {
  kind: 'instance', same: ['region'], properties: ['namespaceArn'], must: 'be a Cloud Map namespace',
  fix: 'Give one such as a servicediscovery.PrivateDnsNamespace, or leave it out for the namespace of the cluster.',
};

/** The given namespace, or the one of the cluster. */
export function namespaceOf(scope: IConstruct, service: BaseService, given: INamespace | undefined): INamespace {
  return given ?? service.cluster.defaultCloudMapNamespace ?? reject(scope, {
    property: 'exposure.namespace', must: 'be given, because the cluster has no known namespace', got: undefined,
    fix: 'Give one, or call addDefaultCloudMapNamespace({ name: \'internal\' }) on the cluster before you create the service.',
  });
}

/**
 * Rejects a name that another service of this app has in the namespace. Names are case-insensitive.
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
