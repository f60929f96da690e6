import { IConnectable, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBindOptions } from '../exposure-config';
import { addressesOf } from '../load-balancer/addresses-of-vpc';
import { Reach } from '../load-balancer/load-balancer-checks';
import { openTo } from '../open-to';

/** Who may connect where nobody is named; on a load balancer that exists, nobody besides those that it lets in already. */
export type Audience = Reach | 'nobody-else';

/** Who is named, and by which option. */
export interface Clients {
  readonly property: string;
  readonly named?: IConnectable[];
}

/** A port, and who may connect to it. */
interface Opening {
  readonly port: number;
  readonly audience: Audience;
  readonly bind: ExposureBindOptions;
  readonly clients: Clients;
}

/** Lets clients connect to a listener that is not open to everybody. */
export function openListener(scope: Construct, listener: ApplicationListener, { port, audience, bind, clients }: Opening): void {
  const tcp = Port.tcp(port);
  if (clients.named !== undefined) {
    openTo(listener, clients.named, tcp, 'From whom the service is open to', bind);
  } else if (audience !== 'nobody-else') {
    listener.connections.allowFrom(Peer.ipv4(addressesOf(scope, bind.vpc, clients.property)), tcp, 'From inside the VPC');
  }
}
