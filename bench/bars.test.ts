import { bars } from './bars';

test('each bar has its label and its median, and the longest run fits into the picture', () => {
  const picture = bars('Start', 'ms', [
    { label: '**ours**', isOurs: true, median: 50, min: 40, max: 60 },
    { label: 'others & more', isOurs: false, median: 100, min: 90, max: 400 },
  ]);

  for (const text of ['ours', 'others &amp; more', '50.0 ms', '100 ms']) expect(picture).toContain(`>${text}<`);
  const ends = [...picture.matchAll(/H(\d+)/g)].map(([, end]) => Number(end));
  expect(Math.max(...ends)).toBeLessThan(920);
  expect(picture.match(/class="ours"/g)).toHaveLength(1);
});
