import { Size } from 'aws-cdk-lib';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { FargatePlatformVersion, PidMode } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { checkArchitecture, cpuArchitectureOf } from './cpu-architecture';
import { Launch, LaunchedServiceProps, LaunchProps, taskDefinitionProps, waitForRoutes, zoneRebalancing } from './launch';
import { needsOf } from './task-needs';
import { fargateNetwork, TaskNetwork } from './task-network';
import { FargateSize, fittingSize } from './task-size';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';
import { FargateCapacity } from '../capacity/fargate-capacity';
import { checkCapacity, ProviderAssociations } from '../capacity/provider-shares';
import { FARGATE_CAPABILITIES } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';

/** The properties of a service or task on Fargate that the launch type needs. */
interface FargateLaunchProps extends LaunchProps {
  readonly size?: FargateSize;
  readonly capacity?: FargateCapacity;
  readonly cpuArchitecture?: ecs.CpuArchitecture;
  readonly platformVersion?: FargatePlatformVersion;
  readonly assignPublicIp?: boolean;
  readonly ephemeralStorage?: Size;
}

/** Tasks on Fargate. */
export class FargateLaunch implements Launch {
  public readonly containerDefaults = {};
  public readonly capabilities = FARGATE_CAPABILITIES;
  public readonly network: TaskNetwork;
  private readonly size: FargateSize;
  private readonly cpuArchitecture?: ecs.CpuArchitecture;
  public readonly capacityProviderStrategies?: ecs.CapacityProviderStrategy[];

  constructor(private readonly scope: Construct, private readonly props: FargateLaunchProps) {
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
      // With a process namespace, the L2 requires an operating system.
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

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/platform-versions-retired.html */
export function checkPlatform(scope: IConstruct, { platformVersion, pidMode }: FargateLaunchProps): void {
  checkValue(scope, 'platformVersion', platformVersion, {
    kind: 'enum', values: [FargatePlatformVersion.LATEST, FargatePlatformVersion.VERSION1_4], fix: 'Leave it out for the latest.',
    must: 'be a FargatePlatformVersion on which AWS still starts tasks, LATEST or VERSION1_4',
  });
  if (pidMode === PidMode.HOST) {
    reject(scope, {
      property: 'pidMode', must: 'not be HOST on Fargate, which does not support it', got: pidMode,
      fix: 'Use ecs.PidMode.TASK or an Ec2Service.',
    });
  }
}
