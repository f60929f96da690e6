import { IAlarm } from 'aws-cdk-lib/aws-cloudwatch';
import { Connections, IConnectable } from 'aws-cdk-lib/aws-ec2';
import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILoadBalancerV2 } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { ContainerServiceProps } from './container-service-props';
import { checkExecuteCommand } from './containers/checks/security-checks';
import { ContainerOptions } from './containers/container-options';
import { TaskContainers } from './containers/task-containers';
import { Deployment } from './deployment/deployment';
import { DeploymentAlarms } from './deployment/deployment-alarms';
import { DeploymentConfig } from './deployment/deployment-config';
import { Exposure } from './exposure/exposure';
import { ExposureConfig } from './exposure/exposure-config';
import { Launch } from './launch/launch';
import { MonitoredService } from './monitoring/monitored-service';
import { logGroupOf } from './monitoring/service-logs';
import { Monitored, ServiceMetrics } from './monitoring/service-metrics';
import { checkService } from './service-checks';
import { TaskImageChecks } from './task-image-checks';
import { reject } from '../private/validation';

/**
 * Containers that run as a service of ECS. Made as a `FargateService`, an `Ec2Service` or a `ManagedInstancesService`; extend one of these.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_services.html
 */
export abstract class ContainerService extends MonitoredService implements IConnectable, IGrantable {
  /** The task definition. What is not a property here is set by its methods, or on the resource of CloudFormation, its `node.defaultChild`. */
  public readonly taskDefinition: ecs.TaskDefinition;

  /** The ECS service. What is not a property here is set by its methods, or on the resource of CloudFormation, its `node.defaultChild`. */
  public readonly ecsService: ecs.BaseService;

  /** Where the containers write to: `logGroup` of the properties, or one of its own, which is kept when the service is removed or rolled back. */
  public readonly logGroup: ILogGroup;

  /** Who may connect to the tasks. */
  public readonly connections: Connections;

  /** The role of the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  /** The load balancer in front of the service, the first one of several; undefined where there is none. */
  public readonly loadBalancer?: ILoadBalancerV2;

  private readonly containers: TaskContainers;
  private readonly executesCommands: boolean;
  private readonly imageChecks: TaskImageChecks;
  private readonly exposed: ExposureConfig;
  private readonly deploymentAlarms: DeploymentAlarms;

  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: ContainerServiceProps) {
    super(scope, id);
    checkService(this, props);
    this.executesCommands = props.enableExecuteCommand ?? false;
    const launch = this._launch(props);
    const { deployment: chosen = Deployment.rolling() } = props;
    const deployment = chosen._bind(new Construct(this, 'Deployment'), { ...props, isDaemon: launch.isDaemon });
    this.deploymentAlarms = deployment.alarms;
    this.logGroup = logGroupOf(this, 'Logs', props);
    this.containers = new TaskContainers(this, launch, props.containers, this.logGroup);
    this.taskDefinition = this.containers.taskDefinition;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.ecsService = this.createService(launch, deployment, props);
    this.containers.attachTo(this.ecsService);
    this.imageChecks = new TaskImageChecks(this, 'ImageChecks', { ...props, taskDefinition: this.taskDefinition, runner: this.ecsService });
    this.connections = this.ecsService.connections;
    this.exposed = this.expose(deployment, props);
    this.loadBalancer = this.exposed.loadBalancers?.[0];
    props.scaling?._apply(new Construct(this, 'Scaling'), { service: this.ecsService, exposed: this.exposed });
  }

  /** Where clients connect. Throws when the service is not exposed. */
  public get endpoint(): string {
    return this.exposed.endpoint ?? reject(this, {
      property: 'exposure', must: 'give the service an endpoint', got: 'no endpoint',
      fix: 'Choose another, e.g. exposure: Exposure.publicHttp().',
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
    const added = this.containers.add(name, container);
    if (this.executesCommands) {
      checkExecuteCommand(this, { [name]: container });
    }
    this.imageChecks.add(name, container.image);
    return added;
  }

  /**
   * Send a deployment back as soon as one of these alarms rings, besides those of `deployment`. One on a metric of this service has to have
   * an `alarmName`, because each would else wait for the other; synthesis says so.
   *
   * Throws for anything but alarms.
   *
   * @param alarms at least one
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-alarm-failure.html
   */
  public addRollbackAlarms(...alarms: IAlarm[]): void {
    this.deploymentAlarms.add('alarms', alarms);
  }

  /**
   * What the tasks run on. Called once, while this is made: it may use nothing of the construct but the construct itself.
   *
   * @internal
   */
  protected _launch(_props: ContainerServiceProps): Launch {
    return reject(this, {
      property: 'class', must: 'be a FargateService, an Ec2Service or a ManagedInstancesService', got: this.constructor.name, fix: 'Extend one of these.',
    });
  }

  /** @internal */
  protected _monitored(): Monitored {
    return { owner: this, service: this.ecsService, logGroup: this.logGroup, metrics: new ServiceMetrics(this, this.ecsService, this.exposed) };
  }

  private createService(launch: Launch, deployment: DeploymentConfig, props: ContainerServiceProps): ecs.BaseService {
    const service = launch.createService(this, 'Service', {
      cluster: props.cluster,
      serviceName: props.serviceName,
      taskDefinition: this.taskDefinition,
      // What scaling has made of it stays, where the template does not say.
      desiredCount: props.desiredCount ?? (props.scaling ? undefined : 1),
      enableExecuteCommand: props.enableExecuteCommand,
      enableECSManagedTags: true,
      propagateTags: ecs.PropagatedTagSource.SERVICE,
      ...deployment.serviceProps,
    });
    // The image has its pull right in time by itself; this is for logs and secrets, without which no task starts either.
    service.node.addDependency(this.taskDefinition.obtainExecutionRole());
    deployment.complete(service.node.defaultChild as ecs.CfnService);
    return service;
  }

  private expose({ trafficShift, checkExposed }: DeploymentConfig, props: ContainerServiceProps): ExposureConfig {
    const exposed = (props.exposure ?? Exposure.none()).bind(new Construct(this, 'Exposure'), {
      service: this.ecsService, vpc: props.cluster.vpc, ports: this.containers.ports, trafficShift,
    });
    checkExposed(this.ecsService);
    return exposed ?? {}; // from JavaScript, an exposure may answer nothing
  }
}
