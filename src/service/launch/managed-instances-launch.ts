import { Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { checkArchitecture, CPU_ARCHITECTURE_RULE, cpuArchitectureOf, cpuArchitecturesOf } from './cpu-architecture';
import { Launch, LaunchedServiceProps, LaunchProps, securityGroupsOf, taskDefinitionProps, waitForNetwork, zoneRebalancing } from './launch';
import { needsOf } from './task-needs';
import { instancesNetwork, TaskNetwork } from './task-network';
import { TASK_SIZE_RULE, TaskSize, taskSizeOf } from './task-size';
import { Rules } from '../../private/shape';
import { ManagedInstancesCapacity } from '../capacity/managed-instances-capacity';
import { MANAGED_INSTANCES_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';

/** The properties that only services on ECS Managed Instances have. */
export interface ManagedInstancesOptions {
  readonly capacity: ManagedInstancesCapacity;
  readonly size?: TaskSize;
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

/** The rules of `ManagedInstancesOptions`. */
export const MANAGED_INSTANCES_RULES: Rules<ManagedInstancesOptions> = {
  capacity: {
    kind: 'instance', methods: ['_bindManagedInstances'], must: 'be a ManagedInstancesCapacity',
    fix: 'Call the factory, e.g. ManagedInstancesCapacity.providers({ provider }).', required: true,
  },
  size: TASK_SIZE_RULE,
  cpuArchitecture: CPU_ARCHITECTURE_RULE,
};

/** The properties for tasks on ECS Managed Instances. */
export interface ManagedInstancesLaunchProps extends LaunchProps, ManagedInstancesOptions {}

/** The capacity providers of ECS Managed Instances. Each task has its own network interface. */
export class ManagedInstancesLaunch implements Launch {
  public readonly containerDefaults = {};
  public readonly capabilities = MANAGED_INSTANCES_CAPABILITIES;
  public readonly network: TaskNetwork;
  private readonly size: TaskSize;
  private readonly cpuArchitecture?: ecs.CpuArchitecture;
  private readonly capacityProviderStrategies: ecs.CapacityProviderStrategy[];

  constructor(private readonly scope: Construct, private readonly props: ManagedInstancesLaunchProps) {
    const { containers, exposure, cluster, capacity, size, cpuArchitecture } = props;
    this.size = taskSizeOf(scope, needsOf(Object.values(containers), exposure), size);
    // A multi-platform image runs on any instance.
    const anywhere = cpuArchitecture === undefined && cpuArchitecturesOf(scope, containers)?.length !== 1;
    this.cpuArchitecture = anywhere ? undefined : cpuArchitectureOf(scope, containers, cpuArchitecture);
    this.capacityProviderStrategies = capacity._bindManagedInstances(scope, cluster);
    this.network = instancesNetwork(scope, cluster.vpc, props.vpcSubnets);
  }

  public check(containers: Containers): void {
    taskSizeOf(this.scope, needsOf(Object.values(containers), this.props.exposure), this.size);
    if (this.cpuArchitecture !== undefined) {
      checkArchitecture(this.scope, containers, this.cpuArchitecture);
    }
  }

  public createTaskDefinition(scope: Construct, id: string): ecs.TaskDefinition {
    const { cpuArchitecture } = this;
    return new ecs.TaskDefinition(scope, id, {
      compatibility: ecs.Compatibility.MANAGED_INSTANCES,
      networkMode: ecs.NetworkMode.AWS_VPC,
      ...taskDefinitionProps(scope, this.props),
      cpu: Tokenization.stringifyNumber(this.size.cpu),
      memoryMiB: Tokenization.stringifyNumber(this.size.memoryLimitMiB),
      runtimePlatform: cpuArchitecture && { cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
  }

  public createService(scope: Construct, id: string, props: LaunchedServiceProps): ecs.BaseService {
    const { subnets } = this.network;
    // aws-cdk also uses the L2 `FargateService` for managed instances.
    const service = new ecs.FargateService(scope, id, {
      ...props,
      availabilityZoneRebalancing: zoneRebalancing(props),
      capacityProviderStrategies: this.capacityProviderStrategies,
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: securityGroupsOf(scope, this.props, this.network),
    });
    waitForNetwork(service, this.network);
    return service;
  }
}
