import { Stack, Token } from 'aws-cdk-lib';
import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import type { ExposureBindOptions } from './exposure-config';
import { checkList, isObject } from '../../private/check-types';
import { letInFromItsStack } from '../../private/rules-of-clients';
import { reject } from '../../private/validation';

const FIX = 'Name who may connect, e.g. [ec2.Peer.ipv4(\'10.0.0.0/8\'), otherService].';

/** A list of whoever may connect; left out is fine. */
export function checkOpenTo(scope: IConstruct, clients: IConnectable[] | undefined, property = 'exposure.openTo'): void {
  if (clients === undefined) {
    return;
  }
  checkList(scope, property, clients, FIX);
  clients.forEach((client, index) => {
    if (!isConnectable(client)) {
      reject(scope, { property: `${property}[${index}]`, must: 'be something with security groups, or a Peer', got: client, fix: FIX });
    }
  });
}

/** A function outside of any VPC throws when it is asked for its connections. */
function isConnectable(client: unknown): boolean {
  try {
    return isObject(client) && isObject(client.connections) && Array.isArray(client.connections.securityGroups);
  } catch {
    return false;
  }
}

/** What the stack of a service needs, whatever its clients do. */
export type Needs = Pick<ExposureBindOptions, 'service' | 'vpc'>;

/** Lets each of them in, and their own security groups out where those name where they connect to. */
export function openTo(server: IConnectable, clients: IConnectable[], port: Port, description: string, needs: Needs): void {
  clients.forEach(client => {
    if (deploysLater(client, server, needs)) {
      letInFromItsStack(client, server, port, { ofServer: description, ofClient: 'Services that it connects to' });
    } else {
      server.connections.allowFrom(client, port, description);
    }
  });
}

/**
 * Whether the rules have to be in the stack of the client, because that of the server must not need it: a client uses the endpoint, or is in the
 * stack of the service while the load balancer is in an earlier one. Unless the stack of the server needs the client's anyway.
 */
function deploysLater(client: IConnectable, server: IConnectable, { service, vpc }: Needs): boolean {
  const homes = server.connections.securityGroups.map(group => Stack.of(group));
  const needed = (home: Stack) => [vpc, ...home === Stack.of(service) ? [service.cluster] : []].map(each => Stack.of(each));
  return client.connections.securityGroups.some(group => Token.isUnresolved(group.securityGroupId) && homes.some(home =>
    home !== Stack.of(group) && ![...needed(home), ...home.dependencies].some(each => each !== home && leadsTo(each, Stack.of(group)))));
}

function leadsTo(stack: Stack, wanted: Stack): boolean {
  return stack === wanted || stack.dependencies.some(each => leadsTo(each, wanted));
}
