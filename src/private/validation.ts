import * as path from 'path';
import { IConstruct } from 'constructs';

const LONGEST = 200;

// src in the tests, lib in the package.
const OWN_FOLDER = path.join(__dirname, '..') + path.sep;

const FRAMES = 10;

const MAX_FRAMES = 200;

/** One broken rule, with what the reader needs to fix it. */
export interface Violation {
  /** The property as the user wrote it, e.g. `containers.web.port`. */
  readonly property: string;
  /** The rule, as the end of the sentence "… must". */
  readonly must: string;
  /** The value that breaks the rule. */
  readonly got: unknown;
  /** What to do: one imperative sentence. */
  readonly fix: string;
}

/** The message without the construct path, which validation of CDK adds itself. */
export function sentence({ property, must, got, fix }: Violation): string {
  return `'${property}' must ${must}, got ${display(got)}. ${fix}`;
}

/** Throws with construct path, property, rule, value and fix. */
export function reject(scope: IConstruct, violation: Violation): never {
  throw userError(`${scope.node.path}: ${sentence(violation)}`);
}

/**
 * A wrong value as it may be shown: of objects only the keys, because a value may be a password.
 *
 * JSON, because it keeps `"80"` and `80` apart; numbers that JSON has no word for are written out.
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
  // Constructs and the like have parents, and nobody would know them by their keys.
  return [Object.prototype, null].includes(Object.getPrototypeOf(value))
    ? `{${Object.keys(value).map(masked).join(', ')}}`
    : `an object of class ${value.constructor?.name}`;
}

/** What is before an @ may be user and password, unless a digest follows. */
function masked(text: string): string {
  return text.replace(/^.+@(?!sha\d+:)/s, '***@');
}

/** An error whose stack starts at the line of the user's program, not at our own functions. */
export function userError(message: string): Error {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = MAX_FRAMES;
  const error = new Error(message);
  Error.stackTraceLimit = limit;
  const frames = error.stack?.slice(error.stack.indexOf(message) + message.length).split('\n').filter(line => line.trim() !== '') ?? [];
  const others = frames.filter(frame => !frame.includes(OWN_FOLDER));
  // During synthesis no line of the user is on the stack. Then all frames stay.
  const kept = others.some(isOfUser) ? others : frames;
  error.stack = [`Error: ${message}`, ...kept.slice(0, FRAMES)].join('\n');
  return error;
}

function isOfUser(frame: string): boolean {
  return !frame.includes(`${path.sep}node_modules${path.sep}`) && !frame.includes('node:');
}
