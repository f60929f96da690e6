import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { DeployedService } from './deployment-config';
import { reject } from '../../private/validation';

/** More tasks than this no service has: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html */
const MOST_TASKS = 5000;

/**
 * Whatever the number of tasks: either one more may start, or one of them stop. Otherwise nothing is ever replaced.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-event-messages-list.html#service-event-messages-7
 */
export function checkRoom(scope: IConstruct, service: DeployedService, minPercent: number, maxPercent: number): void {
  if (!isKnown(minPercent) || !isKnown(maxPercent)) {
    return;
  }
  const stuck = possibleCounts(service).find(count => Math.floor(count * maxPercent / 100) - Math.ceil(count * minPercent / 100) < 1);
  if (stuck !== undefined) {
    reject(scope, {
      property: 'deployment',
      must: 'leave room to replace a task: \'maxHealthyPercent\' one more than there are, or \'minHealthyPercent\' one less',
      got: `${minPercent} and ${maxPercent} percent of ${stuck === 1 ? 'one task' : `${stuck} tasks`}`,
      fix: 'Use minHealthyPercent: 100 with maxHealthyPercent: 200, which has room with any number.',
    });
  }
}

/** None at all needs no room, and of a daemon there are as many as instances: nobody knows. */
function possibleCounts({ desiredCount = 1, scaling, isDaemon = false }: DeployedService): number[] {
  if (isDaemon) {
    return [];
  }
  if (scaling === undefined) {
    return isKnown(desiredCount) && desiredCount > 0 ? [desiredCount] : [];
  }
  const [min, max] = [scaling.minTasks, scaling.maxTasks];
  if (!isKnown(min) || !isKnown(max)) {
    return [];
  }
  const first = Math.max(1, min);
  return Array.from({ length: Math.max(0, Math.min(max, MOST_TASKS) - first + 1) }, (_, index) => first + index);
}

/** Neither a token nor a mistake that is told elsewhere. */
function isKnown(value: number | undefined): value is number {
  return Number.isInteger(value) && !Token.isUnresolved(value);
}
