import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { measure } from './measure';
import { render, synthChart } from './page';
import { Row, SynthResults } from './results';
import { Workbench } from './workbench';
import { say } from '../../local/process';
import { conditions } from '../machine/conditions';
import { withSection } from '../page';

const PROJECT = resolve(__dirname, '..', '..');
const PAGE = join(PROJECT, 'docs', 'synth-benchmark.md');
const RESULTS = join(PROJECT, 'docs', 'benchmarks', 'synth.json');
const SERVICES = '1,10,50,100,500';

/** More runs of small apps, which are short and therefore noisier. */
function runsOf(services: number): number {
  if (services <= 10) return 7;
  return services <= 100 ? 5 : 3;
}

function main(): void {
  const { values: { services, runs, render: onlyRender } } = parseArgs({
    options: { services: { type: 'string', default: SERVICES }, runs: { type: 'string' }, render: { type: 'boolean', default: false } },
  });
  if (!existsSync(join(PROJECT, 'lib', 'index.js'))) throw new Error('What is measured is the compiled library: run "npx projen compile" first.');
  const results = onlyRender
    ? JSON.parse(readFileSync(RESULTS, 'utf8')) as SynthResults
    : series(services.split(',').map(Number), runs === undefined ? runsOf : () => Number(runs));
  // Only a complete series is published.
  if (onlyRender || (services === SERVICES && runs === undefined)) {
    mkdirSync(dirname(RESULTS), { recursive: true });
    writeFileSync(RESULTS, `${JSON.stringify(results, undefined, 1)}\n`);
    writeFileSync(RESULTS.replace(/json$/, 'svg'), synthChart(results));
    writeFileSync(PAGE, withSection(readFileSync(PAGE, 'utf8'), 'synth', render(results)));
  }
  say(render(results));
}

function series(sizes: readonly number[], runs: (services: number) => number): SynthResults {
  const started = performance.now();
  const before = conditions(versions());
  const bench = new Workbench(Math.max(...sizes));
  try {
    const rows = sizes.flatMap((services): Row[] => {
      say(`${services} services, ${runs(services)} runs of each app …`);
      return measure(bench, services, runs(services));
    });
    return { conditions: { ...before, minutes: Math.round((performance.now() - started) / 6000) / 10 }, rows };
  } finally {
    bench.remove();
  }
}

function versions(): Record<string, string> {
  const packages = ['aws-cdk-lib', 'constructs', 'cdk-ecr-deployment', 'cdk-docker-image-deployment'];
  const versionOf = (name: string) => (JSON.parse(readFileSync(join(PROJECT, 'node_modules', name, 'package.json'), 'utf8')) as { version: string }).version;
  return Object.fromEntries(packages.map(name => [name, versionOf(name)]));
}

main();
