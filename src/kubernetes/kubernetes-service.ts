import { Names, Token, Tokenization } from 'aws-cdk-lib';
import { IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { claimNameOn, KubernetesCluster } from './kubernetes-cluster';
import { hasPort, KubernetesExposure, servedPort } from './kubernetes-exposure';
import { deploymentManifest, serviceManifest } from './manifests';
import { podContainer, podImage, READINESS_PROBE, ReadinessProbe } from './pod';
import { checkValue, Shape, TextRule } from '../private/shape';
import { checkOwnScope } from '../private/stacks';
import { reject } from '../private/validation';
import { byName } from '../service/containers/by-name';
import { ContainerOptions, Containers } from '../service/containers/container-options';
import { checkContainers } from '../service/containers/container-rules';
import { cpuArchitecturesOf } from '../service/launch/cpu-architecture';

/** Properties of a `KubernetesService`. */
export interface KubernetesServiceProps {
  /** The cluster that runs the service. */
  readonly cluster: KubernetesCluster;

  /**
   * The containers of each pod, by name, with the options of ECS containers. At least one.
   *
   * `cpu` is the CPU request (1024 units are one CPU), `memoryLimitMiB` the memory request and limit, `healthCheck` the liveness probe. Throws for options
   * without an equivalent in Kubernetes, e.g. `secrets`.
   */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * The number of pods, 0 or more. Leave it out with a HorizontalPodAutoscaler: each deployment that changes the manifest would reset the number of pods to it.
   *
   * @default - 1 when the Deployment is created; later updates do not change it
   */
  readonly replicas?: number;

  /**
   * How clients reach the service.
   *
   * @default KubernetesExposure.clusterIp(), for clients in the cluster, if a container has a port
   */
  readonly exposure?: KubernetesExposure;

  /**
   * The readiness probe of each container with a port.
   *
   * @default - a container is ready when it accepts TCP connections
   */
  readonly readiness?: ReadinessProbe;

  /**
   * The name of the Deployment and the Service in the cluster: at most 63 lower-case letters, digits and "-", starting with a letter.
   *
   * @default - a unique name that contains the path of the construct
   */
  readonly serviceName?: string;

  /**
   * An existing namespace.
   *
   * @default "default"
   */
  readonly namespace?: string;

  /**
   * The name of an existing service account, which gives the containers their permissions.
   *
   * @default - the default service account of the namespace, whose token is not mounted
   */
  readonly serviceAccountName?: string;

  /**
   * Names of Kubernetes Secrets in the same namespace. All their keys become environment variables of all containers.
   *
   * @default - none
   */
  readonly environmentFromSecrets?: string[];

  /**
   * The roles that pull the images: those of the nodes, or of the Fargate profile.
   *
   * @default - no grants: nodes that CDK or eksctl created, EKS Auto Mode and Fargate profiles can already pull from repositories of their account
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/ECR_on_EKS.html
   */
  readonly pullers?: IGrantable[];
}

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const NAME_FIX = 'Use a name such as "web".';
const MUST_BE_LABEL = 'be 1 to 63 lower-case letters, digits or "-", not at an end';
const LABEL: TextRule = { kind: 'text', pattern: /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/, must: MUST_BE_LABEL, fix: NAME_FIX };
const SUBDOMAIN: TextRule = {
  kind: 'text', pattern: /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/, must: 'be a Kubernetes name: lower-case letters, digits, "-" and "."', fix: NAME_FIX,
};
const ONLY_ECS = 'Only ECS services have it.';

export const KUBERNETES_SERVICE = new Shape<KubernetesServiceProps>('Give at least { cluster, containers }.', {
  cluster: {
    kind: 'instance', methods: ['_check', '_apply'], must: 'be a KubernetesCluster', required: true,
    fix: 'Use KubernetesCluster.eks(cluster) or KubernetesCluster.eksV2(cluster).',
  },
  containers: { kind: 'other', required: true },
  replicas: { kind: 'integer', min: 0, fix: 'Give the number of pods, 0 to run none.' },
  exposure: { kind: 'instance', methods: ['_render'], must: 'be a KubernetesExposure', fix: 'Call a factory such as KubernetesExposure.clusterIp().' },
  readiness: { kind: 'struct', shape: READINESS_PROBE },
  serviceName: { ...LABEL, pattern: /^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/, must: `${MUST_BE_LABEL}, and begin with a letter` },
  namespace: LABEL,
  serviceAccountName: SUBDOMAIN,
  environmentFromSecrets: { kind: 'list', of: SUBDOMAIN, fix: 'Give the names of Kubernetes Secrets, e.g. [\'web\'], or leave it out.' },
  pullers: {
    kind: 'list', fix: 'Give the roles of the nodes in a list, or leave it out.',
    of: { kind: 'instance', properties: ['grantPrincipal'], must: 'be a role', fix: 'Give the role of the nodes.' },
  },
}, {
  desiredCount: 'Write replicas.',
  readinessProbe: 'Write readiness: { path: \'/health\' }.',
  healthCheck: 'Write readiness: { path: \'/health\' }, or healthCheck in the options of a container.',
  taskRole: 'Write serviceAccountName, with a service account that has a role.',
  serviceAccount: 'Write serviceAccountName: serviceAccount.serviceAccountName.',
  executionRole: 'Write pullers: [role], with the role of the nodes.',
  deployment: 'Leave it out: Kubernetes replaces pods when new ones are ready.',
  scaling: `${ONLY_ECS} Here use a HorizontalPodAutoscaler.`,
  size: 'Write cpu and memoryLimitMiB in the options of the containers.',
  vpcSubnets: ONLY_ECS,
  securityGroups: ONLY_ECS,
  enableExecuteCommand: `${ONLY_ECS} Here use kubectl exec.`,
});

// The name of each architecture in ECS and in Kubernetes.
const ARCHITECTURES: Record<string, string> = { X86_64: 'amd64', ARM64: 'arm64' };

/**
 * Containers that run as a Kubernetes Deployment behind a Service, with the same images and container options as on ECS.
 *
 * `kubectl` applies the manifests. CloudFormation does not wait until the pods are ready. An old pod stops only when a new one is ready. After five minutes
 * without progress, the Deployment fails: `kubectl rollout status deployment/<name>`.
 *
 * @see https://docs.aws.amazon.com/eks/latest/userguide/sample-deployment.html
 */
export class KubernetesService extends Construct {
  /** The name of the Deployment and of the Service in the cluster. */
  public readonly serviceName: string;

  /** The namespace of both. */
  public readonly namespace: string;

  private readonly servicePort?: number;

  /**
   * @param scope the parent construct
   * @param id the construct ID
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: KubernetesServiceProps) {
    super(scope, id);
    checkProps(this, props);
    this.serviceName = props.serviceName ?? Names.uniqueResourceName(this, { maxLength: 50, separator: '-' }).toLowerCase();
    this.namespace = props.namespace ?? 'default';
    claimNameOn(props.cluster._cluster, this, this.namespace, this.serviceName);
    this.createDeployment(props);
    this.servicePort = this.createService(props);
  }

  /** The address for other pods of the cluster, e.g. `web.default.svc.cluster.local:80`. Throws if the service is not exposed. */
  public get endpoint(): string {
    const port = this.servicePort ?? reject(this, {
      property: 'exposure', must: 'give the service an endpoint', got: 'no endpoint', fix: 'Give a container a port, and leave \'exposure\' out.',
    });
    return `${this.serviceName}.${this.namespace}.svc.cluster.local:${Tokenization.stringifyNumber(port)}`;
  }

  private createDeployment(props: KubernetesServiceProps): void {
    const pods = byName(props.containers).map(([name, container]) => ({
      name, container, ...podImage(this, name, container, props.pullers ?? []),
    }));
    const deployment = props.cluster._apply(this, 'Deployment', [deploymentManifest(this, {
      replicas: props.replicas,
      containers: pods.map(({ name, container, imageName }) => podContainer(container, {
        name, image: imageName, readiness: props.readiness ?? {}, environmentFromSecrets: props.environmentFromSecrets ?? [],
      })),
      architectures: (cpuArchitecturesOf(this, props.containers) ?? []).map(({ _cpuArchitecture }) => ARCHITECTURES[_cpuArchitecture]),
      serviceAccountName: props.serviceAccountName,
    })]);
    pods.forEach(({ grants }) => grants.forEach(grant => grant.applyBefore(deployment)));
  }

  private createService(props: KubernetesServiceProps): number | undefined {
    const exposure = props.exposure ?? KubernetesExposure.clusterIp();
    const service = exposure._render(this);
    // No default Service for a worker without a port.
    if (service === undefined || (props.exposure === undefined && !hasPort(props.containers))) return undefined;
    const containerPort = servedPort(this, props.containers, exposure._options);
    const servicePort = exposure._options.port ?? containerPort;
    props.cluster._apply(this, 'Service', [serviceManifest(this, { ...service, servicePort, containerPort })]);
    return servicePort;
  }
}

function checkProps(scope: Construct, props: KubernetesServiceProps): void {
  checkOwnScope(scope);
  KUBERNETES_SERVICE.check(scope, '', props);
  props.cluster._check(scope);
  checkContainers(scope, props.containers);
  checkPods(scope, props.containers);
}

// The options of ECS containers that have an equivalent in Kubernetes.
const SUPPORTED = ['image', 'port', 'command', 'entryPoint', 'environment', 'cpu', 'memoryLimitMiB', 'healthCheck', 'essential'];
const ALTERNATIVES: Partial<Record<string, string>> = {
  secrets: 'Put them into a Kubernetes Secret, and list it in environmentFromSecrets.',
};

function checkPods(scope: IConstruct, containers: Containers): void {
  for (const [name, container] of Object.entries(containers)) {
    checkValue(scope, `containers.${name}`, name, { ...LABEL, must: `${MUST_BE_LABEL}, as a Kubernetes name` });
    checkSupported(scope, name, container);
  }
}

function checkSupported(scope: IConstruct, name: string, container: ContainerOptions): void {
  const given = Object.entries(container).filter(([, value]) => value !== undefined).map(([key]) => key);
  const unsupported = given.find(key => !SUPPORTED.includes(key));
  if (unsupported !== undefined) {
    reject(scope, {
      property: `containers.${name}.${unsupported}`, must: 'be left out, because Kubernetes has no equivalent', got: unsupported,
      fix: ALTERNATIVES[unsupported] ?? 'Use a manifest of your own with image.imageUri.',
    });
  }
  if (Token.isUnresolved(container.cpu)) {
    reject(scope, {
      property: `containers.${name}.cpu`, must: 'be known at synthesis, because Kubernetes uses another unit', got: 'a token', fix: 'Give a number, e.g. 256.',
    });
  }
  if (container.essential === false) {
    reject(scope, {
      property: `containers.${name}.essential`, must: 'be left out, because Kubernetes restarts every container of a pod', got: false, fix: 'Leave it out.',
    });
  }
}
