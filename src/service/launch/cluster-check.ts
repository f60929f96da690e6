import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** A cluster, and with it the VPC in which everything is made. */
export function checkCluster(scope: IConstruct, cluster: ICluster): void {
  if (!hasMethods(vpcOf(scope, cluster), 'selectSubnets')) {
    reject(scope, { property: 'cluster', must: 'be an ECS cluster', got: cluster, fix: 'Make one, e.g. new ecs.Cluster(this, \'Cluster\', { vpc }).' });
  }
}

/** One that is imported by its ARN alone throws when it is asked. */
function vpcOf(scope: IConstruct, cluster: ICluster): unknown {
  try {
    return cluster?.vpc;
  } catch {
    return reject(scope, {
      property: 'cluster', must: 'have a VPC', got: cluster, fix: 'Import it with ecs.Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName, vpc }).',
    });
  }
}
