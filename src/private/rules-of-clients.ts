import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';

/** A connection that is allowed by rules of both security groups. */
export interface AllowedConnection {
  readonly client: IConnectable;
  readonly server: IConnectable;
  readonly port: Port;
  /** The description of the ingress rule. */
  readonly ingressDescription: string;
  /** The description of the egress rule. */
  readonly egressDescription: string;
}

/**
 * Allows a client to connect, with rules in the stack of the client. The stack of the server can be deployed earlier and must not depend on it.
 * Adds the rules one by one, because `connections.allowFrom` warns about egress rules of a group that allows all egress.
 */
export function addRulesInClientStack({ client, server, port, ingressDescription, egressDescription }: AllowedConnection): void {
  for (const serverGroup of server.connections.securityGroups) {
    for (const clientGroup of client.connections.securityGroups) {
      serverGroup.addIngressRule(clientGroup, port, ingressDescription, true);
      if (!clientGroup.allowAllOutbound) {
        clientGroup.addEgressRule(serverGroup, port, egressDescription);
      }
    }
  }
}
