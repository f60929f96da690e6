import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { loadavg } from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { MemoryResults, MemorySample, coresOf } from './results';
import { memoryChart, report } from './tables';
import { say } from '../../local/process';
import { measure } from '../copy/measure';
import { Task, stock } from '../copy/stock';
import { conditions } from '../machine/conditions';
import { CpuShare } from '../machine/cpu-share';
import { Workspace } from '../machine/workspace';
import { publishSection } from '../page';
import { ourProgram, ourProperties, outcomeOf, ours } from '../tools/ours';
import { CopyTool } from '../tools/tool';

const MEMORY_MEBIBYTES = [512, 1024, 1769, 3008];
const IMAGE = { megabytes: 500, layers: 10 };
const RUNS = 5;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { runs: { type: 'string', default: String(RUNS) }, out: { type: 'string' }, render: { type: 'boolean', default: false } },
  });
  const runs = Number(values.runs);
  const out = values.out ?? (runs >= RUNS || values.render ? 'docs' : '.bench');
  const file = path.join(out, 'benchmarks', 'memory.json');
  if (!values.render) {
    const results = await series(runs);
    mkdirSync(path.dirname(file), { recursive: true });
    writeFileSync(file, `${JSON.stringify(results, undefined, 1)}\n`);
  }
  const stored = JSON.parse(readFileSync(file, 'utf8')) as MemoryResults;
  writeFileSync(file.replace(/json$/, 'svg'), memoryChart(stored));
  const page = publishSection(out, 'memory', report(stored));
  say(`${page} and ${file} are written`);
}

/** Copies one image with the CPU share of each memory size in turn. The memory itself is not limited, but measured. */
async function series(runs: number): Promise<MemoryResults> {
  const began = performance.now();
  const before = conditions({ [ours.name]: ours.version });
  const workspace = new Workspace('/dev/shm');
  const tasks = (await stock([IMAGE], false, workspace)).filter(({ scenario }) => scenario === 'same registry' || scenario === 'other registry');
  await measure(tasks[0], ours, 0, workspace);
  const samples: MemorySample[] = [];
  for (let run = 1; run <= runs; run++) {
    for (const memoryMebibytes of MEMORY_MEBIBYTES) {
      for (const task of tasks) samples.push(await limited(task, memoryMebibytes, run, workspace));
    }
  }
  const minutes = Math.round((performance.now() - began) / 6000) / 10;
  return { conditions: { ...before, minutes, loadAfter: Math.round(loadavg()[0] * 100) / 100 }, runs, samples };
}

async function limited(task: Task, memoryMebibytes: number, run: number, workspace: Workspace): Promise<MemorySample> {
  const share = new CpuShare(coresOf(memoryMebibytes));
  const tool: CopyTool = { ...ours, copy: async job => outcomeOf(job, share.limited(ourProgram(job)), ourProperties(job)) };
  try {
    const { scenario, megabytes, wallSeconds, cpuSeconds, peakRssBytes } = await measure(task, tool, run, workspace);
    say(`${run}  ${memoryMebibytes} MB  ${scenario}  ${wallSeconds.toFixed(2)} s`);
    return { memoryMebibytes, scenario, megabytes, wallSeconds, cpuSeconds, peakRssBytes };
  } finally {
    share.remove();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exitCode = 1;
});
