import { IConstruct } from 'constructs';
import { Ec2Placement } from './ec2-placement';
import { hasMethods } from '../../private/check-types';
import { reject, sentence } from '../../private/validation';
import { checkCapacity } from '../capacity/capacity-check';
import { Ec2Capacity } from '../capacity/ec2-capacity';
import { Ec2ServiceProps } from '../ec2-service';

type Checked = Ec2ServiceProps & { readonly capacity: Ec2Capacity; readonly placement: Ec2Placement };

/** What a service on instances cannot have, and what the cluster has to have in the end. */
export function checkEc2Service(scope: IConstruct, props: Checked): void {
  const { capacity, placement, cluster } = props;
  checkCapacity(scope, capacity, 'Ec2Capacity', 'Ec2Capacity.providers({ provider })');
  if (!hasMethods(placement, '_check')) {
    reject(scope, { property: 'placement', must: 'be of class Ec2Placement', got: placement, fix: 'Make one with brackets, e.g. Ec2Placement.daemon().' });
  }
  placement._check(scope);
  if (placement._isDaemon) {
    checkDaemon(scope, props);
  } else {
    // Capacity may be added to the cluster after the service.
    scope.node.addValidation({
      validate: () => cluster.hasEc2Capacity ? [] : [sentence({
        property: 'cluster', must: 'have instances to run tasks on', got: cluster.node.path,
        fix: 'Add some with cluster.addCapacity(…), give capacity: Ec2Capacity.providers({ provider }), or use a FargateService.',
      })],
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_scheduler_daemon.html */
function checkDaemon(scope: IConstruct, { desiredCount, scaling, capacity }: Checked): void {
  const must = 'be left out for a daemon, which runs one task on each instance';
  if (desiredCount !== undefined) {
    reject(scope, { property: 'desiredCount', must, got: desiredCount, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (scaling !== undefined) {
    reject(scope, { property: 'scaling', must, got: scaling, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (capacity._hasProviders) {
    reject(scope, {
      property: 'capacity', must: 'be the instances of the cluster for a daemon, for which ECS takes no capacity providers', got: 'capacity providers',
      fix: 'Leave it out, and select instances by Ec2Placement.daemon({ constraints }).',
    });
  }
}
