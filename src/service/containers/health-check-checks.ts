import { HealthCheck } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { checkList, checkObject, hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

const CURE = 'Write healthCheck: { command: [\'CMD\', \'/healthy\'] }, or leave it out.';

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_HealthCheck.html */
export function checkHealthCheck(scope: IConstruct, property: string, healthCheck: HealthCheck): void {
  checkObject(scope, property, healthCheck, CURE);
  checkList(scope, `${property}.command`, healthCheck.command, CURE);
  const seconds = (key: 'interval' | 'timeout' | 'startPeriod', min: number, max: number) => {
    const duration = healthCheck[key];
    if (duration !== undefined && !hasMethods(duration, 'isUnresolved', 'toSeconds')) {
      reject(scope, { property: `${property}.${key}`, must: 'be a Duration', got: duration, cure: 'Use Duration.seconds(30) or the like.' });
    }
    if (duration && !duration.isUnresolved()) {
      const value = duration.toSeconds({ integral: false });
      checkInteger(scope, { property: `${property}.${key}`, value, min, max, cure: 'Give whole seconds within these limits of ECS.' });
    }
  };
  seconds('interval', 5, 300);
  seconds('timeout', 2, 60);
  seconds('startPeriod', 0, 300);
  if (healthCheck.retries !== undefined) {
    checkInteger(scope, {
      property: `${property}.retries`, value: healthCheck.retries, min: 1, max: 10, cure: 'Give a number within these limits of ECS.',
    });
  }
}
