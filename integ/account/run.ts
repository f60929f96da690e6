import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { Env, Refusal } from './aws';
import { AssertionResult, CDK_CLI, Cdk } from './cdk-cli';
import { PageWatch } from './page-watch';
import { AccountPlace, LocalPlace, Place } from './places';
import { costOf, PLAN, PlannedTest, PRICES, PRICES_SOURCE, Step } from './plan';

const USAGE = `Usage: npx projen integ:aws [options]
  --list            print the tests, and do nothing
  --only <name>     run this test; can be repeated, also with commas
  --yes             do not ask for confirmation; required without a terminal
  --keep            do not destroy anything
  --endpoint local  run what is possible on the local cloud`;

/** The dependencies of the runner. Tests replace them. */
export interface Surroundings {
  readonly env: Env;
  /** The CDK CLI: the executable and its first arguments. */
  readonly cdk: readonly string[];
  readonly print: (text: string) => void;
  /** Asks for confirmation. `undefined` without a terminal. */
  readonly ask?: (question: string) => Promise<string>;
  /** In milliseconds, between two requests for a watched page, and before a certificate is deleted again. */
  readonly pause?: number;
  /** Set by an interruption: no further step starts. */
  readonly interrupted?: () => boolean;
}

/**
 * Runs the suite.
 *
 * @returns the exit code
 */
export async function runSuite(args: string[], surroundings: Surroundings): Promise<number> {
  const { print, ask, cdk, env, pause } = surroundings;
  const say = (text: string) => print(`${text}\n`);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'integ-account-'));
  try {
    const { values: { only = [], list, yes, keep, endpoint, help } } = parse(args);
    if (help) {
      say(USAGE);
      return 0;
    }
    const local = endpoint === 'local';
    if (endpoint !== undefined && !local) throw new Refusal(`--endpoint is '${endpoint}'. Use local, or leave it out for AWS.`);
    const chosen = choose(only.flatMap(each => each.split(',')));
    if (list) {
      describe(chosen, say);
      return 0;
    }
    const cli = new Cdk(cdk, folder, print);
    const place = local ? new LocalPlace(cli) : new AccountPlace(cli, env, pause);
    if (!local) return await inAccount(place, chosen, { ...surroundings, say, yes, keep, ask });
    return await execute(place, chosen, { ...surroundings, say, keep });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    return 2;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

type Options = Surroundings & { readonly say: (text: string) => void; readonly yes?: boolean; readonly keep?: boolean };

async function inAccount(place: Place, chosen: readonly PlannedTest[], options: Options): Promise<number> {
  const { say, yes, ask } = options;
  const where = await place.begin();
  say(`Runs in ${where}.`);
  describe(chosen, say);
  if (!yes) {
    if (ask === undefined) throw new Refusal('There is no terminal to ask for confirmation. Pass --yes. Nothing was created.');
    const answer = await ask(`\nCreate this in ${where}? Type yes: `);
    if (answer.trim().toLowerCase() !== 'yes') throw new Refusal('Not confirmed. Nothing was created.');
  }
  return execute(place, chosen, options, true);
}

/** Runs the tests one after the other. Cleans up after each one, and at the end, also after a failure. */
async function execute(place: Place, chosen: readonly PlannedTest[], options: Options, begun = false): Promise<number> {
  const { say, keep, interrupted = () => false } = options;
  const results: string[] = [];
  const problems: string[] = [];
  try {
    if (!begun) say(`Runs on ${await place.begin()}.`);
    for (const test of chosen) {
      const obstacle = interrupted() ? 'interrupted' : place.obstacle(test);
      if (obstacle !== undefined) {
        results.push(`SKIPPED ${test.name}: ${obstacle}`);
        continue;
      }
      const problem = await runTest(place, test, options);
      if (problem !== undefined) problems.push(test.name);
      results.push(problem === undefined ? `PASSED  ${test.name}` : `FAILED  ${test.name}: ${problem}`);
      if (!keep) problems.push(...await destroy(place, test, say));
    }
  } finally {
    if (keep) {
      say('\nNothing is destroyed, because of --keep. AWS charges for it until you run the suite again without --keep.');
    } else {
      say('\nRemoving what is left …');
      const remaining = await place.end().catch((error: Error) => [`the clean-up failed: ${error.message}`]);
      problems.push(...remaining);
      if (remaining.length > 0) say(`COULD NOT BE REMOVED:\n${remaining.map(each => `  ${each}`).join('\n')}`);
    }
    if (results.length > 0) say(`\n${results.join('\n')}`);
  }
  return problems.length > 0 || interrupted() ? 1 : 0;
}

/** @returns why the test failed */
async function runTest(place: Place, test: PlannedTest, { say, pause, interrupted = () => false }: Options): Promise<string | undefined> {
  try {
    say(`\n▸ ${test.name}: ${test.shows}`);
    const values = await place.prepare(test);
    for (const step of test.steps) {
      if (interrupted()) return 'interrupted';
      say(`\n▸ ${test.name}: ${step.title} …`);
      const problem = await runStep(place, test, step, values, pause);
      if (problem !== undefined) return `${step.title}: ${problem}`;
    }
    return undefined;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function runStep(
  place: Place, test: PlannedTest, step: Step, values: Readonly<Record<string, string>>, pause?: number,
): Promise<string | undefined> {
  const context = Object.fromEntries(Object.entries(step.context ?? {}).map(([key, value]) => [key, values[value] ?? value]));
  const page = step.watch ? place.page() : undefined;
  const watch = page === undefined ? undefined : new PageWatch(page, pause);
  const { ok, output } = await place.deploy(test, context);
  const watched = await watch?.stop();
  if (step.fails === undefined && !ok) return 'cdk deploy failed; its output is above';
  if (step.fails !== undefined && ok) return `cdk deploy succeeded, but has to fail with ${step.fails}`;
  if (step.fails !== undefined && !step.fails.test(output)) return `cdk deploy failed, but its output does not match ${step.fails}`;
  const problem = ok ? problemOf(place.assertions()) : undefined;
  if (problem !== undefined) return problem;
  // The assertions run each time, so the second stack always changes.
  if (step.unchanged && !/\(no changes\)/.test(output)) return 'the stack changed, but had nothing to deploy';
  if (watched !== undefined && watched.failures.length > 0) {
    return `the page did not answer ${watched.failures.length} of ${watched.asked} times: ${watched.failures.slice(0, 5).join('; ')}`;
  }
  return undefined;
}

/** An app without any result proves nothing. */
function problemOf(results: readonly AssertionResult[]): string | undefined {
  if (results.length === 0) return 'no assertion has a result';
  const failed = results.flatMap(({ name, problem }) => problem === undefined ? [] : [`${name}: ${problem}`]);
  return failed.length === 0 ? undefined : `assertions failed: ${failed.join('; ')}`;
}

async function destroy(place: Place, test: PlannedTest, say: (text: string) => void): Promise<string[]> {
  say(`\n▸ ${test.name}: cdk destroy …`);
  try {
    // A resource that was still in use is often free a moment later.
    if ((await place.destroy(test)).ok || (await place.destroy(test)).ok) return [];
    say(`COULD NOT BE REMOVED: the stacks of ${test.name}; the output of cdk destroy is above`);
  } catch (error) {
    say(`COULD NOT BE REMOVED: the stacks of ${test.name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return [`the stacks of ${test.name}`];
}

function parse(args: string[]) {
  try {
    return parseArgs({
      // npm removes the dashes before the options, projen passes them on.
      args: args[0] === '--' ? args.slice(1) : args,
      options: {
        only: { type: 'string', multiple: true },
        list: { type: 'boolean' },
        yes: { type: 'boolean' },
        keep: { type: 'boolean' },
        endpoint: { type: 'string' },
        help: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Refusal(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

/** The named tests, or all tests that change no account setting. */
function choose(names: readonly string[]): readonly PlannedTest[] {
  const unknown = names.find(name => !PLAN.some(test => test.name === name));
  if (unknown !== undefined) throw new Refusal(`--only is '${unknown}'. Use one of: ${PLAN.map(({ name }) => name).join(', ')}.`);
  return PLAN.filter(({ name, replaces }) => names.length > 0 ? names.includes(name) : replaces === undefined);
}

/** Prints the resources of the tests, their cost and their duration. */
function describe(chosen: readonly PlannedTest[], say: (text: string) => void): void {
  for (const test of chosen) {
    const { dollarsPerHour, plus } = costOf(test);
    const known = dollarsPerHour > 0 ? [`$${dollarsPerHour.toFixed(3)} per hour for tasks and addresses`] : [];
    say([
      `\n${test.name}: ${test.shows}`,
      `  creates   ${test.creates}`,
      ...test.replaces === undefined ? [] : [`  REPLACES  ${test.replaces}`],
      `  costs     ${[...known, ...plus].join(' + ')}`,
      `  takes     about ${test.estimatedMinutes} minutes (estimate)`,
    ].join('\n'));
  }
  const left = PLAN.filter(test => test.replaces !== undefined && !chosen.includes(test));
  for (const { name, replaces } of left) say(`\nNot included: ${name}. It replaces ${replaces}. Name it with --only.`);
  const used = new Set(chosen.flatMap(({ costs }) => Object.keys(costs)));
  const pages = Object.entries(PRICES).filter(([name]) => used.has(name)).map(([, { label, page }]) => `  ${label}: ${page}`);
  say(`\nThe tests run one after the other: about ${chosen.reduce((sum, test) => sum + test.estimatedMinutes, 0)} minutes (estimate).`);
  say(`Dollars are ${PRICES_SOURCE}. AWS bills a load balancer for at least an hour. All prices:\n${pages.join('\n')}`);
}

if (require.main === module) {
  let interrupted = false;
  process.on('SIGINT', () => {
    if (interrupted) process.stdout.write('\nStill cleaning up. What you end now stays in the account.\n');
    interrupted = true;
  });
  const terminal = process.stdin.isTTY && process.stdout.isTTY;
  const ask = async (question: string) => {
    const lines = createInterface({ input: process.stdin, output: process.stdout });
    return lines.question(question).finally(() => lines.close());
  };
  runSuite(process.argv.slice(2), {
    env: process.env, cdk: CDK_CLI, print: text => process.stdout.write(text), ask: terminal ? ask : undefined, interrupted: () => interrupted,
  }).then(code => {
    process.exitCode = code;
  }, (error: Error) => {
    process.stderr.write(`${error.stack}\n`);
    process.exitCode = 1;
  });
}
