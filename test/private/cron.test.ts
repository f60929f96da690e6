import * as fc from 'fast-check';
import { isCron } from '../../src/private/schedules';

describe('an AWS cron expression', () => {
  // https://docs.aws.amazon.com/autoscaling/application/userguide/scheduled-scaling-using-cron-expressions.html
  test.each([
    '0 8 * * ? *', '0/15 * * * ? *', '*/5 8-18 ? * MON-FRI *', '0 9 1 * ? *', '0 9 L * ? *', '0 9 15W * ? *', '0 9 LW * ? *', '0 9 ? * 6#3 *', '0 9 ? * FRI#3 *', '0 9 ? * 6L *', '0 9 ? * FRIL *',
    '30 10 1,15 JAN,JUL ? 2026-2030', '0 0 ? dec sun 2199', '  0 8 * * ? *  ',
  ])('is %s', expression => expect(isCron(expression)).toBe(true));

  test.each([
    '', '0 8 * * *', '0 8 * * ? * *', '60 8 * * ? *', '0 24 * * ? *', '0 8 32 * ? *', '0 8 0 * ? *', '0 8 * 13 ? *', '0 8 ? * 8 *', '0 8 ? * 0 *',
    '0 8 * * ? 1969', '0 8 * * ? 2200', '0 8 40W * ? *', '0.5 8 * * ? *', '5-70 8 * * ? *',
  ])('is not %j', expression => expect(isCron(expression)).toBe(false));

  test('can have syntax that only AWS can check', () => {
    expect(['0 8 * * * *', '0 8 1 * MON *', '0 8 * FOO ? *', '0 8 ? * 6#6 *', '*/90 8 * * ? *'].every(isCron)).toBe(true);
  });

  test('can have any minute of any day of any month', () => {
    fc.assert(fc.property(fc.nat(59), fc.nat(23), fc.integer({ min: 1, max: 31 }), fc.integer({ min: 1, max: 12 }), (minute, hour, day, month) => {
      expect(isCron(`${minute} ${hour} ${day} ${month} ? *`)).toBe(true);
      expect(isCron(`${minute + 60} ${hour} ${day} ${month} ? *`)).toBe(false);
      expect(isCron(`${minute} ${hour + 24} ${day} ${month} ? *`)).toBe(false);
    }));
  });
});
