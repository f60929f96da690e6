import { ContainerDependencyCondition } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, hasMethods } from '../../../private/check-types';
import { reject } from '../../../private/validation';
import type { ContainerDependency } from '../container-dependency';
import type { Containers } from '../container-options';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDependency.html */
export function checkDependencies(scope: IConstruct, containers: Containers): void {
  for (const [name, { dependsOn = [] }] of Object.entries(containers)) {
    const property = `containers.${name}.dependsOn`;
    checkList(scope, property, dependsOn, 'Write dependsOn: [ContainerDependency.healthy(\'db\')], or leave it out.');
    dependsOn.forEach((dependency, index) => {
      checkDependency(scope, property, dependency, containers);
      if (dependsOn.findIndex(other => other.containerName === dependency.containerName) !== index) {
        reject(scope, { property, must: 'name each container once', got: dependency.containerName, fix: 'Keep the stricter of the two conditions.' });
      }
    });
  }
  Object.keys(containers).forEach(name => checkNoCircle(scope, containers, [name]));
}

function checkDependency(scope: IConstruct, property: string, dependency: ContainerDependency, containers: Containers): void {
  if (!hasMethods(dependency, '_isContainerDependency')) {
    reject(scope, { property, must: 'have ContainerDependency objects', got: dependency, fix: 'Make one, e.g. ContainerDependency.healthy(\'db\').' });
  }
  const { containerName, condition } = dependency;
  if (!Object.hasOwn(containers, containerName)) {
    reject(scope, {
      property, must: 'name a container of the same task', got: containerName, fix: `Use one of: ${Object.keys(containers).join(', ')}.`,
    });
  }
  const other = containers[containerName];
  if (condition === ContainerDependencyCondition.HEALTHY && other.healthCheck === undefined) {
    reject(scope, {
      property, must: 'wait for the health only of a container with a health check', got: containerName,
      fix: `Give '${containerName}' a healthCheck, or use ContainerDependency.started('${containerName}').`,
    });
  }
  const waitsForEnd = condition === ContainerDependencyCondition.COMPLETE || condition === ContainerDependencyCondition.SUCCESS;
  if (waitsForEnd && other.essential !== false) {
    reject(scope, {
      property, must: 'wait for the end only of a container that is not essential, because the task ends with one that is', got: containerName,
      fix: `Write essential: false in '${containerName}'.`,
    });
  }
  if (waitsForEnd && other.restartPolicy !== undefined) {
    reject(scope, {
      property, must: 'wait for the end only of a container that is not started again', got: containerName,
      fix: `Leave out the restartPolicy of '${containerName}'.`,
    });
  }
}

function checkNoCircle(scope: IConstruct, containers: Containers, path: string[]): void {
  for (const { containerName } of containers[path[path.length - 1]].dependsOn ?? []) {
    if (containerName === path[0]) {
      reject(scope, {
        property: `containers.${path[0]}.dependsOn`, must: 'not lead back to the container itself', got: [...path, containerName].join(' → '),
        fix: 'Leave out one of these dependencies.',
      });
    }
    if (!path.includes(containerName)) {
      checkNoCircle(scope, containers, [...path, containerName]);
    }
  }
}
