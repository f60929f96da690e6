import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import type { ContainerOptions } from './container-options';
import { reject } from '../../private/validation';

const NAME = 'log-router';
const FIRELENS = 'awsfirelens';

/** What is kept for it. */
export const LOG_ROUTER_MEMORY_MIB = 50;

/** The names of the containers that a task has in the end. */
export function namesWithLogRouter(containers: { readonly [name: string]: ContainerOptions }): string[] {
  return [...new Set([...Object.keys(containers), ...hasLogRouter(Object.values(containers)) ? [NAME] : []])];
}

/** Whether one is added to these containers. */
export function hasLogRouter(containers: ContainerOptions[]): boolean {
  return containers.some(({ logging }) => logging?._needsLogRouter());
}

/** What a driver is called it only says when there is a container, and by then the task has its size. */
export function isFireLens(driver: ecs.LogDriver): boolean {
  return driver instanceof ecs.FireLensLogDriver || (driver as { logDriver?: unknown }).logDriver === FIRELENS;
}

/**
 * The container that FireLens needs beside the others. The L2 would add one by itself, with a log group that is never emptied.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
 */
export function addLogRouter(scope: IConstruct, container: ecs.ContainerDefinition, logGroup: ILogGroup, names: string[]): void {
  const { taskDefinition, logDriverConfig, containerName } = container;
  if (logDriverConfig?.logDriver !== FIRELENS) return;
  if (names.includes(NAME)) {
    reject(scope, {
      property: `containers.${NAME}`, must: 'have another name, because the logs of another container go through one of that name', got: containerName,
      fix: 'Choose another name for the container.',
    });
  }
  if (taskDefinition.findContainer(NAME) !== undefined) return;
  taskDefinition.addFirelensLogRouter(NAME, {
    image: ecs.obtainDefaultFluentBitECRImage(taskDefinition, logDriverConfig),
    firelensConfig: { type: ecs.FirelensLogRouterType.FLUENTBIT },
    logging: ecs.LogDrivers.awsLogs({ logGroup, streamPrefix: NAME }),
    memoryReservationMiB: LOG_ROUTER_MEMORY_MIB,
  });
}
