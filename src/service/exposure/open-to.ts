import { Stack, Token } from 'aws-cdk-lib';
import { IConnectable, IVpc, Port } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { ExposureBindOptions } from './exposure-config';
import { addRulesInClientStack } from '../../private/rules-of-clients';
import { ListRule } from '../../private/shape';
import { reject } from '../../private/validation';

const FIX = 'List the clients, e.g. [ec2.Peer.ipv4(\'10.0.0.0/8\'), otherService].';

/** A list of clients. */
export const OPEN_TO: ListRule = {
  kind: 'list', fix: FIX, of: { kind: 'instance', properties: ['connections'], must: 'be a Peer, or a resource with security groups', fix: FIX },
};

/** The part of the bind options that determines which stack can contain the security group rules. */
export type Needs = Pick<ExposureBindOptions, 'service' | 'vpc'>;

/** Allows each client to connect. Security groups of clients that restrict outbound traffic get a rule too. */
export function openTo(server: IConnectable, clients: IConnectable[], port: Port, description: string, needs: Needs): void {
  clients.forEach(client => {
    if (deploysLater(client, server, needs)) {
      addRulesInClientStack({ client, server, port, ingressDescription: description, egressDescription: 'Services that it connects to' });
    } else {
      server.connections.allowFrom(client, port, description);
    }
  });
}

/**
 * Whether the rules must be in the stack of the client, because the stack of the server must not depend on it. This is the case if the client uses the
 * endpoint, or if the load balancer is in an earlier stack than service and client. It is not the case if the server already depends on the client.
 */
function deploysLater(client: IConnectable, server: IConnectable, { service, vpc }: Needs): boolean {
  const homes = server.connections.securityGroups.map(group => Stack.of(group));
  const needed = (home: Stack) => [vpc, ...home === Stack.of(service) ? [service.cluster] : []].map(each => Stack.of(each));
  return client.connections.securityGroups.some(group => Token.isUnresolved(group.securityGroupId) && homes.some(home =>
    home !== Stack.of(group) && ![...needed(home), ...home.dependencies].some(each => each !== home && leadsTo(each, Stack.of(group)))));
}

/** Whether a stack is the wanted one, or depends on it directly or through others. */
function leadsTo(stack: Stack, wanted: Stack): boolean {
  const reached = new Set([stack]);
  // A set visits members that are added during the iteration.
  for (const each of reached) each.dependencies.forEach(dependency => reached.add(dependency));
  return reached.has(wanted);
}

/** The CIDR block of a VPC. Throws for a VPC that is imported without one. */
export function addressesOf(scope: Construct, vpc: IVpc, property = 'exposure.openTo'): string {
  try {
    return vpc.vpcCidrBlock;
  } catch {
    return reject(scope, {
      property, must: 'be given, because the imported VPC has no CIDR block', got: undefined,
      fix: `List the clients, e.g. ${property.replace(/^.*\./, '')}: [ec2.Peer.ipv4('10.0.0.0/16')], or import the VPC with Vpc.fromLookup.`,
    });
  }
}
