import { Stack } from 'aws-cdk-lib';
import { Certificate, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer, ListenerAction } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HostedZone, IHostedZone } from 'aws-cdk-lib/aws-route53';
import { newCluster, newStack, Template } from './stack';
import { ContainerOptions, Deployment, Exposure, FargateService, TrafficShift } from '../../src';

/** A stack with a known region, which access logs need. */
export function newRegionalStack(): Stack {
  return newStack({ env: { account: '111111111111', region: 'eu-west-1' } });
}

/** The only cluster of a stack. */
export function clusterOf(stack: Stack): ICluster {
  return stack.node.tryFindChild('Cluster') as Cluster | undefined
    ?? newCluster(stack);
}

/** A service with one container on port 80 and this exposure. */
export function exposed(
  exposure: Exposure, { stack = newRegionalStack(), id = 'Service', shift, containers }: ExposedOptions = {},
): { stack: Stack; service: FargateService } {
  const service = new FargateService(stack, id, {
    cluster: clusterOf(stack), containers: containers ?? { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure,
    deployment: shift && Deployment.blueGreen(shift),
  });
  return { stack, service };
}

export interface ExposedOptions {
  readonly stack?: Stack;
  readonly id?: string;
  readonly shift?: TrafficShift;
  readonly containers?: { [name: string]: ContainerOptions };
}

/** A load balancer that several services share, and a listener that answers 404 to all other requests. */
export function sharedListener(stack: Stack, { port = 80, id = 'Shared' } = {}): ApplicationListener {
  const loadBalancer = stack.node.tryFindChild(id) as ApplicationLoadBalancer | undefined
    ?? new ApplicationLoadBalancer(stack, id, { vpc: clusterOf(stack).vpc, internetFacing: true });
  return loadBalancer.addListener(`On${port}`, {
    port, defaultAction: ListenerAction.fixedResponse(404), certificates: port === 443 ? [certificateIn(stack)] : undefined,
  });
}

/** An existing certificate in the region of the stack. */
export function certificateIn(stack: Stack, region = 'eu-west-1', id = 'Given'): ICertificate {
  return Certificate.fromCertificateArn(stack, `${id}-${region}`, `arn:aws:acm:${region}:111111111111:certificate/${id}`);
}

/** The zone example.com. */
export function zoneIn(stack: Stack): IHostedZone {
  return HostedZone.fromHostedZoneAttributes(stack, 'Zone', { zoneName: 'example.com', hostedZoneId: 'Z1' });
}

/** The properties of all resources of a type. */
export function propertiesOf(stack: Stack, type: string) {
  return Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties }) => Properties);
}

/** Attributes of a load balancer or a target group, by key. */
export function attributesOf(list: { Key: string; Value: unknown }[]): Record<string, unknown> {
  return Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]));
}
