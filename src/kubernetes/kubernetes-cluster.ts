import * as eks from 'aws-cdk-lib/aws-eks';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { Construct, IConstruct } from 'constructs';
import { ClaimedNames } from '../private/claims';
import { isKnown } from '../private/lookups';
import { hasMethods } from '../private/shape';
import { reject } from '../private/validation';

/** A cluster of either module. */
export type EksCluster = eks.ICluster | eks_v2.ICluster;

/** The functions of one of the two modules. */
interface Kubectl {
  readonly apply: (scope: Construct, id: string, manifest: Record<string, unknown>[]) => Construct;
  /** Whether the cluster has kubectl. */
  readonly isAvailable: () => boolean;
  /** The fix for a cluster without kubectl. */
  readonly fix: string;
}

/**
 * An EKS cluster of one of the two modules of aws-cdk-lib.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/clusters.html
 */
export class KubernetesCluster {
  /**
   * A cluster of the module `aws-eks`.
   *
   * @param cluster a new or an imported cluster; an imported one needs a kubectl provider
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks-readme.html
   */
  public static eks(cluster: eks.ICluster): KubernetesCluster {
    return new KubernetesCluster(cluster, {
      apply: (scope, id, manifest) => new eks.KubernetesManifest(scope, id, { cluster, manifest }),
      isAvailable: () => cluster.kubectlProvider !== undefined || cluster.kubectlRole !== undefined,
      fix: 'Import it with eks.Cluster.fromClusterAttributes(this, \'Cluster\', { clusterName, kubectlProvider }).',
    });
  }

  /**
   * A cluster of the module `aws-eks-v2`.
   *
   * @param cluster a new cluster with `kubectlProviderOptions`, or an imported cluster with a kubectl provider
   * @see https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_eks_v2-readme.html
   */
  public static eksV2(cluster: eks_v2.ICluster): KubernetesCluster {
    return new KubernetesCluster(cluster, {
      apply: (scope, id, manifest) => new eks_v2.KubernetesManifest(scope, id, { cluster, manifest }),
      isAvailable: () => cluster.kubectlProvider !== undefined,
      fix: 'Create the cluster with kubectlProviderOptions, or import it with a kubectlProvider. For the module aws-eks, use KubernetesCluster.eks.',
    });
  }

  private constructor(
    /**
     * The cluster, which identifies the scope of unique names.
     *
     * @internal
     */
    public readonly _cluster: EksCluster,
    private readonly kubectl: Kubectl,
  ) {}

  /**
   * Throws for anything but an EKS cluster with kubectl.
   *
   * @internal
   */
  public _check(scope: IConstruct): void {
    if (!hasMethods(this._cluster, 'addManifest')) {
      reject(scope, {
        property: 'cluster', must: 'contain an EKS cluster', got: this._cluster, fix: 'Use KubernetesCluster.eks(cluster) or KubernetesCluster.eksV2(cluster).',
      });
    }
    if (!this.kubectl.isAvailable()) {
      reject(scope, { property: 'cluster', must: 'have kubectl to apply manifests', got: this._cluster, fix: this.kubectl.fix });
    }
  }

  /** @internal */
  public _apply(scope: Construct, id: string, manifest: Record<string, unknown>[]): Construct {
    return this.kubectl.apply(scope, id, manifest);
  }
}

const NAMES = new ClaimedNames();

/** Rejects a second service with the same name in a namespace. It would overwrite the first service, and removing one would remove both. */
export function claimNameOn(cluster: EksCluster, owner: IConstruct, namespace: string, serviceName: string): void {
  if (!isKnown(namespace) || !isKnown(serviceName)) return;
  const { env: { account, region }, clusterName } = cluster;
  const other = NAMES.claim(owner, `${namespace}/${serviceName}`, cluster, [account, region, clusterName].join('/'));
  if (other !== undefined) {
    reject(owner, {
      property: 'serviceName', must: `differ from that of ${other.node.path} in the same namespace`, got: serviceName, fix: 'Choose another, or leave it out.',
    });
  }
}
