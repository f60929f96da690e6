import { ContainerDefinition, FirelensLogRouter, TaskDefinition } from 'aws-cdk-lib/aws-ecs';

/** All containers of a task definition, also those that were added to it by hand. */
export function definedContainers(taskDefinition: TaskDefinition): ContainerDefinition[] {
  return taskDefinition.node.children.filter((child): child is ContainerDefinition => child instanceof ContainerDefinition);
}

/** Whether a run is over and judged when it ends. A log router is told to end when the work is done, and its exit code says nothing of that. */
export function isWork(container: ContainerDefinition): boolean {
  return container.essential && !(container instanceof FirelensLogRouter);
}
