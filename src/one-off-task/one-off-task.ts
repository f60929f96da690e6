import { CustomResource, Duration, Lazy, Stage } from 'aws-cdk-lib';
import { Connections, IConnectable, ISecurityGroup, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IConstruct, IDependable } from 'constructs';
import { FailureLogs } from './failure-logs';
import { OneOffTaskHandler } from './one-off-task-handler';
import type { RunContainerProperties, OneOffTaskProperties } from './one-off-task-properties';
import { definedContainers, isWork } from '../private/defined-containers';
import { addDependencies } from '../private/dependencies';
import { haveIpv6 } from '../private/select-subnets';
import { hasMethods, isObject, Shape } from '../private/shape';
import { checkOwnScope } from '../private/stacks';
import { checkTemplateOf } from '../private/template/template-checks';
import { reject } from '../private/validation';
import { ContainerService } from '../service/container-service';
import { ContainerOptions } from '../service/containers/container-options';
import { checkContainers } from '../service/containers/container-rules';
import { Launch } from '../service/launch/launch';
import { checkCluster, checkTaskNetwork, NETWORK_RULES } from '../service/launch/task-network';
import { RunnableTask } from '../service/runnable-task';
import { checkTask, TASK_RULES, TaskProps } from '../service/task-props';

/** Properties of all one-off tasks. */
export interface OneOffTaskProps extends TaskProps {
  /** The cluster that runs the task. Its VPC is the network of the task. */
  readonly cluster: ICluster;

  /**
   * The containers of the task, by name. At least one is essential. The run succeeds when every essential container exits with code 0. Set
   * `essential: false` for sidecars, such as a proxy.
   */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * The maximum time from the start request to the end of the task, in whole seconds, from one minute to 50 minutes. A task that takes longer is
   * stopped, and the deployment fails. CloudFormation itself waits for one hour.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * The log lines in the error message of a failed run. The message appears in the stack events and in the log of the function.
   *
   * @default FailureLogs.lastLines()
   */
  readonly failureLogs?: FailureLogs;

  /**
   * The subnets of the task. On Fargate, it gets a public IP address in public subnets only, unless `assignPublicIp` is set. Throws if the VPC has no
   * private subnets and this is not set, and for more than 16 subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the task, one to five.
   *
   * @default - a new security group without inbound rules
   */
  readonly securityGroups?: ISecurityGroup[];
}

const DEFAULT_MINUTES = 30;
const MIN_SECONDS = 60;
// CloudFormation waits for one hour. By then the task must be stopped and the last invocation must have ended.
const MAX_SECONDS = 50 * 60;

const IN_CONTAINER = 'Write it in the options of the container: containers: { migration: { … } }.';

/** The rules of `OneOffTaskProps`, with names that users know from aws-cdk. */
export const ONE_OFF_TASK = new Shape<OneOffTaskProps>('Write an object with at least { cluster, containers }.', {
  ...TASK_RULES,
  ...NETWORK_RULES,
  containers: { kind: 'other', required: true },
  timeout: { kind: 'other' },
  failureLogs: { kind: 'instance', methods: ['_lines'], must: 'be a FailureLogs', fix: 'Use e.g. FailureLogs.none().' },
}, {
  taskDefinition: 'Write containers: { migration: { image, command } }. The construct creates the task definition.',
  containerOverrides: 'Write containers: { migration: { image, command } }.',
  image: IN_CONTAINER,
  command: IN_CONTAINER,
  environment: IN_CONTAINER,
  secrets: IN_CONTAINER,
  subnets: 'Write vpcSubnets.',
  vpc: 'Leave it out: the cluster has the VPC.',
  cpu: 'Write size: FargateSize.of(…), or cpu in the options of a container.',
  memoryLimitMiB: 'Write size: FargateSize.of(…), or memoryLimitMiB in the options of a container.',
  schedule: 'Use ScheduledFargateTask or ScheduledEc2Task.',
  desiredCount: 'Leave it out: one task runs.',
  exposure: 'Leave it out: a one-off task has no clients. Use FargateService.',
  scaling: 'Leave it out: a one-off task does not scale. Use FargateService.',
  capacity: 'Leave it out: a one-off task runs on demand.',
});

/** The launch type of a one-off task, with its settings. */
export interface OneOffLaunch {
  readonly launchType: OneOffTaskProperties['LaunchType'];
  readonly launch: Launch;
  /** For Fargate only. */
  readonly platformVersion?: FargatePlatformVersion;
}

/**
 * A task that runs to completion during the deployment. Use or extend `OneOffFargateTask` or `OneOffEc2Task`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/standalone-tasks.html
 */
export abstract class OneOffTask extends Construct implements IConnectable, IGrantable {
  /** The task definition. For settings without a property, use its methods or escape hatches. */
  public readonly taskDefinition: TaskDefinition;

  /** The log group of the containers. A log group that this construct creates is kept when the task is removed or rolled back. */
  public readonly logGroup: ILogGroup;

  /** The network connections of the task. */
  public readonly connections: Connections;

  /** The task role, used by the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  private readonly run: CustomResource;

  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: OneOffTaskProps) {
    super(scope, id);
    checkOneOffTask(this, props, this._shape());
    const launched = this._launch(props);
    const task = new RunnableTask(this, launched.launch, props);
    this.logGroup = task.logGroup;
    this.taskDefinition = task.taskDefinition;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.connections = new Connections({ securityGroups: props.securityGroups ?? [this.createSecurityGroup(props, launched.launch)] });
    this.run = this.createRun(launched, props);
    task.runBy(this.run, { connections: this.connections, subnets: launched.launch.network.subnets.subnets });
    checkTemplateOf(this);
  }

  /**
   * Create or update a service after the task has succeeded. The other resources of the service, such as its load balancer, do not wait.
   *
   * If the service is in another stack, that whole stack is deployed after the stack of the task. Throws if the service is in another stage, because
   * stages are deployed separately.
   *
   * @param service the service that waits for the task
   */
  public executeBefore(service: ContainerService): void {
    const ecsService: unknown = isObject(service) ? service.ecsService : undefined;
    if (!Construct.isConstruct(ecsService)) {
      return reject(this, {
        property: 'service', must: 'be a service of this library', got: service,
        fix: 'For other constructs, use other.node.addDependency(task).',
      });
    }
    if (Stage.of(ecsService) !== Stage.of(this)) {
      reject(this, {
        property: 'service', must: 'be in the same stage, because each stage is deployed on its own', got: service.node.path,
        fix: 'Create the task in the stage of the service.',
      });
    }
    // Not its security group, which a database that the task waits for may refer to.
    (ecsService.node.defaultChild ?? ecsService).node.addDependency(this.run);
  }

  /**
   * Run the task after other constructs are deployed, e.g. a database and the rules that allow connections from the task. Constructs that the
   * containers, the network and the roles refer to are deployed first in any case.
   *
   * Use this instead of `node.addDependency`: only the run waits, not the security group, to which a rule of the database can refer.
   *
   * @param dependencies the constructs to deploy first
   */
  public executeAfter(...dependencies: IDependable[]): void {
    addDependencies(this, this.run, dependencies);
  }

  /**
   * The launch type. Called once by the constructor, before the fields are set.
   *
   * @internal
   */
  protected _launch(_props: OneOffTaskProps): OneOffLaunch {
    return reject(this, { property: 'class', must: 'be a OneOffFargateTask or a OneOffEc2Task', got: this.constructor.name, fix: 'Extend one of these.' });
  }

  /**
   * The table for the props.
   *
   * @internal
   */
  protected _shape(): Shape<OneOffTaskProps> {
    return ONE_OFF_TASK;
  }

  private createSecurityGroup({ cluster: { vpc } }: OneOffTaskProps, { network: { subnets } }: Launch): SecurityGroup {
    return new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'One-off task', allowAllIpv6Outbound: haveIpv6(subnets.subnets) });
  }

  private createRun({ launchType, launch: { network }, platformVersion }: OneOffLaunch, props: OneOffTaskProps): CustomResource {
    const { cluster, timeout, failureLogs = FailureLogs.lastLines() } = props;
    const { taskDefinition } = this;
    const { subnets, assignPublicIp, established } = network;
    const logLines = failureLogs._lines(this);
    const logGroup = logLines === undefined ? undefined : this.logGroup;
    const handler = new OneOffTaskHandler(this, 'Handler', { cluster, taskDefinition, logGroup });
    const properties: OneOffTaskProperties = {
      SchemaVersion: '1',
      Cluster: cluster.clusterArn,
      TaskDefinition: taskDefinition.taskDefinitionArn,
      LaunchType: launchType,
      PlatformVersion: platformVersion,
      Subnets: subnets.subnetIds,
      SecurityGroups: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
      ...assignPublicIp !== undefined && { AssignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' },
      TimeoutSeconds: String(timeoutSeconds(this, timeout)),
      // Containers can be added to the task definition later.
      Containers: Lazy.any({ produce: () => this.containers() }) as unknown as RunContainerProperties[],
      LogGroup: logGroup?.logGroupName,
      LogLines: String(logLines ?? 0),
    };
    const run = handler.addResource(this, 'Resource', 'Custom::ContainerOneOffTask', properties);
    // Permissions and routes that the first task needs.
    run.node.addDependency(taskDefinition.taskRole, taskDefinition.obtainExecutionRole());
    run.node.addDependency(established, ...this.connections.securityGroups);
    return run;
  }

  private containers(): RunContainerProperties[] {
    return definedContainers(this.taskDefinition).map(definition => {
      const { containerName, logDriverConfig: { options = {} } = { logDriver: '' } } = definition;
      return {
        Name: containerName,
        Essential: String(isWork(definition)),
        ...options['awslogs-group'] === this.logGroup.logGroupName && { StreamPrefix: options['awslogs-stream-prefix'] },
      };
    });
  }
}

/** Rejects what AWS rejects or what cannot run. */
function checkOneOffTask(scope: Construct, props: OneOffTaskProps, shape: Shape<OneOffTaskProps>): void {
  checkOwnScope(scope);
  shape.check(scope, '', props);
  checkCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  Object.entries(props.containers).forEach(([name, container]) => checkEnds(scope, name, container));
  checkTaskNetwork(scope, props);
  checkTask(scope, props);
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html */
function checkEnds(scope: IConstruct, name: string, { essential = true, restartPolicy }: ContainerOptions): void {
  const ignored = restartPolicy?._render().ignoredExitCodes ?? [];
  if (essential && restartPolicy !== undefined && !ignored.includes(0)) {
    reject(scope, {
      property: `containers.${name}.restartPolicy`, must: 'ignore exit code 0, because the run ends with it', got: ignored,
      fix: 'Use ContainerRestartPolicy.onExit({ ignoredExitCodes: [0] }), or leave it out.',
    });
  }
}

/** The timeout in seconds. */
function timeoutSeconds(scope: IConstruct, timeout: Duration = Duration.minutes(DEFAULT_MINUTES)): number {
  const property = 'timeout';
  const fix = `Use e.g. Duration.minutes(${DEFAULT_MINUTES}), from one to ${MAX_SECONDS / 60} minutes.`;
  if (!hasMethods(timeout, 'isUnresolved', 'toSeconds') || timeout.isUnresolved()) {
    return reject(scope, { property, must: 'be a Duration that is known at synthesis', got: timeout, fix });
  }
  const value = timeout.toSeconds({ integral: false });
  if (!Number.isInteger(value) || value < MIN_SECONDS || value > MAX_SECONDS) {
    reject(scope, { property, must: `be from ${MIN_SECONDS} to ${MAX_SECONDS} whole seconds`, got: value, fix });
  }
  return value;
}
