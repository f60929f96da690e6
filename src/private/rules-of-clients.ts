import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';

/** The descriptions of the rules of both security groups. */
export interface RuleDescriptions {
  readonly ofServer: string;
  readonly ofClient: string;
}

/**
 * Allows a client to connect, with rules in the stack of the client. The stack of the server can be deployed earlier and must not depend on it.
 * Adds the rules one by one, because `connections.allowFrom` warns about egress rules of a group that allows all egress.
 */
export function letInFromItsStack(client: IConnectable, server: IConnectable, port: Port, { ofServer, ofClient }: RuleDescriptions): void {
  for (const theirs of server.connections.securityGroups) {
    for (const ours of client.connections.securityGroups) {
      theirs.addIngressRule(ours, port, ofServer, true);
      if (!ours.allowAllOutbound) {
        ours.addEgressRule(theirs, port, ofClient);
      }
    }
  }
}
