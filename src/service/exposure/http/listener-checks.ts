import { ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpListenerOptions } from './http-exposure-options';
import { checkTarget } from './http-target-checks';
import { checkOpenTo } from '../open-to';

/** What ELB would refuse of a listener for one service. */
export function checkListenerOptions(scope: Construct, options: HttpListenerOptions, protocol: ApplicationProtocol): void {
  checkTarget(scope, options, protocol);
  checkOpenTo(scope, options.openTo);
  checkOpenTo(scope, options.testOpenTo, 'exposure.testOpenTo');
}
