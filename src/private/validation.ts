import * as path from 'path';
import { IConstruct } from 'constructs';

const LONGEST = 200;

// The folder is src in the tests and lib in the package.
const OWN_FOLDER = path.join(__dirname, '..') + path.sep;

const FRAMES = 10;

const MAX_FRAMES = 200;

/** A broken rule, with the parts of the error message. */
export interface Violation {
  /** The property as the user wrote it, e.g. `containers.web.port`. */
  readonly property: string;
  /** The rule, as the end of the sentence "… must". */
  readonly must: string;
  /** The value that breaks the rule. */
  readonly got: unknown;
  /** The fix: one imperative sentence. */
  readonly fix: string;
}

/** The message without the construct path, which CDK adds to validation errors itself. */
export function sentence({ property, must, got, fix }: Violation): string {
  return `'${property}' must ${must}, got ${display(got)}. ${fix}`;
}

/** Throws with construct path, property, rule, value and fix. */
export function reject(scope: IConstruct, violation: Violation): never {
  throw userError(`${scope.node.path}: ${sentence(violation)}`);
}

/**
 * Formats a wrong value for a message. Only the keys of objects are shown, because a value may be a password.
 *
 * The format is JSON, which distinguishes `"80"` from `80`. Numbers that JSON does not support, such as `NaN`, are shown as in JavaScript.
 */
export function display(value: unknown): string {
  const text = Array.isArray(value) ? `[${value.map(displayItem).join(',')}]` : displayItem(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

function displayItem(value: unknown): string {
  switch (typeof value) {
    case 'string': return JSON.stringify(masked(value));
    case 'function': return '"a function that was not called"';
    case 'object': return value === null ? 'null' : displayObject(value);
    default: return String(value);
  }
}

function displayObject(value: object): string {
  if (Array.isArray(value)) {
    return 'a list';
  }
  // Instances of a class, such as constructs, are shown by their class, because their keys mean nothing to users.
  return [Object.prototype, null].includes(Object.getPrototypeOf(value))
    ? `{${Object.keys(value).map(masked).join(', ')}}`
    : `an object of class ${value.constructor?.name}`;
}

/** Hides text before an @, which may contain a user name and password, unless a digest follows. */
function masked(text: string): string {
  return text.replace(/^.+@(?!sha\d+:)/s, '***@');
}

/** An error whose stack trace starts at the line of the user's program, without functions of this library. */
export function userError(message: string): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = MAX_FRAMES;
  const error = new Error(message);
  Error.stackTraceLimit = limit;
  const frames = error.stack?.slice(error.stack.indexOf(message) + message.length).split('\n').filter(line => line.trim() !== '') ?? [];
  const others = frames.filter(frame => !frame.includes(OWN_FOLDER));
  // During synthesis, the stack contains no line of the user. Then all frames are kept.
  const kept = others.some(isOfUser) ? others : frames;
  error.stack = [`Error: ${message}`, ...kept.slice(0, FRAMES)].join('\n');
  return error;
}

function isOfUser(frame: string): boolean {
  return !frame.includes(`${path.sep}node_modules${path.sep}`) && !frame.includes('node:');
}
