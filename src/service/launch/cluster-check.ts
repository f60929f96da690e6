import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** A cluster, and with it the VPC in which everything is made. */
export function checkCluster(scope: IConstruct, cluster: ICluster): void {
  if (!hasMethods(cluster?.vpc, 'selectSubnets')) {
    reject(scope, { property: 'cluster', must: 'be an ECS cluster', got: cluster, cure: 'Make one, e.g. new ecs.Cluster(this, \'Cluster\', { vpc }).' });
  }
}
