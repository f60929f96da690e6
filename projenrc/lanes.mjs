// `node projenrc/lanes.mjs <tasks> <tasks>`: runs projen tasks side by side, for tasks that mostly wait or use one core.
// A lane is a comma-separated list. The first lane prints its output at once, the others print each task when it ends.
import { spawn } from 'node:child_process';

const lanes = process.argv.slice(2).map(lane => lane.split(','));
if (lanes.length === 0) throw new Error('Name the tasks of each lane.');

/** Runs a task, and returns its exit code. */
async function run(task, live) {
  const started = Date.now();
  const child = spawn('npx', ['--no-install', 'projen', task], { stdio: ['ignore', 'pipe', 'pipe'] });
  const held = [];
  for (const stream of [child.stdout, child.stderr]) {
    let line = '';
    const print = text => live ? process.stdout.write(text) : held.push(text);
    stream.setEncoding('utf8').on('data', data => {
      const whole = (line + data).lastIndexOf('\n') + 1;
      print((line + data).slice(0, whole));
      line = (line + data).slice(whole);
    }).on('end', () => line && print(`${line}\n`));
  }
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', (status, signal) => resolve(status ?? signal ?? 1)));
  process.stdout.write(`${held.join('')}▸ ${task}: ${code === 0 ? 'done' : `failed (${code})`} after ${Math.round((Date.now() - started) / 1000)} s\n`);
  return code;
}

/** Runs the tasks of a lane until one fails. */
async function runLane(tasks, live) {
  for (const task of tasks) {
    const code = await run(task, live);
    if (code !== 0) return false;
  }
  return true;
}

const done = await Promise.all(lanes.map((tasks, position) => runLane(tasks, position === 0)));
// No process.exit(): it would drop output that a slow reader has not received yet.
process.exitCode = done.every(Boolean) ? 0 : 1;
