import { Token } from 'aws-cdk-lib';
import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { ApplicationProtocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { HttpListenerOptions } from './http-exposure-options';
import { checkTarget } from './http-target-checks';
import { checkList, isObject } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** What ELB would refuse of a listener for one service. */
export function checkListenerOptions(scope: Construct, options: HttpListenerOptions, protocol: ApplicationProtocol): void {
  checkTarget(scope, options, protocol);
  checkClients(scope, 'exposure.openTo', options.openTo);
  checkClients(scope, 'exposure.testOpenTo', options.testOpenTo);
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

/** Who may connect. */
function checkClients(scope: Construct, property: string, clients: IConnectable[] | undefined): void {
  if (clients === undefined) {
    return;
  }
  const cure = 'Write openTo: [ec2.Peer.ipv4(\'10.0.0.0/8\'), securityGroup], or leave it out.';
  checkList(scope, property, clients, cure);
  for (const client of clients) {
    if (!isObject(client) || !isObject(client.connections)) {
      reject(scope, { property, must: 'be peers, security groups, or what else has connections', got: client, cure });
    }
  }
}
