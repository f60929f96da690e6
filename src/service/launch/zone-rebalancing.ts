import { Token } from 'aws-cdk-lib';
import { AvailabilityZoneRebalancing, DeploymentStrategy } from 'aws-cdk-lib/aws-ecs';
import { LaunchedServiceProps } from './launch';

/**
 * ECS rebalances new services, except where there may be no task more than needed; there it refuses an update that does not turn it off, and
 * it stays off when there may be more again. So it is said each time.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function zoneRebalancing(
  { deploymentStrategy, maxHealthyPercent }: LaunchedServiceProps, usual?: AvailabilityZoneRebalancing,
): AvailabilityZoneRebalancing | undefined {
  if (deploymentStrategy !== DeploymentStrategy.ROLLING || Token.isUnresolved(maxHealthyPercent)) {
    return undefined;
  }
  return maxHealthyPercent === 100 ? AvailabilityZoneRebalancing.DISABLED : usual;
}
