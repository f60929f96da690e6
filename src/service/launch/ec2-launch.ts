import { Lazy } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { hasProxy, memoryWithProxy } from './container-needs';
import { checkArchitecture, cpuArchitecturesOf } from './cpu-architecture';
import { checkEc2Service } from './ec2-checks';
import { Ec2Placement } from './ec2-placement';
import { Launch, LaunchedServiceProps } from './launch';
import { taskDefinitionProps } from './task-definition-props';
import { instancesNetwork, TaskNetwork } from './task-network';
import { waitForRoutes } from './wait-for-routes';
import { zoneRebalancing } from './zone-rebalancing';
import { Ec2Capacity } from '../capacity/ec2-capacity';
import { ProviderAssociations } from '../capacity/provider-associations';
import { ContainerCapabilities, DAEMON_CAPABILITIES, EC2_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';
import { Ec2ServiceProps } from '../ec2-service';

/** Tasks on the EC2 instances of a cluster, each with a network interface of its own. */
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

  constructor(private readonly scope: Construct, private readonly props: Ec2ServiceProps) {
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
