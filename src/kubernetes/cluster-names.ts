import { IConstruct } from 'constructs';
import type { EksCluster } from './kubernetes-cluster';
import { ClaimedNames } from '../private/claims';
import { isKnown } from '../private/lookups';
import { reject } from '../private/validation';

const NAMES = new ClaimedNames();

/** Each name is there once in a namespace: of two services, the second would overwrite the first, and the removal of one remove both. */
export function claimNameOn(cluster: EksCluster, owner: IConstruct, namespace: string, serviceName: string): void {
  if (!isKnown(namespace) || !isKnown(serviceName)) return;
  const { env: { account, region }, clusterName } = cluster;
  const other = NAMES.claim(owner, `${namespace}/${serviceName}`, cluster, [account, region, clusterName].join('/'));
  if (other !== undefined) {
    reject(owner, {
      property: 'serviceName', must: `differ from that of ${other.node.path} in the same namespace`, got: serviceName, fix: 'Choose another, or leave it out.',
    });
  }
}
