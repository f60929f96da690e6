import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** Bounds of a duration, both inclusive. */
interface DurationRule {
  readonly property: string;
  readonly value: Duration | undefined;
  readonly unit: 'minutes' | 'seconds';
  readonly min: number;
  readonly max: number;
  readonly cure: string;
}

/** A duration in whole minutes or seconds; a token passes, but it cannot be converted. */
export function checkDuration(scope: IConstruct, { property, value, unit, min, max, cure }: DurationRule): void {
  if (value === undefined) {
    return;
  }
  if (!hasMethods(value, 'isUnresolved', 'toMinutes', 'toSeconds')) {
    reject(scope, { property, must: 'be a Duration', got: value, cure: `Use Duration.${unit}(${Math.max(min, 5)}) or the like.` });
  }
  if (!value.isUnresolved()) {
    const options = { integral: false };
    checkInteger(scope, { property, value: unit === 'minutes' ? value.toMinutes(options) : value.toSeconds(options), min, max, cure });
  } else if (value.unitLabel() !== unit) {
    reject(scope, {
      property, must: `be given in ${unit}, because its value is only known at deployment`, got: value.unitLabel(), cure: `Use Duration.${unit}(…).`,
    });
  }
}
