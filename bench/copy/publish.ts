import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import * as path from 'node:path';
import { chart } from './chart';
import { CopyResults, OURS } from './results';
import { report } from './tables';
import { say } from '../../local/process';
import { bars } from '../bars';
import { publishSection } from '../page';
import { spreadOf } from '../spread';

/** Results of an earlier series. */
export function readResults(out: string): CopyResults {
  return JSON.parse(readFileSync(path.join(out, 'benchmarks', 'copy.json'), 'utf8')) as CopyResults;
}

/** Writes results, chart and page; every number on the page comes from the results. */
export function publish(results: CopyResults, out: string): void {
  const folder = path.join(out, 'benchmarks');
  mkdirSync(folder, { recursive: true });
  writeFileSync(path.join(folder, 'copy.json'), oneLineEach(results));
  // Numbers are rounded once: page and chart use the stored results.
  const stored = readResults(out);
  writeFileSync(path.join(folder, 'copy.svg'), chart(stored.samples));
  writeFileSync(path.join(folder, 'start.svg'), bars('From the start of the process to the first byte at the registry', 'ms', stored.firstRequests.map(({ tool, milliseconds }) =>
    ({ label: tool, isOurs: tool === OURS, ...spreadOf(milliseconds) }))));
  say(`${publishSection(out, 'copy', report(stored))} and ${folder} are written`);
}

/** JSON with one line per sample, so that two series can be compared line by line. */
function oneLineEach({ conditions, samples, firstRequests, assets }: CopyResults): string {
  const list = (items: readonly unknown[]) => `[\n${items.map(item => `    ${JSON.stringify(item)}`).join(',\n')}\n  ]`;
  return [
    '{',
    `  "conditions": ${JSON.stringify(conditions, undefined, 2).replaceAll('\n', '\n  ')},`,
    `  "assets": ${list(assets)},`,
    `  "firstRequests": ${list(firstRequests.map(({ tool, milliseconds }) => ({ tool, milliseconds: milliseconds.map(one => Number(one.toFixed(1))) })))},`,
    `  "samples": ${list(samples.map(sample => ({ ...sample, wallSeconds: Number(sample.wallSeconds.toFixed(4)), cpuSeconds: Number(sample.cpuSeconds.toFixed(2)) })))}`,
    '}',
    '',
  ].join('\n');
}
