import { CfnResource, Duration } from 'aws-cdk-lib';
import { Construct, Dependable, IConstruct, IDependable } from 'constructs';
import { OneOffTaskProps } from './one-off-task';
import { RUN_ONCE_NAMES } from './run-once-names';
import { checkObject, hasMethods } from '../private/check-types';
import { checkSpelling } from '../private/spelling';
import { checkOwnScope } from '../private/stacks';
import { reject, sentence } from '../private/validation';
import { waitsFor } from '../private/waits-for';
import { checkContainers } from '../service/containers/container-checks';
import { ContainerOptions } from '../service/containers/container-options';
import { checkCluster } from '../service/launch/cluster-check';
import { checkTaskNetwork } from '../service/launch/task-network-checks';
import { checkTask } from '../service/task-checks';

const DEFAULT_MINUTES = 30;
const LEAST_SECONDS = 60;
// CloudFormation waits an hour: the task has to be stopped, and the last invocation over, by then.
const MOST_SECONDS = 50 * 60;

/** What AWS would refuse or what cannot run, of what every one-off task has. */
export function checkOneOffTask(scope: Construct, props: OneOffTaskProps): void {
  checkOwnScope(scope);
  checkObject(scope, 'props', props, 'Give at least { cluster, containers }.');
  checkSpelling(scope, '', props, RUN_ONCE_NAMES);
  checkCluster(scope, props.cluster);
  checkContainers(scope, props.containers);
  Object.entries(props.containers).forEach(([name, container]) => checkEnds(scope, name, container));
  checkTaskNetwork(scope, props);
  checkTask(scope, props);
  if (props.failureLogs !== undefined && !hasMethods(props.failureLogs, '_lines')) {
    reject(scope, {
      property: 'failureLogs', must: 'be FailureLogs', got: props.failureLogs, fix: 'Make them with brackets, e.g. FailureLogs.none().',
    });
  }
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html */
function checkEnds(scope: IConstruct, name: string, { essential = true, restartPolicy }: ContainerOptions): void {
  const ignored = restartPolicy?._render().ignoredExitCodes ?? [];
  if (essential && restartPolicy !== undefined && !ignored.includes(0)) {
    reject(scope, {
      property: `containers.${name}.restartPolicy`, must: 'let it end with exit code 0, because the run is over then', got: ignored,
      fix: 'Write ContainerRestartPolicy.onExit({ ignoredExitCodes: [0] }), or leave it out.',
    });
  }
}

/** The time that the task may take. */
export function timeoutSeconds(scope: IConstruct, timeout: Duration = Duration.minutes(DEFAULT_MINUTES)): number {
  const property = 'timeout';
  const fix = `Use Duration.minutes(${DEFAULT_MINUTES}) or the like, of one to ${MOST_SECONDS / 60} minutes.`;
  if (!hasMethods(timeout, 'isUnresolved', 'toSeconds') || timeout.isUnresolved()) {
    return reject(scope, { property, must: 'be a Duration that is known at synthesis', got: timeout, fix });
  }
  const value = timeout.toSeconds({ integral: false });
  if (!Number.isInteger(value) || value < LEAST_SECONDS || value > MOST_SECONDS) {
    reject(scope, { property, must: `be from ${LEAST_SECONDS} to ${MOST_SECONDS} whole seconds`, got: value, fix });
  }
  return value;
}

/** Else CDK would find out at synthesis, with a TypeError. */
export function checkDependable(scope: IConstruct, dependency: unknown): void {
  try {
    Dependable.of(dependency as IDependable);
  } catch {
    reject(scope, {
      property: 'dependency', must: 'be a construct, or something else that one can depend on', got: dependency, fix: 'Give what has to be there first, e.g. a database.',
    });
  }
}

/** At the end of synthesis: a run that waits for what waits for the run is never started, as CloudFormation would find only then. */
export function circles(run: CfnResource): string[] {
  const circle = waitsFor(run, run);
  return circle === undefined ? [] : [sentence({
    property: 'executeBefore', must: 'let nothing wait for the task that the task itself waits for, here each for the next one',
    got: circle.map(({ node }) => node.path), fix: 'Leave executeBefore(…), executeAfter(…) or a reference out where it closes the circle.',
  })];
}
