import { existsSync, readFileSync } from 'node:fs';
import { End, FaultResults, FaultSample, NO_FAULT } from './results';
import { report } from './tables';
import { section } from '../page';

const sample = (fault: string, tool: string, end: End, run = 1): FaultSample => ({ fault, tool, run, end, seconds: run, requests: 9 });
const results = (...samples: readonly FaultSample[]): FaultResults => ({ date: '2026-11-22', commit: 'abc', runs: 2, versions: {}, samples });

describe('the page of the faults benchmark', () => {
  test('has the published results and no others', () => {
    const published = existsSync('docs/benchmarks/faults.json')
      ? report(JSON.parse(readFileSync('docs/benchmarks/faults.json', 'utf8')) as FaultResults)
      : 'Not run yet.';

    expect(section(readFileSync('docs/benchmarks.md', 'utf8'), 'faults')).toBe(published);
  });

  test('counts a fault as recovered only if every run recovered, and never counts the copy without a fault', () => {
    const page = report(results(
      sample(NO_FAULT, 'a', 'recovered'), sample('reset', 'a', 'recovered'), sample('stall', 'a', 'recovered'), sample('stall', 'a', 'hung', 2),
    ));

    expect(page).toContain('| none | copied, 1.0 s |');
    expect(page).toContain('| reset | recovered, 1.0 s |');
    expect(page).toContain('| stall | **recovered 1 times, hung 1 times**, 2.0 s |');
    expect(page).toContain('| recovered | **1 of 2** |');
  });
});
