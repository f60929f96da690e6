import { Duration, Tokenization } from 'aws-cdk-lib';
import { CfnTargetGroup, HealthCheck, NetworkTargetGroup, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { HEALTH_CHECK_RULES, knownSeconds } from '../load-balancer/load-balancer';

/**
 * The health check of a network load balancer.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/target-group-health-checks.html
 */
export interface NetworkHealthCheck {
  /**
   * The protocol. TCP checks that the task accepts connections. HTTP and HTTPS check for a status from 200 to 399, without verifying the certificate.
   *
   * @default - `Protocol.HTTP` with a `path`, otherwise `Protocol.TCP`
   */
  readonly protocol?: Protocol;

  /**
   * The path of the HTTP or HTTPS request, at most 1024 characters.
   *
   * @default - "/" with HTTP or HTTPS
   */
  readonly path?: string;

  /**
   * The TCP port of the health check. A container must have this port.
   *
   * @default - the port that receives the traffic; for UDP, the only TCP port of the container
   */
  readonly port?: number;

  /**
   * The time between two checks, 5 to 300 seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * The time after which a check without a response fails, 2 to 120 seconds and at most the interval.
   *
   * @default Duration.seconds(5)
   */
  readonly timeout?: Duration;

  /**
   * The number of consecutive successful checks after which a task is healthy, 2 to 10.
   *
   * @default 2
   */
  readonly healthyThresholdCount?: number;

  /**
   * The number of consecutive failed checks after which ECS replaces a task, 2 to 10.
   *
   * @default 3
   */
  readonly unhealthyThresholdCount?: number;
}

const PROTOCOLS = [Protocol.TCP, Protocol.HTTP, Protocol.HTTPS];

export const NETWORK_HEALTH_CHECK = new Shape<NetworkHealthCheck>('Write healthCheck: { path: \'/health\' }, or leave it out.', {
  ...HEALTH_CHECK_RULES,
  protocol: { kind: 'enum', values: PROTOCOLS, must: 'be Protocol.TCP, HTTP or HTTPS', fix: 'Use Protocol.TCP, or leave it out.' },
  port: { kind: 'integer', min: 1, max: 65535, fix: 'Give a TCP port of a container.' },
}, {
  enabled: 'Leave it out: health checks of tasks are always enabled.',
  healthyHttpCodes: 'Leave it out: statuses from 200 to 399 are healthy.',
  command: 'Write it in the healthCheck of the container, e.g. containers: { web: { healthCheck: { command } } }.',
  retries: 'Write unhealthyThresholdCount.',
});

/** Checks the rules between several options. */
export function checkNetworkHealthCheck(scope: IConstruct, property: string, check: NetworkHealthCheck): void {
  if (check.path !== undefined && protocolOf(check) === Protocol.TCP) {
    reject(scope, {
      property: `${property}.path`, must: 'be left out with Protocol.TCP', got: check.path, fix: 'Use Protocol.HTTP or HTTPS, or leave one of the two out.',
    });
  }
  const [interval, timeout] = [knownSeconds(intervalOf(check)), knownSeconds(timeoutOf(check))];
  if (interval !== undefined && timeout !== undefined && timeout > interval) {
    reject(scope, {
      property: `${property}.timeout`, must: `be at most the interval, which is ${interval} seconds`, got: timeout,
      fix: 'Give a longer interval, or a shorter timeout.',
    });
  }
}

/** The health check for the L2, without the numbers that `setNumbers` sets. */
export function healthCheckOf(check: NetworkHealthCheck, port: number | undefined): HealthCheck {
  const protocol = protocolOf(check);
  return {
    protocol,
    path: protocol === Protocol.TCP ? undefined : check.path ?? '/',
    port: port === undefined ? undefined : Tokenization.stringifyNumber(port),
    healthyHttpCodes: protocol === Protocol.TCP ? undefined : '200-399',
  };
}

/** Sets the numbers on the L1, because the L2 compares them, which fails for tokens. */
export function setNumbers(targetGroup: NetworkTargetGroup, check: NetworkHealthCheck): void {
  const resource = targetGroup.node.defaultChild as CfnTargetGroup;
  resource.healthCheckIntervalSeconds = intervalOf(check).toSeconds();
  resource.healthCheckTimeoutSeconds = timeoutOf(check).toSeconds();
  resource.healthyThresholdCount = check.healthyThresholdCount ?? 2;
  resource.unhealthyThresholdCount = check.unhealthyThresholdCount ?? 3;
}

function protocolOf({ protocol, path }: NetworkHealthCheck): Protocol {
  return protocol ?? (path === undefined ? Protocol.TCP : Protocol.HTTP);
}

function intervalOf({ interval = Duration.seconds(10) }: NetworkHealthCheck): Duration {
  return interval;
}

function timeoutOf({ timeout = Duration.seconds(5) }: NetworkHealthCheck): Duration {
  return timeout;
}
