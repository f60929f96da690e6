import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from './page';
import { SynthResults } from './results';
import { withSection } from '../page';

const DOCS = join(__dirname, '..', '..', 'docs');

test('the page of the synthesis benchmark has the numbers of the published results and no others', () => {
  const page = readFileSync(join(DOCS, 'synth-benchmark.md'), 'utf8');
  const results: SynthResults = JSON.parse(readFileSync(join(DOCS, 'benchmarks', 'synth.json'), 'utf8'));

  expect(withSection(page, 'synth', render(results))).toBe(page);
});
