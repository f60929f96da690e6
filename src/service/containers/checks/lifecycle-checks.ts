import { IConstruct } from 'constructs';
import { checkDuration } from './duration-checks';
import { checkHealthCheck } from './health-check-checks';
import { hasMethods } from '../../../private/check-types';
import { reject } from '../../../private/validation';
import type { ContainerOptions } from '../container-options';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_ContainerDefinition.html */
export function checkLifecycle(scope: IConstruct, container: string, options: ContainerOptions): void {
  const { healthCheck, startTimeout, stopTimeout, restartPolicy } = options;
  if (healthCheck !== undefined) {
    checkHealthCheck(scope, `${container}.healthCheck`, healthCheck);
  }
  checkDuration(scope, `${container}.startTimeout`, startTimeout, { min: 1 });
  checkDuration(scope, `${container}.stopTimeout`, stopTimeout, { min: 1 });
  if (restartPolicy === undefined) return;
  if (!hasMethods(restartPolicy, '_check', '_render')) {
    reject(scope, {
      property: `${container}.restartPolicy`, must: 'be a ContainerRestartPolicy', got: restartPolicy,
      fix: 'Make one with brackets, e.g. ContainerRestartPolicy.onExit().',
    });
  }
  restartPolicy._check(scope, `${container}.restartPolicy`);
}
