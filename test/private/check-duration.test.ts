import { Duration, Lazy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkMinutes, checkSeconds } from '../../src/private/check-duration';
import { newStack } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

type Check = typeof checkSeconds;

function checkedBy(check: Check, value: Duration | undefined): string {
  return messageOf(() => check(new Construct(newStack(), 'Owner'), { property: 'wait', value, min: 1, max: 60, fix: 'Wait less.' }));
}

const token = Lazy.number({ produce: () => 1 });

test.each<[string, Check, Duration | undefined]>([
  ['nothing', checkSeconds, undefined], ['a second', checkSeconds, Duration.seconds(1)], ['a minute in seconds', checkSeconds, Duration.minutes(1)],
  ['an hour in minutes', checkMinutes, Duration.hours(1)],
  ['a token in seconds', checkSeconds, Duration.seconds(token)], ['a token in minutes', checkMinutes, Duration.minutes(token)],
])('%s is taken', (_, check, value) => {
  expect(checkedBy(check, value)).toBe('accepted');
});

test.each<[string, Check, unknown, string]>([
  ['61 seconds', checkSeconds, Duration.seconds(61), 'be a whole number from 1 to 60, got 61. Wait less.'],
  ['half a minute', checkMinutes, Duration.seconds(30), 'be a whole number from 1 to 60, got 0.5. Wait less.'],
  ['a number', checkSeconds, 30, 'be a Duration, got 30. Use Duration.seconds(5) or the like.'],
  ['null', checkMinutes, null, 'be a Duration, got null. Use Duration.minutes(5) or the like.'],
  ['a token that would have to be converted', checkSeconds, Duration.minutes(token), 'be given in seconds, because its value is only known at deployment'],
])('%s is refused', (_, check, value, message) => {
  expect(checkedBy(check, wrong(value))).toContain(`Stack/Owner: 'wait' must ${message}`);
});
