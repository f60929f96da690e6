import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

/** One invocation of a bundled function. */
export interface FunctionRun {
  /** The folder of its bundle in `assets`, such as `copy/image-copy.lambda`. Run `npx projen bundle` after a change of its code. */
  readonly bundle: string;
  /** The memory of the function, see `memoryOf`. */
  readonly mebibytes: number;
  /** The response URL is added. */
  readonly event: Omit<CustomResourceEvent, 'ResponseURL'>;
  readonly environment?: Readonly<Record<string, string>>;
  /** The time after which the process is killed, in seconds. @default 60 */
  readonly patience?: number;
}

/** The result of an invocation. */
export interface FunctionResult {
  /** The response to CloudFormation. */
  readonly answer: { readonly Status: 'SUCCESS' | 'FAILED'; readonly Reason?: string };
  /** The maximum memory of the process: resident set size in MiB. */
  readonly peakMebibytes: number;
  /** Its log. */
  readonly output: string;
}

// Reads its event from the standard input, and writes the kernel's figure for its memory to file 3.
const MAIN = `
  const { readFileSync, writeSync } = require('node:fs');
  const { handler } = require(process.argv[1]);
  process.on('exit', () => writeSync(3, /^VmHWM:\\s+(\\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]));
  handler(JSON.parse(readFileSync(0, 'utf8')), { getRemainingTimeInMillis: () => 900_000 }).then(() => process.exit(0));
`;

/**
 * Runs a bundled function in a separate process. Its heap has the limits that the Node.js runtime of Lambda sets.
 *
 * Lambda also kills a function whose process uses more memory than configured. Here that does not happen: compare `peakMebibytes`.
 *
 * @throws Error if the process crashes, does not respond to CloudFormation exactly once, or does not end.
 */
export async function runFunction({ bundle, mebibytes, event, environment = {}, patience = 60 }: FunctionRun): Promise<FunctionResult> {
  const answers: string[] = [];
  const cloudFormation = createServer((request, response) => {
    void text(request).then(body => {
      answers.push(body);
      response.end();
    });
  });
  await once(cloudFormation.listen(0, '127.0.0.1'), 'listening');
  const ResponseURL = `http://127.0.0.1:${(cloudFormation.address() as AddressInfo).port}/answer`;
  const heap = [`--max-old-space-size=${Math.floor(mebibytes * 0.9)}`, `--max-semi-space-size=${Math.floor(mebibytes * 0.05)}`];
  const child = spawn(process.execPath, [...heap, '-e', MAIN, path.resolve('assets', bundle, 'index.js')], {
    // With its own endpoint, the function can respond without https.
    env: {
      AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key', AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: new URL(ResponseURL).origin, ...environment,
    },
    stdio: ['pipe', 'pipe', 'pipe', 'pipe'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), patience * 1000);
  child.stdin.on('error', () => undefined).end(JSON.stringify({ ...event, ResponseURL }));
  const [, out, errors, memory] = child.stdio;
  const [output, trouble, kilobytes, [code, signal]] = await Promise.all([text(out), text(errors), text(memory as typeof out), once(child, 'close')]);
  clearTimeout(timer);
  cloudFormation.closeAllConnections();
  cloudFormation.close();
  if (code !== 0) throw new Error(`the function ended with ${code ?? signal}: ${trouble.slice(0, 2000)}`);
  if (answers.length !== 1) throw new Error(`the function answered ${answers.length} times`);
  return { answer: JSON.parse(answers[0]), peakMebibytes: Number(kilobytes) / 1024, output };
}

/** The memory of the only function in a template, in MiB. */
export function memoryOf(add: (stack: Stack) => void): number {
  const stack = new Stack(new App(), 'Stack');
  add(stack);
  const functions = Object.values(Template.fromStack(stack).findResources('AWS::Lambda::Function'));
  if (functions.length !== 1) throw new Error(`the template has ${functions.length} functions`);
  return functions[0].Properties.MemorySize;
}
