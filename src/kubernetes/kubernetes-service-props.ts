import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { KubernetesCluster } from './kubernetes-cluster';
import { KubernetesExposure } from './kubernetes-exposure';
import { ReadinessProbe } from './readiness-probe';
import { ContainerOptions } from '../service/containers/container-options';

/** Properties of a `KubernetesService`. */
export interface KubernetesServiceProps {
  /** The cluster that runs it. */
  readonly cluster: KubernetesCluster;

  /**
   * The containers of each pod, by name, described as for a service of ECS. At least one.
   *
   * `cpu` is kept for the container (1024 units are one CPU), `memoryLimitMiB` is kept for it and is its limit, `healthCheck` becomes the
   * liveness probe. Throws for what Kubernetes has another way for, e.g. `secrets`.
   */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * How many pods run, 0 or more.
   *
   * @default 1
   */
  readonly replicas?: number;

  /**
   * How the service is reached.
   *
   * @default KubernetesExposure.clusterIp(), which only the cluster reaches, if a container has a port
   */
  readonly exposure?: KubernetesExposure;

  /**
   * When a pod is ready to be reached.
   *
   * @default ReadinessProbe.tcp() for each container with a port
   */
  readonly readiness?: ReadinessProbe;

  /**
   * The names of the Deployment and the Service in the cluster: at most 63 lower-case letters, digits and "-", beginning with a letter.
   *
   * @default - a unique name made of the path of the construct
   */
  readonly serviceName?: string;

  /**
   * The namespace, which has to be there.
   *
   * @default "default"
   */
  readonly namespace?: string;

  /**
   * The service account of the pods, which has to be there: gives the code in the containers its permissions.
   *
   * @default - the namespace's own, without a token in the pods
   */
  readonly serviceAccountName?: string;

  /**
   * Secrets of Kubernetes in the same namespace: all of their keys are environment variables of all containers.
   *
   * @default - none
   */
  readonly environmentFromSecrets?: string[];

  /**
   * Who pulls the images: the roles of the nodes or of the Fargate profile.
   *
   * @default - nobody is granted anything: nodes that CDK or eksctl made, EKS Auto Mode and Fargate profiles may pull from their own account already
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html
   */
  readonly pullers?: IGrantable[];
}
