import { SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import { BaseService } from 'aws-cdk-lib/aws-ecs';

/**
 * Tasks that have no way out yet can pull no image, and the circuit breaker counts them.
 *
 * Only the service itself waits, not its security group: a NAT instance may let that in.
 */
export function waitForRoutes(service: BaseService, { internetConnectivityEstablished }: SelectedSubnets): void {
  (service.node.defaultChild ?? service).node.addDependency(internetConnectivityEstablished);
}
