import { Token, Tokenization } from 'aws-cdk-lib';
import { ApplicationListener, CfnListener, IApplicationListener, IApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpRoute } from '../rules/http-route';
import { valuesOf } from '../rules/rule-specificity';

/** Where a listener is, as far as it is known. */
export interface ListenerAddress {
  readonly protocol?: string;
  readonly port?: number;
  /** The name of its load balancer. */
  readonly host?: string;
}

/** What a listener tells: all of one that this app makes; of one that is imported the port, which tells the protocol if it is a usual one. */
export function addressOf(listener: IApplicationListener): ListenerAddress {
  const resource = listener.node.defaultChild;
  if (resource !== undefined && CfnListener.isCfnListener(resource)) {
    return { protocol: resource.protocol, port: resource.port, host: dnsNameOf((listener as ApplicationListener).loadBalancer) };
  }
  const port = Number(listener.connections.defaultPort?.toString() ?? NaN);
  return { protocol: port === 443 ? 'HTTPS' : port === 80 ? 'HTTP' : undefined, port: Number.isNaN(port) ? undefined : port };
}

/** The name of a load balancer: one that is imported throws when it does not know it. */
export function dnsNameOf(loadBalancer: Pick<IApplicationLoadBalancer, 'loadBalancerDnsName'>): string | undefined {
  try {
    return loadBalancer.loadBalancerDnsName;
  } catch {
    return undefined;
  }
}

/** Where a server is, without the usual port of its protocol. */
export function urlOf(protocol: string, host: string, port: number): string {
  const usual = protocol === 'HTTPS' ? 443 : 80;
  // A number in which a token hides would be written out.
  return `${protocol.toLowerCase()}://${host}${port === usual ? '' : `:${Tokenization.stringifyNumber(port)}`}`;
}

/** The URL of a route: its first host without wildcards, else the load balancer, and its first path up to a wildcard. */
export function endpointOf({ protocol, port, host }: ListenerAddress, route: HttpRoute): string | undefined {
  const name = valuesOf(route, 'host').find(each => Token.isUnresolved(each) || !/[*?]/.test(each)) ?? host;
  if (name === undefined || protocol === undefined || port === undefined) {
    return undefined;
  }
  const [path = ''] = valuesOf(route, 'path');
  const start = Token.isUnresolved(path) ? path : path.replace(/[*?].*$/, '');
  return `${urlOf(protocol, name, port)}${start === '/' ? '' : start}`;
}
