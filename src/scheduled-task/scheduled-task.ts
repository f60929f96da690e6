import { Duration } from 'aws-cdk-lib';
import { Connections, IConnectable, ISecurityGroup, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { CapacityProviderStrategy, FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { CfnSchedule, Schedule, ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { checkScheduledTask } from './scheduled-task-checks';
import { ruleForFailedRuns, TaskTarget } from './task-target';
import { reject } from '../private/validation';
import { ProviderAssociations } from '../service/capacity/provider-associations';
import { ContainerOptions } from '../service/containers/container-options';
import { TaskContainers } from '../service/containers/task-containers';
import { Launch } from '../service/launch/launch';
import { logGroupOf } from '../service/monitoring/service-logs';
import { TaskImageChecks } from '../service/task-image-checks';
import { TaskProps } from '../service/task-props';

/** What every scheduled task has, wherever it runs. */
export interface ScheduledTaskProps extends TaskProps {
  /** The cluster that runs the tasks, and with it the VPC. */
  readonly cluster: ICluster;

  /** The containers of a task, by name. At least one is essential: when one of those ends, the task is over. */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * When a task starts, e.g. `ScheduleExpression.cron({ hour: '3', minute: '0', timeZone: TimeZone.EUROPE_BERLIN })`. A task that still
   * runs then goes on, beside the new one.
   *
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html
   */
  readonly schedule: ScheduleExpression;

  /**
   * How much later than the schedule says it may start, so that not everything starts at once.
   *
   * @default TimeWindow.off()
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-flexible-time-windows.html
   */
  readonly timeWindow?: TimeWindow;

  /**
   * Nothing starts before.
   *
   * @default - at once
   */
  readonly start?: Date;

  /**
   * Nothing starts after.
   *
   * @default - it never ends
   */
  readonly end?: Date;

  /**
   * Whether the schedule starts tasks.
   *
   * @default true
   */
  readonly enabled?: boolean;

  /**
   * How often the scheduler asks ECS once more to start a task, 0 to 185 times. What has started and fails is not started again.
   *
   * @default 185
   * @see https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
   */
  readonly retryAttempts?: number;

  /**
   * How long after its time the scheduler still tries to start a task, in whole seconds from one minute to one day.
   *
   * @default Duration.days(1)
   */
  readonly maxEventAge?: Duration;

  /**
   * Where a start goes that the scheduler has given up: a standard queue in the same region. The scheduler is allowed to send there.
   *
   * @default - it is dropped
   * @see https://docs.aws.amazon.com/scheduler/latest/UserGuide/configuring-schedule-dlq.html
   */
  readonly deadLetterQueue?: IQueue;

  /**
   * The subnets that the tasks run in. On Fargate, they get a public IP address in public subnets, and nowhere else; `assignPublicIp` says
   * otherwise. Throws when it is left out and the VPC has no private subnets, and for more than 16 subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the tasks, one to five.
   *
   * @default - one of its own, which lets nobody in
   */
  readonly securityGroups?: ISecurityGroup[];
}

/** What a scheduled task runs on. */
export interface ScheduledLaunch {
  readonly launchType: 'EC2' | 'FARGATE';
  readonly launch: Launch;
  readonly capacityProviderStrategies?: CapacityProviderStrategy[];
  /** Only on Fargate. */
  readonly platformVersion?: FargatePlatformVersion;
}

/**
 * Tasks that start by a schedule, each of which runs to its end. Made as a `ScheduledFargateTask` or a `ScheduledEc2Task`; extend one of these.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/tasks-scheduled-eventbridge-scheduler.html
 */
export abstract class ScheduledTask extends Construct implements IConnectable, IGrantable {
  /** The task definition. What is not a property here is set by its methods, or on the resource of CloudFormation, its `node.defaultChild`. */
  public readonly taskDefinition: TaskDefinition;

  /** The schedule. */
  public readonly schedule: Schedule;

  /** Where the containers write to: `logGroup` of the properties, or one of its own, which is kept when the task is removed or rolled back. */
  public readonly logGroup: ILogGroup;

  /** Whom the tasks may connect to, and who may connect to them. */
  public readonly connections: Connections;

  /** The role of the code in the containers. */
  public readonly grantPrincipal: IPrincipal;

  private readonly cluster: ScheduledTaskProps['cluster'];

  /**
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster`, `containers` and `schedule` are required
   */
  constructor(scope: Construct, id: string, props: ScheduledTaskProps) {
    super(scope, id);
    checkScheduledTask(this, props);
    const launched = this._launch(props);
    this.cluster = props.cluster;
    this.logGroup = logGroupOf(this, 'Logs', props);
    const containers = new TaskContainers(this, launched.launch, props.containers, this.logGroup);
    this.taskDefinition = containers.taskDefinition;
    this.grantPrincipal = this.taskDefinition.taskRole;
    this.connections = new Connections({ securityGroups: props.securityGroups ?? [this.createSecurityGroup(props)] });
    this.schedule = this.createSchedule(launched, props);
    containers.attachTo({ node: this.schedule.node, connections: this.connections });
    new TaskImageChecks(this, 'ImageChecks', { ...props, taskDefinition: this.taskDefinition, runner: this.schedule });
  }

  /**
   * Tell a target of each task that fails: an essential container of it ended with another exit code than 0, it never began to run, or
   * it was ended from outside.
   *
   * Throws for anything but a target of EventBridge.
   *
   * @param target whom to tell, e.g. `new targets.SnsTopic(topic)`
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
   */
  public onFailedRun(target: IRuleTarget): Rule {
    return ruleForFailedRuns(this, this.cluster, this.taskDefinition, target);
  }

  /**
   * What the tasks run on. Called once, while this is made: it may use nothing of the construct but the construct itself.
   *
   * @internal
   */
  protected _launch(_props: ScheduledTaskProps): ScheduledLaunch {
    return reject(this, {
      property: 'class', must: 'be a ScheduledFargateTask or a ScheduledEc2Task', got: this.constructor.name, fix: 'Extend one of these.',
    });
  }

  private createSecurityGroup({ cluster: { vpc } }: ScheduledTaskProps): SecurityGroup {
    return new SecurityGroup(this, 'SecurityGroup', { vpc, description: 'Scheduled task' });
  }

  private createSchedule({ launchType, launch, capacityProviderStrategies, platformVersion }: ScheduledLaunch, props: ScheduledTaskProps): Schedule {
    const { cluster, schedule, timeWindow, start, end, enabled, retryAttempts, maxEventAge, deadLetterQueue } = props;
    const { taskDefinition } = this;
    const { subnets, assignPublicIp } = launch.network;
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
    // The L2 compares the numbers of tokens.
    (created.node.defaultChild as CfnSchedule).addPropertyOverride('Target.RetryPolicy', {
      MaximumRetryAttempts: retryAttempts ?? 185, MaximumEventAgeInSeconds: maxEventAge?.toSeconds() ?? 86_400,
    });
    // Rights and routes without which no task starts, and those of the code in it.
    created.node.addDependency(target.role, taskDefinition.taskRole, taskDefinition.obtainExecutionRole(), subnets.internetConnectivityEstablished);
    if (capacityProviderStrategies) created.node.addDependency(new ProviderAssociations(cluster));
    return created;
  }
}
