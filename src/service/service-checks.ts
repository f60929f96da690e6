import { Construct } from 'constructs';
import { ContainerServiceProps } from './container-service-props';
import { checkExecuteCommand } from './containers/checks/security-checks';
import { checkContainers } from './containers/container-checks';
import { checkCluster, checkTaskNetwork } from './launch/task-network';
import { SERVICE_NAMES } from './service-names';
import { checkEcsName, checkTask } from './task-checks';
import { checkBindable, checkObject, checkOneOf, hasMethods } from '../private/check-types';
import { checkSpelling } from '../private/spelling';
import { checkOwnScope } from '../private/stacks';
import { checkInteger, reject } from '../private/validation';

/** What AWS would refuse or what cannot run, of what every service has. */
export function checkService(scope: Construct, props: ContainerServiceProps): void {
  checkOwnScope(scope);
  checkObject(scope, 'props', props, 'Give at least { cluster, containers }.');
  checkSpelling(scope, '', props, SERVICE_NAMES);
  checkCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  checkOneOf(scope, props.enableExecuteCommand, [undefined, true, false], {
    property: 'enableExecuteCommand', must: 'be true or false', fix: 'Write enableExecuteCommand: true, or leave it out.',
  });
  if (props.enableExecuteCommand) {
    checkExecuteCommand(scope, props.containers);
  }
  checkTask(scope, props);
  checkEcsName(scope, 'serviceName', props.serviceName);
  checkTaskNetwork(scope, props);
  if (props.desiredCount !== undefined) {
    checkInteger(scope, { property: 'desiredCount', value: props.desiredCount, min: 0, fix: 'Give the number of tasks, 0 to run none.' });
  }
  if (props.exposure !== undefined) {
    checkBindable(scope, props.exposure, {
      property: 'exposure', must: 'be an Exposure', fix: 'Make one with brackets, e.g. Exposure.publicHttp().',
    });
  }
  if (props.deployment !== undefined && !hasMethods(props.deployment, '_bind')) {
    reject(scope, { property: 'deployment', must: 'be a Deployment', got: props.deployment, fix: 'Make one with brackets, e.g. Deployment.rolling().' });
  }
  if (props.scaling !== undefined && !hasMethods(props.scaling, '_apply', '_check')) {
    reject(scope, { property: 'scaling', must: 'be a Scaling', got: props.scaling, fix: 'Make one, e.g. Scaling.between(2, 10).onCpu(60).' });
  }
  props.scaling?._check(scope, props.desiredCount);
}
