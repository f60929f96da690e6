import { Names, Tokenization } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { claimNameOn } from './cluster-names';
import { KubernetesExposure } from './kubernetes-exposure';
import { KubernetesServiceProps } from './kubernetes-service-props';
import { deploymentManifest, serviceManifest } from './manifests';
import { checkKubernetesService } from './pod-checks';
import { podContainer } from './pod-container';
import { podImage } from './pod-image';
import { ReadinessProbe } from './readiness-probe';
import { listens, servedPort } from './served-port';
import { reject } from '../private/validation';
import { byName } from '../service/containers/by-name';
import { cpuArchitecturesOf } from '../service/launch/cpu-architecture';

// What ECS calls them, and what Kubernetes does.
const ARCHITECTURES: Record<string, string> = { X86_64: 'amd64', ARM64: 'arm64' };

/**
 * Containers that run as a Deployment of Kubernetes, reached through a Service, described as for ECS and with the same images.
 *
 * `kubectl` applies the manifests, and CloudFormation does not wait until the pods are ready. A pod is only replaced by one that is, and after
 * five minutes without progress the Deployment says so: `kubectl rollout status deployment/<name>`.
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
   * @param scope where to add it
   * @param id the id in that scope
   * @param props `cluster` and `containers` are required
   */
  constructor(scope: Construct, id: string, props: KubernetesServiceProps) {
    super(scope, id);
    checkKubernetesService(this, props);
    this.serviceName = props.serviceName ?? Names.uniqueResourceName(this, { maxLength: 50, separator: '-' }).toLowerCase();
    this.namespace = props.namespace ?? 'default';
    claimNameOn(props.cluster._cluster, this, this.namespace, this.serviceName);
    this.createDeployment(props);
    this.servicePort = this.createService(props);
  }

  /** Where other pods of the cluster connect, e.g. `web.default.svc.cluster.local:80`. Throws when the service is not exposed. */
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
      replicas: props.replicas ?? 1,
      containers: pods.map(({ name, container, imageName }) => podContainer(this, container, {
        name, image: imageName, readiness: props.readiness ?? ReadinessProbe.tcp(), environmentFromSecrets: props.environmentFromSecrets ?? [],
      })),
      architectures: (cpuArchitecturesOf(this, props.containers) ?? []).map(({ _cpuArchitecture }) => ARCHITECTURES[_cpuArchitecture]),
      serviceAccountName: props.serviceAccountName,
    })]);
    pods.forEach(({ grants }) => grants.forEach(grant => grant.applyBefore(deployment)));
  }

  private createService(props: KubernetesServiceProps): number | undefined {
    const exposure = props.exposure ?? KubernetesExposure.clusterIp();
    const service = exposure._render(this);
    // Nobody asked for it where a worker has no port.
    if (service === undefined || (props.exposure === undefined && !listens(props.containers))) return undefined;
    const containerPort = servedPort(this, props.containers, exposure._options);
    const servicePort = exposure._options.port ?? containerPort;
    props.cluster._apply(this, 'Service', [serviceManifest(this, { ...service, servicePort, containerPort })]);
    return servicePort;
  }
}
