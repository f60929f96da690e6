import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withResults } from './page';
import { SynthResults } from './results';

const DOCS = join(__dirname, '..', '..', 'docs');

test('the page of the synthesis benchmark has the numbers of the published results and no others', () => {
  const page = readFileSync(join(DOCS, 'synth-benchmark.md'), 'utf8');
  const results: SynthResults = JSON.parse(readFileSync(join(DOCS, 'benchmarks', 'synth.json'), 'utf8'));

  expect(withResults(page, results)).toBe(page);
});
