import * as eks from 'aws-cdk-lib/aws-eks';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { Construct } from 'constructs';

type ManifestApplier = (scope: Construct, id: string, manifest: Record<string, unknown>[]) => Construct;

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
    return new KubernetesCluster(cluster, (scope, id, manifest) => new eks.KubernetesManifest(scope, id, { cluster, manifest }));
  }

  /**
   * A cluster of the module `aws-eks-v2`.
   *
   * @param cluster the cluster, made or imported, with `kubectlProviderOptions` or a kubectl provider
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks_v2-readme.html
   */
  public static eksV2(cluster: eks_v2.ICluster): KubernetesCluster {
    return new KubernetesCluster(cluster, (scope, id, manifest) => new eks_v2.KubernetesManifest(scope, id, { cluster, manifest }));
  }

  private constructor(
    /**
     * Whether it is a cluster at all, and what applies manifests is there.
     *
     * @internal
     */
    public readonly _cluster: object,
    private readonly apply: ManifestApplier,
  ) {}

  /** @internal */
  public _apply(scope: Construct, id: string, manifest: Record<string, unknown>[]): Construct {
    return this.apply(scope, id, manifest);
  }
}
