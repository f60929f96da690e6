import { CfnClusterCapacityProviderAssociations, ICluster } from 'aws-cdk-lib/aws-ecs';
import { Dependable, IDependable } from 'constructs';

/**
 * What tells the cluster its capacity providers: without it ECS refuses the service, and while the service is there it cannot be removed.
 *
 * The cluster adds it only at synthesis, so it is looked for when it is needed. Not the whole cluster, which may well contain the service.
 */
export class ProviderAssociations implements IDependable {
  constructor(cluster: ICluster) {
    Dependable.implement(this, {
      get dependencyRoots() {
        return cluster.node.children.filter(child => child instanceof CfnClusterCapacityProviderAssociations);
      },
    });
  }
}
