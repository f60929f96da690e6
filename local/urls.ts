import { RunningContainer, Outputs } from './cdk';
import { Env } from './process';

/** A URL of the app that works on this machine. */
export interface LocalUrl { readonly title: string; readonly url: string }

/** An Application Load Balancer of the emulator: it forwards HTTP by its listeners and rules. */
export interface LoadBalancer { readonly name: string; readonly host: string }

/** The deployed Application Load Balancers. */
export async function loadBalancers({ AWS_ENDPOINT_URL, AWS_ACCESS_KEY_ID }: Env, region: string): Promise<LoadBalancer[]> {
  const scope = `${AWS_ACCESS_KEY_ID}/20260101/${region}/elasticloadbalancing/aws4_request`;
  const answer = await fetch(String(AWS_ENDPOINT_URL), {
    method: 'POST',
    // The emulator reads the account, region and service from the header, and checks no signature.
    headers: { 'authorization': `AWS4-HMAC-SHA256 Credential=${scope}, SignedHeaders=host, Signature=0`, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'Action=DescribeLoadBalancers&Version=2015-12-01',
  });
  if (!answer.ok) return [];
  return (await answer.text()).split('<member>').flatMap((part) => {
    const field = (name: string) => new RegExp(`<${name}>([^<]+)</${name}>`).exec(part)?.[1] ?? '';
    return field('Type') === 'application' ? [{ name: field('LoadBalancerName'), host: field('DNSName') }] : [];
  });
}

/** The outputs of the stacks, with URLs that work on this machine. */
export function localOutputs(outputs: Outputs, balancers: readonly LoadBalancer[], { AWS_ENDPOINT_URL }: Env): LocalUrl[] {
  const port = new URL(String(AWS_ENDPOINT_URL)).port;
  return Object.entries(outputs).flatMap(([stack, values]) => Object.entries(values).map(([name, value]) => {
    const balancer = balancers.find(({ host }) => value.toLowerCase().includes(host.toLowerCase()));
    if (!balancer) return { title: `${stack}.${name}`, url: value };
    // Curl and browsers resolve every name below localhost to this machine.
    return { title: `${stack}.${name}`, url: value.toLowerCase().replace(balancer.host.toLowerCase(), `${balancer.name.toLowerCase()}.alb.localhost:${port}`) };
  }));
}

/** The ports of the running containers. */
export function containerUrls(containers: readonly RunningContainer[]): LocalUrl[] {
  return containers.filter(({ url }) => url).map(({ name, url }) => ({ title: `container ${name}`, url }));
}
