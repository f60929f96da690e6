import { Stack } from 'aws-cdk-lib';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { existingVpc, newStack, Template } from './stack';
import { messageOf, wrong } from './wrong-input';
import { ContainerOptions, ContainerService, Ec2Service, FargateService } from '../../src';

export const NGINX = ContainerImage.fromRegistry('nginx');

/** Containers with a default image. */
export type Named = { [name: string]: object };

type Launch = 'Fargate' | 'EC2';

/** A part of a template. */
export type Rendered = ReturnType<Template['findResources']>[string];

/** A service with these containers, named `Service` in the stack `Stack`. */
export function serviceWith(containers: Named, props: object = {}, { launch = 'Fargate', stack = newStack() }: { launch?: Launch; stack?: Stack } = {}) {
  const cluster = new Cluster(stack, 'Cluster', { vpc: existingVpc(stack) });
  if (launch === 'EC2') {
    // Templates need no real instances.
    Object.defineProperty(cluster, 'hasEc2Capacity', { value: true });
  }
  const Service: new (scope: Stack, id: string, all: never) => ContainerService = launch === 'EC2' ? Ec2Service : FargateService;
  const service = new Service(stack, 'Service', wrong({ cluster, containers: withImage(containers), ...props }));
  return { stack, service };
}

/** The container definitions in the template, by name, and the task. */
export function taskOf(stack: Stack): { containers: { [name: string]: Rendered }; order: string[]; task: Rendered; template: Template } {
  const template = Template.fromStack(stack);
  const [{ Properties: task }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  const list: { Name: string }[] = task.ContainerDefinitions;
  return { containers: Object.fromEntries(list.map(each => [each.Name, each])), order: list.map(each => each.Name), task, template };
}

/** The error message, also from the synthesis of the template; `accepted` if there is none. */
export function saidOf(containers: Named, props: object = {}, options: { launch?: Launch; stack?: Stack } = {}): string {
  return messageOf(() => Template.fromStack(serviceWith(containers, props, options).stack));
}

function withImage(containers: Named): { [name: string]: ContainerOptions } {
  return Object.fromEntries(Object.entries(containers).map(([name, options]) => [name, { image: NGINX, ...options }]));
}
