import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkSeconds } from '../../../private/check-duration';

/** A duration that ECS takes in whole seconds, if there is one. */
export function checkDuration(
  scope: IConstruct, property: string, value: Duration | undefined, { min, max }: { min: number; max?: number },
): void {
  checkSeconds(scope, { property, value, min, max, fix: 'Give whole seconds within these limits of ECS.' });
}
