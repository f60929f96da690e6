/** The name and namespace of the Deployment and the Service. */
export interface Named {
  readonly serviceName: string;
  readonly namespace: string;
}

/** The pods of a Deployment. */
export interface PodSpec {
  /** @default - not in the manifest, so that `kubectl apply` keeps the number of an autoscaler */
  readonly replicas?: number;
  readonly containers: Record<string, unknown>[];
  /** The architectures of the images: amd64 or arm64. Empty if they are unknown. */
  readonly architectures: string[];
  readonly serviceAccountName?: string;
}

const PROGRESS_SECONDS = 300;

/** @see https://kubernetes.io/docs/concepts/workloads/controllers/deployment/ */
export function deploymentManifest(named: Named, pods: PodSpec): Record<string, unknown> {
  const { replicas, containers, serviceAccountName } = pods;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(named),
    spec: {
      ...replicas !== undefined && { replicas },
      progressDeadlineSeconds: PROGRESS_SECONDS,
      selector: { matchLabels: labels(named) },
      // Never fewer pods than desired, as in a rolling deployment of ECS.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '100%' } },
      template: {
        metadata: { labels: labels(named) },
        spec: {
          containers,
          ...serviceAccountName === undefined ? { automountServiceAccountToken: false } : { serviceAccountName },
          ...affinity(pods.architectures),
        },
      },
    },
  };
}

/** The Service in front of the pods. */
export interface ServiceManifestProps {
  readonly annotations?: Record<string, string>;
  /** The type of the Service, and its properties. */
  readonly spec: Record<string, unknown>;
  readonly servicePort: number;
  readonly containerPort: number;
}

/** @see https://kubernetes.io/docs/concepts/services-networking/service/ */
export function serviceManifest(named: Named, props: ServiceManifestProps): Record<string, unknown> {
  return {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { ...metadata(named), ...props.annotations && { annotations: props.annotations } },
    spec: {
      ...props.spec,
      selector: labels(named),
      ports: [{ port: props.servicePort, targetPort: props.containerPort, protocol: 'TCP' }],
    },
  };
}

function metadata(named: Named): Record<string, unknown> {
  return { name: named.serviceName, namespace: named.namespace, labels: labels(named) };
}

function labels({ serviceName }: Named): Record<string, string> {
  return { 'app.kubernetes.io/name': serviceName };
}

/** Keeps pods away from nodes that cannot run their images. */
function affinity(architectures: string[]): Record<string, unknown> {
  if (architectures.length === 0) return {};
  const matchExpressions = [{ key: 'kubernetes.io/arch', operator: 'In', values: architectures }];
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] } } } };
}
