import type { ContainerOptions } from './container-options';
import { NamesOf } from '../../private/spelling';

/** The options of a container. */
export const CONTAINER_NAMES: NamesOf<ContainerOptions> = {
  image: true, versionConsistency: true, port: true, additionalPorts: true, logging: true, security: true, command: true, entryPoint: true,
  workingDirectory: true, user: true, environment: true, environmentFiles: true, secrets: true, dockerLabels: true, pseudoTerminal: true,
  initProcessEnabled: true, memoryLimitMiB: true, memoryReservationMiB: true, cpu: true, volumes: true, sharedMemorySize: true, ulimits: true,
  systemControls: true, essential: true, healthCheck: true, dependsOn: true, startTimeout: true, stopTimeout: true, restartPolicy: true,
};
