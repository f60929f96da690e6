import * as ecs from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { needsOf } from './container-needs';
import { checkArchitecture, cpuArchitectureOf } from './cpu-architecture';
import { checkPlatform } from './fargate-platform-check';
import { FargateSize } from './fargate-size';
import { fittingSize } from './fitting-size';
import { Launch, LaunchedServiceProps } from './launch';
import { taskDefinitionProps } from './task-definition-props';
import { fargateNetwork, TaskNetwork } from './task-network';
import { waitForRoutes } from './wait-for-routes';
import { zoneRebalancing } from './zone-rebalancing';
import { checkValue } from '../../private/shape';
import { checkCapacity } from '../capacity/capacity-check';
import { FargateCapacity } from '../capacity/fargate-capacity';
import { ProviderAssociations } from '../capacity/provider-associations';
import { FARGATE_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';
import { FargateServiceProps } from '../fargate-service';

/** Tasks on Fargate. */
export class FargateLaunch implements Launch {
  public readonly containerDefaults = {};
  public readonly capabilities = FARGATE_CAPABILITIES;
  public readonly network: TaskNetwork;
  private readonly size: FargateSize;
  private readonly cpuArchitecture?: ecs.CpuArchitecture;
  public readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];

  constructor(private readonly scope: Construct, private readonly props: FargateServiceProps) {
    this.size = fittingSize(scope, needsOf(Object.values(props.containers), props.exposure), props.size);
    this.cpuArchitecture = cpuArchitectureOf(scope, props.containers, props.cpuArchitecture);
    checkValue(scope, 'ephemeralStorage', props.ephemeralStorage, {
      kind: 'size', unit: 'gibibytes', min: 21, max: 200, fix: 'Use 21 to 200 GiB, or leave it out for 20 GiB.',
    });
    checkPlatform(scope, props);
    const { capacity = FargateCapacity.onDemand(), cluster } = props;
    checkCapacity(scope, capacity, 'FargateCapacity', 'FargateCapacity.mixed({ onDemandBase: 1 })');
    this.capacityProviderStrategies = capacity._bind(scope, cluster);
    this.network = fargateNetwork(scope, cluster.vpc, props);
  }

  public check(containers: Containers): void {
    fittingSize(this.scope, needsOf(Object.values(containers), this.props.exposure), this.size);
    checkArchitecture(this.scope, containers, this.cpuArchitecture ?? ecs.CpuArchitecture.X86_64);
  }

  public createTaskDefinition(scope: Construct, id: string): ecs.TaskDefinition {
    const { cpuArchitecture } = this;
    return new ecs.FargateTaskDefinition(scope, id, {
      cpu: this.size.cpu,
      memoryLimitMiB: this.size.memoryLimitMiB,
      ephemeralStorageGiB: this.props.ephemeralStorage?.toGibibytes(),
      // The L2 wants to know what a shared process namespace is for.
      runtimePlatform: cpuArchitecture === undefined && this.props.pidMode === undefined ? undefined
        : { cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
      ...taskDefinitionProps(scope, this.props),
    });
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
      securityGroups: this.props.securityGroups,
    });
    waitForRoutes(service, subnets);
    if (capacityProviderStrategies !== undefined) {
      service.node.addDependency(new ProviderAssociations(this.props.cluster));
    }
    return service;
  }
}
