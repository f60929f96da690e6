// Adds up the closing lines of all test runs in a log ("Tests: 1 failed, 20 passed, 21 total"), and prints one.
import { readFileSync } from 'node:fs';

const [file, status] = process.argv.slice(2);
const log = readFileSync(file, 'utf8').replace(/\u001b\[[0-9;]*m/g, '');
const count = { passed: 0, failed: 0, skipped: 0 };
const runs = [...log.matchAll(/^Tests: +(.*total)/gm)];
for (const [, line] of runs) {
  for (const kind of Object.keys(count)) {
    count[kind] += Number(new RegExp(`(\\d+) ${kind}`).exec(line)?.[1] ?? 0);
  }
}

// Package, names of structs, unit, slow, snapshots, templates, contracts, certification, clouds, end to end: each prints a closing line of its own.
const RUNS = 10;
const complete = runs.length === RUNS;
if (!complete) console.log(`Expected the closing lines of ${RUNS} test runs, found ${runs.length}.`);
if (count.skipped > 0) console.log(`${count.skipped} skipped: here a skip is a failure.`);
const broken = !complete || status !== '0' ? 1 : 0;
const failed = Math.max(count.failed + count.skipped, broken);
console.log(`${count.passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;
