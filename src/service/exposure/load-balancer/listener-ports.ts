import { Token } from 'aws-cdk-lib';
import { CfnListener } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { isPendingLookup } from '../../../private/lookups';
import { checkInteger, reject } from '../../../private/validation';

/** Ports, by who has or wants them. */
export interface ListenerPorts {
  readonly [owner: string]: number | undefined;
}

/** Ports that clients connect to: a load balancer has one listener for each, whatever it speaks. */
export function checkListenerPorts(scope: IConstruct, ports: ListenerPorts): void {
  const owners = new Map<number, string>();
  for (const [property, port] of Object.entries(ports)) {
    if (port === undefined || Token.isUnresolved(port)) {
      continue;
    }
    checkInteger(scope, { property, value: port, min: 1, max: 65535, fix: 'Give the port that clients connect to, usually 80.' });
    const owner = owners.get(port);
    if (owner !== undefined) {
      reject(scope, { property, must: `differ from '${owner}'`, got: port, fix: 'Give one of the two another port.' });
    }
    owners.set(port, property);
  }
}

/** The ports that listeners of this app have on a load balancer already: of either kind, and wherever it is imported. */
export function takenPorts({ node, loadBalancerArn }: IConstruct & { readonly loadBalancerArn: string }): ListenerPorts {
  const listeners = isPendingLookup(loadBalancerArn) ? [] : node.root.node.findAll()
    .filter(each => CfnListener.isCfnListener(each))
    .filter(each => each.loadBalancerArn === loadBalancerArn);
  return Object.fromEntries(listeners.map(listener => [`the port of ${listener.node.path}`, listener.port]));
}
