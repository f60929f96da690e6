import { FeatureFlags, Stack } from 'aws-cdk-lib';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { CfnListener, CfnLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ECS_PATTERNS_UNIQUE_TARGET_GROUP_ID, NETWORK_LOAD_BALANCER_WITH_SECURITY_GROUP_BY_DEFAULT } from 'aws-cdk-lib/cx-api';
import { IConstruct } from 'constructs';
import { OldConstruct } from './old-construct';
import { QUEUE_MIGRATION, SERVICE_MIGRATION } from './service-migration-options';
import { resourceOf, ServiceParts } from './service-parts';
import { reject } from '../private/validation';
import { ContainerService } from '../service/container-service';

/** The places of the deployed constructs. */
export type OldParts = { readonly [Part in keyof Omit<ServiceParts, 'policies' | 'existingLoadBalancer'>]?: OldConstruct };

/** The new service, for parts whose place depends on it. */
export interface NewService {
  readonly service: ContainerService;
  readonly parts: ServiceParts;
  readonly containerName?: string;
}

/** A deployed construct: exact tables of what it consists of. */
export interface DeployedKind {
  /** The rules of its options. */
  readonly shape: Pick<typeof QUEUE_MIGRATION, 'check'>;

  readonly parts: (old: OldConstruct, now: NewService) => OldParts;

  /**
   * The policies that it always has, by the name of the new policy.
   *
   * @default - none
   */
  readonly policies?: { readonly [name: string]: string };

  /**
   * The outputs that it has for its load balancer.
   *
   * @default - none
   */
  readonly outputs?: (now: NewService) => readonly ('LoadBalancerDNS' | 'ServiceURL')[];

  /**
   * The create-only properties of its target group.
   *
   * @default - those of the new target group
   */
  readonly targetGroup?: (now: NewService) => { readonly port?: number; readonly protocol?: string };
}

/** An `ecs.FargateService` or `ecs.Ec2Service`. */
export const L2_SERVICE: DeployedKind = { shape: SERVICE_MIGRATION, parts: ofService };

/** An `ApplicationLoadBalancedFargateService` or `ApplicationLoadBalancedEc2Service`. */
export const APPLICATION_PATTERN: DeployedKind = {
  shape: SERVICE_MIGRATION,
  outputs: () => ['LoadBalancerDNS', 'ServiceURL'],
  parts: (pattern, now) => {
    const loadBalancer = loadBalancerOf(pattern, now);
    return {
      ...ofLoadBalancedPattern(pattern, loadBalancer, now),
      redirectListener: loadBalancer.child('PublicRedirectListener'),
      targetGroup: loadBalancer.child(`PublicListener/${patternGroupId(now)}Group`),
      certificate: pattern.child('Certificate'),
      dnsRecord: pattern.child('DNS'),
    };
  },
};

/** A `NetworkLoadBalancedFargateService`. */
export const NETWORK_PATTERN: DeployedKind = {
  shape: SERVICE_MIGRATION,
  // It has none for an existing load balancer.
  outputs: ({ parts }) => parts.existingLoadBalancer === undefined ? ['LoadBalancerDNS'] : [],
  parts: (pattern, now) => {
    const loadBalancer = loadBalancerOf(pattern, now);
    return { ...ofLoadBalancedPattern(pattern, loadBalancer, now), targetGroup: loadBalancer.child('PublicListener/ECSGroup') };
  },
  targetGroup: ({ service, parts: { listener } }) => ({
    port: containerPortOf(service), protocol: listener && (resourceOf(listener) as CfnListener).protocol,
  }),
};

/** A `QueueProcessingFargateService`. */
export const QUEUE_PATTERN: DeployedKind = {
  shape: QUEUE_MIGRATION,
  policies: { Cpu: 'CpuScaling', ApproximateNumberOfMessagesVisible: 'QueueMessagesVisibleScaling' },
  parts: (pattern, { containerName = 'QueueProcessingContainer' }) => ({
    ...ofService(pattern.child('QueueProcessingFargateService')),
    ...ofTaskDefinition(pattern.child('QueueProcessingTaskDef'), containerName),
  }),
};

function ofService(service: OldConstruct): OldParts {
  return {
    service,
    taskSecurityGroup: service.child('SecurityGroup'),
    cloudMapService: service.child('CloudmapService'),
    scalableTarget: service.child('TaskCount/Target'),
  };
}

/** The constructs of an `ecs.TaskDefinition`. */
export function ofTaskDefinition(taskDefinition: OldConstruct, containerName = 'web'): OldParts {
  return {
    taskDefinition,
    taskRole: taskDefinition.child('TaskRole'),
    taskRolePolicy: taskDefinition.child('TaskRole/DefaultPolicy'),
    executionRole: taskDefinition.child('ExecutionRole'),
    executionRolePolicy: taskDefinition.child('ExecutionRole/DefaultPolicy'),
    logGroup: taskDefinition.child(`${containerName}/LogGroup`),
  };
}

/** The constructs of an L2 load balancer. */
export function ofLoadBalancer(loadBalancer: OldConstruct): OldParts {
  return { loadBalancer, loadBalancerSecurityGroup: loadBalancer.child('SecurityGroup') };
}

/** The constructs of all patterns with a load balancer. */
function ofLoadBalancedPattern(pattern: OldConstruct, loadBalancer: OldConstruct, { containerName }: NewService): OldParts {
  return {
    ...ofService(pattern.child('Service')), ...ofTaskDefinition(pattern.child('TaskDef'), containerName), ...ofLoadBalancer(loadBalancer),
    listener: loadBalancer.child('PublicListener'),
  };
}

/** The load balancer of a pattern. The listener is below it, even below an existing one. */
function loadBalancerOf(pattern: OldConstruct, { service, parts: { existingLoadBalancer } }: NewService): OldConstruct {
  if (existingLoadBalancer === undefined) return pattern.child('LB');
  if (Stack.of(existingLoadBalancer) === Stack.of(service)) return new OldConstruct(existingLoadBalancer, '');
  return reject(service, {
    property: 'exposure', must: 'be on a load balancer of the same stack, because the deployed listener is in the stack of the load balancer',
    got: existingLoadBalancer.node.path, fix: 'Keep the service in aws-ecs-patterns, or create a new service next to it.',
  });
}

/** The ID of the target group in `aws-ecs-patterns`, which depends on a feature flag. */
function patternGroupId({ service, parts: { loadBalancer } }: NewService): string {
  if (!FeatureFlags.of(service).isEnabled(ECS_PATTERNS_UNIQUE_TARGET_GROUP_ID)) return 'ECS';
  const { name, scheme } = loadBalancer === undefined ? {} as Partial<CfnLoadBalancer> : resourceOf(loadBalancer) as CfnLoadBalancer;
  // Resolved, because `name` is a token even if no name is set.
  return `ECS${Stack.of(service).resolve(name) ?? ''}${scheme === 'internal' ? 'Private' : ''}`;
}

/** The port of the first target of a service. */
function containerPortOf(service: ContainerService): number | undefined {
  const { loadBalancers } = resourceOf(service.ecsService) as CfnService;
  const targets = Stack.of(service).resolve(loadBalancers) as { readonly containerPort?: number }[] | undefined;
  return targets?.[0]?.containerPort;
}

/** Whether aws-cdk gives a new network load balancer a security group. */
export function hasSecurityGroupByDefault(scope: IConstruct): boolean {
  return FeatureFlags.of(scope).isEnabled(NETWORK_LOAD_BALANCER_WITH_SECURITY_GROUP_BY_DEFAULT) ?? false;
}
