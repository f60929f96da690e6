import { readFileSync } from 'node:fs';
import * as path from 'node:path';
import { containersImageEnvironment } from './containers-image';
import { outcomeOf } from './ours';
import { CopyJob, CopyTool, TAG } from './tool';
import { Program } from '../machine/program';

const PACKAGE = path.dirname(require.resolve('cdk-ecr-deployment/package.json'));
const { version }: { readonly version: string } = JSON.parse(readFileSync(path.join(PACKAGE, 'package.json'), 'utf8'));

/** Folder of the asset that is deployed as the Lambda function of cdk-ecr-deployment. */
export const PEER_ASSET = path.join(PACKAGE, 'lambda-bin');

/** The unchanged Lambda binary of cdk-ecr-deployment. */
export function cdkEcrDeployment(attempts?: number): CopyTool {
  return {
    name: attempts === undefined ? 'cdk-ecr-deployment' : `cdk-ecr-deployment, ${attempts} attempts`,
    version,
    copy: async job => outcomeOf(job, peerProgram(job), peerProperties(job, attempts)),
  };
}

/** The properties of its custom resource. */
export function peerProperties({ from, to }: Pick<CopyJob, 'from' | 'to'>, attempts?: number): Readonly<Record<string, unknown>> {
  return {
    SrcImage: `docker://${from.host}/${from.repository}:${TAG}`,
    DestImage: `docker://${to.host}/${to.repository}:${TAG}`,
    ...attempts === undefined ? {} : { RetryConfigs: JSON.stringify({ numAttempts: attempts, baseDelay: 1, maxDelay: 2 }) },
  };
}

/** The process of the Lambda function. */
export function peerProgram(job: Pick<CopyJob, 'from' | 'to' | 'scratch'>): Program {
  return {
    command: path.join(PEER_ASSET, 'bootstrap'),
    args: [],
    env: {
      ...containersImageEnvironment(job),
      _HANDLER: 'bootstrap',
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'none',
      AWS_SECRET_ACCESS_KEY: 'none',
    },
  };
}
