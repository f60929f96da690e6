import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageRepository, ImageSelection, LifecycleRule } from '../../src';
import { userError } from '../../src/private/validation';

/** The stack of the error that a program throws. */
function stackOf(program: () => unknown): string[] {
  try {
    program();
  } catch (error) {
    return String(error instanceof Error ? error.stack : error).split('\n');
  }
  throw new Error('the program did not throw');
}

class MyStack extends Stack {
  constructor(scope: Construct) {
    super(scope, 'Stack');
    createRepository(this);
  }
}

function createRepository(scope: Construct): void {
  new ImageRepository(scope, 'Repository', { repositoryName: 'Not A Name' });
}

test('an error of a check shows the line of the program that caused it first', () => {
  const [message, first, second] = stackOf(() => new MyStack(new App()));
  expect(message).toMatch(/^Error: Stack\/Repository: 'repositoryName' must /);
  expect(first).toMatch(/at createRepository \(.*user-error\.test\.ts:/);
  expect(second).toMatch(/at new MyStack \(.*user-error\.test\.ts:/);
});

test('an error of a factory shows the line that passes its result on', () => {
  const [, first] = stackOf(() => new ImageRepository(new Stack(), 'Repository', {
    lifecycleRules: [LifecycleRule.keepNewest({ images: ImageSelection.all(), count: 0 })],
  }));
  expect(first).toMatch(/user-error\.test\.ts:/);
});

test('a message of several lines stays whole, and no frame is repeated', () => {
  const lines = stackOf(() => { throw userError('first\nsecond'); });
  expect(lines.slice(0, 2)).toEqual(['Error: first', 'second']);
  expect(lines[2]).toMatch(/user-error\.test\.ts:/);
  expect(new Set(lines).size).toBe(lines.length);
});

test('the stack depth that the program has set stays as it was', () => {
  const limit = Error.stackTraceLimit;
  userError('anything');
  expect(Error.stackTraceLimit).toBe(limit);
});

test('where no line of a program is on the stack, our own lines stay', () => {
  const { stack = '' } = Reflect.apply(userErrorWithoutUser, undefined, []);
  expect(stack).toMatch(/^Error: late/);
  expect(stack.split('\n').length).toBeGreaterThan(1);
});

/** As at the end of synthesis, when only the CDK calls. */
function userErrorWithoutUser(): Error {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = error => `${String(error)}\n    at synthesize (/app/node_modules/aws-cdk-lib/core/lib/private/synthesis.js:1:1)`;
  try {
    return userError('late');
  } finally {
    Error.prepareStackTrace = prepare;
  }
}
