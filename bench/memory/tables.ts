import { MemoryResults, MemorySample, coresOf } from './results';
import { bars } from '../bars';
import { markdownTable } from '../page';
import { spreadOf } from '../spread';

// https://aws.amazon.com/lambda/pricing/, x86 in us-east-1.
const USD_PER_GIBIBYTE_SECOND = 0.0000166667;
const STREAMED = 'other registry';
const MOUNTED = 'same registry';

/** The chart of a series. */
export function memoryChart({ samples }: MemoryResults): string {
  const sizes = [...new Set(samples.map(({ memoryMebibytes }) => memoryMebibytes))];
  return bars(`A streamed copy of ${samples[0].megabytes} MB, with the CPU share of a memory size`, 's', sizes.map(memory => ({
    label: `${memory} MB of memory`, isOurs: true,
    ...spreadOf(samples.filter(sample => sample.memoryMebibytes === memory && sample.scenario === STREAMED).map(({ wallSeconds }) => wallSeconds)),
  })));
}

/** The part of the page for a series. */
export function report({ conditions, runs, samples }: MemoryResults): string {
  const { date, commit, minutes, machine, cores, memoryGigabytes, loadBefore, loadAfter, versions } = conditions;
  const sizes = [...new Set(samples.map(({ memoryMebibytes }) => memoryMebibytes))];
  const of = (memory: number, scenario: string) => samples.filter(sample => sample.memoryMebibytes === memory && sample.scenario === scenario);
  return [
    `Measured on ${date} at commit ${commit}, in ${minutes} minutes: ${runs} runs for each size, all in turn. Medians, with minimum and maximum.`,
    markdownTable(['condition', ''], [
      ['machine', `${machine}, ${cores} cores, ${memoryGigabytes} GB of memory`],
      ['load average', `${loadBefore} before, ${loadAfter} after`],
      ['price', `${USD_PER_GIBIBYTE_SECOND.toFixed(10)} USD per GB-second of Lambda (x86, us-east-1)`],
      ...Object.entries(versions),
    ], 2),
    '![Time of a streamed copy, for each memory size](benchmarks/memory.svg)',
    markdownTable(
      ['memory', 'cores', 'mounted: s', 'streamed: s', 'CPU s', 'peak RSS MB', 's per GB', 'USD per GB'],
      sizes.map(memory => row(memory, of(memory, MOUNTED), of(memory, STREAMED))),
    ),
  ].join('\n\n');
}

function row(memory: number, mounted: readonly MemorySample[], streamed: readonly MemorySample[]): string[] {
  const wall = spreadOf(streamed.map(({ wallSeconds }) => wallSeconds));
  const secondsPerGigabyte = wall.median / (streamed[0].megabytes / 1000);
  return [
    `${memory} MB`, coresOf(memory).toFixed(2),
    text(mounted.map(({ wallSeconds }) => wallSeconds)), text(streamed.map(({ wallSeconds }) => wallSeconds)),
    spreadOf(streamed.map(({ cpuSeconds }) => cpuSeconds)).median.toFixed(2),
    (Math.max(...streamed.map(({ peakRssBytes }) => peakRssBytes)) / 1e6).toFixed(0),
    secondsPerGigabyte.toFixed(1),
    (secondsPerGigabyte * memory / 1024 * USD_PER_GIBIBYTE_SECOND).toFixed(6),
  ];
}

function text(seconds: readonly number[]): string {
  const { median, min, max } = spreadOf(seconds);
  return `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`;
}
