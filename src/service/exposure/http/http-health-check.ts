import { Duration } from 'aws-cdk-lib';

/**
 * How an application load balancer finds out whether a task is healthy.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export interface HttpHealthCheck {
  /**
   * The path that is asked, at most 1024 characters; with gRPC a method, as "/package.Service/method".
   *
   * @default - "/", with gRPC "/AWS.ALB/healthcheck"
   */
  readonly path?: string;

  /**
   * The answers that mean healthy: codes and ranges with commas between them, from 200 to 499; with gRPC from 0 to 99.
   *
   * @default - "200-399", with gRPC "12", which a server without such a method answers
   */
  readonly healthyCodes?: string;

  /**
   * The time between two checks, 5 to 300 seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * The time after which no answer is a failed check, 2 to 120 seconds and less than the interval.
   *
   * @default - what AWS chooses, or one second less than a very short interval
   */
  readonly timeout?: Duration;

  /**
   * After so many good checks one after the other a task is healthy, 2 to 10.
   *
   * @default 2
   */
  readonly healthyThresholdCount?: number;

  /**
   * After so many failed checks one after the other a task is replaced, 2 to 10.
   *
   * @default 3
   */
  readonly unhealthyThresholdCount?: number;
}
