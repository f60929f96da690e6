import { IVpc } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import { reject } from '../../../private/validation';

/** The addresses of a VPC, which one that is imported may not know. */
export function addressesOf(scope: Construct, vpc: IVpc, property = 'exposure.openTo'): string {
  try {
    return vpc.vpcCidrBlock;
  } catch {
    return reject(scope, {
      property, must: 'be given, because the addresses of the imported VPC are not known', got: undefined,
      fix: `Say who may connect, e.g. ${property.replace(/^.*\./, '')}: [ec2.Peer.ipv4('10.0.0.0/16')], or import the VPC with Vpc.fromLookup.`,
    });
  }
}
