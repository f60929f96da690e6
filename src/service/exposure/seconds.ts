import { Duration, Tokenization } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** Bounds of a time, both inclusive and in seconds. */
export interface SecondsRule {
  readonly property: string;
  readonly value: Duration | undefined;
  readonly min: number;
  readonly max: number;
  readonly cure: string;
}

/** Whole seconds within their bounds; what is left out passes, and so does a token. */
export function checkSeconds(scope: IConstruct, { property, value, min, max, cure }: SecondsRule): void {
  if (value === undefined) {
    return;
  }
  if (!hasMethods(value, 'isUnresolved', 'toSeconds')) {
    reject(scope, { property, must: 'be a Duration', got: value, cure: 'Use Duration.seconds(30) or the like.' });
  }
  const seconds = knownSeconds(value);
  if (seconds !== undefined) {
    checkInteger(scope, { property, value: seconds, min, max, cure });
  }
}

/** The seconds, where they are known already. */
export function knownSeconds(value: Duration | undefined): number | undefined {
  return value === undefined || value.isUnresolved() ? undefined : value.toSeconds({ integral: false });
}

/** As an attribute of a load balancer has it: the L2 would write out the number in which a token hides. */
export function secondsText(value: Duration): string {
  return Tokenization.stringifyNumber(value.toSeconds());
}
