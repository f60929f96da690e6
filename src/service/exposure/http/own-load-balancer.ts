import { IVpc, SubnetSelection, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnWebACLAssociation } from 'aws-cdk-lib/aws-wafv2';
import { Construct } from 'constructs';
import { HttpExposureOptions } from './http-exposure-options';
import { isPendingSelection } from '../../../private/lookups';
import { selectSubnets } from '../../../private/select-subnets';
import { ExposureBindOptions } from '../exposure-config';
import { checkZones, Reach } from '../load-balancer/load-balancer-checks';
import { secondsText } from '../load-balancer/seconds';

/** A load balancer for one service. */
export function ownLoadBalancer(
  scope: Construct, reach: Reach, { vpc }: ExposureBindOptions, options: HttpExposureOptions,
): ApplicationLoadBalancer {
  const vpcSubnets = subnetsOf(scope, reach, vpc, options.vpcSubnets);
  const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
    vpc,
    vpcSubnets,
    internetFacing: reach === 'internet',
    // Requests that two servers could read differently are stopped by the default of AWS already: its desync mitigation is "defensive".
    dropInvalidHeaderFields: true,
    deletionProtection: options.deletionProtection,
    loadBalancerName: options.loadBalancerName,
    ipAddressType: options.ipAddressType,
  });
  if (options.idleTimeout !== undefined) {
    loadBalancer.setAttribute('idle_timeout.timeout_seconds', secondsText(options.idleTimeout));
  }
  options.accessLogs?._apply(scope, loadBalancer);
  if (options.webAclArn !== undefined) {
    new CfnWebACLAssociation(scope, 'WebAcl', { resourceArn: loadBalancer.loadBalancerArn, webAclArn: options.webAclArn });
  }
  return loadBalancer;
}

/** One in each zone: a VPC may have several groups of them. */
function subnetsOf(scope: Construct, reach: Reach, vpc: IVpc, wanted?: SubnetSelection): SubnetSelection {
  const selection = wanted ?? { subnetType: reach === 'internet' ? SubnetType.PUBLIC : undefined, onePerAz: true };
  if (wanted === undefined && reach === 'internet' && vpc.publicSubnets.length === 0) {
    checkZones(scope, 'exposure', [], reach);
  }
  const selected = selectSubnets(scope, 'exposure.vpcSubnets', vpc, selection);
  if (!isPendingSelection(vpc, selected)) {
    checkZones(scope, wanted === undefined ? 'exposure' : 'exposure.vpcSubnets', selected.subnets, reach);
  }
  return selection;
}
