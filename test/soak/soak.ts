import { parseArgs } from 'node:util';
import { RandomCase, randomCase } from './random-case';
import { seeded } from '../helpers/fault-proxy-random';
import { Scene } from '../helpers/fault-proxy-scene';
import { Run, breaches, outcomeOf, repeatedWork } from '../helpers/invariants';

/**
 * Copies random images through random faults until the time is over, and checks the invariants after every run. Every run has its own
 * seed, with which it can be repeated: `npx projen soak:faults --seed <seed> --runs 1`.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: 'string', default: '5' }, seed: { type: 'string' }, runs: { type: 'string' } } });
  const first = Number(values.seed ?? Date.now() % 1_000_000_000);
  const last = values.runs === undefined ? Infinity : first + Number(values.runs);
  const end = Date.now() + Number(values.minutes) * 60_000;
  const faults = new Map<string, number>();
  const outcomes = new Map<string, number>();
  const count = (map: Map<string, number>, key: string) => map.set(key, (map.get(key) ?? 0) + 1);
  const summary = () => `${sum(outcomes)} runs (${list(outcomes)}), ${sum(faults)} faults fired`;
  let told = Date.now();
  say(`soak from seed ${first}`);
  for (let seed = first; seed < last && Date.now() < end; seed++) {
    const random = seeded(seed);
    const plan = randomCase(random);
    const { run, wrong } = await play(plan, random);
    count(outcomes, outcomeOf(run).Status ?? 'no answer');
    run.trace.forEach(({ fault }) => fault !== undefined && count(faults, fault));
    if (wrong.length > 0) {
      say([`seed ${seed} breaks invariants:`, JSON.stringify(plan.rules, (_, value) => value === Infinity ? 'for ever' : value), ...wrong, `play it again: npx projen soak:faults --seed ${seed} --runs 1`].join('\n  '));
      process.exitCode = 1;
    }
    if (Date.now() - told > 30_000) {
      told = Date.now();
      say(summary());
    }
  }
  say(`${summary()}: ${list(faults)}`);
}

async function play({ rules, ...options }: RandomCase, random: () => number): Promise<{ readonly run: Run; readonly wrong: readonly string[] }> {
  const scene = await Scene.start({ ...options, random });
  try {
    const clean = await scene.deliver();
    scene.clear();
    const run = await scene.deliver(rules);
    const { Status, Reason = '' } = outcomeOf(run);
    const wrong = breaches(run, scene.aim(clean));
    if (Status === 'FAILED' && !/^could not [a-z ]+ (from the source|at the destination) 127\.0\.0\.1:\d+\/(assets|team\/web)\S*: ./.test(Reason)) wrong.push(Reason);
    const again = await scene.deliver();
    return { run, wrong: [...breaches(clean, scene.aim(clean)), ...wrong, ...repeatedWork(again), ...breaches(again, scene.aim(clean))] };
  } finally {
    await scene.stop();
  }
}

function sum(counts: ReadonlyMap<string, number>): number {
  return [...counts.values()].reduce((total, each) => total + each, 0);
}

function list(counts: ReadonlyMap<string, number>): string {
  return [...counts].map(([name, number]) => `${number} ${name}`).join(', ');
}

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

void main();
