import { Duration, Tokenization } from 'aws-cdk-lib';
import { CfnTargetGroup, HealthCheck, NetworkTargetGroup, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkSeconds } from '../../../private/check-duration';
import { checkObject } from '../../../private/check-types';
import { checkInteger, reject } from '../../../private/validation';
import { checkHealthPath } from '../load-balancer/health-path-check';
import { knownSeconds } from '../load-balancer/seconds';

/** How often a network load balancer looks, and what it makes of it. */
export interface NetworkHealthCheckOptions {
  /**
   * The TCP port that is looked at. It has to be a port of a container.
   *
   * @default - the port that clients are sent to; where that speaks UDP only, the one TCP port of the container
   */
  readonly port?: number;

  /**
   * The time between two looks, 5 to 300 seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * How long an answer may take, 2 to 120 seconds, and no longer than the interval.
   *
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;

  /**
   * How many good answers in a row make a task healthy, 2 to 10.
   *
   * @default 2
   */
  readonly healthyThresholdCount?: number;

  /**
   * How many bad answers in a row make it unhealthy, 2 to 10.
   *
   * @default 3
   */
  readonly unhealthyThresholdCount?: number;
}

const OPTIONS_CURE = 'Give options in brackets, or nothing: NetworkHealthCheck.tcp().';
const LIMITS_CURE = 'Give whole seconds within these limits of load balancers.';

/**
 * How a network load balancer finds out whether a task can take connections.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
export class NetworkHealthCheck {
  /**
   * It takes a TCP connection.
   *
   * @param options what differs from the usual
   */
  public static tcp(options: NetworkHealthCheckOptions = {}): NetworkHealthCheck {
    return new NetworkHealthCheck(Protocol.TCP, undefined, options);
  }

  /**
   * It answers over HTTP with a status from 200 to 399.
   *
   * @param path what is asked for, e.g. "/health"
   * @param options what differs from the usual
   */
  public static http(path: string, options: NetworkHealthCheckOptions = {}): NetworkHealthCheck {
    return new NetworkHealthCheck(Protocol.HTTP, path, options);
  }

  /**
   * It answers over HTTPS with a status from 200 to 399. Its certificate is not checked.
   *
   * @param path what is asked for, e.g. "/health"
   * @param options what differs from the usual
   */
  public static https(path: string, options: NetworkHealthCheckOptions = {}): NetworkHealthCheck {
    return new NetworkHealthCheck(Protocol.HTTPS, path, options);
  }

  private constructor(
    private readonly protocol: Protocol, private readonly path: string | undefined, private readonly options: NetworkHealthCheckOptions,
  ) {}

  /**
   * The port that is looked at, when it is another than the traffic's.
   *
   * @internal
   */
  public get _port(): number | undefined {
    return this.options.port;
  }

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    checkObject(scope, property, this.options, OPTIONS_CURE);
    const { port, interval, timeout, healthyThresholdCount, unhealthyThresholdCount } = this.options;
    if (this.protocol !== Protocol.TCP) {
      checkHealthPath(scope, `${property}.path`, this.path);
    }
    const integer = (key: string, value: number | undefined, max: number, min: number, fix: string) =>
      value === undefined || checkInteger(scope, { property: `${property}.${key}`, value, min, max, fix });
    integer('port', port, 65535, 1, 'Give a TCP port of a container.');
    integer('healthyThresholdCount', healthyThresholdCount, 10, 2, 'Give a number within these limits of load balancers.');
    integer('unhealthyThresholdCount', unhealthyThresholdCount, 10, 2, 'Give a number within these limits of load balancers.');
    checkSeconds(scope, { property: `${property}.interval`, value: interval, min: 5, max: 300, fix: LIMITS_CURE });
    checkSeconds(scope, { property: `${property}.timeout`, value: timeout, min: 2, max: 120, fix: LIMITS_CURE });
    this.checkTimeoutWithinInterval(scope, property);
  }

  /** @internal */
  public _render(port: number | undefined): HealthCheck {
    return {
      protocol: this.protocol,
      path: this.path,
      port: port === undefined ? undefined : Tokenization.stringifyNumber(port),
      healthyHttpCodes: this.path === undefined ? undefined : '200-399',
    };
  }

  /**
   * The L2 compares these as numbers, and so takes no token.
   *
   * @internal
   */
  public _setNumbers(targetGroup: NetworkTargetGroup): void {
    const resource = targetGroup.node.defaultChild as CfnTargetGroup;
    resource.healthCheckIntervalSeconds = this.interval.toSeconds();
    resource.healthCheckTimeoutSeconds = this.timeout.toSeconds();
    resource.healthyThresholdCount = this.options.healthyThresholdCount ?? 2;
    resource.unhealthyThresholdCount = this.options.unhealthyThresholdCount ?? 3;
  }

  private get interval(): Duration {
    return this.options.interval ?? Duration.seconds(10);
  }

  private get timeout(): Duration {
    return this.options.timeout ?? Duration.seconds(5);
  }

  private checkTimeoutWithinInterval(scope: IConstruct, property: string): void {
    const [interval, timeout] = [knownSeconds(this.interval), knownSeconds(this.timeout)];
    if (interval !== undefined && timeout !== undefined && timeout > interval) {
      reject(scope, {
        property: `${property}.timeout`, must: `be no longer than the interval of ${interval} seconds`, got: timeout,
        fix: 'Give a longer interval, or a shorter timeout.',
      });
    }
  }
}
