import { IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpExposureOptions } from './http-exposure-options';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject, checkOneOf } from '../../../private/check-types';
import { checkPattern } from '../../../private/validation';
import { checkAccessLogs, checkDeletionProtection, Reach } from '../load-balancer/load-balancer-checks';

/** What ELB would refuse of a load balancer for one service. */
export function checkOwnLoadBalancer(scope: Construct, reach: Reach, options: HttpExposureOptions): void {
  const { loadBalancerName, idleTimeout, accessLogs, deletionProtection, webAclArn, ipAddressType, vpcSubnets } = options;
  if (loadBalancerName !== undefined) {
    checkPattern(scope, {
      property: 'exposure.loadBalancerName', value: loadBalancerName, pattern: /^(?!internal-)[A-Za-z0-9](?:[A-Za-z0-9-]{0,30}[A-Za-z0-9])?$/,
      must: 'have 1 to 32 letters, digits and hyphens, not begin or end with a hyphen and not begin with "internal-"', fix: 'Use a name such as "web".',
    });
  }
  checkSeconds(scope, { property: 'exposure.idleTimeout', value: idleTimeout, min: 1, max: 4000, fix: 'Give a time within these limits.' });
  checkDeletionProtection(scope, deletionProtection);
  if (vpcSubnets !== undefined) {
    checkObject(scope, 'exposure.vpcSubnets', vpcSubnets, 'Select by group or type, e.g. { subnetGroupName: \'App\' }, or leave it out.');
  }
  if (webAclArn !== undefined) {
    checkPattern(scope, {
      property: 'exposure.webAclArn', value: webAclArn, pattern: /^arn:[\w-]+:wafv2:[\w-]+:\d{12}:regional\/webacl\/[^/]+\/[^/]+$/,
      must: 'be the ARN of a regional web ACL', fix: 'Use the ARN of a web ACL with the scope REGIONAL: one for CloudFront cannot be used here.',
    });
  }
  checkAccessLogs(scope, accessLogs);
  if (ipAddressType !== undefined) {
    const allowed = Object.values(IpAddressType).filter(type => reach === 'internet' || type !== IpAddressType.DUAL_STACK_WITHOUT_PUBLIC_IPV4);
    checkOneOf(scope, ipAddressType, allowed, {
      property: 'exposure.ipAddressType', must: `be an address type of load balancers that the ${reach} reaches`, fix: 'Use IpAddressType.DUAL_STACK.',
    });
  }
}
