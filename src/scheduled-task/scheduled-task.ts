import { Duration } from 'aws-cdk-lib';
import { Connections, IConnectable, ISecurityGroup, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { CapacityProviderStrategy, FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule, Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct, IConstruct, IDependable } from 'constructs';
import { ruleForFailedRuns, TaskTarget } from './task-target';
import { addDependencies } from '../private/dependencies';
import { checkPeriod, checkScheduleExpression, checkTimeZone } from '../private/schedules';
import { haveIpv6 } from '../private/select-subnets';
import { Shape } from '../private/shape';
import { checkOwnScope } from '../private/stacks';
import { checkTemplateOf } from '../private/template/template-checks';
import { reject } from '../private/validation';
import { ProviderAssociations } from '../service/capacity/provider-shares';
import { ContainerOptions } from '../service/containers/container-options';
import { checkContainers } from '../service/containers/container-rules';
import { Launch } from '../service/launch/launch';
import { checkCluster, checkTaskNetwork, NETWORK_RULES } from '../service/launch/task-network';
import { RunnableTask } from '../service/runnable-task';
import { checkTask, TASK_RULES, TaskProps } from '../service/task-props';

/** Properties of all scheduled tasks. */
export interface ScheduledTaskProps extends TaskProps {
  /** The cluster that runs the tasks. Its VPC is the network of the tasks. */
  readonly cluster: ICluster;

  /** The containers of a task, by name. At least one is essential. When an essential container stops, ECS stops the task. */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * The schedule, e.g. `ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN })`. If the previous task still runs, both
   * run at the same time.
   *
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
   */
  readonly schedule: ScheduleExpression;

  /**
   * A time window after the scheduled time in which the task can start. It spreads the load of many schedules.
   *
   * @default TimeWindow.off()
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
   */
  readonly timeWindow?: TimeWindow;

  /**
   * The time at which the schedule takes effect.
   *
   * @default - immediately
   */
  readonly start?: Date;

  /**
   * The time at which the schedule expires.
   *
   * @default - never
   */
  readonly end?: Date;

  /**
   * Whether the schedule starts tasks.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * The maximum number of retries if ECS cannot start a task, 0 to 185. A task that starts and fails is not retried.
   *
   * @default 185
   * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
   */
  readonly retryAttempts?: number;

  /**
   * The time after the scheduled time in which EventBridge Scheduler retries, in whole seconds, from one minute to one day.
   *
   * @default Duration.days(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * The dead-letter queue for runs that could not be started: a standard queue in the same region. The construct grants permission to send messages.
   *
   * @default - no queue; such runs are dropped
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * The subnets of the tasks. On Fargate, tasks get a public IP address in public subnets only, unless `assignPublicIp` is set. Throws if the VPC has no
   * private subnets and this is not set, and for more than 16 subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the tasks, one to five.
   *
   * @default - a new security group without inbound rules
   */
  readonly securityGroups?: ISecurityGroup[];
}

const IN_CONTAINER = 'Write it in the options of the container: containers: { job: { … } }.';

/** The rules of `ScheduledTaskProps`, and property names of aws-cdk with the fix for each. */
export const SCHEDULED_TASK = new Shape<ScheduledTaskProps>('Write an object with at least { cluster, containers, schedule }.', {
  ...TASK_RULES,
  ...NETWORK_RULES,
  containers: { kind: 'other', required: true },
  schedule: { kind: 'other', required: true },
  timeWindow: { kind: 'instance', properties: ['mode'], must: 'be a TimeWindow', fix: 'Use e.g. TimeWindow.flexible(Duration.minutes(15)).' },
  start: { kind: 'other' },
  end: { kind: 'other' },
  enabled: { kind: 'boolean' },
  retryAttempts: { kind: 'integer', min: 0, max: 185, fix: 'Use a number within these limits of EventBridge Scheduler.' },
  maxEventAge: { kind: 'duration', unit: 'seconds', min: 60, max: 86_400, fix: 'Use e.g. Duration.hours(1).' },
  deadLetterQueue: { kind: 'instance', same: ['region'], methods: ['grantSendMessages'], must: 'be a queue', fix: 'Use e.g. new sqs.Queue(this, \'Missed\').' },
}, {
  scheduledFargateTaskImageOptions: 'Write containers: { job: { image, command } }.',
  scheduledFargateTaskDefinitionOptions: 'Write the properties of the task here, or use ScheduleTargets of aws-cdk for an existing task definition.',
  scheduledEc2TaskImageOptions: 'Write containers: { job: { image, command } }.',
  scheduledEc2TaskDefinitionOptions: 'Write the properties of the task here, or use ScheduleTargets of aws-cdk for an existing task definition.',
  taskDefinition: 'Write containers: { job: { image, command } }. The construct creates the task definition.',
  image: IN_CONTAINER,
  command: IN_CONTAINER,
  environment: IN_CONTAINER,
  secrets: IN_CONTAINER,
  subnetSelection: 'Write vpcSubnets.',
  vpc: 'Leave it out: the cluster has the VPC.',
  desiredTaskCount: 'Leave it out: each run starts one task.',
  desiredCount: 'Leave it out: each run starts one task.',
  ruleName: 'Leave it out: EventBridge Scheduler starts the task, not a rule.',
  propagateTags: 'Leave it out: tasks get the tags of the task definition.',
  tags: 'Use Tags.of(task).add(\'name\', \'value\').',
  cpu: 'Write size: FargateSize.of(…), or cpu in the options of a container.',
  memoryLimitMiB: 'Write size: FargateSize.of(…), or memoryLimitMiB in the options of a container.',
  exposure: 'Leave it out: a scheduled task has no clients. Use FargateService.',
  scaling: 'Leave it out: a scheduled task does not scale. Use FargateService.',
});

/** The launch type of a scheduled task, with its settings. */
export interface ScheduledLaunch {
  readonly launchType: 'EC2' | 'FARGATE';
  readonly launch: Launch;
  readonly capacityProviderStrategies?: CapacityProviderStrategy[];
  /** The platform version, for Fargate only. */
  readonly platformVersion?: FargatePlatformVersion;
}

/**
 * A task that EventBridge Scheduler starts on a schedule. Use or extend `ScheduledFargateTask` or `ScheduledEc2Task`.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
 */
export abstract class ScheduledTask extends Construct implements IConnectable, IGrantable {
  /** The task definition. For settings without a property, use its methods or escape hatches. */
  public readonly taskDefinition: TaskDefinition;

  /** The EventBridge Scheduler schedule. For settings without a property, use escape hatches. */
  public readonly schedule: Schedule;

  /** The log group of the containers. A log group that this construct creates is kept when the task is removed or rolled back. */
  public readonly logGroup: ILogGroup;

  /** The network connections of the tasks. */
  public readonly connections: Connections;

  /** The task role, used by the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  private readonly cluster: ScheduledTaskProps['cluster'];

  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id);
    checkScheduledTask(this, props, this._shape());
    const launched = this._launch(props);
    this.cluster = props.cluster;
    const task = new RunnableTask(this, launched.launch, props);
    this.logGroup = task.logGroup;
    this.taskDefinition = task.taskDefinition;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.connections = new Connections({ securityGroups: props.securityGroups ?? [this.createSecurityGroup(props, launched.launch)] });
    this.schedule = this.createSchedule(launched, props);
    task.runBy(this.schedule, { connections: this.connections, subnets: launched.launch.network.subnets.subnets });
    checkTemplateOf(this);
  }

  /**
   * Create or update the schedule after other constructs are deployed, e.g. a database and the rules that allow connections from the task.
   *
   * Use this instead of `node.addDependency`: only the schedule waits, not the security group, to which a rule of the database can refer.
   *
   * @param dependencies the constructs to deploy first
   */
  public executeAfter(...dependencies: IDependable[]): void {
    addDependencies(this, this.schedule, dependencies);
  }

  /**
   * Send an event to a target for each failed task: an essential container exited with a code other than 0, the task did not start, or it was stopped.
   *
   * Throws if the target is not a target of EventBridge.
   *
   * @param target the target, e.g. `new targets.SnsTopic(topic)`
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
   */
  public onFailedRun(target: IRuleTarget): Rule {
    return ruleForFailedRuns(this, this.cluster, this.taskDefinition, target);
  }

  /**
   * The launch type. Called once by the constructor, before the fields are set.
   *
   * @internal
   */
  protected _launch(_props: ScheduledTaskProps): ScheduledLaunch {
    return reject(this, {
      property: 'class', must: 'be a ScheduledFargateTask or a ScheduledEc2Task', got: this.constructor.name, fix: 'Extend one of these.',
    });
  }

  /**
   * The table for the props.
   *
   * @internal
   */
  protected _shape(): Shape<ScheduledTaskProps> {
    return SCHEDULED_TASK;
  }

  private createSecurityGroup({ cluster: { vpc } }: ScheduledTaskProps, { network: { subnets } }: Launch): SecurityGroup {
    return new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Scheduled task', allowAllIpv6Outbound: haveIpv6(subnets.subnets) });
  }

  private createSchedule({ launchType, launch, capacityProviderStrategies, platformVersion }: ScheduledLaunch, props: ScheduledTaskProps): Schedule {
    const { cluster, schedule, timeWindow, start, end, enabled, retryAttempts, maxEventAge, deadLetterQueue } = props;
    const { taskDefinition } = this;
    const { subnets, assignPublicIp, established } = launch.network;
    const target = new TaskTarget(this, {
      cluster, taskDefinition, launchType, capacityProviderStrategies, platformVersion, deadLetterQueue,
      network: {
        subnets: subnets.subnetIds,
        securityGroups: this.connections.securityGroups.map(({ securityGroupId }) => securityGroupId),
        ...assignPublicIp !== undefined && { assignPublicIp: assignPublicIp ? 'ENABLED' : 'DISABLED' },
      },
    });
    const description = `Starts tasks of ${this.node.path}`.slice(0, 512);
    const created = new Schedule(this, 'Schedule', { schedule, target, timeWindow, start, end, enabled, description });
    // Set on the L1, because the L2 compares the numbers and does not accept tokens.
    (created.node.defaultChild as CfnSchedule).addPropertyOverride('Target.RetryPolicy', {
      MaximumRetryAttempts: retryAttempts ?? 185, MaximumEventAgeInSeconds: maxEventAge?.toSeconds() ?? 86_400,
    });
    // The permissions and routes that the first task needs.
    created.node.addDependency(
      target.role, taskDefinition.taskRole, taskDefinition.obtainExecutionRole(), established, ...this.connections.securityGroups,
    );
    if (capacityProviderStrategies) created.node.addDependency(new ProviderAssociations(cluster));
    return created;
  }
}

/** Rejects properties that AWS rejects or that cannot work. */
function checkScheduledTask(scope: Construct, props: ScheduledTaskProps, shape: Shape<ScheduledTaskProps>): void {
  checkOwnScope(scope);
  shape.check(scope, '', props);
  checkCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  checkTaskNetwork(scope, props);
  checkTask(scope, props);
  checkTimes(scope, props);
  if (props.deadLetterQueue?.fifo) {
    reject(scope, {
      property: 'deadLetterQueue', must: 'be a standard queue, the only kind that EventBridge Scheduler supports', got: 'a FIFO queue',
      fix: 'Use a queue without fifo.',
    });
  }
}

function checkTimes(scope: IConstruct, { schedule, start, end }: ScheduledTaskProps): void {
  checkScheduleExpression(scope, {
    property: 'schedule', value: schedule, must: 'be a ScheduleExpression of EventBridge Scheduler',
    fix: 'Use aws-cdk-lib/aws-scheduler, e.g. ScheduleExpression.cron({ hour: \'3\', minute: \'0\' }) or ScheduleExpression.rate(Duration.hours(1)).',
  });
  checkTimeZone(scope, 'schedule.timeZone', schedule.timeZone);
  checkPeriod(scope, { startProperty: 'start', start, endProperty: 'end', end });
}
