import { Tokenization } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { checkArchitecture, cpuArchitectureOf, cpuArchitecturesOf } from './cpu-architecture';
import { Launch, LaunchedServiceProps, LaunchProps, taskDefinitionProps, waitForRoutes, zoneRebalancing } from './launch';
import { needsOf } from './task-needs';
import { instancesNetwork, TaskNetwork } from './task-network';
import { TaskSize, taskSizeOf } from './task-size';
import { ManagedInstancesCapacity } from '../capacity/managed-instances-capacity';
import { checkCapacity } from '../capacity/provider-shares';
import { MANAGED_INSTANCES_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';

/** The properties of a service on ECS Managed Instances that the launch type needs. */
interface ManagedInstancesLaunchProps extends LaunchProps {
  readonly capacity: ManagedInstancesCapacity;
  readonly size?: TaskSize;
  readonly cpuArchitecture?: ecs.CpuArchitecture;
}

/** Tasks on ECS Managed Instances, each with its own network interface. */
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
    // An image for several platforms runs on whatever instances there are.
    const anywhere = cpuArchitecture === undefined && cpuArchitecturesOf(scope, containers)?.length !== 1;
    this.cpuArchitecture = anywhere ? undefined : cpuArchitectureOf(scope, containers, cpuArchitecture);
    checkCapacity(scope, capacity, 'ManagedInstancesCapacity', 'ManagedInstancesCapacity.providers({ provider })');
    this.capacityProviderStrategies = capacity._bind(scope, cluster);
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
    // The L2 of Fargate is that of managed instances too.
    const service = new ecs.FargateService(scope, id, {
      ...props,
      // Where there is room ECS decides by itself, as on instances of your own.
      availabilityZoneRebalancing: zoneRebalancing(props),
      capacityProviderStrategies: this.capacityProviderStrategies,
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: this.props.securityGroups,
    });
    waitForRoutes(service, subnets);
    return service;
  }
}
