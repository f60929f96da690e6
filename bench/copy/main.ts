import { assetSizes } from './assets';
import { measureFirstRequests } from './first-request';
import { measure } from './measure';
import { Options, readOptions } from './options';
import { publish, readResults } from './publish';
import { CopyResults, Sample } from './results';
import { Task, bytesNeeded, stock } from './stock';
import { ask, say } from '../../local/process';
import { conditions } from '../machine/conditions';
import { Workspace } from '../machine/workspace';
import { cdkEcrDeployment } from '../tools/cdk-ecr-deployment';
import { docker } from '../tools/docker';
import { installedTools } from '../tools/go-tools';
import { ours } from '../tools/ours';
import { skopeo } from '../tools/skopeo';
import { CopyTool } from '../tools/tool';

const QUIET = 0.5;
const LARGE_MEGABYTES = 500;
// Docker unpacks and packs each layer. Five runs with large images would take longer than the rest of the series.
const RUNS_OF_SLOW_TOOLS = 1;

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  publish(options.renderOnly ? readResults(options.out) : await series(options), options.out);
}

/** Measures everything once per repetition, all tools in turn, so that a slow minute of the machine affects all of them. */
async function series({ sizes, runs, starts, singleLayer, storage }: Options): Promise<CopyResults> {
  const began = performance.now();
  const tools = [ours, cdkEcrDeployment(), skopeo(), ...installedTools(), docker()];
  const before = { ...conditions(versionsOf(tools)), runs, network: 'TLS' };
  if (before.loadBefore > QUIET) say(`the machine is busy (load ${before.loadBefore}): do not publish these figures`);
  const workspace = new Workspace(storage);
  if (workspace.freeBytes < bytesNeeded(sizes, singleLayer)) {
    throw new Error(`${storage} has not the ${Math.ceil(bytesNeeded(sizes, singleLayer) / 1e9)} GB that the images take; choose fewer --sizes or another --storage`);
  }
  say('making the images');
  const tasks = await stock(sizes, singleLayer, workspace);
  say('bringing the programs into memory');
  for (const tool of tools) await measure(tasks[0], tool, 0, workspace);
  say('first requests');
  const firstRequests = await measureFirstRequests(starts, workspace);
  const samples: Sample[] = [];
  for (let repetition = 1; repetition <= runs; repetition++) {
    for (const task of tasks) {
      for (const tool of inTurn(toolsFor(task, tools, repetition), repetition)) {
        const sample = await measure(task, tool, repetition, workspace);
        say(`${repetition}/${runs}  ${task.scenario}  ${sample.megabytes} MB  ${tool.name}  ${sample.wallSeconds.toFixed(2)} s  ${sample.requests} requests`);
        samples.push(sample);
      }
    }
  }
  const minutes = Math.round((performance.now() - began) / 6000) / 10;
  return { conditions: { ...before, minutes }, samples, firstRequests, assets: assetSizes() };
}

function versionsOf(tools: readonly CopyTool[]): Record<string, string> {
  const registry = ask('docker-registry', ['--version']).out.split(' ')[2];
  return { 'docker-registry': registry, ...Object.fromEntries(tools.map(({ name, version }) => [name, version])) };
}

/** The tools for a task. The single large layer only measures the memory of our function. */
function toolsFor({ scenario, size }: Task, tools: readonly CopyTool[], repetition: number): readonly CopyTool[] {
  if (scenario === 'one 2 GiB layer') return [ours];
  const hasSlowTools = repetition <= RUNS_OF_SLOW_TOOLS || size.megabytes < LARGE_MEGABYTES;
  return hasSlowTools ? tools : tools.filter(({ unpacks }) => unpacks !== true);
}

/** The tools in an order in which none always runs after the same other one. */
function inTurn<T>(all: readonly T[], repetition: number): T[] {
  const first = (repetition - 1) % all.length;
  return [...all.slice(first), ...all.slice(0, first)];
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
  process.exit(1);
});
