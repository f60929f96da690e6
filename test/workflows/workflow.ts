import * as fs from 'node:fs';
import * as path from 'node:path';
import { load } from 'js-yaml';

export const PROJECT = path.join(__dirname, '..', '..');
const FOLDER = path.join(PROJECT, '.github', 'workflows');

export interface Step {
  readonly name: string;
  readonly uses?: string;
  readonly with: Record<string, string>;
  readonly run?: string;
  readonly env: Record<string, string>;
  readonly workingDirectory?: string;
}

/** A job, or one combination of values of its matrix. */
export interface Job {
  readonly id: string;
  readonly machine: string;
  readonly needs: readonly string[];
  /** Whether the job may ask GitHub for an identity token. */
  readonly hasIdentity: boolean;
  readonly steps: readonly Step[];
  /** The workflow whose jobs this job runs, instead of steps. */
  readonly calls?: string;
}

export interface Workflow {
  readonly name: string;
  /** The branch or the tag that starts the workflow. */
  readonly ref: string;
  readonly jobs: readonly Job[];
}

type Contexts = Record<string, Record<string, string>>;
type Fields = Record<string, unknown>;

// Keys that are not in these lists are errors, so that nothing in a workflow is ignored by mistake.
const KEYS = {
  workflow: ['name', 'on', 'permissions', 'concurrency', 'jobs'],
  job: ['name', 'runs-on', 'needs', 'permissions', 'environment', 'timeout-minutes', 'strategy', 'steps', 'uses'],
  strategy: ['fail-fast', 'matrix'],
  step: ['name', 'uses', 'with', 'run', 'env', 'working-directory'],
};

/** The names of all workflows. */
export function workflowNames(): string[] {
  return fs.readdirSync(FOLDER).map(file => path.basename(file, '.yml')).sort();
}

/**
 * Reads a workflow, with the values of all expressions.
 *
 * @param secrets values for the secrets of the workflow
 */
export function readWorkflow(name: string, secrets: Record<string, string>): Workflow {
  return parseWorkflow(name, fs.readFileSync(path.join(FOLDER, `${name}.yml`), 'utf8'), secrets);
}

export function parseWorkflow(name: string, text: string, secrets: Record<string, string>): Workflow {
  const workflow = fields(load(text), 'workflow', name);
  const startsOnTag = 'tags' in fields(fields(workflow.on).push ?? {});
  const ref = startsOnTag ? 'refs/tags/v0.1.0' : 'refs/heads/main';
  const contexts: Contexts = { secrets, github: { ref, token: 'token-of-the-workflow' } };
  return { name, ref, jobs: inOrder(Object.entries(fields(workflow.jobs)).flatMap(([id, job]) => jobsOf(id, job, contexts, `${name}.yml, ${id}`))) };
}

function jobsOf(id: string, value: unknown, contexts: Contexts, place: string): Job[] {
  const job = fields(value, 'job', place);
  const needs = [job.needs ?? []].flat() as string[];
  if (job.uses !== undefined) {
    const calls = /^\.\/\.github\/workflows\/(\w+)\.yml$/.exec(String(job.uses))?.[1];
    if (!calls || !workflowNames().includes(calls)) throw new Error(`${place}: there is no workflow "${job.uses}" in this repository.`);
    return [{ id, needs, calls, machine: 'ubuntu-latest', hasIdentity: false, steps: [] }];
  }
  return combinations(fields(fields(job.strategy ?? {}, 'strategy', place).matrix ?? {})).map(matrix => {
    const resolve = (text: unknown) => resolveText(String(text), { ...contexts, matrix }, place);
    const values = Object.values(matrix);
    return {
      id: values.length > 0 ? `${id} (${values.join(', ')})` : id,
      machine: resolve(job['runs-on']),
      needs,
      hasIdentity: fields(job.permissions ?? {})['id-token'] === 'write',
      steps: (job.steps as unknown[]).map((step, index) => stepOf(fields(step, 'step', `${place}, step ${index + 1}`), resolve, `${place}, step ${index + 1}`)),
    };
  });
}

function stepOf(step: Fields, resolve: (text: unknown) => string, place: string): Step {
  if ((step.run === undefined) === (step.uses === undefined)) throw new Error(`${place} needs either "run" or "uses".`);
  const texts = (values: unknown) => Object.fromEntries(Object.entries(fields(values ?? {})).map(([key, value]) => [key, resolve(value)]));
  const text = (value: unknown) => value === undefined ? undefined : resolve(value);
  return {
    name: String(step.name ?? step.uses ?? step.run),
    uses: text(step.uses), with: texts(step.with), run: text(step.run), env: texts(step.env), workingDirectory: text(step['working-directory']),
  };
}

function fields(value: unknown, kind?: keyof typeof KEYS, place = ''): Fields {
  const found = (value ?? {}) as Fields;
  const unknown = kind ? Object.keys(found).find(key => !KEYS[kind].includes(key)) : undefined;
  if (unknown !== undefined) throw new Error(`${place}: the ${kind} key "${unknown}" is not supported. Add it to test/workflows/workflow.ts.`);
  return found;
}

function resolveText(text: string, contexts: Contexts, place: string): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const [context, key, ...rest] = expression.split('.');
    const value = rest.length === 0 ? contexts[context]?.[key] : undefined;
    if (value === undefined) throw new Error(`${place}: the expression "${expression}" has no value. Add it to test/workflows.`);
    return value;
  });
}

function combinations(matrix: Fields): Record<string, string>[] {
  return Object.entries(matrix).reduce<Record<string, string>[]>(
    (found, [key, values]) => found.flatMap(each => (values as unknown[]).map(value => ({ ...each, [key]: String(value) }))), [{}]);
}

/** Whether `id` is the job `name`, or one combination of its matrix. */
export const isJob = (id: string, name: string) => id === name || id.startsWith(`${name} (`);

/** Each job after the jobs that it needs. */
function inOrder(jobs: readonly Job[]): Job[] {
  const ordered: Job[] = [];
  while (ordered.length < jobs.length) {
    const rest = jobs.filter(job => !ordered.includes(job));
    const ready = rest.filter(({ needs }) => !needs.some(need => rest.some(({ id }) => isJob(id, need))));
    if (ready.length === 0) throw new Error(`The jobs ${rest.map(({ id }) => id).join(', ')} need each other.`);
    ordered.push(...ready);
  }
  return ordered;
}
