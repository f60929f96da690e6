import { Duration, Token } from 'aws-cdk-lib';
import { Peer, Port } from 'aws-cdk-lib/aws-ec2';
import {
  ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ExposureBindOptions, ExposureConfig, IExposure } from './exposure-contract';
import { checkInteger, checkPattern, reject } from '../private/validation';

/** What may differ in a service that is reached over HTTP. */
export interface HttpExposureOptions {
  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default 80
   */
  readonly listenerPort?: number;

  /**
   * The container that answers.
   *
   * @default - the one container that has a port
   */
  readonly containerName?: string;

  /**
   * The path that must answer with a status from 200 to 399 for a task to count as healthy.
   *
   * @default "/"
   */
  readonly healthCheckPath?: string;
}

/** An application load balancer for one service. */
export class HttpExposure implements IExposure {
  constructor(private readonly reach: 'internet' | 'vpc', private readonly options: HttpExposureOptions) {}

  public bind(scope: Construct, options: ExposureBindOptions): ExposureConfig {
    const listenerPort = this.options.listenerPort ?? 80;
    this.validate(scope);
    const target = this.target(scope, options.ports);
    const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
      vpc: options.vpc,
      internetFacing: this.reach === 'internet',
      dropInvalidHeaderFields: true,
    });
    const listener = loadBalancer.addListener('Listener', {
      port: listenerPort,
      protocol: ApplicationProtocol.HTTP,
      open: this.reach === 'internet',
    });
    if (this.reach === 'vpc') {
      listener.connections.allowFrom(Peer.ipv4(options.vpc.vpcCidrBlock), Port.tcp(listenerPort), 'From inside the VPC');
    }
    this.addTarget(listener, options, target);
    const suffix = listenerPort === 80 ? '' : `:${listenerPort}`;
    return { endpoint: `http://${loadBalancer.loadBalancerDnsName}${suffix}`, loadBalancer };
  }

  private validate(scope: Construct): void {
    const { listenerPort, healthCheckPath } = this.options;
    if (listenerPort !== undefined) {
      checkInteger(scope, {
        property: 'exposure.listenerPort', value: listenerPort, min: 1, max: 65535,
        cure: 'Give the port that clients connect to, usually 80.',
      });
    }
    if (healthCheckPath !== undefined) {
      checkPattern(scope, {
        property: 'exposure.healthCheckPath', value: healthCheckPath, pattern: /^\/\S{0,1023}$/,
        must: 'start with "/" and have at most 1024 characters without spaces', cure: 'Give a path such as "/health".',
      });
    }
  }

  /** The container that answers: the one that is named, else the only one that listens. */
  private target(scope: Construct, ports: { [containerName: string]: number }): string {
    const listening = Object.keys(ports);
    const named = this.options.containerName;
    if (named !== undefined && !Token.isUnresolved(named) && !listening.includes(named)) {
      reject(scope, {
        property: 'exposure.containerName', must: 'name a container that has a port', got: named,
        cure: listening.length > 0 ? `Use one of: ${listening.join(', ')}.` : 'Give that container a port.',
      });
    }
    if (named === undefined && listening.length !== 1) {
      reject(scope, {
        property: 'containers', must: 'have one container with a port, because the service is exposed', got: listening,
        cure: listening.length > 1
          ? `Say which: Exposure.publicHttp({ containerName: '${listening[0]}' }).`
          : 'Give the container that answers a port, e.g. { image, port: 80 }.',
      });
    }
    return named ?? listening[0];
  }

  private addTarget(listener: ApplicationListener, { service, ports }: ExposureBindOptions, containerName: string): void {
    listener.addTargets('Service', {
      port: 80,
      protocol: ApplicationProtocol.HTTP,
      targets: [service.loadBalancerTarget({ containerName, containerPort: ports[containerName] })],
      healthCheck: { path: this.options.healthCheckPath ?? '/', healthyHttpCodes: '200-399' },
      // The default of five minutes makes every deployment five minutes longer.
      deregistrationDelay: Duration.seconds(30),
    });
  }
}
