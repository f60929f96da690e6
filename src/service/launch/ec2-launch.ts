import { Lazy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { checkArchitecture, cpuArchitecturesOf } from './cpu-architecture';
import { Ec2Placement } from './ec2-placement';
import { Launch, LaunchedServiceProps, LaunchProps, taskDefinitionProps, waitForRoutes, zoneRebalancing } from './launch';
import { hasProxy, memoryWithProxy } from './task-needs';
import { instancesNetwork, TaskNetwork } from './task-network';
import { hasMethods } from '../../private/shape';
import { reject, sentence } from '../../private/validation';
import { Ec2Capacity } from '../capacity/ec2-capacity';
import { checkCapacity, ProviderAssociations } from '../capacity/provider-shares';
import { ContainerCapabilities, DAEMON_CAPABILITIES, EC2_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';
import { Scaling } from '../scaling/scaling';

/** The properties of a service or task on EC2 instances that the launch type needs. */
interface Ec2LaunchProps extends LaunchProps {
  readonly capacity?: Ec2Capacity;
  readonly placement?: Ec2Placement;
  readonly desiredCount?: number;
  readonly scaling?: Scaling;
}

/** Tasks on the EC2 instances of a cluster, each with its own network interface. */
export class Ec2Launch implements Launch {
  // ECS starts no container on an instance without knowing how much memory to look for.
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
    checkEc2Service(scope, { ...props, capacity, placement });
    this.containers = props.containers;
    this.placement = placement;
    this.isDaemon = placement._isDaemon;
    this.capabilities = placement._isDaemon ? DAEMON_CAPABILITIES : EC2_CAPABILITIES;
    // An image for several platforms runs on any instance: naming one architecture would leave the others empty.
    const possible = cpuArchitecturesOf(scope, props.containers);
    this.cpuArchitecture = possible?.length === 1 ? possible[0] : undefined;
    this.capacityProviderStrategies = capacity._bind(scope, cluster);
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
    // The L2 has no property for these.
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
      // Where there is room ECS decides by itself: placement strategies may forbid it.
      availabilityZoneRebalancing: zoneRebalancing(placed),
      capacityProviderStrategies,
      vpcSubnets: { subnets: subnets.subnets },
      securityGroups: this.props.securityGroups,
    });
    waitForRoutes(service, subnets);
    if (capacityProviderStrategies !== undefined) {
      service.node.addDependency(new ProviderAssociations(this.props.cluster));
    }
    return service;
  }
}

type Checked = Ec2LaunchProps & { readonly capacity: Ec2Capacity; readonly placement: Ec2Placement };

/** What a service on instances cannot have, and what the cluster has to have in the end. */
export function checkEc2Service(scope: IConstruct, props: Checked): void {
  const { capacity, placement, cluster } = props;
  checkCapacity(scope, capacity, 'Ec2Capacity', 'Ec2Capacity.providers({ provider })');
  if (!hasMethods(placement, '_check')) {
    reject(scope, { property: 'placement', must: 'be of class Ec2Placement', got: placement, fix: 'Make one with brackets, e.g. Ec2Placement.daemon().' });
  }
  placement._check(scope);
  if (placement._isDaemon) {
    checkDaemon(scope, props);
  } else {
    // Capacity may be added to the cluster after the service.
    scope.node.addValidation({
      validate: () => cluster.hasEc2Capacity ? [] : [sentence({
        property: 'cluster', must: 'have instances to run tasks on', got: cluster.node.path,
        fix: 'Add some with cluster.addCapacity(…), give capacity: Ec2Capacity.providers({ provider }), or use a FargateService.',
      })],
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service_scheduler_daemon.html */
function checkDaemon(scope: IConstruct, { desiredCount, scaling, capacity }: Checked): void {
  const must = 'be left out for a daemon, which runs one task on each instance';
  if (desiredCount !== undefined) {
    reject(scope, { property: 'desiredCount', must, got: desiredCount, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (scaling !== undefined) {
    reject(scope, { property: 'scaling', must, got: scaling, fix: 'Leave it out, or use Ec2Placement.replicas().' });
  }
  if (capacity._hasProviders) {
    reject(scope, {
      property: 'capacity', must: 'be the instances of the cluster for a daemon, for which ECS takes no capacity providers', got: 'capacity providers',
      fix: 'Leave it out, and select instances by Ec2Placement.daemon({ constraints }).',
    });
  }
}
