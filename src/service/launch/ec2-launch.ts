import { Lazy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { checkArchitecture, cpuArchitecturesOf } from './cpu-architecture';
import { Ec2Placement } from './ec2-placement';
import { Launch, LaunchedServiceProps, LaunchProps, securityGroupsOf, taskDefinitionProps, waitForNetwork, zoneRebalancing } from './launch';
import { hasProxy, memoryWithProxy } from './task-needs';
import { instancesNetwork, TaskNetwork } from './task-network';
import { Rules } from '../../private/shape';
import { reject, sentence } from '../../private/validation';
import { Ec2Capacity } from '../capacity/ec2-capacity';
import { ProviderAssociations } from '../capacity/provider-shares';
import { ContainerCapabilities, DAEMON_CAPABILITIES, EC2_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';

/** The properties that only services on EC2 have. */
export interface Ec2Options {
  readonly capacity?: Ec2Capacity;
  readonly placement?: Ec2Placement;
}

/** The rules of `Ec2Options`. */
export const EC2_RULES: Rules<Ec2Options> = {
  capacity: { kind: 'instance', methods: ['_bindEc2'], must: 'be an Ec2Capacity', fix: 'Call a factory, e.g. Ec2Capacity.providers({ provider }).' },
  placement: { kind: 'instance', methods: ['_place'], must: 'be an Ec2Placement', fix: 'Call a factory, e.g. Ec2Placement.daemon().' },
};

/** The properties for tasks on EC2. */
export interface Ec2LaunchProps extends LaunchProps, Ec2Options {
  readonly desiredCount?: number;
  readonly scaling?: unknown;
}

/** The launch type EC2, or the capacity providers of Auto Scaling groups. Each task has its own network interface. */
export class Ec2Launch implements Launch {
  // ECS requires a memory limit or a memory reservation for containers on EC2.
  public readonly containerDefaults = { memoryReservationMiB: 512 };
  public readonly capabilities: ContainerCapabilities;
  public readonly isDaemon: boolean;
  public readonly network: TaskNetwork;
  private readonly cpuArchitecture?: ecs.CpuArchitecture;
  private readonly placement: Ec2Placement;
  public readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];
  private containers: Containers;

  constructor(private readonly scope: Construct, private readonly props: Ec2LaunchProps) {
    const { capacity = Ec2Capacity.instancesOfTheCluster(), placement = Ec2Placement.replicas(), cluster } = props;
    placement._check(scope);
    if (placement._isDaemon) {
      checkDaemon(scope, props);
    } else {
      validateInstances(scope, cluster);
    }
    this.containers = props.containers;
    this.placement = placement;
    this.isDaemon = placement._isDaemon;
    this.capabilities = placement._isDaemon ? DAEMON_CAPABILITIES : EC2_CAPABILITIES;
    // A multi-platform image runs on any instance. If one architecture were set, ECS would not use instances of the other one.
    const possible = cpuArchitecturesOf(scope, props.containers);
    this.cpuArchitecture = possible?.length === 1 ? possible[0] : undefined;
    this.capacityProviderStrategies = capacity._bindEc2(scope, cluster);
    this.network = instancesNetwork(scope, cluster.vpc, props.vpcSubnets);
  }

  public check(containers: Containers): void {
    this.containers = containers;
    if (this.cpuArchitecture !== undefined) {
      checkArchitecture(this.scope, containers, this.cpuArchitecture);
    }
  }

  public createTaskDefinition(scope: Construct, id: string): ecs.TaskDefinition {
    const definition = new ecs.Ec2TaskDefinition(scope, id, { networkMode: ecs.NetworkMode.AWS_VPC, ...taskDefinitionProps(scope, this.props) });
    // The L2 does not support these properties.
    const resource = definition.node.defaultChild as ecs.CfnTaskDefinition;
    const { cpuArchitecture } = this;
    if (cpuArchitecture !== undefined) {
      resource.runtimePlatform = { cpuArchitecture: cpuArchitecture._cpuArchitecture, operatingSystemFamily: 'LINUX' };
    }
    if (hasProxy(this.props.exposure)) {
      const { memoryReservationMiB } = this.containerDefaults;
      resource.memory = Lazy.string({ produce: () => String(memoryWithProxy(Object.values(this.containers), memoryReservationMiB)) });
    }
    return definition;
  }

  public createService(scope: Construct, id: string, props: LaunchedServiceProps): ecs.BaseService {
    const { capacityProviderStrategies, network: { subnets } } = this;
    const placed = { ...props, ...this.placement._place(this.scope, props) };
    const service = new ecs.Ec2Service(scope, id, {
      ...placed,
      // Never set to ENABLED, because placement strategies can be incompatible with it.
      availabilityZoneRebalancing: zoneRebalancing(placed),
      capacityProviderStrategies,
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: securityGroupsOf(scope, this.props, this.network),
    });
    waitForNetwork(service, this.network);
    if (capacityProviderStrategies !== undefined) {
      service.node.addDependency(new ProviderAssociations(this.props.cluster));
    }
    return service;
  }
}

/** Rejects a cluster without instances. Checked at synthesis, because capacity can be added to the cluster after the service is created. */
function validateInstances(scope: IConstruct, cluster: ecs.ICluster): void {
  scope.node.addValidation({
    validate: () => cluster.hasEc2Capacity ? [] : [sentence({
      property: 'cluster', must: 'have instances to run tasks on', got: cluster.node.path,
      fix: 'Add instances with cluster.addCapacity(…), set capacity: Ec2Capacity.providers({ provider }), or use a FargateService.',
    })],
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_scheduler_daemon.html */
function checkDaemon(scope: IConstruct, { desiredCount, scaling, capacity }: Ec2LaunchProps): void {
  const must = 'be left out for a daemon, which runs one task on each instance';
  if (desiredCount !== undefined) {
    reject(scope, { property: 'desiredCount', must, got: desiredCount, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (scaling !== undefined) {
    reject(scope, { property: 'scaling', must, got: scaling, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (capacity?._hasProviders) {
    reject(scope, {
      property: 'capacity', must: 'be left out for a daemon, because ECS does not support capacity providers for daemons', got: 'capacity providers',
      fix: 'Leave it out, and select instances with Ec2Placement.daemon({ constraints }).',
    });
  }
}
