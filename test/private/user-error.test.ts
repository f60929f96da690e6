import { App, Stack } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { ImageRepository, ImageSelection, LifecycleRule } from '../../src';
import { userError } from '../../src/private/validation';

/** The stack trace of the error that a program throws. */
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

test('the stack trace of a failed check starts with the line of the program that caused it', () => {
  const [message, first, second] = stackOf(() => new MyStack(new App()));
  expect(message).toMatch(/^Error: Stack\/Repository: 'repositoryName' must /);
  expect(first).toMatch(/at createRepository \(.*user-error\.test\.ts:/);
  expect(second).toMatch(/at new MyStack \(.*user-error\.test\.ts:/);
});

test('the stack trace of a factory starts with the line that uses its result', () => {
  const [, first] = stackOf(() => new ImageRepository(new Stack(), 'Repository', {
    lifecycleRules: [LifecycleRule.keepNewest({ images: ImageSelection.all(), count: 0 })],
  }));
  expect(first).toMatch(/user-error\.test\.ts:/);
});

test('a message of several lines stays complete, and no frame is repeated', () => {
  const lines = stackOf(() => { throw userError('first\nsecond'); });
  expect(lines.slice(0, 2)).toEqual(['Error: first', 'second']);
  expect(lines[2]).toMatch(/user-error\.test\.ts:/);
  expect(new Set(lines).size).toBe(lines.length);
});

test('the stack depth of the program is not changed', () => {
  const limit = Error.stackTraceLimit;
  userError('anything');
  expect(Error.stackTraceLimit).toBe(limit);
});

test('if the stack trace has no line of a program, our own lines stay', () => {
  const { stack = '' } = Reflect.apply(userErrorWithoutUser, undefined, []);
  expect(stack).toMatch(/^Error: late/);
  expect(stack.split('\n').length).toBeGreaterThan(1);
});

/** As at the end of synthesis, if only CDK is the caller. */
function userErrorWithoutUser(): Error {
  const prepare = Error.prepareStackTrace;
  Error.prepareStackTrace = error => `${String(error)}\n    at synthesize (/app/node_modules/aws-cdk-lib/core/lib/private/synthesis.js:1:1)`;
  try {
    return userError('late');
  } finally {
    Error.prepareStackTrace = prepare;
  }
}
