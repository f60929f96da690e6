import * as path from 'node:path';
import { CopyJob, CopyOutcome, CopyTool, LIVE_TAG_PREFIX, Place, TAG, certificatesOf } from './tool';
import { invokeOnce } from '../lambda/invoke';
import { Program, cleanEnvironment } from '../machine/program';

const PROJECT = path.resolve(__dirname, '..', '..');

/** Folder of the asset of our Lambda function. */
export const OUR_ASSET = path.join(PROJECT, 'assets', 'copy', 'image-copy.lambda');

/** The bundled handler of this library, in a Node.js process that acts as its Lambda environment. */
export const ours: CopyTool = {
  name: 'cdk-container-delivery',
  version: `this commit on Node.js ${process.versions.node}`,
  copy: async job => outcomeOf(job, ourProgram(job), ourProperties(job)),
};

// The function treats ECR registries as on AWS: it logs in, and does not hash blobs that ECR verifies.
const ECR = (account: string) => `${account}.dkr.ecr.eu-west-1.amazonaws.com`;

/** The names of the registries for the function. With https they are ECR names. */
function namesOf({ from, to }: Pick<CopyJob, 'from' | 'to'>): [from: string, to: string] {
  const name = ({ host, certificate }: Place, account: string) => certificate === undefined ? host : ECR(account);
  return [name(from, '111122223333'), name(to, from.host === to.host ? '111122223333' : '444455556666')];
}

/** The properties of our custom resource. */
export function ourProperties(job: Pick<CopyJob, 'from' | 'to'>): Readonly<Record<string, unknown>> {
  const [from, to] = namesOf(job);
  return {
    SchemaVersion: '1',
    Source: `${from}/${job.from.repository}:${TAG}`,
    Destination: `${to}/${job.to.repository}`,
    LiveTagPrefix: LIVE_TAG_PREFIX,
  };
}

/** The process of the Lambda function. */
export function ourProgram(job: Pick<CopyJob, 'from' | 'to' | 'scratch'>): Program {
  const names = namesOf(job);
  const origins = [job.from, job.to].map(({ host, certificate }, at) => [names[at], `${certificate === undefined ? 'http' : 'https'}://${host}`]);
  return {
    command: process.execPath,
    args: [path.join(PROJECT, 'bench', 'lambda', 'node-runtime.cjs')],
    env: cleanEnvironment({
      LAMBDA_TASK_ROOT: OUR_ASSET,
      _HANDLER: 'index.handler',
      REGISTRY_ORIGINS: JSON.stringify(Object.fromEntries(origins)),
      NODE_EXTRA_CA_CERTS: certificatesOf(job),
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    }),
  };
}

/** Runs a Lambda function for a job. */
export async function outcomeOf(job: CopyJob, program: Program, properties: Readonly<Record<string, unknown>>): Promise<CopyOutcome> {
  const { told, hung, usage, output } = await invokeOnce(program, properties, job.scratch, job.limitSeconds);
  return { end: hung ? 'hung' : told?.Status === 'SUCCESS' ? 'done' : 'failed', usage, output: `${output}${JSON.stringify(told)}` };
}
