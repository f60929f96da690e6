import { Stack } from 'aws-cdk-lib';
import { CfnTaskDefinition, ContainerDefinition, ContainerImage, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { partialSecret } from './secret-arns';
import { platformsOf } from '../../image/known-platforms';
import { isBuiltFor } from '../../image/platform-names';
import { definedContainers } from '../../private/defined-containers';
import { sentence, Violation } from '../../private/validation';

/** The CPU architecture of a Linux task; undefined if it can be any. Respects overrides of the L1 resource. */
export function architectureOf(taskDefinition: TaskDefinition): string | undefined {
  const resource = taskDefinition.node.defaultChild as CfnTaskDefinition;
  const { Resources } = Stack.of(resource).resolve(resource._toCloudFormation()) as { readonly Resources: { readonly [id: string]: Rendered } };
  const [{ Properties: { RuntimePlatform: { CpuArchitecture, OperatingSystemFamily = 'LINUX' } = {} } }] = Object.values(Resources);
  if (OperatingSystemFamily !== 'LINUX') return undefined;
  // The default of Fargate. On EC2, the instance determines it.
  return CpuArchitecture ?? (taskDefinition.isFargateCompatible ? 'X86_64' : undefined);
}

interface Rendered {
  readonly Properties: { readonly RuntimePlatform?: { readonly CpuArchitecture?: string; readonly OperatingSystemFamily?: string } };
}

const NAMES = new Map<unknown, 'amd64' | 'arm64'>([['X86_64', 'amd64'], ['ARM64', 'arm64']]);

/** Checks at the end of synthesis the containers and settings that users add with methods of the task definition. */
export function checkAddedContainers(scope: IConstruct, taskDefinition: TaskDefinition): void {
  scope.node.addValidation({
    validate: () => definedContainers(taskDefinition)
      .flatMap(container => [...otherArchitecture(scope, taskDefinition, container), ...partialSecrets(scope, container)]).map(sentence),
  });
}

function otherArchitecture(scope: IConstruct, taskDefinition: TaskDefinition, container: ContainerDefinition): Violation[] {
  // The L2 keeps the image in a private field.
  const { image } = Reflect.get(container, 'props') as { readonly image: ContainerImage };
  const platforms = platformsOf(scope, image);
  const architecture = platforms && NAMES.get(architectureOf(taskDefinition));
  if (architecture === undefined || platforms?.some(each => isBuiltFor(each, architecture))) return [];
  return [{
    property: `taskDefinition.${container.containerName}.image`, must: `be built for linux/${architecture}, the platform of the task`, got: platforms?.join(', '),
    fix: 'Pass the container in \'containers\' of the construct, so that the task gets its architecture, or build the image for it.',
  }];
}

function partialSecrets(scope: IConstruct, container: ContainerDefinition): Violation[] {
  const { secrets } = container.renderContainerDefinition(container.taskDefinition);
  return (Array.isArray(secrets) ? secrets as CfnTaskDefinition.SecretProperty[] : []).flatMap(({ name, valueFrom }) =>
    partialSecret(scope, `taskDefinition.${container.containerName}.secrets.${name}`, valueFrom) ?? []);
}
