// `npx projen mutate [area …] [--minutes N] [--static] [--file src/…]`: changes the code in small ways and expects a test to fail each time.
import { spawn } from 'node:child_process';
import { createHash, randomInt } from 'node:crypto';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AREAS } from './areas.mjs';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    /** One source file instead of the whole area. */
    file: { type: 'string' },
    /** Only these test files, separated by commas. */
    tests: { type: 'string' },
    /** Also mutants of code that runs while a module loads. Each of them needs a new process. */
    static: { type: 'boolean', default: false },
    /** Files in random order, for this number of minutes. */
    minutes: { type: 'string' },
    /** Repeats the order of a run with `--minutes`. */
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    concurrency: { type: 'string', default: '2' },
  },
});
const areas = positionals.length > 0 ? positionals : Object.keys(AREAS);
const unknown = areas.find(area => AREAS[area] === undefined);
if (unknown !== undefined) {
  console.error(`There is no area '${unknown}'. Use ${Object.keys(AREAS).join(', ')}.`);
  process.exit(2);
}

const below = values.minutes === undefined ? await whole() : await inTime(Date.now() + Number(values.minutes) * 60_000);
if (below.length > 0) console.error(`Below the target: ${below.join(', ')}`);
process.exitCode = below.length > 0 ? 1 : 0;

async function whole() {
  const failed = [];
  for (const area of areas) if (!await run(area, values.file)) failed.push(area);
  return failed;
}

/** A single file can be below the target, so a sample fails only if Stryker itself fails. */
async function inTime(end) {
  console.log(`mutation tests for ${values.minutes} minutes, seed ${values.seed}`);
  const files = areas.flatMap(area => filesOf(AREAS[area].folder).map(file => ({ area, file, rank: rankOf(file) })));
  const order = files.sort((one, other) => one.rank.localeCompare(other.rank));
  let done = 0;
  for (const { area, file } of order) {
    if (Date.now() >= end) break;
    await run(area, file, end);
    done++;
  }
  console.log(`${done} of ${order.length} files tried`);
  return [];
}

function filesOf(folder) {
  return readdirSync(folder, { recursive: true }).filter(name => name.endsWith('.ts')).map(name => path.posix.join(folder, name));
}

function rankOf(file) {
  return createHash('sha256').update(`${values.seed} ${file}`).digest('hex');
}

/** Runs Stryker. At the end of the time, ends its process group. */
async function run(area, file, end) {
  const options = ['run', 'test/mutation/stryker.config.mjs', '--concurrency', values.concurrency];
  if (file !== undefined) options.push('--mutate', file);
  if (!values.static) options.push('--ignoreStatic');
  const stryker = spawn('npx', ['--no-install', 'stryker', ...options], {
    stdio: 'inherit', detached: true, env: { ...process.env, MUTATION_AREA: area, MUTATION_TESTS: values.tests ?? '' },
  });
  const stop = () => process.kill(-stryker.pid, 'SIGTERM');
  const timer = end === undefined ? undefined : setTimeout(stop, end - Date.now());
  process.once('SIGINT', stop).once('SIGTERM', stop);
  const code = await new Promise(resolve => stryker.once('exit', resolve));
  clearTimeout(timer);
  process.off('SIGINT', stop).off('SIGTERM', stop);
  return code === 0;
}
