import { CfnResource, Names, Stack, Token } from 'aws-cdk-lib';
import { CfnScalingPolicy, StepScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { CfnSecurityGroup, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { CfnService, CfnTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { CfnLoadBalancer, CfnTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { CfnLogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct } from 'constructs';
import { keepLater, KeptGroup } from './kept-at-synthesis';
import { OldConstruct, checkTakeover } from './old-construct';
import {
  APPLICATION_PATTERN, DeployedKind, hasSecurityGroupByDefault, L2_SERVICE, NETWORK_PATTERN, NewService, ofLoadBalancer, ofTaskDefinition, OldParts,
  QUEUE_PATTERN,
} from './old-parts';
import { checkQueues, keepOutput, keepQueues, QueueOptions } from './queue-takeover';
import {
  ServiceMigrationFromApplicationLoadBalancedEc2ServiceOptions, ServiceMigrationFromApplicationLoadBalancedFargateServiceOptions,
  ServiceMigrationFromEc2ServiceOptions, ServiceMigrationFromFargateServiceOptions, ServiceMigrationFromNetworkLoadBalancedFargateServiceOptions,
  ServiceMigrationFromQueueProcessingFargateServiceOptions, ServiceMigrationOptions,
} from './service-migration-options';
import { partsOf, resourceOf, ServiceParts } from './service-parts';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';
import { ContainerService } from '../service/container-service';
import { dnsNameOf } from '../service/exposure/http/http-listener';

/** Everything that a migration changes. Nothing is changed before all of it is known. */
interface Takeover {
  readonly now: NewService;
  readonly old: OldParts;
  readonly policies: readonly (readonly [policy: IConstruct, old: OldConstruct])[];
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
    return new ServiceMigration(scope, id, options, APPLICATION_PATTERN);
  }

  /**
   * From an `ApplicationLoadBalancedEc2Service` of `aws-ecs-patterns` whose task definition has `NetworkMode.AWS_VPC`, with its own load balancer or an
   * existing one. Name the task definition with the option `taskDefinition`.
   *
   * A task definition that the pattern has created has the network mode `bridge`. Its target group cannot be taken over, because services of this
   * library register the addresses of tasks, not instances.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Api/Service"
   * @param options task definition, scaling policies and properties of the deployed construct
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-elasticloadbalancingv2-targetgroup.html#cfn-elasticloadbalancingv2-targetgroup-targettype
   */
  public static fromApplicationLoadBalancedEc2Service(
    scope: Construct, id: string, options: ServiceMigrationFromApplicationLoadBalancedEc2ServiceOptions = {},
  ): ServiceMigration {
    return new ServiceMigration(scope, id, options, APPLICATION_PATTERN);
  }

  /**
   * From a `NetworkLoadBalancedFargateService` of `aws-ecs-patterns`, with its own load balancer or an existing one that has security groups.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Api/Service"
   * @param options scaling policies and properties of the deployed construct
   */
  public static fromNetworkLoadBalancedFargateService(
    scope: Construct, id: string, options: ServiceMigrationFromNetworkLoadBalancedFargateServiceOptions = {},
  ): ServiceMigration {
    return new ServiceMigration(scope, id, options, NETWORK_PATTERN);
  }

  /**
   * From a `QueueProcessingFargateService` of `aws-ecs-patterns`. Its queues keep their messages if you pass the new queues in the options.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Jobs/Worker"
   * @param options queues, scaling policies and properties of the deployed construct
   */
  public static fromQueueProcessingFargateService(
    scope: Construct, id: string, options: ServiceMigrationFromQueueProcessingFargateServiceOptions = {},
  ): ServiceMigration {
    return new ServiceMigration(scope, id, options, QUEUE_PATTERN);
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
    return new ServiceMigration(scope, id, options, L2_SERVICE);
  }

  /**
   * From an `ecs.Ec2Service` of aws-cdk. Name related constructs, such as its task definition and its load balancer, by their paths: see the options.
   *
   * With the network modes `bridge` and `host`, the service stays, but a target group of instances cannot be taken over, because services of this library
   * register the addresses of tasks.
   *
   * @param scope the scope of the deployed construct; it must exist in the new program
   * @param id the ID of the deployed construct, or its path below the scope, e.g. "Api/Service"
   * @param options the paths of the constructs around the service
   */
  public static fromEc2Service(scope: Construct, id: string, options: ServiceMigrationFromEc2ServiceOptions = {}): ServiceMigration {
    return new ServiceMigration(scope, id, options, L2_SERVICE);
  }

  private isApplied = false;

  private constructor(
    private readonly scope: Construct, private readonly id: string, private readonly options: ServiceMigrationOptions & QueueOptions,
    private readonly kind: DeployedKind,
  ) {}

  private get old(): OldConstruct {
    return new OldConstruct(this.scope, this.id);
  }

  /**
   * Take over the resources. Throws if the service is in another stack than the deployed construct, and if an option names a construct for which the
   * service has no counterpart. If it throws, it has not changed anything, and you can call it again.
   *
   * @param service the service that replaces the deployed construct
   */
  public applyTo(service: ContainerService): void {
    const takeover = this.plan(service);
    this.isApplied = true;
    const { now: { parts }, old, policies } = takeover;
    const groups = Object.keys(old).flatMap(part => this.keep(part as keyof OldParts, takeover));
    policies.forEach(([policy, deployed]) => keepPolicy(policy, deployed));
    const { service: oldService } = old;
    if (oldService !== undefined) keepLater(service, { groups, service: parts.service, oldService });
    this.keepOutputs(takeover.now);
    keepQueues(service, this.old, this.options);
  }

  /** Checks everything, and changes nothing. */
  private plan(service: ContainerService): Takeover {
    this.check(service);
    const now: NewService = { service, parts: partsOf(service), containerName: this.options.containerName };
    const old = { ...this.kind.parts(this.old, now), ...this.named(now) };
    return { now, old, policies: this.policies(now, old) };
  }

  private check(service: ContainerService): void {
    checkValue(this.scope, 'service', service, {
      kind: 'instance', required: true, properties: ['ecsService'], must: 'be a service of this library', fix: 'Pass a FargateService, an Ec2Service or a ManagedInstancesService.',
    });
    this.kind.shape.check(service, '', this.options, 'options');
    checkTakeover({
      by: service, resource: service, scope: this.scope, id: this.id, must: 'be in the stack of the service, because a resource cannot move to another stack',
      fix: 'Create the service in the stack of the deployed construct.',
    });
    checkQueues(service, this.old, this.options);
    if (this.isApplied) {
      reject(service, { property: 'service', must: 'be the only one that takes over these resources', got: 'a second service', fix: 'Create a migration for each service.' });
    }
  }

  /** The constructs that the options name by their path. */
  private named({ service, parts }: NewService): OldParts {
    const { taskDefinition, loadBalancer, ...others } = this.options;
    const at = (path: string) => new OldConstruct(this.scope, path);
    const missing = [...SINGLE, 'loadBalancer' as const].find(part => this.options[part] !== undefined && parts[part] === undefined);
    if (missing !== undefined) {
      reject(service, {
        property: missing, must: 'be left out, because the service has none that could replace it', got: this.options[missing],
        fix: 'Leave it out, or give the service an exposure that creates one.',
      });
    }
    return {
      ...taskDefinition === undefined ? {} : ofTaskDefinition(at(taskDefinition), others.containerName),
      ...loadBalancer === undefined ? {} : ofLoadBalancer(at(loadBalancer)),
      ...Object.fromEntries(SINGLE.flatMap(part => others[part] === undefined ? [] : [[part, at(others[part])]])),
    };
  }

  /** The deployed policies, which are below the scalable target, with the policies that take them over. */
  private policies({ service, parts: { policies } }: NewService, { scalableTarget: target }: OldParts): Takeover['policies'] {
    if (target === undefined) return [];
    const find = (id: string) => ['', 'Metric-', 'Queue-', 'Steps-'].map(kind => policies.get(kind + id)).find(policy => policy !== undefined);
    const { cpuPolicy, memoryPolicy, requestsPolicy, otherPolicies = {} } = this.options;
    const given = Object.entries({ Cpu: cpuPolicy, Memory: memoryPolicy, RequestsPerTarget: requestsPolicy, ...otherPolicies })
      .flatMap(([id, oldId]) => oldId === undefined ? [] : [[id, oldId] as const]);
    const usual = Object.entries(this.kind.policies ?? {})
      .filter(([id, oldId]) => find(id) !== undefined && !given.some(([givenId, givenOld]) => givenId === id || givenOld === oldId));
    return [...given, ...usual].map(([id, oldId]) => [find(id) ?? reject(service, {
      property: 'scaling', must: `have the policy '${id}', which takes over the deployed policy '${oldId}'`, got: [...policies.keys()],
      fix: 'Add the policy to the scaling of the service, or remove it from the options of the migration.',
    }), target.child(oldId)]);
  }

  /** Keeps the ID of a part, and the properties that cannot change. Returns it if it is a security group. */
  private keep(part: keyof OldParts, { now, old: places }: Takeover): KeptGroup[] {
    const { [part]: construct } = now.parts;
    const { [part]: old } = places;
    if (construct === undefined || old === undefined) return [];
    const resource = resourceOf(construct);
    const { logRetention, hasDeploymentController } = this.options;
    switch (part) {
      case 'logGroup':
        // The default retention of this library would delete older logs.
        (resource as CfnLogGroup).retentionInDays = logRetention;
        break;
      case 'service':
        if (hasDeploymentController) (resource as CfnService).deploymentController = { type: 'ECS' };
        keepCount(resource as CfnService);
        old.keepLogicalId(resource, 'Service');
        return [];
      case 'taskDefinition': keepFamily(resource as CfnTaskDefinition, construct, old); break;
      case 'targetGroup': this.keepTargetGroup(resource as CfnTargetGroup, now); break;
      case 'loadBalancer':
        if (!this.hasGroup(now.parts)) (resource as CfnLoadBalancer).securityGroups = undefined;
        break;
      case 'taskSecurityGroup': (resource as CfnSecurityGroup).groupDescription = old.fullPath(); break;
      case 'loadBalancerSecurityGroup':
        if (!this.hasGroup(now.parts)) return [];
        (resource as CfnSecurityGroup).groupDescription = `Automatically created Security Group for ELB ${(places.loadBalancer as OldConstruct).uniqueId()}`;
    }
    old.keepLogicalId(resource);
    return construct instanceof SecurityGroup ? [{ group: construct, old }] : [];
  }

  private keepTargetGroup(group: CfnTargetGroup, now: NewService): void {
    const usual = this.kind.targetGroup?.(now);
    const { targetGroupPort: port = usual?.port, targetGroupProtocol: protocol = usual?.protocol, targetGroupName: name } = this.options;
    if (port !== undefined) group.port = port;
    if (protocol !== undefined) group.protocol = protocol;
    if (name !== undefined) group.name = name;
  }

  /** Whether the deployed load balancer has security groups. */
  private hasGroup({ loadBalancer }: ServiceParts): boolean {
    if (loadBalancer === undefined || (resourceOf(loadBalancer) as CfnLoadBalancer).type !== 'network') return true;
    return this.options.hasLoadBalancerSecurityGroup ?? hasSecurityGroupByDefault(loadBalancer);
  }

  /** The outputs of `aws-ecs-patterns`, which other programs may read. */
  private keepOutputs(now: NewService): void {
    const { service } = now;
    const dnsName = service.loadBalancer && dnsNameOf(service.loadBalancer);
    if (dnsName === undefined) return;
    const values = { LoadBalancerDNS: dnsName, ServiceURL: service.endpoint };
    this.kind.outputs?.(now).forEach(id => keepOutput(service, this.old, id, values[id]));
  }
}

/** The parts that an option with the same name locates. */
const SINGLE = ['listener', 'redirectListener', 'listenerRule', 'targetGroup', 'certificate', 'dnsRecord'] as const;

/** Leaves out the default `desiredCount` of a new service, a token that resolves to 1. The number of running tasks then stays. */
function keepCount(service: CfnService): void {
  if (Token.isUnresolved(service.desiredCount) && Stack.of(service).resolve(service.desiredCount) === 1) service.desiredCount = undefined;
}

function keepFamily(resource: CfnTaskDefinition, construct: IConstruct, old: OldConstruct): void {
  // A family that the user chose is kept.
  if (resource.family === Names.uniqueId(construct)) resource.family = old.uniqueId();
}

/** Step scaling has two policies, each with an alarm. */
function keepPolicy(policy: IConstruct, old: OldConstruct): void {
  if (policy instanceof StepScalingPolicy) {
    policy.node.children.forEach(part => keepPolicy(part, old.child(part.node.id)));
    return;
  }
  const resource: CfnResource = resourceOf(policy);
  if (CfnScalingPolicy.isCfnScalingPolicy(resource)) resource.policyName = old.uniqueId();
  old.keepLogicalId(resource);
}
