import { Duration, Lazy } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { checkValue, DurationRule } from '../../src/private/shape';
import { newStack } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

type Unit = DurationRule['unit'];

function checkedBy(unit: Unit, value: Duration | undefined): string {
  return messageOf(() => checkValue(new Construct(newStack(), 'Owner'), 'wait', value, { kind: 'duration', unit, min: 1, max: 60, fix: 'Wait less.' }));
}

const token = Lazy.number({ produce: () => 1 });

test.each<[string, Unit, Duration | undefined]>([
  ['nothing', 'seconds', undefined], ['a second', 'seconds', Duration.seconds(1)], ['a minute in seconds', 'seconds', Duration.minutes(1)],
  ['an hour in minutes', 'minutes', Duration.hours(1)],
  ['a token in seconds', 'seconds', Duration.seconds(token)], ['a token in minutes', 'minutes', Duration.minutes(token)],
])('%s is accepted', (_, unit, value) => {
  expect(checkedBy(unit, value)).toBe('accepted');
});

test.each<[string, Unit, unknown, string]>([
  ['61 seconds', 'seconds', Duration.seconds(61), 'be a whole number from 1 to 60, got 61. Wait less.'],
  ['half a minute', 'minutes', Duration.seconds(30), 'be a whole number from 1 to 60, got 0.5. Wait less.'],
  ['a number', 'seconds', 30, 'be a Duration, got 30. Use a duration such as Duration.seconds(5).'],
  ['null', 'minutes', null, 'be a Duration, got null. Use a duration such as Duration.minutes(5).'],
  ['a token that would have to be converted', 'seconds', Duration.minutes(token), 'be given in seconds, because its value is only known at deployment'],
])('%s is rejected', (_, unit, value, message) => {
  expect(checkedBy(unit, wrong(value))).toContain(`Stack/Owner: 'wait' must ${message}`);
});
