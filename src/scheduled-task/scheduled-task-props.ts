import { Duration } from 'aws-cdk-lib';
import { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression, TimeWindow } from 'aws-cdk-lib/aws-scheduler';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { ContainerOptions } from '../service/containers/container-options';
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
