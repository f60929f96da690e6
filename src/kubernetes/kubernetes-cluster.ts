import * as eks from 'aws-cdk-lib/aws-eks';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { Construct, IConstruct } from 'constructs';
import { hasMethods } from '../private/check-types';
import { reject } from '../private/validation';

/** What both modules know of a cluster. */
export type EksCluster = eks.ICluster | eks_v2.ICluster;

/** What one of the two modules has for manifests. */
interface Kubectl {
  readonly apply: (scope: Construct, id: string, manifest: Record<string, unknown>[]) => Construct;
  /** Whether the cluster has what applies them. */
  readonly isThere: () => boolean;
  /** How to get it, where it is not there. */
  readonly fix: string;
}

/**
 * A Kubernetes cluster of EKS, made with either of the two modules that aws-cdk-lib has for it.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/clusters.html
 */
export class KubernetesCluster {
  /**
   * A cluster of the module `aws-eks`.
   *
   * @param cluster the cluster, made or imported; an imported one needs a kubectl provider
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks-readme.html
   */
  public static eks(cluster: eks.ICluster): KubernetesCluster {
    return new KubernetesCluster(cluster, {
      apply: (scope, id, manifest) => new eks.KubernetesManifest(scope, id, { cluster, manifest }),
      isThere: () => cluster.kubectlProvider !== undefined || cluster.kubectlRole !== undefined,
      fix: 'Import it with eks.Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName, kubectlProvider }).',
    });
  }

  /**
   * A cluster of the module `aws-eks-v2`.
   *
   * @param cluster the cluster, made or imported, with `kubectlProviderOptions` or a kubectl provider
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks_v2-readme.html
   */
  public static eksV2(cluster: eks_v2.ICluster): KubernetesCluster {
    return new KubernetesCluster(cluster, {
      apply: (scope, id, manifest) => new eks_v2.KubernetesManifest(scope, id, { cluster, manifest }),
      isThere: () => cluster.kubectlProvider !== undefined,
      fix: 'Make the cluster with kubectlProviderOptions, or import it with a kubectlProvider. KubernetesCluster.eks takes those of the module aws-eks.',
    });
  }

  private constructor(
    /**
     * The names of one cluster are not those of another.
     *
     * @internal
     */
    public readonly _cluster: EksCluster,
    private readonly kubectl: Kubectl,
  ) {}

  /**
   * Whether it is a cluster at all, and what applies manifests is there.
   *
   * @internal
   */
  public _check(scope: IConstruct): void {
    if (!hasMethods(this._cluster, 'addManifest')) {
      reject(scope, {
        property: 'cluster', must: 'be made of a cluster of EKS', got: this._cluster, fix: 'Use KubernetesCluster.eks(cluster) or KubernetesCluster.eksV2(cluster).',
      });
    }
    if (!this.kubectl.isThere()) {
      reject(scope, { property: 'cluster', must: 'have kubectl, which applies manifests', got: this._cluster, fix: this.kubectl.fix });
    }
  }

  /** @internal */
  public _apply(scope: Construct, id: string, manifest: Record<string, unknown>[]): Construct {
    return this.kubectl.apply(scope, id, manifest);
  }
}
