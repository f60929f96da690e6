import { Connections, IConnectable, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILoadBalancerV2 } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { checkCluster } from './cluster-check';
import { ContainerOptions } from './container';
import { checkContainers } from './container-checks';
import { cpuArchitectureOf } from './cpu-architecture';
import { Exposure } from './exposure';
import { ExposureConfig } from './exposure-config';
import { FargateSize } from './fargate-size';
import { fittingSize } from './fitting-size';
import { taskSubnets } from './task-subnets';
import { checkBindable, checkObject } from '../private/check-types';
import { checkInteger, reject } from '../private/validation';

/** Properties of a `FargateService`. */
export interface FargateServiceProps {
  /** The cluster that runs the service, and with it the VPC. */
  readonly cluster: ecs.ICluster;

  /** The containers of each task, by name. At least one. */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * How many tasks run.
   *
   * @default 1
   */
  readonly desiredCount?: number;

  /**
   * How the service is reached.
   *
   * @default Exposure.none()
   */
  readonly exposure?: Exposure;

  /**
   * How much CPU and memory each task has.
   *
   * @default - the cheapest size that fits the containers
   */
  readonly size?: FargateSize;

  /**
   * The subnets that the tasks run in. Tasks get a public IP address in public subnets, where they could not
   * pull their image without one, and nowhere else. Throws when it is left out and the VPC has no private subnets.
   *
   * @default - private subnets with a way out
   */
  readonly vpcSubnets?: SubnetSelection;
}

/**
 * A service on Fargate that replaces its tasks when an image changes, and goes back when the new ones fail.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
export class FargateService extends Construct implements IConnectable, IGrantable {
  /** The task definition, for everything that is not a property here. */
  public readonly taskDefinition: ecs.FargateTaskDefinition;

  /** The ECS service, for everything that is not a property here. */
  public readonly ecsService: ecs.FargateService;

  /** Where the containers write to. Kept for a month, also when the service is removed or rolled back. */
  public readonly logGroup: LogGroup;

  /** Who may connect to the tasks. */
  public readonly connections: Connections;

  /** The role of the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  /** The load balancer in front of the service; undefined when the exposure made none. */
  public readonly loadBalancer?: ILoadBalancerV2;

  private containers: { [name: string]: ContainerOptions };
  private readonly size: FargateSize;
  private readonly exposed: ExposureConfig;

  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: FargateServiceProps) {
    super(scope, id);
    this.validate(props);
    this.logGroup = new LogGroup(this, 'Logs', { retention: RetentionDays.ONE_MONTH });
    this.containers = { ...props.containers };
    this.size = fittingSize(this, Object.values(this.containers), props.size);
    this.taskDefinition = this.createTaskDefinition();
    Object.entries(this.containers).forEach(([name, container]) => this.createContainer(name, container));
    this.ecsService = this.createService(props);
    this.exposed = this.expose(props);
    this.loadBalancer = this.exposed.loadBalancer;
    this.connections = this.ecsService.connections;
    this.grantPrincipal = this.taskDefinition.taskRole;
  }

  /** Where clients connect. Throws when the service is not exposed. */
  public get endpoint(): string {
    return this.exposed.endpoint ?? reject(this, {
      property: 'exposure', must: 'give the service an endpoint', got: 'no endpoint',
      cure: 'Choose another, e.g. exposure: Exposure.publicHttp().',
    });
  }

  /**
   * Add a container to each task, for example a sidecar.
   *
   * Throws when the name or the port is taken, when the container does not fit into the task any more, and when its
   * image is for another platform.
   *
   * @param name the name of the container
   * @param container what it runs
   */
  public addContainer(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    if (this.taskDefinition.findContainer(name)) {
      reject(this, {
        property: `containers.${name}`, must: 'have a name of its own', got: name,
        cure: 'Choose another name for the second container.',
      });
    }
    const containers = { ...this.containers, [name]: container };
    checkContainers(this, containers);
    fittingSize(this, Object.values(containers), this.size);
    this.checkArchitecture(containers);
    this.containers = containers;
    return this.createContainer(name, container);
  }

  private validate(props: FargateServiceProps): void {
    checkObject(this, 'props', props, 'Give at least { cluster, containers }.');
    checkCluster(this, props.cluster);
    checkContainers(this, props.containers);
    if (props.vpcSubnets !== undefined) {
      checkObject(this, 'vpcSubnets', props.vpcSubnets, 'Select by type, e.g. { subnetType: SubnetType.PUBLIC }, or leave it out.');
    }
    if (props.desiredCount !== undefined) {
      checkInteger(this, {
        property: 'desiredCount', value: props.desiredCount, min: 0,
        cure: 'Give the number of tasks, 0 to run none.',
      });
    }
    if (props.exposure !== undefined) {
      checkBindable(this, props.exposure, {
        property: 'exposure', must: 'be an Exposure', cure: 'Make one with brackets, e.g. Exposure.publicHttp().',
      });
    }
  }

  /** The task definition has its architecture already: ECS takes x86_64 where none is named. */
  private checkArchitecture(containers: { [name: string]: ContainerOptions }): void {
    const wanted = cpuArchitectureOf(this, containers);
    const given = cpuArchitectureOf(this, this.containers) ?? ecs.CpuArchitecture.X86_64;
    if (wanted && wanted !== given) {
      reject(this, {
        property: 'containers', must: 'have images for the architecture of the task', got: wanted === ecs.CpuArchitecture.ARM64 ? 'arm64' : 'x86_64',
        cure: 'Give the container in \'containers\' when the service is made, so that the task is made for it.',
      });
    }
  }

  private createTaskDefinition(): ecs.FargateTaskDefinition {
    const cpuArchitecture = cpuArchitectureOf(this, this.containers);
    return new ecs.FargateTaskDefinition(this, 'TaskDefinition', {
      cpu: this.size.cpu,
      memoryLimitMiB: this.size.memoryLimitMiB,
      runtimePlatform: cpuArchitecture && { cpuArchitecture, operatingSystemFamily: ecs.OperatingSystemFamily.LINUX },
    });
  }

  private createContainer(name: string, container: ContainerOptions): ecs.ContainerDefinition {
    const { port, ...options } = container;
    // Under an id of its own: a container may well be called as one of the other children of the task definition.
    return this.taskDefinition.addContainer(`${name}-container`, {
      ...options,
      containerName: name,
      portMappings: port === undefined ? undefined : [{ containerPort: port }],
      logging: ecs.LogDrivers.awsLogs({ logGroup: this.logGroup, streamPrefix: name }),
    });
  }

  private createService(props: FargateServiceProps): ecs.FargateService {
    const subnets = taskSubnets(this, props.cluster.vpc, props.vpcSubnets);
    const service = new ecs.FargateService(this, 'Service', {
      cluster: props.cluster,
      taskDefinition: this.taskDefinition,
      desiredCount: props.desiredCount ?? 1,
      vpcSubnets: { subnets: subnets.subnets },
      assignPublicIp: subnets.hasPublic,
      circuitBreaker: { enable: true, rollback: true },
      minHealthyPercent: 100,
      maxHealthyPercent: 200,
      enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
    });
    // The image has its pull right in time by itself; this is for logs and secrets, without which no task starts either.
    service.node.addDependency(this.taskDefinition.obtainExecutionRole());
    return service;
  }

  private expose(props: FargateServiceProps): ExposureConfig {
    return (props.exposure ?? Exposure.none()).bind(new Construct(this, 'Exposure'), {
      service: this.ecsService,
      vpc: props.cluster.vpc,
      ports: Object.entries(this.containers)
        .flatMap(([containerName, { port }]) => port === undefined ? [] : [{ containerName, port }]),
    }) ?? {}; // from JavaScript, an exposure may answer nothing
  }
}
