import { Token } from 'aws-cdk-lib';
import { ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpListenerOptions } from './http-exposure-options';
import { checkTarget } from './http-target-checks';
import { checkInteger, reject } from '../../../private/validation';
import { checkOpenTo } from '../open-to';

/** What ELB would refuse of a listener for one service. */
export function checkListenerOptions(scope: Construct, options: HttpListenerOptions, protocol: ApplicationProtocol): void {
  checkTarget(scope, options, protocol);
  checkOpenTo(scope, options.openTo);
  checkOpenTo(scope, options.testOpenTo, 'exposure.testOpenTo');
}

/** Ports that clients connect to: each has one listener. */
export function checkListenerPorts(scope: Construct, ports: { readonly [property: string]: number | undefined }): void {
  const owners = new Map<number, string>();
  for (const [property, port] of Object.entries(ports)) {
    if (port === undefined || Token.isUnresolved(port)) {
      continue;
    }
    checkInteger(scope, { property, value: port, min: 1, max: 65535, cure: 'Give the port that clients connect to, usually 80.' });
    const owner = owners.get(port);
    if (owner !== undefined) {
      reject(scope, { property, must: `differ from '${owner}'`, got: port, cure: 'Give one of the two another port.' });
    }
    owners.set(port, property);
  }
}
