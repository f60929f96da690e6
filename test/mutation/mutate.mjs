// `npx projen mutate [area …] [--minutes N] [--static] [--file src/…]`: changes the code in small ways and expects a test to fail each time.
import { spawn } from 'node:child_process';
import { parseArgs } from 'node:util';
import { AREAS } from './areas.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** No mutant is started after so many minutes. */
    minutes: { type: 'string' },
    /** Also mutants of what is computed while a module loads: each of them needs a new process. */
    static: { type: 'boolean', default: false },
    /** One source file, or a pattern, in place of the whole area. */
    file: { type: 'string' },
    /** Only these tests, separated by commas. */
    tests: { type: 'string' },
    concurrency: { type: 'string', default: '2' },
  },
});
const unknown = positionals.filter(name => AREAS[name] === undefined);
if (unknown.length > 0) {
  console.error(`There is no area '${unknown[0]}'. Use ${Object.keys(AREAS).join(', ')}.`);
  process.exit(2);
}

const end = values.minutes === undefined ? Infinity : Date.now() + Number(values.minutes) * 60_000;
const failed = [];
for (const area of positionals.length > 0 ? positionals : Object.keys(AREAS)) {
  if (Date.now() >= end) {
    console.log(`${area}: not run, because the time is over`);
    continue;
  }
  const outcome = await run(area, end - Date.now());
  if (outcome === 'failed') failed.push(area);
  if (outcome === 'late') console.log(`${area}: stopped, because the time is over`);
}
if (failed.length > 0) console.error(`Below the target: ${failed.join(', ')}`);
process.exitCode = failed.length > 0 ? 1 : 0;

/** Runs Stryker for an area; its process group is ended when the time is over. */
async function run(area, milliseconds) {
  const options = ['run', 'test/mutation/stryker.config.mjs', '--concurrency', values.concurrency];
  if (values.file !== undefined) options.push('--mutate', values.file);
  if (!values.static) options.push('--ignoreStatic');
  const stryker = spawn('npx', ['--no-install', 'stryker', ...options], {
    stdio: 'inherit', detached: true, env: { ...process.env, MUTATION_AREA: area, MUTATION_TESTS: values.tests ?? '' },
  });
  let isLate = false;
  const timer = milliseconds === Infinity ? undefined : setTimeout(() => {
    isLate = true;
    process.kill(-stryker.pid, 'SIGTERM');
  }, milliseconds);
  const code = await new Promise(resolve => stryker.once('exit', resolve));
  clearTimeout(timer);
  return isLate ? 'late' : code === 0 ? 'passed' : 'failed';
}
