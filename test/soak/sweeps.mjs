// `npx projen exhaustive`: the tests that try one case of each kind, or a few random ones, with all of their cases.
// With --minutes, one file after another in an order that --seed repeats, until the time is over. A file that is then still running is not counted.
import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const { values: { minutes, seed = String(Date.now() % 1_000_000_000) } } = parseArgs({ options: { minutes: { type: 'string' }, seed: { type: 'string' } } });
const files = readdirSync('test', { recursive: true }).map(file => join('test', file))
  .filter(file => /\.(test|slow)\.ts$/.test(file) && readFileSync(file, 'utf8').includes("/helpers/exhaustive';")).sort();
const scratch = mkdtempSync(join(tmpdir(), 'sweeps-'));
// Some tests read their folders as another user.
chmodSync(scratch, 0o755);
process.on('exit', () => rmSync(scratch, { recursive: true, force: true, maxRetries: 3 }));

/** Runs test files of one kind. Returns whether they passed, or undefined if the time was over before their end. */
async function run(tests, milliseconds, stdio = 'inherit') {
  const kind = tests[0].endsWith('.slow.ts') ? ['--config', 'test/jest/slow.json'] : [];
  const args = ['node_modules/jest/bin/jest.js', '--ci', ...kind, '--testTimeout', '600000', '--runTestsByPath', ...tests];
  const child = spawn(process.execPath, args, { stdio: ['ignore', stdio, stdio], env: { ...process.env, EXHAUSTIVE: 'true', TMPDIR: scratch }, detached: milliseconds !== undefined });
  let output = '';
  let late = false;
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding('utf8').on('data', text => { output += text; });
  const timer = milliseconds === undefined ? undefined : setTimeout(() => {
    late = true;
    process.kill(-child.pid, 'SIGKILL');
  }, milliseconds);
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  clearTimeout(timer);
  if (late) return undefined;
  if (code !== 0) process.stdout.write(output);
  return code === 0;
}

/** The same order for the same seed. */
function shuffled(all) {
  let state = Number(seed) >>> 0;
  const random = () => {
    state = Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9 >>> 0;
    return state / 2 ** 32;
  };
  return all.map(file => ({ file, place: random() })).sort((one, other) => one.place - other.place).map(({ file }) => file);
}

if (minutes === undefined) {
  const slow = files.filter(file => file.endsWith('.slow.ts'));
  const passed = [await run(files.filter(file => !slow.includes(file))), await run(slow)];
  process.exitCode = passed.every(Boolean) ? 0 : 1;
} else {
  const end = Date.now() + Number(minutes) * 60_000;
  console.log(`sweeps from seed ${seed}`);
  for (const file of shuffled(files)) {
    const started = Date.now();
    if (started >= end) break;
    const passed = await run([file], end - started, 'pipe');
    console.log(`  ${file}: ${passed === undefined ? 'the time is over' : passed ? 'passed' : 'FAILED'} after ${Math.round((Date.now() - started) / 1000)} s`);
    if (passed === false) {
      console.log(`  repeat it: EXHAUSTIVE=true npx jest ${file}`);
      process.exitCode = 1;
    }
  }
}
