import { Stack } from 'aws-cdk-lib';
import { Certificate, ICertificate } from 'aws-cdk-lib/aws-certificatemanager';
import { ContainerImage, Protocol } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { ContainerPort, Exposure, ExposureBindOptions, ExposureConfig, FargateService, FargateServiceProps } from '../../../../src';
import { flatten, newCluster, newStack, Template } from '../../../helpers/stack';

export const NGINX = ContainerImage.fromRegistry('nginx');

/** An existing certificate. */
export function newCertificate(stack: Stack): ICertificate {
  return Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111122223333:certificate/0');
}

/** An exposed service with one container that listens on port 80. */
export function exposed(exposure: Exposure, props: Partial<FargateServiceProps> = {}, stack = newStack()) {
  const service = new FargateService(stack, 'Service', {
    cluster: props.cluster ?? newCluster(stack), containers: { web: { image: NGINX, port: 80 } }, exposure, ...props,
  });
  return { stack, service, template: () => Template.fromStack(stack), endpoint: () => flatten(stack.resolve(service.endpoint)) };
}

/** A port in short notation, e.g. `dns:53/udp`. */
function portOf(text: string): ContainerPort {
  const [, containerName, port, protocol] = /^(.+):(\d+)\/(\w+)$/.exec(text) as string[];
  return { containerName, port: Number(port), protocol: protocol as Protocol, portName: `${containerName}-${port}-${protocol}` };
}

/** A service with any ports, on which an exposure is bound by hand. */
export function bound(exposure: Exposure, ports: string[], options: Partial<ExposureBindOptions> = {}, stack = newStack()) {
  const listening = ports.map(portOf);
  const cluster = newCluster(stack);
  const names = [...new Set(listening.map(({ containerName }) => containerName))];
  const service = new FargateService(stack, 'Service', {
    cluster, containers: Object.fromEntries([...names, 'worker'].map(name => [name, { image: NGINX }])),
  });
  listening.forEach(({ containerName, port, protocol, portName }) =>
    service.taskDefinition.findContainer(containerName)?.addPortMappings({ containerPort: port, protocol, name: portName }));
  const config: ExposureConfig = exposure.bind(new Construct(stack, 'Exposed'), { service: service.ecsService, vpc: cluster.vpc, ports: listening, ...options });
  return { stack, service, config, template: () => Template.fromStack(stack), endpoint: () => flatten(stack.resolve(config.endpoint)) };
}

/** The inbound rules, one line for each: `group <- source protocol/port`. Groups are named by their logical ids. */
export function openings(template: Template): string[] {
  const name = (value: unknown) => typeof value === 'string' ? value : flatten(value).replace(/\$\{(\w+?)[0-9A-F]{8}\..*\}/, '$1');
  const range = (rule: Record<string, unknown>) => `${rule.IpProtocol}/${rule.FromPort}`;
  const inline = Object.entries(template.findResources('AWS::EC2::SecurityGroup')).flatMap(([id, { Properties }]) =>
    (Properties.SecurityGroupIngress ?? []).map((rule: Record<string, unknown>) => `${id.slice(0, -8)} <- ${name(rule.CidrIp)} ${range(rule)}`));
  const apart = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) =>
    `${name(Properties.GroupId)} <- ${name(Properties.SourceSecurityGroupId)} ${range(Properties)}`);
  // An internal load balancer is below a construct named `Internal`.
  return [...inline, ...apart].map(line => line.replaceAll('InternalSecurityGroup', 'SecurityGroup')).sort();
}

/** The attributes of the only target group. */
export function targetGroupAttributes(template: Template): Record<string, string> {
  const [group] = Object.values(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));
  return Object.fromEntries(group.Properties.TargetGroupAttributes.map(({ Key, Value }: Record<string, string>) => [Key, Value]));
}
