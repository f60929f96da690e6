import { IConstruct } from 'constructs';
import { checkDuration } from './duration-checks';
import { reject } from '../../../private/validation';
import type { ContainerCapabilities } from '../container-capabilities';
import type { ContainerOptions, Containers } from '../container-options';

/** What containers want, and what there is where they run. They have been checked in themselves. */
export function checkCapabilities(scope: IConstruct, containers: Containers, capabilities: ContainerCapabilities): void {
  for (const [name, container] of Object.entries(containers)) {
    checkContainer(scope, `containers.${name}`, container, capabilities);
  }
}

function checkContainer(scope: IConstruct, property: string, container: ContainerOptions, capabilities: ContainerCapabilities): void {
  const { sharedMemorySize, startTimeout, stopTimeout, volumes = {} } = container;
  checkDuration(scope, `${property}.startTimeout`, startTimeout, capabilities.timeouts);
  checkDuration(scope, `${property}.stopTimeout`, stopTimeout, capabilities.timeouts);
  if (sharedMemorySize !== undefined && !capabilities.hasSharedMemorySize) {
    reject(scope, {
      property: `${property}.sharedMemorySize`, must: `be left out on ${capabilities.name}, which cannot change it`, got: sharedMemorySize,
      fix: 'Run the containers as an Ec2Service, or let the process use another directory.',
    });
  }
  for (const [path, volume] of Object.entries(volumes)) {
    volume._definition.checkOffered?.(scope, `${property}.volumes.${path}`, capabilities);
  }
}

/** What a driver is called is only known once it is there. */
export function checkLogDriver(scope: IConstruct, container: string, driver: string | undefined, { name, logDrivers }: ContainerCapabilities): void {
  if (driver !== undefined && logDrivers !== undefined && !logDrivers.includes(driver)) {
    reject(scope, {
      property: `containers.${container}.logging`, must: `use a driver that ${name} has: ${logDrivers.join(', ')}`, got: driver,
      fix: 'Use ContainerLogging.toCloudWatch(), or run the containers as an Ec2Service.',
    });
  }
}
