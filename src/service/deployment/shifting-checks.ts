import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkMinutes } from '../../private/check-duration';
import { reject } from '../../private/validation';

/** https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-linearconfiguration.html */
const MOST_MINUTES = 33 * 60;

/** One decimal place at most; a token passes. */
export function checkPercent(scope: IConstruct, property: string, value: number, min: number): void {
  const tenths = value * 10;
  const fits = typeof value === 'number' && value >= min && value <= 100 && Math.abs(tenths - Math.round(tenths)) < 1e-9;
  if (!Token.isUnresolved(value) && !fits) {
    reject(scope, {
      property, must: `be percent from ${min} to 100, with one decimal place at most`, got: value, fix: 'Give how many of the clients are moved, e.g. 10.',
    });
  }
}

/** As long as ECS lets two versions run side by side. */
export function checkBakeTime(scope: IConstruct, property: string, value: Duration | undefined): void {
  checkMinutes(scope, { property, value, min: 0, max: 1440, fix: 'Give whole minutes, at most 24 hours.' });
}

/** CloudFormation waits for 36 hours, and refuses what would take more than 33 of them. */
export function checkWholeTime(scope: IConstruct, property: string, time: { steps: number; stepBakeTime: Duration; bakeTime: Duration }): void {
  const { steps, stepBakeTime, bakeTime } = time;
  if (Token.isUnresolved(steps) || !Number.isFinite(steps) || stepBakeTime.isUnresolved() || bakeTime.isUnresolved()) {
    return;
  }
  const minutes = steps * stepBakeTime.toMinutes() + bakeTime.toMinutes();
  if (minutes > MOST_MINUTES) {
    reject(scope, {
      property, must: 'let all steps and \'bakeTime\' take at most 33 hours together, as CloudFormation demands', got: `${minutes} minutes`,
      fix: 'Wait for less between the steps, or take larger ones.',
    });
  }
}
