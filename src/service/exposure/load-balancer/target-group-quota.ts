import { BaseService } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { reject } from '../../../private/validation';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/register-multiple-targetgroups.html */
const MAX_TARGET_GROUPS = 5;

/** As many target groups as ECS attaches to a service; those that stand in for others while clients are moved do not count. */
export function checkTargetGroups(scope: IConstruct, service: BaseService): void {
  const { length } = service.loadBalancers;
  if (length > MAX_TARGET_GROUPS) {
    reject(scope, {
      property: 'exposure', must: `reach the service through at most ${MAX_TARGET_GROUPS} target groups, one for each port of a load balancer`, got: length,
      fix: 'Expose fewer ports, or spread them over several services.',
    });
  }
}
