import { Size, SizeRoundingBehavior } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../../private/check-types';
import { checkInteger, reject } from '../../../private/validation';

interface SizeRule {
  readonly min: number;
  readonly max?: number;
  readonly fix: string;
}

/** A size of at least one whole MiB, if there is one; a token passes. */
export function checkMebibytes(scope: IConstruct, property: string, size: Size | undefined): void {
  check(scope, property, size, { min: 1, fix: 'Give whole MiB, e.g. Size.mebibytes(64).' }, 'toMebibytes');
}

/** A size in whole GiB within its bounds, if there is one; a token passes. */
export function checkGibibytes(scope: IConstruct, property: string, size: Size | undefined, rule: SizeRule): void {
  check(scope, property, size, rule, 'toGibibytes');
}

function check(
  scope: IConstruct, property: string, size: Size | undefined, rule: SizeRule, unit: 'toMebibytes' | 'toGibibytes',
): void {
  if (size === undefined) return;
  if (!hasMethods(size, 'isUnresolved', unit)) {
    reject(scope, { property, must: 'be a Size', got: size, fix: `Use Size.${unit === 'toMebibytes' ? 'mebibytes(64)' : 'gibibytes(30)'} or the like.` });
  }
  if (!size.isUnresolved()) {
    checkInteger(scope, { property, value: size[unit]({ rounding: SizeRoundingBehavior.NONE }), ...rule });
  }
}
