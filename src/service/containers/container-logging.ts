import { Size } from 'aws-cdk-lib';
import { AwsLogDriverMode, FireLensLogDriver, LogDriver, LogDrivers } from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { checkValue, InstanceRule, Rule, Shape } from '../../private/shape';

/** Options of non-blocking log delivery. */
export interface LogDeliveryNonBlockingOptions {
  /**
   * The size of the buffer in memory, in whole MiB. Log lines that do not fit are lost.
   *
   * @default Size.mebibytes(10)
   */
  readonly maxBufferSize?: Size;
}

/** The rules of `LogDeliveryNonBlockingOptions`. */
export const NON_BLOCKING_DELIVERY = new Shape<LogDeliveryNonBlockingOptions>('Write LogDelivery.nonBlocking({ maxBufferSize: Size.mebibytes(25) }).', {
  maxBufferSize: { kind: 'size', unit: 'mebibytes', min: 1, known: true, fix: 'Use whole MiB, e.g. Size.mebibytes(25).' },
}, {
  mode: 'Use LogDelivery.blocking() or LogDelivery.nonBlocking().',
});

/**
 * The behavior of the process when its log cannot be sent.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export class LogDelivery {
  /**
   * The process continues, and log lines that do not fit into the buffer are lost.
   *
   * @param options the size of the buffer
   */
  public static nonBlocking(options: LogDeliveryNonBlockingOptions = {}): LogDelivery {
    return new LogDelivery(AwsLogDriverMode.NON_BLOCKING, options);
  }

  /** The process waits, and no line is lost. If the log cannot be sent for a long time, the process hangs. */
  public static blocking(): LogDelivery {
    return new LogDelivery(AwsLogDriverMode.BLOCKING, {});
  }

  private constructor(private readonly mode: AwsLogDriverMode, private readonly options: LogDeliveryNonBlockingOptions) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    NON_BLOCKING_DELIVERY.check(scope, property, this.options);
  }

  /** @internal */
  public _render(): { mode: AwsLogDriverMode; maxBufferSize?: Size } {
    return { mode: this.mode, maxBufferSize: this.options.maxBufferSize };
  }
}

/** Options of logging to CloudWatch Logs. */
export interface ContainerLoggingToCloudWatchOptions {
  /**
   * The log group.
   *
   * @default - the log group of the service
   */
  readonly logGroup?: ILogGroup;

  /**
   * The prefix of the log stream names. The name of the container and the ID of the task follow.
   *
   * @default - the name of the container
   */
  readonly streamPrefix?: string;

  /**
   * A regular expression that matches the first line of each entry, for entries with several lines such as stack traces.
   *
   * @default - each line is an entry
   */
  readonly multilinePattern?: string;

  /**
   * The behavior of the process when its log cannot be sent.
   *
   * @default - the account setting; LogDelivery.nonBlocking() if there is none
   */
  readonly delivery?: LogDelivery;
}

/** The rule of a log group. */
export const LOG_GROUP: InstanceRule = {
  kind: 'instance', same: ['account'], methods: ['grant', 'grantWrite'], properties: ['logGroupName'], must: 'be a log group',
  fix: 'Use a LogGroup, or leave it out to use the log group of the service.',
};

/** The rules of `ContainerLoggingToCloudWatchOptions`. */
export const CLOUD_WATCH_LOGGING = new Shape<ContainerLoggingToCloudWatchOptions>('Write ContainerLogging.toCloudWatch({ streamPrefix: \'web\' }).', {
  logGroup: LOG_GROUP,
  // ECS appends the name of the container and the ID of the task, and a stream name has at most 512 characters.
  streamPrefix: {
    kind: 'text', pattern: /^[^:*]{1,200}$/, must: 'have 1 to 200 characters, none of them ":" or "*"', fix: 'Use a string such as "web", or leave it out.',
  },
  multilinePattern: {
    kind: 'text', pattern: /./, must: 'be a regular expression', fix: 'Use the start of an entry, e.g. "^\\d{4}-", or leave it out.',
  },
  delivery: { kind: 'instance', methods: ['_check', '_render'], must: 'be a LogDelivery', fix: 'Use e.g. LogDelivery.nonBlocking().' },
}, {
  mode: 'Write delivery: LogDelivery.nonBlocking().',
  maxBufferSize: 'Write delivery: LogDelivery.nonBlocking({ maxBufferSize }).',
  logRetention: 'Write it in the properties of the service, or set it on the log group.',
  datetimeFormat: 'Write multilinePattern.',
});

const LOG_DRIVER: Rule = {
  kind: 'instance', methods: ['bind'], must: 'be a log driver', required: true,
  fix: 'Use a driver of ecs.LogDrivers, e.g. ContainerLogging.to(ecs.LogDrivers.splunk({ … })).',
};

/** The name of the FireLens log driver. */
export const FIRELENS = 'awsfirelens';

/** The container and the default log group. */
interface LoggingBindOptions {
  readonly containerName: string;
  readonly logGroup: ILogGroup;
}

/**
 * The log configuration of a container.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
 */
export class ContainerLogging {
  /**
   * Log to CloudWatch Logs.
   *
   * @param options log group, prefix and delivery
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_awslogs.html
   */
  public static toCloudWatch(options: ContainerLoggingToCloudWatchOptions = {}): ContainerLogging {
    return new ContainerLogging(
      (scope, property) => checkCloudWatch(scope, property, options),
      bound => cloudWatchDriver(options, bound),
    );
  }

  /**
   * Log with a log driver. With `ecs.LogDrivers.firelens(…)`, a container named `log-router` is added to the task. It logs to the log group of the
   * service, counts as one of the ten containers and reserves 50 MiB of memory.
   *
   * Fargate supports awslogs, splunk and awsfirelens, and throws for others.
   *
   * @param driver a driver of `ecs.LogDrivers`
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
   */
  public static to(driver: LogDriver): ContainerLogging {
    return new ContainerLogging((scope, property) => checkValue(scope, property, driver, LOG_DRIVER), () => driver, () => isFireLens(driver));
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

function checkCloudWatch(scope: IConstruct, property: string, options: ContainerLoggingToCloudWatchOptions): void {
  CLOUD_WATCH_LOGGING.check(scope, property, options);
  options.delivery?._check(scope, `${property}.delivery`);
}

function cloudWatchDriver(options: ContainerLoggingToCloudWatchOptions, bound: LoggingBindOptions): LogDriver {
  const { delivery, logGroup = bound.logGroup, streamPrefix = bound.containerName, multilinePattern } = options;
  return LogDrivers.awsLogs({ logGroup, streamPrefix, multilinePattern, ...delivery?._render() });
}

/** Whether a driver is FireLens. A driver reports its name when it is bound, which is too late to include the log router in the size of the task. */
function isFireLens(driver: LogDriver): boolean {
  return driver instanceof FireLensLogDriver || (driver as { logDriver?: unknown }).logDriver === FIRELENS;
}

