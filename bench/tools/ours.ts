import * as path from 'node:path';
import { CopyJob, CopyOutcome, CopyTool, LIVE_TAG_PREFIX, TAG } from './tool';
import { invokeOnce } from '../lambda/invoke';
import { Program, cleanEnvironment } from '../machine/program';

const PROJECT = path.resolve(__dirname, '..', '..');

/** Folder of the asset that is deployed as our Lambda function. */
export const OUR_ASSET = path.join(PROJECT, 'assets', 'copy', 'image-copy.lambda');

/** The bundled handler of this library, in a Node.js process that serves as its Lambda. */
export const ours: CopyTool = {
  name: 'cdk-container-delivery',
  version: `this commit on Node.js ${process.versions.node}`,
  copy: async job => outcomeOf(job, ourProgram(job), ourProperties(job)),
};

/** The properties of our custom resource. */
export function ourProperties({ from, to }: Pick<CopyJob, 'from' | 'to'>): Readonly<Record<string, unknown>> {
  return {
    SchemaVersion: '1',
    Source: `${from.host}/${from.repository}:${TAG}`,
    Destination: `${to.host}/${to.repository}`,
    LiveTagPrefix: LIVE_TAG_PREFIX,
  };
}

/** The process that Lambda would start. */
export function ourProgram({ from, to }: Pick<CopyJob, 'from' | 'to'>): Program {
  return {
    command: process.execPath,
    args: [path.join(PROJECT, 'bench', 'lambda', 'node-runtime.cjs')],
    env: cleanEnvironment({
      LAMBDA_TASK_ROOT: OUR_ASSET,
      _HANDLER: 'index.handler',
      REGISTRY_ORIGINS: JSON.stringify(Object.fromEntries([from, to].map(({ host }) => [host, `http://${host}`]))),
    }),
  };
}

/** Runs a Lambda function for a job. */
export async function outcomeOf(job: CopyJob, program: Program, properties: Readonly<Record<string, unknown>>): Promise<CopyOutcome> {
  const { told, hung, usage, output } = await invokeOnce(program, properties, job.scratch, job.limitSeconds);
  return { end: hung ? 'hung' : told?.Status === 'SUCCESS' ? 'done' : 'failed', usage, output: `${output}${JSON.stringify(told)}` };
}
