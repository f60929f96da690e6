import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { hasMethods } from '../../../private/check-types';
import { checkInteger, reject } from '../../../private/validation';

/** A duration in whole seconds within its bounds, if there is one; a token passes. */
export function checkDuration(
  scope: IConstruct, property: string, duration: Duration | undefined, { min, max }: { min: number; max?: number },
): void {
  if (duration === undefined) return;
  if (!hasMethods(duration, 'isUnresolved', 'toSeconds')) {
    reject(scope, { property, must: 'be a Duration', got: duration, cure: 'Use Duration.seconds(30) or the like.' });
  }
  if (!duration.isUnresolved()) {
    checkInteger(scope, {
      property, value: duration.toSeconds({ integral: false }), min, max, cure: 'Give whole seconds within these limits of ECS.',
    });
  }
}
