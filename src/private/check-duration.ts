import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from './check-types';
import { checkInteger, reject } from './validation';

/** Bounds of a duration in seconds, both inclusive. */
export interface DurationRule {
  readonly property: string;
  /** Left out is fine. */
  readonly value?: Duration;
  readonly min: number;
  readonly max: number;
  readonly cure: string;
}

/** Whole seconds within their bounds; a token passes. */
export function checkDuration(scope: IConstruct, { value, ...rule }: DurationRule): void {
  if (value === undefined) {
    return;
  }
  if (!hasMethods(value, 'isUnresolved', 'toSeconds')) {
    reject(scope, { property: rule.property, must: 'be a Duration', got: value, cure: 'Use Duration.seconds(30) or the like.' });
  }
  if (!value.isUnresolved()) {
    checkInteger(scope, { ...rule, value: value.toSeconds({ integral: false }) });
  }
}
