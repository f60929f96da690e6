import { spawnSync } from 'child_process';
import { chmodSync, mkdirSync, mkdtempSync, writeFileSync } from 'fs';
import { tmpdir } from 'os';
import { join, resolve } from 'path';

const LANES = resolve('projenrc/lanes.mjs');
const SUMMARY = resolve('.ci/summary.mjs');

/** A folder whose projen runs `task` as a small shell script. */
function projectWith(task: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  const bin = join(folder, 'node_modules', '.bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{}');
  writeFileSync(join(bin, 'projen'), `#!/bin/sh\n${task}\n`);
  chmodSync(join(bin, 'projen'), 0o755);
  return folder;
}

/** Runs the lanes. Their output is read only after a second, as by a slow terminal. */
function runLanes(folder: string, lanes: readonly string[]): { output: string; code: number | null } {
  const command = `${process.execPath} ${LANES} ${lanes.join(' ')} | (sleep 1; cat)`;
  const { stdout, status } = spawnSync('bash', ['-o', 'pipefail', '-c', command], { cwd: folder, encoding: 'utf8' });
  return { code: status, output: stdout };
}

function summary(log: string, status = 0) {
  const file = join(mkdtempSync(join(tmpdir(), 'log-')), 'log');
  writeFileSync(file, log);
  const { stdout, status: code } = spawnSync(process.execPath, [SUMMARY, file, `${status}`], { encoding: 'utf8' });
  return { stdout, code };
}

describe('lanes that run side by side', () => {
  test('print every line, even if the reader is slow', () => {
    const { output, code } = runLanes(projectWith('seq 1 60000'), ['first', 'second']);
    expect(output.split('\n').filter(line => line === '60000')).toHaveLength(2);
    expect(output.trimEnd().split('\n').at(-1)).toMatch(/^▸ (first|second): done after \d+ s$/);
    expect(code).toBe(0);
  });

  test('fail when one of them fails, and start nothing after it in the same lane', () => {
    const { output, code } = runLanes(projectWith('echo "run $1"; test "$1" != broken'), ['broken,after', 'other']);
    expect(output).toContain('▸ broken: failed (1)');
    expect(output).toContain('▸ other: done');
    expect(output).not.toContain('run after');
    expect(code).toBe(1);
  });
});

describe('the closing line of CI', () => {
  const runs = (count: number) => 'Tests:       2 passed, 2 total\n'.repeat(count);

  test('adds up all test runs', () => expect(summary(runs(10))).toEqual({ stdout: '20 passed, 0 failed\n', code: 0 }));

  test.each([
    ['a test run is missing', runs(9), 0],
    ['a test failed', `${runs(9)}Tests:       1 failed, 2 passed, 3 total\n`, 1],
    ['a test was skipped', `${runs(9)}Tests:       1 skipped, 2 passed, 3 total\n`, 0],
    ['a step without tests failed', runs(10), 1],
  ])('reports a failure when %s', (_title, log, status) => {
    const { stdout, code } = summary(log, status);
    expect(stdout).toMatch(/\d+ passed, 1 failed\n$/);
    expect(code).toBe(1);
  });
});
