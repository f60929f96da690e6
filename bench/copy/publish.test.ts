import { existsSync, readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { chart } from './chart';
import { readResults } from './publish';
import { CopyResults, OURS, PEER, Sample, Scenario } from './results';
import { report } from './tables';
import { verdicts } from './targets';
import { section } from '../page';
import { spreadOf } from '../spread';

const NOT_YET = 'Not measured yet.';

function sample(tool: string, scenario: Scenario, megabytes: number, changes: Partial<Sample> = {}): Sample {
  return {
    scenario, megabytes, layers: 10, tool, repetition: 1, wallSeconds: 1, cpuSeconds: 1, peakRssBytes: 1e8, wireBytes: 1e6,
    requests: 15, blobsRead: 0, blobsWritten: 0, blobsMounted: 11, ...changes,
  };
}

function results(...samples: readonly Sample[]): CopyResults {
  const versions = { 'Node.js': '20' };
  return {
    conditions: { date: '2026-11-22', commit: 'abc', machine: 'linux', cores: 2, memoryGigabytes: 24, loadBefore: 0, runs: 1, minutes: 1, versions },
    samples,
    firstRequests: [{ tool: OURS, milliseconds: [60] }, { tool: PEER, milliseconds: [70] }],
    assets: [{ tool: OURS, bytes: 40_000, zippedBytes: 15_000 }],
  };
}

describe('the page of the copy benchmark', () => {
  test('has the numbers of the published results and no others', () => {
    const page = readFileSync('docs/benchmarks.md', 'utf8');
    const published = existsSync('docs/benchmarks/copy.json') ? report(readResults('docs')) : NOT_YET;

    expect(section(page, 'copy')).toBe(published);
  });

  test('says plainly that a target was not reached', () => {
    const slow = results(sample(OURS, 'same registry', 2000, { wallSeconds: 1 }), sample(PEER, 'same registry', 2000, { wallSeconds: 34 }));

    expect(report(slow)).toContain('35 times faster than cdk-ecr-deployment | 1.00 s against 34.00 s: 34.0 times | **not reached** |');
  });

  test('calls a target that was not measured neither reached nor missed', () => {
    const [, , faster] = verdicts(results(sample(OURS, 'same registry', 5)));

    expect(faster.measured).toBe('not measured');
    expect(faster.reached).toBeUndefined();
  });

  test('uses the worst run for memory and requests', () => {
    const runs = [sample(OURS, 'other registry', 2000), sample(OURS, 'other registry', 2000, { peakRssBytes: 121e6 }), sample(PEER, 'other registry', 2000)];
    const unchanged = [sample(OURS, 'unchanged image', 500, { requests: 2 }), sample(OURS, 'unchanged image', 500, { requests: 3 })];
    const missed = verdicts(results(...runs, ...unchanged)).filter(({ reached }) => reached === false).map(({ target }) => target);

    expect(missed).toEqual(['other registry, 2 GB: peak memory at most 120 MB', 'unchanged image: 2 requests']);
  });

  test('shows every tool and every size in the chart', () => {
    const others = ['skopeo', 'crane', 'regctl', 'docker'];
    const picture = chart([sample(OURS, 'same registry', 5), sample(PEER, 'same registry', 2000, { wallSeconds: 30 }), ...others.map(tool => sample(tool, 'same registry', 5))]);

    for (const text of [OURS, PEER, ...others, '5 MB', '2 GB', '50 s']) expect(picture).toContain(`>${text}<`);
  });
});

test('a median has as many values below as above', () => {
  fc.assert(fc.property(fc.array(fc.double({ noNaN: true, min: 0, max: 1e9 }), { minLength: 1 }), values => {
    const { n, median, min, max } = spreadOf(values);
    expect(n).toBe(values.length);
    expect([min, max]).toEqual([Math.min(...values), Math.max(...values)]);
    expect(values.filter(value => value < median).length).toBeLessThanOrEqual(n / 2);
    expect(values.filter(value => value > median).length).toBeLessThanOrEqual(n / 2);
  }));
});
