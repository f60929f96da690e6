// `npx projen workflows`: runs the jobs of the GitHub workflows in containers on this machine, one after the other. See CONTRIBUTING.md.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { SECRETS } from './commands';
import { installNodes, makeImage } from './image';
import { Machine } from './machine';
import { planJob, PlannedJob } from './plan';
import { isJob, PROJECT, readWorkflow, Workflow, workflowNames } from './workflow';
import { lastLines } from '../../local/process';

const CACHE = path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), '.cache'), 'cdk-container-delivery', 'workflows');
const FOLDER = path.join(PROJECT, '.workflows');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { plan: { type: 'boolean', default: false }, job: { type: 'string', multiple: true } },
});

const print = (text: string) => process.stdout.write(`${text}\n`);

/** The jobs of a workflow that were chosen, also by the name without the values of a matrix. */
function chosenJobs({ name, jobs }: Workflow): PlannedJob[] {
  const wanted = values.job ?? jobs.map(({ id }) => id);
  const unknown = wanted.find(each => !jobs.some(({ id }) => isJob(id, each)));
  if (unknown !== undefined) throw new Error(`${name} has no job "${unknown}". Its jobs are: ${jobs.map(({ id }) => id).join(', ')}.`);
  return jobs.filter(({ id }) => wanted.some(each => isJob(id, each))).map(planJob);
}

function printPlan(name: string, jobs: readonly PlannedJob[]): void {
  for (const { job, steps, notRun } of jobs) {
    print(`${name}, ${job.id}${notRun ? `: not run, ${notRun}` : ''}`);
    if (notRun) continue;
    for (const step of steps) print(`  ${step.script === undefined ? 'not run' : 'run    '}  ${step.name}${step.note ? `: ${step.note}` : ''}`);
  }
}

/** A bare clone with the last commit of this clone, as the branch or the tag that starts the workflow. */
function cloneOfProject(ref: string): string {
  const clone = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'repository-')), 'repository.git');
  const git = (...args: string[]) => execFileSync('git', args, { encoding: 'utf8' });
  git('clone', '--quiet', '--bare', PROJECT, clone);
  for (const each of ['refs/heads/main', ref]) git('-C', clone, 'update-ref', each, git('-C', PROJECT, 'rev-parse', 'HEAD').trim());
  return clone;
}

/** Runs the steps until one fails, and returns one line for each. */
async function runJob(workflow: Workflow, { job, steps, notRun }: PlannedJob, image: string, nodes: string): Promise<boolean> {
  print(`${workflow.name}, ${job.id}${notRun ? `: not run, ${notRun}` : ''}`);
  if (notRun) return true;
  const [log, artifacts] = [path.join(FOLDER, 'logs', `${workflow.name}-${job.id.replace(/[^\w.-]+/g, '-')}.log`), path.join(FOLDER, 'artifacts', workflow.name)];
  fs.mkdirSync(path.dirname(log), { recursive: true });
  fs.writeFileSync(log, '');
  fs.mkdirSync(artifacts, { recursive: true });
  fs.chmodSync(artifacts, 0o777);
  const repository = cloneOfProject(workflow.ref);
  const machine = await Machine.start({ image, nodes, repository, artifacts, log, ref: workflow.ref });
  const interrupted = () => {
    machine.stop();
    process.exit(130);
  };
  process.once('SIGINT', interrupted).once('SIGTERM', interrupted);
  try {
    for (const step of steps) {
      const note = step.note ? `: ${step.note}` : '';
      if (step.script === undefined) {
        print(`  not run          ${step.name}${note}`);
        continue;
      }
      const start = performance.now();
      fs.appendFileSync(log, `\n▸ ${step.name}\n`);
      const code = await machine.run(step, job.hasIdentity);
      const seconds = `${Math.round((performance.now() - start) / 1000)} s`.padStart(7);
      print(`  ${code === 0 ? 'passed ' : 'FAILED '} ${seconds}  ${step.name}${note}`);
      if (code !== 0) {
        print(`${lastLines(log, 20)}\nExit code ${code}. The whole output is in ${log}.`);
        return false;
      }
    }
    return true;
  } finally {
    const published = machine.published();
    if (published) print(`  published in the container:\n${published.replace(/^/gm, '    ')}`);
    process.off('SIGINT', interrupted).off('SIGTERM', interrupted);
    machine.stop();
    fs.rmSync(path.dirname(repository), { recursive: true, force: true });
  }
}

async function main(): Promise<void> {
  const names = positionals.length > 0 ? positionals : workflowNames();
  const chosen = names.map(name => readWorkflow(name, SECRETS)).map(workflow => ({ workflow, jobs: chosenJobs(workflow) }));
  if (values.plan) {
    chosen.forEach(({ workflow, jobs }) => printPlan(workflow.name, jobs));
    return;
  }
  fs.mkdirSync(CACHE, { recursive: true });
  const nodes = installNodes(CACHE);
  const image = await makeImage(CACHE);
  for (const { workflow, jobs } of chosen) {
    for (const job of jobs) {
      if (!await runJob(workflow, job, image, nodes)) process.exitCode = 1;
    }
  }
}

main().catch((error: Error) => {
  print(error.message);
  process.exitCode = 1;
});
