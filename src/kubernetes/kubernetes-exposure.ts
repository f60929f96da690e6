import { IConstruct } from 'constructs';
import { checkObject } from '../private/check-types';
import { checkInteger, checkPattern } from '../private/validation';

/** What may differ where a service of Kubernetes is reached. */
export interface KubernetesExposureOptions {
  /**
   * The port that clients connect to, 1 to 65535.
   *
   * @default - the port of the container
   */
  readonly port?: number;

  /**
   * The container that answers.
   *
   * @default - the one container that has a port
   */
  readonly containerName?: string;
}

/** What may differ where a load balancer reaches a service of Kubernetes. */
export interface KubernetesLoadBalancerOptions extends KubernetesExposureOptions {
  /**
   * What makes the load balancer: `eks.amazonaws.com/nlb` is EKS Auto Mode, `service.k8s.aws/nlb` the AWS Load Balancer Controller.
   *
   * @default "eks.amazonaws.com/nlb"
   * @see https://docs.aws.amazon.com/eks/latest/userguide/auto-configure-nlb.html
   */
  readonly loadBalancerClass?: string;
}

/** What an exposure says in the manifest of the Service. */
interface ServiceSpec {
  readonly annotations?: Record<string, string>;
  readonly spec: Record<string, unknown>;
}

const AWS = 'service.beta.kubernetes.io/aws-load-balancer-';

/**
 * How a service of Kubernetes is reached.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/service/#publishing-services-service-types
 */
export class KubernetesExposure {
  /**
   * The cluster only, under `<name>.<namespace>.svc.cluster.local`.
   *
   * @param options what differs from the usual
   */
  public static clusterIp(options: KubernetesExposureOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, () => ({ spec: { type: 'ClusterIP' } }));
  }

  /**
   * Whoever has an address of the VPC, through an internal network load balancer.
   *
   * @param options what differs from the usual
   */
  public static internalLoadBalancer(options: KubernetesLoadBalancerOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, scope => loadBalancer(scope, 'internal', options));
  }

  /**
   * Everybody on the internet, through a network load balancer.
   *
   * @param options what differs from the usual
   */
  public static publicLoadBalancer(options: KubernetesLoadBalancerOptions = {}): KubernetesExposure {
    return new KubernetesExposure(options, scope => loadBalancer(scope, 'internet-facing', options));
  }

  /** Nobody: a worker that fetches its own work. */
  public static none(): KubernetesExposure {
    return new KubernetesExposure({});
  }

  private constructor(
    /** @internal */
    public readonly _options: KubernetesExposureOptions,
    private readonly service?: (scope: IConstruct) => ServiceSpec,
  ) {}

  /**
   * The kind of Service; undefined where there is none.
   *
   * @internal
   */
  public _render(scope: IConstruct): ServiceSpec | undefined {
    checkObject(scope, 'exposure', this._options, 'Give options in brackets, or nothing: KubernetesExposure.clusterIp().');
    if (this._options.port !== undefined) {
      checkInteger(scope, {
        property: 'exposure.port', value: this._options.port, min: 1, max: 65535, fix: 'Give the port that clients connect to.',
      });
    }
    return this.service?.(scope);
  }
}

function loadBalancer(scope: IConstruct, scheme: string, { loadBalancerClass = 'eks.amazonaws.com/nlb' }: KubernetesLoadBalancerOptions): ServiceSpec {
  checkPattern(scope, {
    property: 'exposure.loadBalancerClass', value: loadBalancerClass, pattern: /^[a-z0-9.-]+\/[a-z0-9.-]+$/,
    must: 'be the class of a load balancer', fix: 'Use "eks.amazonaws.com/nlb" or "service.k8s.aws/nlb".',
  });
  return {
    // Straight to the pods, not through the nodes.
    annotations: { [`${AWS}scheme`]: scheme, [`${AWS}nlb-target-type`]: 'ip' },
    spec: { type: 'LoadBalancer', loadBalancerClass },
  };
}
