import { Token } from 'aws-cdk-lib';
import { CfnListener, INetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { reject } from '../../../private/validation';

/** The ports that services have taken on a load balancer, and which service it was. */
const TAKEN = new WeakMap<INetworkLoadBalancer, Map<number, string>>();

/** A load balancer has one listener for each port, whatever it speaks; tests need a port of their own. */
export function checkFreePorts(scope: IConstruct, loadBalancer: INetworkLoadBalancer, ports: number[], testPort?: number): void {
  const taken = new Map([...ownPorts(loadBalancer), ...TAKEN.get(loadBalancer) ?? []]);
  TAKEN.set(loadBalancer, taken);
  for (const [property, port] of [...ports.map(each => ['exposure.ports', each] as const), ['deployment.testPort', testPort] as const]) {
    if (port === undefined || Token.isUnresolved(port)) {
      continue;
    }
    const owner = taken.get(port);
    if (owner !== undefined) {
      reject(scope, {
        property, must: `differ from the ports of the load balancer that are taken, here by ${owner}`, got: port,
        cure: 'Let clients connect to another port.',
      });
    }
    taken.set(port, scope.node.path);
  }
}

/** Those of listeners that the user has added. */
function ownPorts(loadBalancer: INetworkLoadBalancer): [number, string][] {
  return loadBalancer.node.findAll()
    .filter((each): each is CfnListener => each instanceof CfnListener)
    .flatMap(({ port, node }) => port === undefined ? [] : [[port, node.path]]);
}
