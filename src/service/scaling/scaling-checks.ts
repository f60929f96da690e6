import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ScalingPolicy, TaskLimits } from './scaling-policy';
import { checkInteger, reject } from '../../private/validation';

/** What AWS would refuse, or what would never do anything. */
export function checkScaling(scope: IConstruct, limits: TaskLimits, policies: ScalingPolicy[]): void {
  const { minTasks, maxTasks } = limits;
  checkInteger(scope, { property: 'scaling.minTasks', value: minTasks, min: 0, fix: 'Give the fewest tasks first: Scaling.between(2, 10).' });
  checkInteger(scope, { property: 'scaling.maxTasks', value: maxTasks, min: 0, fix: 'Give the most tasks second: Scaling.between(2, 10).' });
  if (isAbove(minTasks, maxTasks)) {
    reject(scope, { property: 'scaling.minTasks', must: `be at most maxTasks, ${maxTasks}`, got: minTasks, fix: 'Give the fewest tasks first: Scaling.between(2, 10).' });
  }
  if (policies.length === 0) {
    reject(scope, { property: 'scaling', must: 'follow something', got: 'only limits', fix: 'Say what, e.g. Scaling.between(2, 10).onCpu(60).' });
  }
  policies.forEach(policy => policy.check(scope, limits));
  checkDifferent(scope, policies);
  checkWakes(scope, limits, policies);
}

/** How many tasks there are at first, which scaling would change at once if they were too few or too many. */
export function checkDesiredCount(scope: IConstruct, desiredCount: number | undefined, { minTasks, maxTasks }: TaskLimits): void {
  if (desiredCount === undefined) {
    return;
  }
  if (isAbove(minTasks, desiredCount) || isAbove(desiredCount, maxTasks)) {
    reject(scope, {
      property: 'desiredCount', must: `be within the limits of 'scaling', ${limit(minTasks)} to ${limit(maxTasks)}`, got: desiredCount,
      fix: 'Leave it out: scaling starts with the fewest tasks.',
    });
  }
  Annotations.of(scope).addWarningV2('cdk-container-delivery:desiredCountWithScaling',
    '\'desiredCount\' is given with \'scaling\': each deployment that changes the service sets it back to as many tasks, whatever scaling made of it. '
    + 'Leave \'desiredCount\' out to keep what scaling made of it.');
}

/** CPU, memory and requests for each task are not measured while no task runs: the service would sleep for ever. */
function checkWakes(scope: IConstruct, { minTasks, maxTasks }: TaskLimits, policies: ScalingPolicy[]): void {
  const none = minTasks === 0 || policies.some(policy => policy.allowsNone && !policy.wakes);
  if (none && maxTasks !== 0 && !policies.some(policy => policy.wakes)) {
    reject(scope, {
      property: minTasks === 0 ? 'scaling.minTasks' : 'scaling.onSchedule.minTasks',
      must: 'be at least 1 as long as nothing starts tasks again where none runs', got: 0,
      fix: 'Use 1, or scale on what is there without tasks too: .onQueueDepth(queue, { messagesPerTask: 10 }), .onMetric(…), or .onSchedule(…) with minTasks.',
    });
  }
}

function checkDifferent(scope: IConstruct, policies: ScalingPolicy[]): void {
  policies.forEach((policy, index) => {
    if (policies.findIndex(({ id }) => id === policy.id) < index) {
      reject(scope, {
        property: policy.property, must: 'be given once, or under different names', got: `${policy.id} twice`,
        fix: 'Leave one out. Several queues, metrics and schedules are told apart by { name: … }.',
      });
    }
  });
}

function isAbove(value: number, limitValue: number): boolean {
  return !Token.isUnresolved(value) && !Token.isUnresolved(limitValue) && value > limitValue;
}

function limit(value: number): string {
  return Token.isUnresolved(value) ? 'a token' : String(value);
}
