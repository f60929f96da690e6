import { IConnectable, Port } from 'aws-cdk-lib/aws-ec2';
import { IConstruct } from 'constructs';
import { checkList, isObject } from '../../private/check-types';
import { reject } from '../../private/validation';

const CURE = 'Name who may connect, e.g. [ec2.Peer.ipv4(\'10.0.0.0/8\'), otherService].';

/** A list of whoever may connect; left out is fine. */
export function checkOpenTo(scope: IConstruct, clients: IConnectable[] | undefined, property = 'exposure.openTo'): void {
  if (clients === undefined) {
    return;
  }
  checkList(scope, property, clients, CURE);
  clients.forEach((client, index) => {
    if (!isObject(client) || !isObject(client.connections)) {
      reject(scope, { property: `${property}[${index}]`, must: 'be something with security groups, or a Peer', got: client, cure: CURE });
    }
  });
}

/** Lets each of them in, and their own security groups out where those name where they connect to. */
export function openTo(server: IConnectable, clients: IConnectable[], port: Port, description: string): void {
  clients.forEach(client => server.connections.allowFrom(client, port, description));
}
