import { ContainerDefinition, FirelensLogRouter, TaskDefinition } from 'aws-cdk-lib/aws-ecs';

/** All containers of a task definition, including those that users added to it. */
export function definedContainers(taskDefinition: TaskDefinition): ContainerDefinition[] {
  return taskDefinition.node.children.filter((child): child is ContainerDefinition => child instanceof ContainerDefinition);
}

/** Whether the exit code of a container determines the result of a task. ECS stops log routers, so their exit codes mean nothing. */
export function isWork(container: ContainerDefinition): boolean {
  return container.essential && !(container instanceof FirelensLogRouter);
}
