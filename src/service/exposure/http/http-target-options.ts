import { Duration } from 'aws-cdk-lib';
import { ApplicationProtocol, ApplicationProtocolVersion } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpHealthCheck } from './http-health-check';
import { Stickiness } from './http-stickiness';

/** How an application load balancer reaches the tasks of a service. */
export interface HttpTargetOptions {
  /**
   * The container that answers.
   *
   * @default - the one container that has a port
   */
  readonly containerName?: string;

  /**
   * The port of that container that answers, where it has several.
   *
   * @default - the one port that it has
   */
  readonly containerPort?: number;

  /**
   * What tells whether a task is healthy.
   *
   * @default - "/" answers with a status from 200 to 399
   */
  readonly healthCheck?: HttpHealthCheck;

  /**
   * How long a task that stops may finish its requests, 0 seconds to an hour. Every deployment waits for it.
   *
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;

  /**
   * How long the share of requests of a new task grows, 30 to 900 seconds, or 0 for its full share at once.
   *
   * @default - its full share at once
   */
  readonly slowStart?: Duration;

  /**
   * What keeps a client at one task.
   *
   * @default - each request may go to another task
   */
  readonly stickiness?: Stickiness;

  /**
   * What the container speaks: HTTP/2 and gRPC need a listener with HTTPS.
   *
   * @default ApplicationProtocolVersion.HTTP1
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version
   */
  readonly protocolVersion?: ApplicationProtocolVersion;

  /**
   * Whether requests are encrypted again on their way to the container, which then needs a certificate of its own; any will do.
   *
   * @default ApplicationProtocol.HTTP
   */
  readonly targetProtocol?: ApplicationProtocol;
}
