import { Protocol } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { Rules, Shape } from '../private/shape';
import { Containers } from '../service/containers/container-options';
import { ContainerPort } from '../service/exposure/exposure-config';
import { targetPort } from '../service/exposure/target-port';

/** Options of a Kubernetes Service. */
export interface KubernetesExposureOptions {
  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default - the port of the container
   */
  readonly port?: number;

  /**
   * The name of the container that receives the traffic.
   *
   * @default - the only container with a port
   */
  readonly containerName?: string;
}

/** Options of `KubernetesExposure.clusterIp`. */
export interface KubernetesExposureClusterIpOptions extends KubernetesExposureOptions {}

/** Options of a Kubernetes Service with a load balancer. */
export interface KubernetesLoadBalancerOptions extends KubernetesExposureOptions {
  /**
   * The controller that creates the load balancer: `eks.amazonaws.com/nlb` is EKS Auto Mode, `service.k8s.aws/nlb` the AWS Load Balancer Controller.
   *
   * @default "eks.amazonaws.com/nlb"
   * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
   */
  readonly loadBalancerClass?: string;
}

/** Options of `KubernetesExposure.internalLoadBalancer`. */
export interface KubernetesExposureInternalLoadBalancerOptions extends KubernetesLoadBalancerOptions {}

/** Options of `KubernetesExposure.publicLoadBalancer`. */
export interface KubernetesExposurePublicLoadBalancerOptions extends KubernetesLoadBalancerOptions {}

const COMMON: Rules<KubernetesExposureOptions> = {
  port: { kind: 'integer', min: 1, max: 65535, fix: 'Give the port that clients connect to.' },
  containerName: { kind: 'text', fix: 'Use the name of a container.' },
};
const REPLACEMENTS = {
  targetPort: 'Write port in the options of the container.',
  containerPort: 'Write port in the options of the container.',
  openTo: 'Only exposures of ECS services have it: here use a NetworkPolicy, or the security groups of the cluster.',
  healthCheck: 'Write readiness in the properties of the service.',
};

export const CLUSTER_IP = new Shape<KubernetesExposureOptions>('Write options in braces, or nothing: KubernetesExposure.clusterIp().', COMMON, {
  ...REPLACEMENTS,
  loadBalancerClass: 'Only KubernetesExposure.internalLoadBalancer and KubernetesExposure.publicLoadBalancer have a load balancer.',
});

export const LOAD_BALANCER = new Shape<KubernetesLoadBalancerOptions>('Write options in braces, or nothing: KubernetesExposure.publicLoadBalancer().', {
  ...COMMON,
  loadBalancerClass: {
    kind: 'text', pattern: /^[a-z0-9.-]+\/[a-z0-9.-]+$/, must: 'be the class of a load balancer', fix: 'Use "eks.amazonaws.com/nlb" or "service.k8s.aws/nlb".',
  },
}, REPLACEMENTS);

/** The part of the Service manifest that depends on the exposure. */
interface ServiceSpec {
  readonly annotations?: Record<string, string>;
  readonly spec: Record<string, unknown>;
}

const ANNOTATION = 'service.beta.kubernetes.io/aws-load-balancer-';

/**
 * The exposure of a Kubernetes service: how clients reach it.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
 */
export class KubernetesExposure {
  /**
   * Clients in the cluster, which connect to `<name>.<namespace>.svc.cluster.local`.
   *
   * @param options port and container
   */
  public static clusterIp(options: KubernetesExposureClusterIpOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, CLUSTER_IP, () => ({ spec: { type: 'ClusterIP' } }));
  }

  /**
   * Clients in the VPC, which connect to an internal network load balancer.
   *
   * @param options port, container and controller
   */
  public static internalLoadBalancer(options: KubernetesExposureInternalLoadBalancerOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, LOAD_BALANCER, () => loadBalancer('internal', options));
  }

  /**
   * Clients on the internet, which connect to a network load balancer.
   *
   * @param options port, container and controller
   */
  public static publicLoadBalancer(options: KubernetesExposurePublicLoadBalancerOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, LOAD_BALANCER, () => loadBalancer('internet-facing', options));
  }

  /** No clients, e.g. for a worker that reads from a queue. */
  public static none(): KubernetesExposure {
    return new KubernetesExposure({}, CLUSTER_IP);
  }

  private constructor(
    /** @internal */
    public readonly _options: KubernetesExposureOptions,
    private readonly shape: Pick<Shape<never>, 'check'>,
    private readonly service?: () => ServiceSpec,
  ) {}

  /**
   * The specification of the Service, if there is one.
   *
   * @internal
   */
  public _render(scope: IConstruct): ServiceSpec | undefined {
    this.shape.check(scope, 'exposure', this._options);
    return this.service?.();
  }
}

function loadBalancer(scheme: string, { loadBalancerClass = 'eks.amazonaws.com/nlb' }: KubernetesLoadBalancerOptions): ServiceSpec {
  return {
    // Traffic goes directly to the pods, not through the nodes.
    annotations: { [`${ANNOTATION}scheme`]: scheme, [`${ANNOTATION}nlb-target-type`]: 'ip' },
    spec: { type: 'LoadBalancer', loadBalancerClass },
  };
}

/** Whether any container has a port. */
export function hasPort(containers: Containers): boolean {
  return portsOf(containers).length > 0;
}

/** The port of the selected container, or of the only container with a port. */
export function servedPort(scope: IConstruct, containers: Containers, { containerName }: KubernetesExposureOptions): number {
  return targetPort(scope, portsOf(containers), { property: 'exposure', containerName, protocols: [Protocol.TCP] }).port;
}

function portsOf(containers: Containers): ContainerPort[] {
  return Object.entries(containers).flatMap(([name, { port }]) => port === undefined ? [] : [
    { containerName: name, portName: name, port, protocol: Protocol.TCP, isMain: true },
  ]);
}
