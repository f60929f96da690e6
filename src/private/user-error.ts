import * as path from 'path';

// src in the tests, lib in the package.
const OWN_FOLDER = path.join(__dirname, '..') + path.sep;
const FRAMES = 10;
const MAX_FRAMES = 200;

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
