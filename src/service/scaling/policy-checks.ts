import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { ScalingPolicyOptions } from './scaling-options';
import { checkSeconds } from '../../private/check-duration';
import { checkObject, checkOneOf } from '../../private/check-types';
import { checkPattern, reject } from '../../private/validation';

/** Cooldowns and the like. */
export function checkPolicyOptions(scope: IConstruct, property: string, options: ScalingPolicyOptions): void {
  checkObject(scope, property, options, 'Give options in brackets, e.g. { scaleInCooldown: Duration.minutes(1) }, or leave them out.');
  checkCooldown(scope, `${property}.scaleInCooldown`, options.scaleInCooldown);
  checkCooldown(scope, `${property}.scaleOutCooldown`, options.scaleOutCooldown);
  checkOneOf(scope, options.disableScaleIn, [undefined, true, false], {
    property: `${property}.disableScaleIn`, must: 'be true or false', fix: 'Leave it out, unless other measures take tasks away.',
  });
}

/** A measure that tasks can share: a token, or a number above zero. */
export function checkTarget(scope: IConstruct, property: string, value: number, fix: string, max = Infinity): void {
  if (Token.isUnresolved(value) || (Number.isFinite(value) && value > 0 && value <= max)) {
    return;
  }
  reject(scope, { property, must: max === Infinity ? 'be a number above 0' : `be a number above 0 and up to ${max}`, got: value, fix });
}

/** It becomes part of an id, for which not even a token is known early enough. */
export function checkName(scope: IConstruct, property: string, name: string | undefined): void {
  if (name === undefined) {
    return;
  }
  const fix = 'Choose a name such as "orders".';
  if (Token.isUnresolved(name)) {
    reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix });
  }
  checkPattern(scope, { property, value: name, pattern: /^[A-Za-z0-9-]{1,64}$/, must: 'have 1 to 64 letters, digits or "-"', fix });
}

function checkCooldown(scope: IConstruct, property: string, value: Duration | undefined): void {
  checkSeconds(scope, { property, value, min: 0, fix: 'Give whole seconds, e.g. Duration.seconds(60), or leave it out.' });
}
