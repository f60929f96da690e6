import { Duration, Lazy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import * as eks from 'aws-cdk-lib/aws-eks';
import * as eks_v2 from 'aws-cdk-lib/aws-eks-v2';
import { AccountPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { ImageRepository, KubernetesCluster, KubernetesExposure, KubernetesService, KubernetesServiceProps } from '../../src';
import { APP, flatten, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const NGINX = ContainerImage.fromRegistry('nginx');
const HANDLER = 'arn:aws:lambda:eu-west-1:111111111111:function:kubectl';
const PROVIDER = 'Custom::AWSCDK-EKS-KubernetesResource';

function clusterOf(stack: Stack): KubernetesCluster {
  const kubectlProvider = eks.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', {
    functionArn: HANDLER, kubectlRoleArn: 'arn:aws:iam::111111111111:role/kubectl', handlerRole: Role.fromRoleName(stack, 'Handler', 'handler'),
  });
  return KubernetesCluster.eks(eks.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlProvider }));
}

function clusterV2Of(stack: Stack): KubernetesCluster {
  const kubectlProvider = eks_v2.KubectlProvider.fromKubectlProviderAttributes(stack, 'Kubectl', { serviceToken: HANDLER });
  return KubernetesCluster.eksV2(eks_v2.Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'team', kubectlProvider }));
}

interface Manifest {
  kind: string;
  metadata: { name: string; namespace: string; annotations?: object };
  spec: {
    replicas: number; type: string; loadBalancerClass: string; ports: object[]; selector: { matchLabels: object };
    template: { metadata: { labels: object }; spec: { containers: Record<string, unknown>[]; affinity?: object; [key: string]: unknown } };
  };
}

/** The manifests for kubectl, with every token written as its intrinsic function. */
function manifestsOf(stack: Stack): Manifest[] {
  return Object.values(Template.fromStack(stack).findResources(PROVIDER))
    .flatMap(({ Properties }) => JSON.parse(flatten(Properties.Manifest)) as Manifest[]);
}

function synthesize(props: Partial<KubernetesServiceProps> = {}, stack = newStack()) {
  const service = new KubernetesService(stack, 'Service', {
    cluster: props.cluster ?? clusterOf(stack), containers: { web: { image: NGINX, port: 80 } }, ...props,
  });
  const manifests = manifestsOf(stack);
  const [deployment] = manifests.filter(({ kind }) => kind === 'Deployment');
  return { stack, service, manifests, deployment, pod: deployment.spec.template.spec, exposed: manifests.find(({ kind }) => kind === 'Service') };
}

const ofArchitectures = (...values: string[]) => ({
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions: [{ key: 'kubernetes.io/arch', operator: 'In', values }] }] },
  },
});

describe('a KubernetesService', () => {
  test('does not restart a pod if containers or variables change their order, as other languages may do', () => {
    const ordered = (...names: string[]) => {
      const environment = Object.fromEntries(names.map(name => [name.toUpperCase(), name]));
      return synthesize({ containers: Object.fromEntries(names.map(name => [name, { image: NGINX, environment }])) }).deployment;
    };
    expect(ordered('b', 'a')).toEqual(ordered('a', 'b'));
  });

  test('leaves the number of pods to an autoscaler if you give none', () => {
    expect(synthesize({}).deployment.spec).not.toHaveProperty('replicas');
  });

  test.each([['aws-eks', clusterOf], ['aws-eks-v2', clusterV2Of]])('is a Deployment and a Service in a cluster of %s', (_module, newClusterOf) => {
    const stack = newStack();
    const { service, deployment, exposed } = synthesize({ cluster: newClusterOf(stack), replicas: 2 }, stack);

    expect(deployment).toMatchObject({ metadata: { name: service.serviceName, namespace: 'default' }, spec: { replicas: 2 } });
    expect(deployment.spec.selector.matchLabels).toEqual(deployment.spec.template.metadata.labels);
    expect(exposed).toMatchObject({ spec: { type: 'ClusterIP', selector: deployment.spec.selector.matchLabels, ports: [{ port: 80, targetPort: 80 }] } });
    expect(service.endpoint).toBe(`${service.serviceName}.default.svc.cluster.local:80`);
  });

  test('runs an image of your repository by digest, on nodes of its platform, and grants the pull to the given roles', () => {
    const stack = newStack();
    const node = new Role(stack, 'Node', { assumedBy: new AccountPrincipal('111111111111') });
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 });
    const { pod } = synthesize({ containers: { web: { image, port: 80 } }, pullers: [node] }, stack);

    expect(pod.containers[0].image).toMatch(/@sha256:\$\{RepositoryImagesapp\w+\.DigestHex\}$/);
    expect(pod.affinity).toEqual(ofArchitectures('arm64'));
    const template = Template.fromStack(stack);
    const policy = Object.keys(template.findResources('AWS::IAM::Policy')).find(id => id.startsWith('NodeDefaultPolicy'));
    expect(policy).toBeDefined();
    expect(Object.values(template.findResources(PROVIDER)).filter(({ DependsOn = [] }) => DependsOn.includes(policy))).toHaveLength(1);
  });

  test('runs an image for several platforms on nodes of any of them', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
    expect(synthesize({ containers: { web: { image } } }, stack).pod.affinity).toEqual(ofArchitectures('amd64', 'arm64'));
  });

  test('runs an image with an unknown platform on any node', () => {
    expect(synthesize().pod.affinity).toBeUndefined();
  });

  test('configures a container like an ECS service: command, environment, CPU, memory, health check', () => {
    const { pod } = synthesize({
      containers: {
        web: {
          image: NGINX,
          port: 8080,
          entryPoint: ['/entry'],
          command: ['serve', '--all'],
          environment: { MODE: 'fast' },
          cpu: 256,
          memoryLimitMiB: 128,
          healthCheck: { command: ['CMD', '/healthy'], interval: Duration.seconds(10), retries: 2 },
        },
      },
      environmentFromSecrets: ['database'],
      readiness: { path: '/ready' },
    });
    expect(pod.containers).toEqual([{
      name: 'web',
      image: 'nginx',
      command: ['/entry'],
      args: ['serve', '--all'],
      env: [{ name: 'MODE', value: 'fast' }],
      envFrom: [{ secretRef: { name: 'database' } }],
      ports: [{ containerPort: 8080, protocol: 'TCP' }],
      resources: { requests: { cpu: '250m', memory: '128Mi' }, limits: { memory: '128Mi' } },
      readinessProbe: { httpGet: { path: '/ready', port: 8080 }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 },
      livenessProbe: { exec: { command: ['/healthy'] }, periodSeconds: 10, timeoutSeconds: 5, failureThreshold: 2 },
    }]);
  });

  test.each([
    [['CMD', 'curl', '-f', 'http://localhost'], ['curl', '-f', 'http://localhost']],
    [['CMD-SHELL', 'curl -f http://localhost || exit 1'], ['/bin/sh', '-c', 'curl -f http://localhost || exit 1']],
    [['curl -f http://localhost'], ['/bin/sh', '-c', 'curl -f http://localhost']],
  ])('runs the health check %j like ECS', (command, probe) => {
    const { pod } = synthesize({ containers: { web: { image: NGINX, healthCheck: { command } } } });
    expect(pod.containers[0].livenessProbe).toMatchObject({ exec: { command: probe } });
  });

  test('never has fewer ready pods than wanted during an update, and gives up after five minutes', () => {
    expect(synthesize().deployment.spec).toMatchObject({
      progressDeadlineSeconds: 300, strategy: { rollingUpdate: { maxUnavailable: 0, maxSurge: '100%' } },
    });
    expect(synthesize().pod.containers[0].readinessProbe).toMatchObject({ tcpSocket: { port: 80 } });
  });

  test('has a readiness probe with the options of other health checks, or none', () => {
    const readiness = {
      path: '/ready', port: 8081, interval: Duration.seconds(10), timeout: Duration.seconds(4), healthyThresholdCount: 2, unhealthyThresholdCount: 5,
    };
    expect(synthesize({ readiness }).pod.containers[0].readinessProbe).toEqual({
      httpGet: { path: '/ready', port: 8081 }, periodSeconds: 10, timeoutSeconds: 4, successThreshold: 2, failureThreshold: 5,
    });
    expect(synthesize({ readiness: { enabled: false } }).pod.containers[0]).not.toHaveProperty('readinessProbe');
  });

  test('does not mount the cluster token into pods that do not need it', () => {
    expect(synthesize().pod).toMatchObject({ automountServiceAccountToken: false });
    const { pod } = synthesize({ serviceAccountName: 'web' });
    expect(pod).toMatchObject({ serviceAccountName: 'web' });
    expect(pod).not.toHaveProperty('automountServiceAccountToken');
  });

  test.each([
    ['everybody on the internet', KubernetesExposure.publicLoadBalancer({ port: 80 }), 'internet-facing', 'eks.amazonaws.com/nlb'],
    ['the VPC', KubernetesExposure.internalLoadBalancer({ port: 80, loadBalancerClass: 'service.k8s.aws/nlb' }), 'internal', 'service.k8s.aws/nlb'],
  ])('is exposed by %s through a load balancer', (_who, exposure, scheme, loadBalancerClass) => {
    const { exposed } = synthesize({ containers: { web: { image: NGINX, port: 8080 } }, exposure });
    expect(exposed).toMatchObject({
      metadata: { annotations: { 'service.beta.kubernetes.io/aws-load-balancer-scheme': scheme, 'service.beta.kubernetes.io/aws-load-balancer-nlb-target-type': 'ip' } },
      spec: { type: 'LoadBalancer', loadBalancerClass, ports: [{ port: 80, targetPort: 8080 }] },
    });
  });

  test.each([
    ['a worker without a port', { containers: { worker: { image: NGINX } } }],
    ['a service without an exposure', { exposure: KubernetesExposure.none() }],
  ])('is only a Deployment for %s', (_what, props) => {
    const { exposed, service } = synthesize(props);
    expect(exposed).toBeUndefined();
    expect(messageOf(() => service.endpoint)).toMatch(told('exposure'));
  });

  test('can have a name, and is found in its namespace by this name', () => {
    const { service, deployment } = synthesize({ serviceName: 'web', namespace: 'shop' });
    expect(deployment.metadata).toMatchObject({ name: 'web', namespace: 'shop' });
    expect(service.endpoint).toBe('web.shop.svc.cluster.local:80');
  });
});

describe('a KubernetesService is rejected at synthesis, with path, property, value and fix,', () => {
  const web = (options: object) => ({ containers: { web: { image: NGINX, ...options } } });
  const secret = (stack: Stack) => EcsSecret.fromSecretsManager(new Secret(stack, 'Secret'));

  test.each<[string, string, object]>([
    ['without containers', 'containers', { containers: {} }],
    ['with a name that Kubernetes does not take', 'containers.Web', { containers: { Web: { image: NGINX } } }],
    ['with an underscore in a name', 'containers.my_web', { containers: { my_web: { image: NGINX } } }],
    ['with fewer than no pods', 'replicas', { replicas: -1 }],
    ['with half a pod', 'replicas', { replicas: 1.5 }],
    ['with a port beyond 65535', 'containers.web.port', web({ port: 70000 })],
    ['with CPU units that are known later', 'containers.web.cpu', web({ cpu: Lazy.number({ produce: () => 256 }) })],
    ['with a service port beyond 65535', 'exposure.port', { exposure: KubernetesExposure.clusterIp({ port: 0 }) }],
    ['with a container that has no port to answer on', 'exposure.containerName', { exposure: KubernetesExposure.clusterIp({ containerName: 'api' }) }],
    ['exposed without a port', 'containers', { ...web({}), exposure: KubernetesExposure.publicLoadBalancer() }],
    ['with two ports and no selected port', 'exposure', { containers: { web: { image: NGINX, port: 80 }, api: { image: NGINX, port: 81 } } }],
    ['with a container that may stop', 'containers.side.essential', { containers: { web: { image: NGINX }, side: { image: NGINX, essential: false } } }],
    ['with a name in capitals', 'serviceName', { serviceName: 'Web' }],
    ['with a namespace in capitals', 'namespace', { namespace: 'Shop' }],
    ['with a name that begins with a digit', 'serviceName', { serviceName: '1web' }],
    ['with a long name', 'serviceName', { serviceName: 'a'.repeat(64) }],
    ['with a wrong service account', 'serviceAccountName', { serviceAccountName: 'a b' }],
    ['with a wrong secret', 'environmentFromSecrets[0]', { environmentFromSecrets: ['a b'] }],
    ['with an invalid path', 'readiness.path', { readiness: { path: 'health' } }],
    ['with a wrong load balancer class', 'exposure.loadBalancerClass', { exposure: KubernetesExposure.publicLoadBalancer({ loadBalancerClass: 'nlb' }) }],
    ['with a cluster that is not wrapped', 'cluster', { cluster: {} }],
    ['with a cluster of ECS', 'cluster', { cluster: KubernetesCluster.eks(wrong({ vpc: {} })) }],
    ['with an exposure of ECS', 'exposure', { exposure: { bind: () => ({}) } }],
    ['with a number of tasks', 'desiredCount', { desiredCount: 2 }],
    ['with a text instead of options', 'exposure', { exposure: KubernetesExposure.clusterIp(wrong('x')) }],
  ])('%s', (_what, property, props) => {
    const stack = newStack();
    expect(messageOf(() => new KubernetesService(stack, 'Service', wrong({
      cluster: clusterOf(stack), containers: { web: { image: NGINX, port: 80 } }, ...props,
    })))).toMatch(told(property));
  });

  test('with ECS secrets, and the message names the alternative', () => {
    const stack = newStack();
    expect(messageOf(() => synthesize(web({ secrets: { PASSWORD: secret(stack) } }), stack)))
      .toMatch(/'containers\.web\.secrets' must be left out, because Kubernetes has no equivalent.*environmentFromSecrets/);
  });

  test('with an image that only an ECS role can pull', () => {
    const stack = newStack();
    const image = ContainerImage.fromEcrRepository(Repository.fromRepositoryName(stack, 'Other', 'other'));
    expect(messageOf(() => synthesize(web({ image }), stack))).toMatch(told('containers.web.image'));
  });

  test('but not with tokens', () => {
    const token = Lazy.string({ produce: () => 'later' });
    const { service } = synthesize({
      serviceName: token, namespace: token, serviceAccountName: token, environmentFromSecrets: [token], readiness: { path: token },
      replicas: Lazy.number({ produce: () => 3 }), exposure: KubernetesExposure.clusterIp({ port: Lazy.number({ produce: () => 80 }) }),
    });
    expect(service.serviceName).toBe(token);
  });

  test('and memory that is a token is written as a number', () => {
    const { deployment } = synthesize(web({ memoryLimitMiB: Lazy.number({ produce: () => 256 }) }));
    expect(deployment.spec.template.spec.containers[0].resources).toEqual({ requests: { memory: '256Mi' }, limits: { memory: '256Mi' } });
  });
});
