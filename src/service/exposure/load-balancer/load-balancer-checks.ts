import { Token } from 'aws-cdk-lib';
import { ISubnet } from 'aws-cdk-lib/aws-ec2';
import { IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { AccessLogs } from './load-balancer-access-logs';
import { checkSeconds } from '../../../private/check-duration';
import { checkOneOf, hasMethods } from '../../../private/check-types';
import { checkPattern, reject } from '../../../private/validation';
import { HttpExposureOptions } from '../http/http-exposure-options';

/** From where a load balancer is reached. */
export type Reach = 'internet' | 'vpc';

/** What ELB would refuse of a load balancer. */
export function checkLoadBalancer(scope: Construct, reach: Reach, options: HttpExposureOptions): void {
  const { loadBalancerName, idleTimeout, accessLogs, deletionProtection, webAclArn, ipAddressType } = options;
  if (loadBalancerName !== undefined) {
    checkPattern(scope, {
      property: 'exposure.loadBalancerName', value: loadBalancerName, pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
      must: 'have 1 to 32 letters, digits and hyphens, not begin or end with a hyphen and not begin with "internal-"', cure: 'Use a name such as "web".',
    });
  }
  checkSeconds(scope, { property: 'exposure.idleTimeout', value: idleTimeout, min: 1, max: 4000, cure: 'Give a time within these limits.' });
  checkDeletionProtection(scope, deletionProtection);
  if (webAclArn !== undefined) {
    checkPattern(scope, {
      property: 'exposure.webAclArn', value: webAclArn, pattern: /^arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/,
      must: 'be the ARN of a regional web ACL', cure: 'Use the ARN of a web ACL with the scope REGIONAL: one for CloudFront cannot be used here.',
    });
  }
  checkAccessLogs(scope, accessLogs);
  if (ipAddressType !== undefined) {
    const allowed = Object.values(IpAddressType).filter(type => reach === 'internet' || type !== IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4);
    checkOneOf(scope, ipAddressType, allowed, {
      property: 'exposure.ipAddressType', must: `be an address type of load balancers that the ${reach} reaches`, cure: 'Use IpAddressType.DUAL_STACK.',
    });
  }
}

/** What refuses to be deleted, of a load balancer of either kind. */
export function checkDeletionProtection(scope: Construct, value: boolean | undefined): void {
  checkOneOf(scope, value, [undefined, true, false], { property: 'exposure.deletionProtection', must: 'be true or false', cure: 'Write it without quotes.' });
}

/** Something of our own factories, for a load balancer of either kind. */
export function checkAccessLogs(scope: Construct, accessLogs: AccessLogs | undefined): void {
  if (accessLogs === undefined) {
    return;
  }
  if (!hasMethods(accessLogs, '_check', '_apply')) {
    reject(scope, { property: 'exposure.accessLogs', must: 'be AccessLogs', got: accessLogs, cure: 'Make one with brackets: AccessLogs.ownBucket().' });
  }
  accessLogs._check(scope);
}

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer */
export function checkZones(scope: Construct, subnets: ISubnet[], reach: Reach): void {
  const zones = new Set(subnets.map(subnet => subnet.availabilityZone));
  const known = subnets.every(subnet => !Token.isUnresolved(subnet.availabilityZone));
  if (subnets.length < 2 || (known && zones.size < 2)) {
    const kind = reach === 'internet' ? 'public ' : '';
    reject(scope, {
      property: 'exposure', must: `find ${kind}subnets in two availability zones, which a load balancer needs`, got: [...zones],
      cure: `Give the VPC ${kind}subnets in a second zone, e.g. maxAzs: 2.`,
    });
  }
}
