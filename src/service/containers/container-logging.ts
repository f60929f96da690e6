import { LogDriver, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { checkDriver, checkLogging } from './checks/logging-checks';
import { LogDelivery } from './log-delivery';
import { isFireLens } from './log-router';

/** What may differ in logs that go to CloudWatch. */
export interface CloudWatchLoggingOptions {
  /**
   * Where the logs are kept.
   *
   * @default - the log group of the service, with its retention
   */
  readonly logGroup?: ILogGroup;

  /**
   * What the names of the log streams begin with, before the name of the container and the id of the task.
   *
   * @default - the name of the container
   */
  readonly streamPrefix?: string;

  /**
   * A regular expression that the first line of each entry matches, for entries of several lines such as stack traces.
   *
   * @default - each line is an entry
   */
  readonly multilinePattern?: string;

  /**
   * What happens to the process when its log cannot be sent.
   *
   * @default - as the account says; LogDelivery.nonBlocking() where it says nothing
   */
  readonly delivery?: LogDelivery;
}

/** What a service knows about the logs of one of its containers. */
interface LoggingBindOptions {
  readonly containerName: string;
  readonly logGroup: ILogGroup;
}

/**
 * Where a container writes its logs.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export class ContainerLogging {
  /**
   * To CloudWatch Logs.
   *
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
   */
  public static toCloudWatch(options: CloudWatchLoggingOptions = {}): ContainerLogging {
    return new ContainerLogging(
      (scope, property) => checkLogging(scope, property, options),
      bound => cloudWatchDriver(options, bound),
    );
  }

  /**
   * Wherever this driver brings them. With `ecs.LogDrivers.firelens(…)` a container named `log-router` is added to the task,
   * which writes its own log to the log group of the service, counts as one of the ten containers and has 50 MiB kept for it.
   *
   * On Fargate there are awslogs, splunk and awsfirelens; another throws.
   *
   * @param driver one of `ecs.LogDrivers`
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
   */
  public static to(driver: LogDriver): ContainerLogging {
    return new ContainerLogging((scope, property) => checkDriver(scope, property, driver), () => driver, () => isFireLens(driver));
  }

  private constructor(
    private readonly check: (scope: IConstruct, property: string) => void,
    private readonly bind: (options: LoggingBindOptions) => LogDriver,
    private readonly needsLogRouter: () => boolean = () => false,
  ) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    this.check(scope, property);
  }

  /** @internal */
  public _bind(options: LoggingBindOptions): LogDriver {
    return this.bind(options);
  }

  /**
   * Whether a log router is added to the task.
   *
   * @internal
   */
  public _needsLogRouter(): boolean {
    return this.needsLogRouter();
  }
}

function cloudWatchDriver({ delivery, ...options }: CloudWatchLoggingOptions, { containerName, logGroup }: LoggingBindOptions): LogDriver {
  return LogDrivers.awsLogs({ logGroup, streamPrefix: containerName, ...options, ...delivery?._render() });
}
