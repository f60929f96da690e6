import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from './check-types';
import { checkInteger, reject } from './validation';

type Unit = 'days' | 'minutes' | 'seconds';

const IN: Readonly<Record<Unit, (value: Duration) => number>> = {
  days: value => value.toDays({ integral: false }),
  minutes: value => value.toMinutes({ integral: false }),
  seconds: value => value.toSeconds({ integral: false }),
};

/** Bounds of a duration, both inclusive and in the unit of the check. */
export interface DurationRule {
  readonly property: string;
  readonly value: Duration | undefined;
  readonly min: number;
  readonly max?: number;
  readonly fix: string;
}

/** Whole seconds within their bounds; what is left out passes, and so does a token. */
export function checkSeconds(scope: IConstruct, rule: DurationRule): void {
  check(scope, rule, 'seconds');
}

/** Whole days within their bounds; what is left out passes, and so does a token. */
export function checkDays(scope: IConstruct, rule: DurationRule): void {
  check(scope, rule, 'days');
}

/** Whole minutes within their bounds; what is left out passes, and so does a token. */
export function checkMinutes(scope: IConstruct, rule: DurationRule): void {
  check(scope, rule, 'minutes');
}

function check(scope: IConstruct, { property, value, min, max, fix }: DurationRule, unit: Unit): void {
  if (value === undefined) {
    return;
  }
  if (!hasMethods(value, 'isUnresolved', 'toDays', 'toMinutes', 'toSeconds')) {
    reject(scope, { property, must: 'be a Duration', got: value, fix: `Use Duration.${unit}(${Math.max(min, 5)}) or the like.` });
  }
  if (!value.isUnresolved()) {
    checkInteger(scope, { property, value: IN[unit](value), min, max, fix });
  } else if (value.unitLabel() !== unit) {
    // It cannot be converted, which CDK would say without naming the property.
    reject(scope, {
      property, must: `be given in ${unit}, because its value is only known at deployment`, got: value.unitLabel(), fix: `Use Duration.${unit}(…).`,
    });
  }
}
