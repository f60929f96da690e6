import { spawn } from 'node:child_process';
import { once } from 'node:events';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';

/** Runs a script of this folder in the pinned environment, with JSON in and out. */
export async function python<Result>(script: string, input: unknown): Promise<Result> {
  const child = spawn(String(process.env.CFN_LINT_PYTHON), [path.join(__dirname, script)], { env: { ...process.env, AWS_CONFIG_FILE: '/dev/null', AWS_EC2_METADATA_DISABLED: 'true' } });
  child.stdin.on('error', () => undefined).end(JSON.stringify(input));
  const [out, trouble, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  if (code !== 0) throw new Error(`${script} ended with ${code}: ${trouble}`);
  return JSON.parse(out) as Result;
}
