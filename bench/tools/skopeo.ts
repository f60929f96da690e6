import { containersImageEnvironment } from './containers-image';
import { CopyJob, CopyTool, TAG } from './tool';
import { ask } from '../../local/process';
import { Program, runToEnd } from '../machine/program';

/** `skopeo copy`. */
export function skopeo(retries?: number): CopyTool {
  return {
    name: retries === undefined ? 'skopeo' : `skopeo --retry-times ${retries}`,
    version: ask('skopeo', ['--version']).out.replace(/^skopeo version /, ''),
    copy: async job => {
      const { exitCode, output, usage } = await runToEnd(skopeoProgram(job, retries), job.scratch, job.limitSeconds);
      return { end: exitCode === undefined ? 'hung' : exitCode === 0 ? 'done' : 'failed', usage, output };
    },
  };
}

/** The process of `skopeo copy`. */
export function skopeoProgram(job: Pick<CopyJob, 'from' | 'to' | 'scratch'>, retries?: number): Program {
  const [from, to] = [job.from, job.to].map(({ host, repository }) => `docker://${host}/${repository}:${TAG}`);
  return {
    command: 'skopeo',
    args: [
      '--insecure-policy', 'copy', `--src-tls-verify=${job.from.certificate !== undefined}`, `--dest-tls-verify=${job.to.certificate !== undefined}`,
      ...retries === undefined ? [] : ['--retry-times', String(retries)],
      from, to,
    ],
    env: containersImageEnvironment(job),
  };
}
