import { Annotations, Size, Token } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { checkArchitecture, CPU_ARCHITECTURE_RULE, cpuArchitectureOf } from './cpu-architecture';
import { Launch, LaunchedServiceProps, LaunchProps, securityGroupsOf, taskDefinitionProps, waitForNetwork, zoneRebalancing } from './launch';
import { needsOf } from './task-needs';
import { fargateNetwork, TaskNetwork } from './task-network';
import { FARGATE_SIZE_RULE, FargateSize, fargateSizeOf } from './task-size';
import { Rules } from '../../private/shape';
import { reject } from '../../private/validation';
import { FargateCapacity } from '../capacity/fargate-capacity';
import { ProviderAssociations } from '../capacity/provider-shares';
import { ContainerCapabilities, FARGATE_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';
import { ContainerHost } from '../containers/task-containers';

/** The properties that only services and tasks on Fargate have. */
export interface FargateOptions {
  readonly capacity?: FargateCapacity;
  readonly size?: FargateSize;
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  readonly platformVersion?: ecs.FargatePlatformVersion;
  readonly assignPublicIp?: boolean;
  readonly ephemeralStorage?: Size;
}

/** The rules of `FargateOptions`. */
export const FARGATE_RULES: Rules<FargateOptions> = {
  capacity: {
    kind: 'instance', methods: ['_bindFargate'], must: 'be a FargateCapacity', fix: 'Call a factory, e.g. FargateCapacity.mixed({ onDemandBase: 1 }).',
  },
  size: FARGATE_SIZE_RULE,
  cpuArchitecture: CPU_ARCHITECTURE_RULE,
  // https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-versions-retired.html
  platformVersion: {
    kind: 'enum', values: [ecs.FargatePlatformVersion.LATEST, ecs.FargatePlatformVersion.VERSION1_4],
    must: 'be FargatePlatformVersion.LATEST or VERSION1_4, because AWS has retired the others', fix: 'Leave it out for the latest version.',
  },
  assignPublicIp: { kind: 'boolean', fix: 'Write assignPublicIp: true, or leave it out for public addresses in public subnets.' },
  ephemeralStorage: { kind: 'size', unit: 'gibibytes', min: 21, max: 200, fix: 'Use 21 to 200 GiB, or leave it out for 20 GiB.' },
};

/** The task definition on Fargate: size, CPU architecture and settings. */
export class FargateTask implements ContainerHost {
  public readonly containerDefaults = {};
  public readonly capabilities: ContainerCapabilities = FARGATE_CAPABILITIES;
  private readonly size: FargateSize;
  private readonly cpuArchitecture?: ecs.CpuArchitecture;

  constructor(protected readonly scope: Construct, private readonly task: FargateTaskProps) {
    checkPidMode(scope, task.pidMode);
    this.size = fargateSizeOf(scope, needsOf(Object.values(task.containers), task.exposure), task.size);
    this.cpuArchitecture = cpuArchitectureOf(scope, task.containers, task.cpuArchitecture);
  }

  public check(containers: Containers): void {
    fargateSizeOf(this.scope, needsOf(Object.values(containers), this.task.exposure), this.size);
    if (this.task.size === undefined) warnOfUnknownNeeds(this.scope, containers);
    checkArchitecture(this.scope, containers, this.cpuArchitecture ?? ecs.CpuArchitecture.X86_64);
  }

  public createTaskDefinition(scope: Construct, id: string): ecs.TaskDefinition {
    const { cpuArchitecture } = this;
    return new ecs.FargateTaskDefinition(scope, id, {
      cpu: this.size.cpu,
      memoryLimitMiB: this.size.memoryLimitMiB,
      ephemeralStorageGiB: this.task.ephemeralStorage?.toGibibytes(),
      // The L2 requires an operating system for a shared process namespace.
      runtimePlatform: cpuArchitecture === undefined && this.task.pidMode === undefined ? undefined
        : { cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      ...taskDefinitionProps(scope, this.task),
    });
  }
}

/** Warns if the default size ignores a container, because its CPU or memory is only known at deployment. ECS rejects a task that is too small. */
function warnOfUnknownNeeds(scope: Construct, containers: Containers): void {
  const unknown = Object.keys(containers).find(name => {
    const { cpu, memoryLimitMiB, memoryReservationMiB } = containers[name];
    return [cpu, memoryLimitMiB, memoryReservationMiB].some(each => Token.isUnresolved(each));
  });
  if (unknown === undefined) return;
  Annotations.of(scope).addWarningV2('cdk-container-delivery:unknownTaskSize',
    `The default 'size' does not include the container '${unknown}', because its CPU or memory is only known at deployment. Set 'size', e.g. FargateSize.of(1024, 2048).`);
}

/** The properties for tasks on Fargate. */
export interface FargateLaunchProps extends LaunchProps, FargateOptions {}

/** The properties of a task definition on Fargate. */
export type FargateTaskProps = Omit<FargateLaunchProps, 'cluster' | 'vpcSubnets' | 'securityGroups' | 'capacity' | 'platformVersion' | 'assignPublicIp'>;

/** The launch type FARGATE, or the Fargate capacity providers. */
export class FargateLaunch extends FargateTask implements Launch {
  public readonly network: TaskNetwork;
  public readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];

  constructor(scope: Construct, private readonly props: FargateLaunchProps) {
    super(scope, props);
    const { capacity = FargateCapacity.onDemand(), cluster } = props;
    this.capacityProviderStrategies = capacity._bindFargate(scope, cluster);
    this.network = fargateNetwork(scope, cluster.vpc, props);
  }

  public createService(scope: Construct, id: string, props: LaunchedServiceProps): ecs.BaseService {
    const { capacityProviderStrategies, network: { subnets, assignPublicIp } } = this;
    const service = new ecs.FargateService(scope, id, {
      ...props,
      availabilityZoneRebalancing: zoneRebalancing(props, ecs.AvailabilityZoneRebalancing.ENABLED),
      capacityProviderStrategies,
      vpcSubnets: { subnets: subnets.subnets },
      assignPublicIp,
      platformVersion: this.props.platformVersion,
      securityGroups: securityGroupsOf(scope, this.props, this.network),
    });
    waitForNetwork(service, this.network);
    if (capacityProviderStrategies !== undefined) {
      service.node.addDependency(new ProviderAssociations(this.props.cluster));
    }
    return service;
  }
}

function checkPidMode(scope: IConstruct, pidMode?: ecs.PidMode): void {
  if (pidMode === ecs.PidMode.HOST) {
    reject(scope, {
      property: 'pidMode', must: 'not be HOST on Fargate, which does not support it', got: pidMode,
      fix: 'Use ecs.PidMode.TASK, or run the containers as an Ec2Service.',
    });
  }
}
