import { Token } from 'aws-cdk-lib';

/**
 * The id of a listener follows its port, so that of two templates no two resources ever want the same one: CloudFormation creates and changes
 * before it deletes, and a load balancer has each port once. One that is only known at deployment is named by what it is for.
 */
export function portId(port: number, purpose: string): string {
  return Token.isUnresolved(port) ? purpose : `Port${port}`;
}
