import { LoopResults, WAYS, report } from './tables';

function results(seconds: Partial<Record<keyof typeof WAYS, number>>): LoopResults {
  const samples = Object.entries(WAYS).flatMap(([key, way]) => [1, 2, 3].map(round => {
    const time = (seconds[key as keyof typeof WAYS] ?? 10) + round / 100;
    return { way, round, answerSeconds: time, commandSeconds: time + 1 };
  }));
  const conditions = {
    date: '2026-11-30', commit: 'abc', machine: 'linux', cores: 2, memoryGigabytes: 8, loadBefore: 0.1, loadAfter: 0.4, versions: { docker: '20.10' }, minutes: 3,
  };
  return { conditions, rounds: 3, samples };
}

test('a target is reached up to its limit, and not beyond', () => {
  const page = report(results({ plainHotswap: 10, directHotswap: 10.5, developmentHotswap: 10.6, bare: 10, demo: 13.5 }));

  expect(page).toContain(`| ${WAYS.directHotswap}: at most 1.05 times ${WAYS.plainHotswap} | 1.05 times | reached |`);
  expect(page).toContain(`| ${WAYS.developmentHotswap}: at most 1.05 times ${WAYS.plainHotswap} | 1.06 times | **not reached** |`);
  expect(page).toContain(`| ${WAYS.demo}: at most 1.2 times ${WAYS.bare} | 1.32 times | **not reached** |`);
});

test('each way has its median with minimum and maximum, and the page names the conditions', () => {
  const page = report(results({ plainFull: 20 }));

  expect(page).toContain(`| ${WAYS.plainFull} | 20.0 (20.0 to 20.0) | 21.0 (21.0 to 21.0) |`);
  expect(page).toContain('| load average | 0.1 before, 0.4 after |');
  expect(page).toContain('3 rounds');
});
