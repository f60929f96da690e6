import { Construct } from 'constructs';
import { Reach } from './load-balancer-checks';

/**
 * Where a load balancer of a service is, with its listeners and target groups. None can be taken from the internet into the VPC, and a target
 * group belongs to one load balancer for ever: under the same names, CloudFormation could not make the new ones beside the old.
 */
export function placeOf(scope: Construct, reach: Reach): Construct {
  return reach === 'internet' ? scope : new Construct(scope, 'Internal');
}
