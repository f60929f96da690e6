import { Duration, Token } from 'aws-cdk-lib';
import { ISubnet, Peer, Port } from 'aws-cdk-lib/aws-ec2';
import { ApplicationListener, ApplicationLoadBalancer, ApplicationProtocol, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Construct } from 'constructs';
import { ContainerPort, ExposureBinder, ExposureBindOptions } from './exposure-config';
import { checkObject } from '../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../private/validation';

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

/** An application load balancer for one service, which the internet reaches, or the VPC. */
export function httpExposure(reach: 'internet' | 'vpc', settings: HttpExposureOptions): ExposureBinder {
  return (scope, options) => {
    validate(scope, settings);
    const target = targetOf(scope, options.ports, settings.containerName);
    checkZones(scope, reach === 'internet' ? options.vpc.publicSubnets : options.vpc.selectSubnets().subnets, reach);
    const loadBalancer = new ApplicationLoadBalancer(scope, 'LoadBalancer', {
      vpc: options.vpc,
      internetFacing: reach === 'internet',
      dropInvalidHeaderFields: true,
    });
    const port = settings.listenerPort ?? 80;
    const listener = loadBalancer.addListener('Listener', {
      port, protocol: ApplicationProtocol.HTTP, open: reach === 'internet',
    });
    if (reach === 'vpc') {
      listener.connections.allowFrom(Peer.ipv4(options.vpc.vpcCidrBlock), Port.tcp(port), 'From inside the VPC');
    }
    const targetGroup = addTarget(listener, options, target, settings.healthCheckPath ?? '/');
    return {
      endpoint: `http://${loadBalancer.loadBalancerDnsName}${port === 80 ? '' : `:${port}`}`, loadBalancer, applicationTargetGroups: [targetGroup],
    };
  };
}

function validate(scope: Construct, settings: HttpExposureOptions): void {
  checkObject(scope, 'exposure', settings, 'Give options in brackets, or nothing: Exposure.publicHttp().');
  const { listenerPort, healthCheckPath } = settings;
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

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/application/application-load-balancers.html#subnets-load-balancer */
function checkZones(scope: Construct, subnets: ISubnet[], reach: 'internet' | 'vpc'): void {
  const zones = new Set(subnets.map(subnet => subnet.availabilityZone));
  const known = subnets.every(subnet => !Token.isUnresolved(subnet.availabilityZone));
  if (subnets.length < 2 || (known && zones.size < 2)) {
    const kind = reach === 'internet' ? 'public ' : '';
    reject(scope, {
      property: 'exposure', must: `find ${kind}subnets in two availability zones, which a load balancer needs`, got: [...zones],
      cure: `Give the VPC ${kind}subnets in a second zone, e.g. maxAzs: 2.`,
    });
  }
}

/** The container that answers: the one that is named, else the only one that listens. */
function targetOf(scope: Construct, listening: ContainerPort[], containerName?: string): ContainerPort {
  const names = listening.map(container => container.containerName);
  if (containerName !== undefined) {
    // Not even a token passes: the port has to be found by the name.
    return listening.find(container => container.containerName === containerName) ?? reject(scope, {
      property: 'exposure.containerName',
      must: 'name a container that has a port',
      got: Token.isUnresolved(containerName) ? 'a token' : containerName,
      cure: names.length > 0 ? `Use one of: ${names.join(', ')}.` : 'Give that container a port.',
    });
  }
  if (listening.length !== 1) {
    reject(scope, {
      property: 'containers', must: 'have one container with a port, because the service is exposed', got: names.length === 0 ? 'none' : names,
      cure: names.length > 1
        ? `Say which: Exposure.publicHttp({ containerName: '${names[0]}' }).`
        : 'Give the container that answers a port, e.g. { image, port: 80 }.',
    });
  }
  return listening[0];
}

function addTarget(
  listener: ApplicationListener, { service }: ExposureBindOptions, { containerName, port }: ContainerPort, path: string,
): ApplicationTargetGroup {
  return listener.addTargets('Service', {
    port: 80,
    protocol: ApplicationProtocol.HTTP,
    targets: [service.loadBalancerTarget({ containerName, containerPort: port })],
    healthCheck: { path, healthyHttpCodes: '200-399' },
    // The default of five minutes makes every deployment five minutes longer.
    deregistrationDelay: Duration.seconds(30),
  });
}
