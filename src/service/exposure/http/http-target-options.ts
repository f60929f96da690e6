import { Duration, Token } from 'aws-cdk-lib';
import { ApplicationProtocol, ApplicationProtocolVersion, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { IConstruct } from 'constructs';
import { checkValue, Rules, Shape } from '../../../private/shape';
import { reject } from '../../../private/validation';
import { HEALTH_CHECK_RULES, knownSeconds, secondsText } from '../load-balancer/load-balancer';

/** Options of the target group of an application load balancer. */
export interface HttpTargetOptions {
  /**
   * The name of the container that receives the requests.
   *
   * @default - the only container with a port
   */
  readonly containerName?: string;

  /**
   * The port that the container listens on.
   *
   * @default - the only port of the container
   */
  readonly containerPort?: number;

  /**
   * The health check of the target group.
   *
   * @default - "/" returns a status from 200 to 399
   */
  readonly healthCheck?: HttpHealthCheck;

  /**
   * The time that a stopping task has to finish its requests, 0 to 3600 seconds. Each deployment waits for it.
   *
   * @default Duration.seconds(30)
   */
  readonly deregistrationDelay?: Duration;

  /**
   * The time during which the load balancer gradually increases the share of requests of a new task, 30 to 900 seconds; 0 turns slow start off.
   *
   * @default - no slow start
   */
  readonly slowStart?: Duration;

  /**
   * Sticky sessions: requests of a client go to the same task.
   *
   * @default - no sticky sessions
   */
  readonly stickiness?: Stickiness;

  /**
   * The protocol version between the load balancer and the container. HTTP/2 and gRPC need an HTTPS listener.
   *
   * A change replaces the target group. With a rolling deployment, clients get errors until the new tasks are healthy, because CloudFormation changes the
   * listener before the service. With other strategies, such a deployment fails before the service changes. To avoid both, create a second service with the
   * new value, and move the clients.
   *
   * @default ApplicationProtocolVersion.HTTP1
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version
   */
  readonly protocolVersion?: ApplicationProtocolVersion;

  /**
   * The protocol between the load balancer and the container. HTTPS needs a certificate in the container, which the load balancer does not verify.
   *
   * A change replaces the target group, as a change of `protocolVersion` does.
   *
   * @default ApplicationProtocol.HTTP
   */
  readonly targetProtocol?: ApplicationProtocol;
}

/**
 * The health check of an application load balancer.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html
 */
export interface HttpHealthCheck {
  /**
   * The path of the request, at most 1024 characters. With gRPC, a method such as "/package.Service/method".
   *
   * @default - "/", with gRPC "/AWS.ALB/healthcheck"
   */
  readonly path?: string;

  /**
   * The HTTP status codes of a healthy task: codes from 200 to 499 and ranges, separated by commas. Not with gRPC.
   *
   * @default "200-399"
   */
  readonly healthyHttpCodes?: string;

  /**
   * The gRPC status codes of a healthy task: codes from 0 to 99 and ranges, separated by commas. Only with `ApplicationProtocolVersion.GRPC`.
   *
   * @default "12", which a server returns that does not implement the method
   */
  readonly healthyGrpcCodes?: string;

  /**
   * The time between two checks, 5 to 300 seconds.
   *
   * @default Duration.seconds(10)
   */
  readonly interval?: Duration;

  /**
   * The time after which a check without a response fails, 2 to 120 seconds and less than the interval.
   *
   * @default - the default of AWS, or one second less than an interval of at most 6 seconds
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

const HEALTH_CHECK_PROPERTY = 'exposure.healthCheck';
const CODES = /^\d+(-\d+)?(,\d+(-\d+)?)*$/;

export const HTTP_HEALTH_CHECK = new Shape<HttpHealthCheck>('Write healthCheck: { path: \'/health\' }, or leave it out.', {
  ...HEALTH_CHECK_RULES,
  healthyHttpCodes: { kind: 'text', pattern: CODES, must: 'be codes from 200 to 499, or ranges, separated by commas', fix: 'Write "200" or "200-299,401".' },
  healthyGrpcCodes: { kind: 'text', pattern: CODES, must: 'be codes from 0 to 99, or ranges, separated by commas', fix: 'Write "0" or "0-5,12".' },
}, {
  healthyCodes: 'Write healthyHttpCodes, or with gRPC healthyGrpcCodes.',
  enabled: 'Leave it out: health checks of tasks are always enabled.',
  port: 'Leave it out: the load balancer checks the port that receives the requests.',
  protocol: 'Write targetProtocol next to healthCheck: the health check uses the same protocol.',
  command: 'Write it in the healthCheck of the container, e.g. containers: { web: { healthCheck: { command } } }.',
  retries: 'Write unhealthyThresholdCount.',
  startPeriod: 'Write healthCheckGracePeriod in the options of the deployment.',
});

export const TARGET_RULES: Rules<HttpTargetOptions> = {
  containerName: { kind: 'text', fix: 'Use the name of a container.' },
  containerPort: { kind: 'integer', min: 1, max: 65535, fix: 'Use a port of the container.' },
  healthCheck: { kind: 'struct', shape: HTTP_HEALTH_CHECK },
  deregistrationDelay: { kind: 'duration', unit: 'seconds', max: 3600, fix: 'Give at most an hour.' },
  slowStart: { kind: 'duration', unit: 'seconds', max: 900, fix: 'Give 30 to 900 seconds, or leave it out.' },
  stickiness: { kind: 'instance', methods: ['_check', '_apply'], must: 'be a Stickiness', fix: 'Call a factory such as Stickiness.loadBalancerCookie().' },
  protocolVersion: {
    kind: 'enum', values: Object.values(ApplicationProtocolVersion), must: 'be an ApplicationProtocolVersion',
    fix: 'Use ApplicationProtocolVersion.HTTP1, HTTP2 or GRPC.',
  },
  targetProtocol: {
    kind: 'enum', values: Object.values(ApplicationProtocol), must: 'be an ApplicationProtocol', fix: 'Use ApplicationProtocol.HTTP or HTTPS.',
  },
};

/** Property names of aws-cdk, with the fix for each. */
export const TARGET_REPLACEMENTS = {
  stickinessCookieDuration: 'Write stickiness: Stickiness.loadBalancerCookie(duration).',
  stickinessCookieName: 'Write stickiness: Stickiness.applicationCookie(name).',
  targetGroupName: 'Leave it out: CloudFormation chooses the name, so that it can replace the target group.',
  healthCheckGracePeriod: 'Write it in the options of the deployment, e.g. Deployment.rolling({ healthCheckGracePeriod }).',
};

/** The rules between several options of a target group. */
export function checkTarget(scope: IConstruct, options: HttpTargetOptions, listenerProtocol?: ApplicationProtocol): void {
  const { slowStart, stickiness, protocolVersion, healthCheck = {} } = options;
  // https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-target-groups.html#target-group-protocol-version
  if (protocolVersion !== undefined && protocolVersion !== ApplicationProtocolVersion.HTTP1 && listenerProtocol === ApplicationProtocol.HTTP) {
    reject(scope, {
      property: 'exposure.protocolVersion', must: 'be HTTP1 behind a listener without HTTPS', got: protocolVersion,
      fix: 'Expose the service with Exposure.publicHttps(…) or Exposure.internalHttps(…).',
    });
  }
  checkCodes(scope, healthCheck, protocolVersion === ApplicationProtocolVersion.GRPC);
  checkTimeout(scope, healthCheck);
  const seconds = knownSeconds(slowStart);
  if (seconds !== undefined && seconds > 0 && seconds < 30) {
    reject(scope, { property: 'exposure.slowStart', must: 'be 0, or a whole number from 30 to 900', got: seconds, fix: 'Give 30 to 900 seconds, or leave it out.' });
  }
  stickiness?._check(scope);
}

/** ELB rejects a timeout that is not less than the interval. */
function checkTimeout(scope: IConstruct, { interval = Duration.seconds(10), timeout }: HttpHealthCheck): void {
  const every = knownSeconds(interval);
  const within = knownSeconds(timeout);
  if (every !== undefined && within !== undefined && within >= every) {
    reject(scope, {
      property: `${HEALTH_CHECK_PROPERTY}.timeout`, must: `be less than the interval, which is ${every} seconds`, got: within,
      fix: `Give a shorter timeout, or an interval of at least ${within + 1} seconds.`,
    });
  }
}

function checkCodes(scope: IConstruct, { healthyHttpCodes, healthyGrpcCodes }: HttpHealthCheck, isGrpc: boolean): void {
  if (isGrpc && healthyHttpCodes !== undefined) {
    reject(scope, {
      property: `${HEALTH_CHECK_PROPERTY}.healthyHttpCodes`, must: 'be left out with gRPC', got: healthyHttpCodes, fix: 'Write healthyGrpcCodes, e.g. "0".',
    });
  }
  if (!isGrpc && healthyGrpcCodes !== undefined) {
    reject(scope, {
      property: `${HEALTH_CHECK_PROPERTY}.healthyGrpcCodes`, must: 'be left out without gRPC', got: healthyGrpcCodes,
      fix: 'Write healthyHttpCodes, e.g. "200", or set protocolVersion to ApplicationProtocolVersion.GRPC.',
    });
  }
  checkRange(scope, 'healthyHttpCodes', healthyHttpCodes, [200, 499], 'Write "200" or "200-299,401".');
  checkRange(scope, 'healthyGrpcCodes', healthyGrpcCodes, [0, 99], 'Write "0" or "0-5,12".');
}

function checkRange(scope: IConstruct, name: string, codes: string | undefined, [min, max]: [number, number], fix: string): void {
  for (const range of codes === undefined || Token.isUnresolved(codes) ? [] : codes.split(',')) {
    const [first, last = first] = range.split('-').map(Number);
    if (first < min || last > max || first > last) {
      reject(scope, { property: `${HEALTH_CHECK_PROPERTY}.${name}`, must: `be codes from ${min} to ${max}, or ranges, separated by commas`, got: codes, fix });
    }
  }
}

/**
 * Sticky sessions of an application load balancer.
 *
 * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html#sticky-sessions
 */
export class Stickiness {
  /**
   * A cookie that the load balancer sets.
   *
   * @param duration how long requests go to the same task, 1 second to 7 days; a day by default
   */
  public static loadBalancerCookie(duration: Duration = Duration.days(1)): Stickiness {
    return new Stickiness('lb_cookie', duration);
  }

  /**
   * A cookie that the application sets.
   *
   * @param cookieName its name; the prefix AWSALB is reserved
   * @param duration how long requests go to the same task, 1 second to 7 days; a day by default
   */
  public static applicationCookie(cookieName: string, duration: Duration = Duration.days(1)): Stickiness {
    return new Stickiness('app_cookie', duration, cookieName);
  }

  private constructor(private readonly type: string, private readonly duration: Duration, private readonly cookieName?: string) {}

  /** @internal */
  public _check(scope: IConstruct): void {
    checkValue(scope, 'exposure.stickiness.duration', this.duration, {
      kind: 'duration', unit: 'seconds', min: 1, max: 604_800, fix: 'Give a time from a second to seven days.',
    });
    if (this.type === 'app_cookie') {
      checkValue(scope, 'exposure.stickiness.cookieName', this.cookieName, {
        kind: 'text', pattern: /^(?!AWSALB)[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$/, required: true,
        must: 'be the name of a cookie, and not begin with AWSALB', fix: 'Give the name of a cookie that your application sets.',
      });
    }
  }

  /** @internal */
  public _apply(group: ApplicationTargetGroup): void {
    group.setAttribute('stickiness.enabled', 'true');
    group.setAttribute('stickiness.type', this.type);
    group.setAttribute(`stickiness.${this.type}.duration_seconds`, secondsText(this.duration));
    if (this.cookieName !== undefined) {
      group.setAttribute('stickiness.app_cookie.cookie_name', this.cookieName);
    }
  }
}
