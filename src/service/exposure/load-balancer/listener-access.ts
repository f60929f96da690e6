import { IConnectable, IVpc, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { reject } from '../../../private/validation';
import { openTo } from '../open-to';

/** Let clients connect to a listener: those that are named, else whoever has an address of the VPC. */
export function openListener(listener: ApplicationListener, port: number, clients: IConnectable[] | undefined, vpcCidrBlock: () => string): void {
  if (clients === undefined) {
    listener.connections.allowFrom(Peer.ipv4(vpcCidrBlock()), Port.tcp(port), 'From inside the VPC');
  } else {
    openTo(listener, clients, Port.tcp(port), 'From whom the service is open to');
  }
}

/** The addresses of a VPC, which one that is imported may not know. */
export function addressesOf(scope: Construct, vpc: IVpc): string {
  try {
    return vpc.vpcCidrBlock;
  } catch {
    return reject(scope, {
      property: 'exposure.openTo', must: 'be given, because the addresses of the imported VPC are not known', got: undefined,
      cure: 'Say who may connect, e.g. openTo: [ec2.Peer.ipv4(\'10.0.0.0/16\')], or import the VPC with Vpc.fromLookup.',
    });
  }
}
