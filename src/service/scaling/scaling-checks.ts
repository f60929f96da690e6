import { Annotations, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ScalingPolicy, TaskLimits } from './target-tracking';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

/** Rejects limits and policies that AWS would reject or that would have no effect. */
export function checkScaling(scope: IConstruct, limits: TaskLimits, policies: readonly ScalingPolicy[]): void {
  checkLimits(scope, limits);
  if (policies.length === 0) {
    reject(scope, { property: 'scaling', must: 'have a scaling policy', got: 'only limits', fix: 'Add one, e.g. Scaling.between(2, 10).onCpu(60).' });
  }
  policies.forEach(policy => policy.check(scope, limits));
  checkDifferent(scope, policies);
  checkWakes(scope, limits, policies);
}

/** Rejects limits that are not valid numbers of tasks. */
export function checkLimits(scope: IConstruct, { minTasks, maxTasks }: TaskLimits): void {
  const fix = 'Pass the minimum and the maximum: Scaling.between(2, 10).';
  checkValue(scope, 'scaling.minTasks', minTasks, { kind: 'integer', min: 0, fix, required: true });
  checkValue(scope, 'scaling.maxTasks', maxTasks, { kind: 'integer', min: 0, fix, required: true });
  if (isAbove(minTasks, maxTasks)) {
    reject(scope, { property: 'scaling.minTasks', must: `be at most maxTasks, ${maxTasks}`, got: minTasks, fix });
  }
}

/** Checks that the desired count is within the limits. */
export function checkDesiredCount(scope: IConstruct, desiredCount: number | undefined, { minTasks, maxTasks }: TaskLimits): void {
  if (desiredCount === undefined) {
    return;
  }
  if (isAbove(minTasks, desiredCount) || isAbove(desiredCount, maxTasks)) {
    reject(scope, {
      property: 'desiredCount', must: `be within the limits of 'scaling', ${limit(minTasks)} to ${limit(maxTasks)}`, got: desiredCount,
      fix: 'Leave it out: the service then starts with the minimum.',
    });
  }
  Annotations.of(scope).addWarningV2('cdk-container-delivery:desiredCountWithScaling',
    '\'desiredCount\' is set together with \'scaling\': each deployment that changes the service resets the number of tasks to it. '
    + 'Leave \'desiredCount\' out to keep the number that scaling has set.');
}

/** Rejects a minimum of 0 with only CPU, memory and requests policies. They have no metrics without a task, so they never start the first task. */
function checkWakes(scope: IConstruct, { minTasks, maxTasks }: TaskLimits, policies: readonly ScalingPolicy[]): void {
  const none = minTasks === 0 || policies.some(policy => policy.allowsNone && !policy.wakes);
  if (none && maxTasks !== 0 && !policies.some(policy => policy.wakes)) {
    reject(scope, {
      property: minTasks === 0 ? 'scaling.minTasks' : 'scaling.onSchedule.minTasks',
      must: 'be at least 1 unless a policy can start the first task', got: 0,
      fix: 'Use 1, or add a policy that works without tasks: .onQueueDepth(queue, { messagesPerTask: 10 }), .onMetric(…), or .onSchedule(…) with minTasks.',
    });
  }
}

function checkDifferent(scope: IConstruct, policies: readonly ScalingPolicy[]): void {
  policies.forEach((policy, index) => {
    if (policies.findIndex(({ id }) => id === policy.id) < index) {
      reject(scope, {
        property: policy.property, must: 'be used once, or with different names', got: `${policy.id} twice`,
        fix: 'Remove one, or give each queue, metric or schedule a name: { name: … }.',
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
