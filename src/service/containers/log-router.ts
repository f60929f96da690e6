import * as ecs from 'aws-cdk-lib/aws-ecs';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { IConstruct } from 'constructs';
import { FIRELENS } from './container-logging';
import { ContainerOptions } from './container-options';
import { reject } from '../../private/validation';

const NAME = 'log-router';

/** The memory reservation of the log router. */
export const LOG_ROUTER_MEMORY_MIB = 50;

/** The names of the containers, including the log router. */
export function namesWithLogRouter(containers: { readonly [name: string]: ContainerOptions }): string[] {
  return [...new Set([...Object.keys(containers), ...hasLogRouter(Object.values(containers)) ? [NAME] : []])];
}

/** Whether a log router is added to these containers. */
export function hasLogRouter(containers: ContainerOptions[]): boolean {
  return containers.some(({ logging }) => logging?._needsLogRouter());
}

/**
 * Adds the container that FireLens needs. The L2 would add one with a log group that never expires.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_firelens.html
 */
export function addLogRouter(scope: IConstruct, container: ecs.ContainerDefinition, logGroup: ILogGroup, names: string[]): void {
  const { taskDefinition, logDriverConfig, containerName } = container;
  if (logDriverConfig?.logDriver !== FIRELENS) return;
  if (names.includes(NAME)) {
    reject(scope, {
      property: `containers.${NAME}`, must: 'have another name, because the log router of another container has this name', got: containerName,
      fix: 'Use another name for the container.',
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
