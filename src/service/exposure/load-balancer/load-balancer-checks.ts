import { Token } from 'aws-cdk-lib';
import { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { Construct, IConstruct } from 'constructs';
import { AccessLogs } from './load-balancer-access-logs';
import { checkOneOf, hasMethods } from '../../../private/check-types';
import { reject } from '../../../private/validation';

/** From where a load balancer is reached. */
export type Reach = 'internet' | 'vpc';

/** What refuses to be deleted, of a load balancer of either kind. */
export function checkDeletionProtection(scope: Construct, value: boolean | undefined): void {
  checkOneOf(scope, value, [undefined, true, false], { property: 'exposure.deletionProtection', must: 'be true or false', fix: 'Write it without quotes.' });
}

/** Something of our own factories, for a load balancer of either kind. */
export function checkAccessLogs(scope: Construct, accessLogs: AccessLogs | undefined): void {
  if (accessLogs === undefined) {
    return;
  }
  if (!hasMethods(accessLogs, '_check', '_apply')) {
    reject(scope, { property: 'exposure.accessLogs', must: 'be AccessLogs', got: accessLogs, fix: 'Make one with brackets: AccessLogs.ownBucket().' });
  }
  accessLogs._check(scope);
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer */
export function checkZones(scope: Construct, property: string, subnets: ISubnet[], reach: Reach): void {
  const zones = subnets.map(zoneOf);
  const distinct = new Set(zones);
  const known = zones.every(zone => zone !== undefined && !Token.isUnresolved(zone));
  const kind = reach === 'internet' ? 'public ' : '';
  if (subnets.length < 2 || (known && distinct.size < 2)) {
    reject(scope, {
      property, must: `find ${kind}subnets in two availability zones, which a load balancer needs`, got: [...distinct],
      fix: `Give the VPC ${kind}subnets in a second zone, e.g. maxAzs: 2.`,
    });
  }
  checkOnePerZone(scope, property, subnets);
}

/** What goes for load balancers of either kind: https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_CreateLoadBalancer.html */
export function checkOnePerZone(scope: IConstruct, property: string, subnets: ISubnet[]): void {
  const zones = subnets.map(zoneOf);
  const twice = zones.find((zone, index) => zone !== undefined && zones.indexOf(zone) !== index);
  if (twice !== undefined) {
    reject(scope, {
      property, must: 'select one subnet of each availability zone, because a load balancer takes no more', got: subnets.map(({ node }) => node.path),
      fix: 'Add onePerAz: true, or select one group, e.g. { subnetGroupName: \'App\' }.',
    });
  }
}

/** One that is imported by its id alone throws when it is asked. */
function zoneOf(subnet: ISubnet): string | undefined {
  try {
    return subnet.availabilityZone;
  } catch {
    return undefined;
  }
}
