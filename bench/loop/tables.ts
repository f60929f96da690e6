import { bars } from '../bars';
import { Conditions } from '../machine/conditions';
import { markdownTable } from '../page';
import { spreadOf } from '../spread';

/** One measured edit. */
export interface LoopSample {
  readonly way: string;
  readonly round: number;
  /** From the edit to the first answer that contains it. */
  readonly answerSeconds: number;
  /** From the edit to the end of the command. */
  readonly commandSeconds: number;
}

/** All results of a series. */
export interface LoopResults {
  readonly conditions: Conditions & { readonly loadAfter: number };
  readonly rounds: number;
  readonly samples: readonly LoopSample[];
}

/** The ways that the targets compare. */
export const WAYS = {
  plainHotswap: 'plain CDK, `--hotswap`',
  directHotswap: 'direct push, `--hotswap`',
  developmentHotswap: 'copy route in development mode, `--hotswap`',
  plainFull: 'plain CDK, full deployment',
  directFull: 'direct push, full deployment',
  copyFull: 'copy route, full deployment',
  bare: '`cdk deploy` of the demo\'s app',
  demo: '`npm run demo`, redeployment',
} as const;

type Seconds = 'answerSeconds' | 'commandSeconds';

const TARGETS: readonly { readonly way: string; readonly than: string; readonly limit: number; readonly seconds: Seconds }[] = [
  { way: WAYS.directHotswap, than: WAYS.plainHotswap, limit: 1.05, seconds: 'answerSeconds' },
  { way: WAYS.developmentHotswap, than: WAYS.plainHotswap, limit: 1.05, seconds: 'answerSeconds' },
  { way: WAYS.demo, than: WAYS.bare, limit: 1.2, seconds: 'commandSeconds' },
];

const WITH_OURS = /direct push|copy route|npm run demo/;

/** The chart of a series. */
export function loopChart({ samples }: LoopResults): string {
  const ways = [...new Set(samples.map(({ way }) => way))];
  return bars('From an edit to the answer of the new container', 's', ways.map(way => ({
    label: way, isOurs: WITH_OURS.test(way), ...spreadOf(samples.filter(sample => sample.way === way).map(({ answerSeconds }) => answerSeconds)),
  })));
}

/** The part of the page for a series. */
export function report({ conditions, rounds, samples }: LoopResults): string {
  const of = (way: string, seconds: Seconds) => spreadOf(samples.filter((sample) => sample.way === way).map((sample) => sample[seconds]));
  const text = (way: string, seconds: Seconds) => {
    const { median, min, max } = of(way, seconds);
    return `${median.toFixed(1)} (${min.toFixed(1)} to ${max.toFixed(1)})`;
  };
  const ways = [...new Set(samples.map(({ way }) => way))];
  const targets = TARGETS.map(({ way, than, limit, seconds }) => {
    const ratio = of(way, seconds).median / of(than, seconds).median;
    return [`${way}: at most ${limit} times ${than}`, `${ratio.toFixed(2)} times`, ratio <= limit ? 'reached' : '**not reached**'];
  });
  const { date, commit, minutes, machine, cores, memoryGigabytes, loadBefore, loadAfter, versions } = conditions;
  return [
    `Measured on ${date} at commit ${commit}, in ${minutes} minutes: ${rounds} rounds, all ways in turn in each. Medians in seconds, with minimum and maximum.`,
    markdownTable(['condition', ''], [
      ['machine', `${machine}, ${cores} cores, ${memoryGigabytes} GB of memory`],
      ['load average', `${loadBefore} before, ${loadAfter} after`],
      ...Object.entries(versions).map(([name, version]) => [name, version]),
    ], 2),
    '![Time from an edit to the answer of the new container, for each way](benchmarks/loop.svg)',
    markdownTable(['after an edit', 'new container answers', 'command ends'], ways.map((way) => [way, text(way, 'answerSeconds'), text(way, 'commandSeconds')])),
    markdownTable(['target', 'measured', ''], targets, 3),
  ].join('\n\n');
}
