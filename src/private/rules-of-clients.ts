import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';

/** What the rules on both ends say. */
export interface RuleDescriptions {
  readonly ofServer: string;
  readonly ofClient: string;
}

/**
 * Lets a client in, by rules in the stack of the client: the server may be in one that deploys earlier, and must not need the client's. One by
 * one, because the connections of the L2 warn of a rule out of a group that lets everything out.
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
