import { MemoryResults } from './results';
import { report } from './tables';

test('time and price per GB come from the median of the streamed copies, and the page names the conditions', () => {
  const samples = [512, 1769].flatMap(memoryMebibytes => [1, 2, 3].flatMap(run => ['same registry', 'other registry'].map(scenario => ({
    memoryMebibytes, scenario, megabytes: 500, wallSeconds: (scenario === 'same registry' ? 0.1 : 2) * run * 1769 / memoryMebibytes, cpuSeconds: 1.5, peakRssBytes: 80e6 + run * 1e6,
  }))));
  const conditions = { date: '2026-11-30', commit: 'abc', machine: 'linux', cores: 2, memoryGigabytes: 8, loadBefore: 0.1, loadAfter: 0.4, versions: {}, minutes: 3 };
  const results: MemoryResults = { conditions, runs: 3, samples };
  const page = report(results);

  // 4 s for half a GB; with 512 MB, the price is the same.
  expect(page).toContain('| 1769 MB | 1.00 | 0.20 (0.10 to 0.30) | 4.00 (2.00 to 6.00) | 1.50 | 83 | 8.0 | 0.000230 |');
  expect(page).toContain('| 512 MB | 0.29 | 0.69 (0.35 to 1.04) | 13.82 (6.91 to 20.73) | 1.50 | 83 | 27.6 | 0.000230 |');
  expect(page).toContain('| load average | 0.1 before, 0.4 after |');
});
