import { CfnOutput, CfnResource, FeatureFlags, Names, Stack, Token } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnSecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { CfnLoadBalancer, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { ECS_PATTERNS_UNIQUE_TARGET_GROUP_ID } from 'aws-cdk-lib/cx-api';
import { Construct, IConstruct } from 'constructs';
import { keepLater, KeptGroup } from './kept-at-synthesis';
import { OldConstruct, checkTakeover } from './old-construct';
import {
  SERVICE_MIGRATION, ServiceMigrationFromApplicationLoadBalancedFargateServiceOptions, ServiceMigrationFromFargateServiceOptions,
  ServiceMigrationOptions,
} from './service-migration-options';
import { partsOf, ServiceParts } from './service-parts';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';
import { ContainerService } from '../service/container-service';
import { dnsNameOf } from '../service/exposure/http/http-listener';

/** The places of the deployed constructs. */
type OldParts = { readonly [Part in keyof Omit<ServiceParts, 'policies' | 'existingLoadBalancer'>]?: OldConstruct };

/** A deployed construct. Its parts are computed from the new service, because some depend on the load balancer. */
interface Deployed {
  readonly parts: (service: ContainerService, parts: ServiceParts) => OldParts;
  /** Whether it has the outputs of `aws-ecs-patterns`. */
  readonly hasOutputs: boolean;
}

/**
 * Takes over the resources of a deployed service, so that the next deployment changes them in place instead of replacing them: logical IDs and the
 * properties that CloudFormation cannot change. Only the task definition gets a new revision.
 *
 * Call `applyTo` after everything else, and keep the call: without it, the logical IDs change again.
 *
 * It does not know the deployed template. Run `npx cdk-container-delivery check-migration` before you deploy.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-updating-stacks-update-behaviors.html
 */
export class ServiceMigration {
  /**
   * From an `ApplicationLoadBalancedFargateService` of `aws-ecs-patterns`, with its own load balancer or an existing one.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Api/Service"
   * @param options scaling policies and properties of the deployed construct
   */
  public static fromApplicationLoadBalancedFargateService(
    scope: Construct, id: string, options: ServiceMigrationFromApplicationLoadBalancedFargateServiceOptions = {},
  ): ServiceMigration {
    const parts = (service: ContainerService, now: ServiceParts) => ofPattern(new OldConstruct(scope, id), options.containerName, service, now);
    return new ServiceMigration(scope, id, options, { parts, hasOutputs: true });
  }

  /**
   * From an `ecs.FargateService` of aws-cdk. Name related constructs, such as its task definition and its load balancer, by their paths: see the
   * options.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Api/Service"
   * @param options the paths of the constructs around the service
   */
  public static fromFargateService(scope: Construct, id: string, options: ServiceMigrationFromFargateServiceOptions = {}): ServiceMigration {
    return new ServiceMigration(scope, id, options, { parts: () => ofService(new OldConstruct(scope, id)), hasOutputs: false });
  }

  private isApplied = false;

  private constructor(
    private readonly scope: Construct, private readonly id: string, private readonly options: ServiceMigrationOptions,
    private readonly deployed: Deployed,
  ) {}

  /**
   * Take over the resources. Throws if the service is in another stack than the deployed construct, and if an option names a construct for which the
   * service has no counterpart.
   *
   * @param service the service that replaces the deployed construct
   */
  public applyTo(service: ContainerService): void {
    this.check(service);
    const parts = partsOf(service);
    const old = { ...this.deployed.parts(service, parts), ...this.named(service, parts) };
    const groups = Object.keys(old).flatMap(part => this.keep(part as keyof OldParts, parts, old));
    this.keepPolicies(service, parts, old);
    const { service: oldService } = old;
    if (oldService !== undefined) keepLater(service, { groups, service: parts.service, oldService });
    if (this.deployed.hasOutputs) keepOutputs(service, new OldConstruct(this.scope, this.id));
  }

  private check(service: ContainerService): void {
    checkValue(this.scope, 'service', service, {
      kind: 'instance', required: true, properties: ['ecsService'], must: 'be a service of this library', fix: 'Pass a FargateService, an Ec2Service or a ManagedInstancesService.',
    });
    SERVICE_MIGRATION.check(service, '', this.options, 'options');
    checkTakeover({
      by: service, resource: service, scope: this.scope, id: this.id, must: 'be in the stack of the service, because a resource cannot move to another stack',
      fix: 'Create the service in the stack of the deployed construct.',
    });
    if (this.isApplied) {
      reject(service, { property: 'service', must: 'be the only one that takes over these resources', got: 'a second service', fix: 'Create a migration for each service.' });
    }
    this.isApplied = true;
  }

  /** The constructs that the options name by their path. */
  private named(service: ContainerService, parts: ServiceParts): OldParts {
    const { taskDefinition, loadBalancer, ...others } = this.options;
    const at = (path: string) => new OldConstruct(this.scope, path);
    const named: OldParts = {
      ...taskDefinition === undefined ? {} : ofTaskDefinition(at(taskDefinition), others.containerName),
      ...loadBalancer === undefined ? {} : { loadBalancer: at(loadBalancer), loadBalancerSecurityGroup: at(loadBalancer).child('SecurityGroup') },
      ...Object.fromEntries(SINGLE.flatMap(part => others[part] === undefined ? [] : [[part, at(others[part])]])),
    };
    const missing = [...SINGLE, 'loadBalancer' as const].find(part => this.options[part] !== undefined && parts[part] === undefined);
    if (missing !== undefined) {
      reject(service, {
        property: missing, must: 'be left out, because the service has none that could replace it', got: this.options[missing],
        fix: 'Leave it out, or give the service an exposure that creates one.',
      });
    }
    return named;
  }

  /** Keeps the ID of a part, and the properties that cannot change. Returns it if it is a security group. */
  private keep(part: keyof OldParts, parts: ServiceParts, places: OldParts): KeptGroup[] {
    const { [part]: construct } = parts;
    const { [part]: old } = places;
    if (construct === undefined || old === undefined) return [];
    const resource = resourceOf(construct);
    const { targetGroupPort, targetGroupName, logRetention, hasDeploymentController } = this.options;
    switch (part) {
      case 'logGroup':
        // The default retention of this library would delete older logs.
        (resource as CfnLogGroup).retentionInDays = logRetention;
        break;
      case 'service':
        if (hasDeploymentController) (resource as CfnService).deploymentController = { type: 'ECS' };
        keepCount(resource as CfnService);
        resource.overrideLogicalId(old.logicalId('Service'));
        return [];
      case 'taskDefinition': keepFamily(resource as CfnTaskDefinition, construct, old); break;
      case 'targetGroup':
        if (targetGroupPort !== undefined) (resource as CfnTargetGroup).port = targetGroupPort;
        if (targetGroupName !== undefined) (resource as CfnTargetGroup).name = targetGroupName;
        break;
      case 'taskSecurityGroup': (resource as CfnSecurityGroup).groupDescription = old.fullPath(); break;
      case 'loadBalancerSecurityGroup':
        (resource as CfnSecurityGroup).groupDescription = `Automatically created Security Group for ELB ${(places.loadBalancer as OldConstruct).uniqueId()}`;
    }
    resource.overrideLogicalId(old.logicalId());
    return construct instanceof SecurityGroup ? [{ group: construct, old }] : [];
  }

  /** The deployed policies are below the scalable target. */
  private keepPolicies(service: ContainerService, { policies }: ServiceParts, { scalableTarget: target }: OldParts): void {
    if (target === undefined) return;
    const { cpuPolicy, memoryPolicy, requestsPolicy, otherPolicies = {} } = this.options;
    const named = Object.entries({ Cpu: cpuPolicy, Memory: memoryPolicy, RequestsPerTarget: requestsPolicy, ...otherPolicies });
    for (const [id, oldId] of named) {
      if (oldId === undefined) continue;
      const policy = policies.get(id) ?? policies.get(`Metric-${id}`) ?? policies.get(`Queue-${id}`) ?? reject(service, {
        property: 'scaling', must: `have the policy '${id}', which takes over the deployed policy '${oldId}'`, got: [...policies.keys()],
        fix: 'Add the policy to the scaling of the service, or remove it from the options of the migration.',
      });
      keepPolicy(resourceOf(policy) as CfnScalingPolicy, target.child(oldId));
    }
  }
}

/** The parts that an option with the same name locates. */
const SINGLE = ['listener', 'redirectListener', 'listenerRule', 'targetGroup', 'certificate', 'dnsRecord'] as const;

/** The constructs of an `ecs.FargateService`. */
function ofService(service: OldConstruct): OldParts {
  return {
    service,
    taskSecurityGroup: service.child('SecurityGroup'),
    cloudMapService: service.child('CloudmapService'),
    scalableTarget: service.child('TaskCount/Target'),
  };
}

/** The constructs of an `ecs.TaskDefinition`. */
function ofTaskDefinition(taskDefinition: OldConstruct, containerName = 'web'): OldParts {
  return {
    taskDefinition,
    taskRole: taskDefinition.child('TaskRole'),
    taskRolePolicy: taskDefinition.child('TaskRole/DefaultPolicy'),
    executionRole: taskDefinition.child('ExecutionRole'),
    executionRolePolicy: taskDefinition.child('ExecutionRole/DefaultPolicy'),
    logGroup: taskDefinition.child(`${containerName}/LogGroup`),
  };
}

/** The constructs of an `ApplicationLoadBalancedFargateService`. With an existing load balancer, the listener is below that one. */
function ofPattern(pattern: OldConstruct, containerName: string | undefined, service: ContainerService, parts: ServiceParts): OldParts {
  const { existingLoadBalancer } = parts;
  if (existingLoadBalancer !== undefined && Stack.of(existingLoadBalancer) !== Stack.of(service)) {
    reject(service, {
      property: 'exposure', must: 'be on a load balancer of the same stack, because the deployed listener is in the stack of the load balancer',
      got: existingLoadBalancer.node.path, fix: 'Keep the service in aws-ecs-patterns, or create a new service next to it.',
    });
  }
  const loadBalancer = existingLoadBalancer === undefined ? pattern.child('LB') : new OldConstruct(existingLoadBalancer, '');
  const listener = loadBalancer.child('PublicListener');
  return {
    ...ofService(pattern.child('Service')),
    ...ofTaskDefinition(pattern.child('TaskDef'), containerName),
    ...existingLoadBalancer === undefined ? { loadBalancer, loadBalancerSecurityGroup: loadBalancer.child('SecurityGroup') } : {},
    listener,
    redirectListener: loadBalancer.child('PublicRedirectListener'),
    targetGroup: listener.child(`${patternGroupId(service, parts.loadBalancer)}Group`),
    certificate: pattern.child('Certificate'),
    dnsRecord: pattern.child('DNS'),
  };
}

/** The ID of the target group in `aws-ecs-patterns`, which depends on a feature flag. */
function patternGroupId(scope: IConstruct, loadBalancer?: IConstruct): string {
  if (!FeatureFlags.of(scope).isEnabled(ECS_PATTERNS_UNIQUE_TARGET_GROUP_ID)) return 'ECS';
  const { name, scheme } = loadBalancer === undefined ? {} as Partial<CfnLoadBalancer> : resourceOf(loadBalancer) as CfnLoadBalancer;
  // Resolved, because `name` is a token even if no name is set.
  return `ECS${Stack.of(scope).resolve(name) ?? ''}${scheme === 'internal' ? 'Private' : ''}`;
}

/** Leaves out the default `desiredCount` of a new service, a token that resolves to 1. The number of running tasks then stays. */
function keepCount(service: CfnService): void {
  if (Token.isUnresolved(service.desiredCount) && Stack.of(service).resolve(service.desiredCount) === 1) service.desiredCount = undefined;
}

function keepFamily(resource: CfnTaskDefinition, construct: IConstruct, old: OldConstruct): void {
  // A family that the user chose is kept.
  if (resource.family === Names.uniqueId(construct)) resource.family = old.uniqueId();
}

function keepPolicy(policy: CfnScalingPolicy, old: OldConstruct): void {
  policy.policyName = old.uniqueId();
  policy.overrideLogicalId(old.logicalId());
}

/** The outputs of `aws-ecs-patterns`, which other programs may read. */
function keepOutputs(service: ContainerService, pattern: OldConstruct): void {
  const { loadBalancer } = service;
  const dnsName = loadBalancer && dnsNameOf(loadBalancer);
  if (dnsName === undefined) return;
  for (const [id, value] of [['LoadBalancerDNS', dnsName], ['ServiceURL', service.endpoint]]) {
    new CfnOutput(service, id, { value }).overrideLogicalId(pattern.child(id).logicalId(''));
  }
}

function resourceOf(construct: IConstruct): CfnResource {
  return (construct.node.defaultChild ?? construct) as CfnResource;
}
