import { Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { KubernetesServiceProps } from './kubernetes-service-props';
import { checkList, checkObject, hasMethods, isObject } from '../private/check-types';
import { checkOwnScope } from '../private/stacks';
import { checkInteger, checkPattern, reject } from '../private/validation';
import { checkContainers } from '../service/containers/container-checks';
import { ContainerOptions, Containers } from '../service/containers/container-options';

// https://kubernetes.io/docs/concepts/overview/working-with-objects/names/
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
const MUST_BE_LABEL = 'be 1 to 63 lower-case letters, digits or "-", not at an end';
const NAME_CURE = 'Use a name such as "web".';
const SUBDOMAIN = /^(?=.{1,253}$)[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/;

// What a pod has of what a container of ECS has, by property.
const UNDERSTOOD = ['image', 'port', 'command', 'entryPoint', 'environment', 'cpu', 'memoryLimitMiB', 'healthCheck', 'essential'];
const OTHERWISE: Partial<Record<string, string>> = {
  secrets: 'Put them into a Secret of Kubernetes, and name it in environmentFromSecrets.',
};

/** What Kubernetes would refuse or cannot do. */
export function checkKubernetesService(scope: Construct, props: KubernetesServiceProps): void {
  checkOwnScope(scope);
  checkObject(scope, 'props', props, 'Give at least { cluster, containers }.');
  checkKubernetesCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  checkPods(scope, props.containers);
  const { replicas, serviceName, namespace, serviceAccountName, readiness, exposure, pullers = [], environmentFromSecrets = [] } = props;
  if (replicas !== undefined) {
    checkInteger(scope, { property: 'replicas', value: replicas, min: 0, fix: 'Give the number of pods, 0 to run none.' });
  }
  for (const [property, value] of Object.entries({ serviceName, namespace })) {
    if (value !== undefined) checkPattern(scope, { property, value, pattern: LABEL, must: MUST_BE_LABEL, fix: NAME_CURE });
  }
  if (serviceName !== undefined) {
    checkPattern(scope, { property: 'serviceName', value: serviceName, pattern: /^[a-z]/, must: 'begin with a letter, as names of Services have to', fix: NAME_CURE });
  }
  if (serviceAccountName !== undefined) checkSubdomain(scope, 'serviceAccountName', serviceAccountName);
  checkList(scope, 'environmentFromSecrets', environmentFromSecrets, 'Give the names of Secrets of Kubernetes, e.g. [\'web\'], or leave it out.');
  environmentFromSecrets.forEach((name, index) => checkSubdomain(scope, `environmentFromSecrets[${index}]`, name));
  checkList(scope, 'pullers', pullers, 'Give the roles of the nodes in a list, or leave it out.');
  pullers.forEach((puller, index) => {
    if (!isObject(puller) || !isObject(puller.grantPrincipal)) {
      reject(scope, { property: `pullers[${index}]`, must: 'be a role or the like', got: puller, fix: 'Give the role of the nodes.' });
    }
  });
  const strategies = { readiness: [readiness, 'ReadinessProbe.http(\'/health\')'], exposure: [exposure, 'KubernetesExposure.clusterIp()'] } as const;
  for (const [property, [value, example]] of Object.entries(strategies)) {
    if (value !== undefined && !hasMethods(value, '_render')) {
      reject(scope, { property, must: `be a ${example.split('.')[0]}`, got: value, fix: `Make one with brackets, e.g. ${example}.` });
    }
  }
}

function checkKubernetesCluster(scope: IConstruct, cluster: KubernetesServiceProps['cluster']): void {
  if (!hasMethods(cluster, '_check', '_apply')) {
    reject(scope, {
      property: 'cluster', must: 'be a KubernetesCluster', got: cluster, fix: 'Use KubernetesCluster.eks(cluster) or KubernetesCluster.eksV2(cluster).',
    });
  }
  cluster._check(scope);
}

function checkPods(scope: IConstruct, containers: Containers): void {
  for (const [name, container] of Object.entries(containers)) {
    checkPattern(scope, {
      property: `containers.${name}`, value: name, pattern: LABEL, must: `${MUST_BE_LABEL}, as a name in Kubernetes has to`, fix: 'Choose a name such as "web".',
    });
    checkUnderstood(scope, name, container);
  }
}

function checkUnderstood(scope: IConstruct, name: string, container: ContainerOptions): void {
  const given = Object.entries(container).filter(([, value]) => value !== undefined).map(([key]) => key);
  const foreign = given.find(key => !UNDERSTOOD.includes(key));
  if (foreign !== undefined) {
    reject(scope, {
      property: `containers.${name}.${foreign}`, must: 'be left out, because it is of ECS', got: foreign,
      fix: OTHERWISE[foreign] ?? 'Use what Kubernetes has for it, with a manifest of your own and image.imageUri.',
    });
  }
  if (Token.isUnresolved(container.cpu)) {
    reject(scope, {
      property: `containers.${name}.cpu`, must: 'be known at synthesis, because Kubernetes counts in another unit', got: 'a token', fix: 'Give a number, e.g. 256.',
    });
  }
  if (container.essential === false) {
    reject(scope, {
      property: `containers.${name}.essential`, must: 'be left out, because Kubernetes restarts every container of a pod', got: false,
      fix: 'Leave it out.',
    });
  }
}

function checkSubdomain(scope: IConstruct, property: string, value: unknown): void {
  if (Token.isUnresolved(value)) return;
  checkPattern(scope, {
    property, value: value as string, pattern: SUBDOMAIN, must: 'be a name of Kubernetes: lower-case letters, digits, "-" and "."', fix: 'Use a name such as "web".',
  });
}
