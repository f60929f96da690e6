import { containersImageEnvironment } from './containers-image';
import { CopyJob, CopyTool, TAG } from './tool';
import { ask } from '../../local/process';
import { runToEnd } from '../machine/program';

/** Command-line tools that copy with one command, if they are installed. Both read the certificates from the environment. */
export function installedTools(): CopyTool[] {
  return [
    toolOf('crane', ask('crane', ['version']), (from, to) => ['copy', from, to]),
    toolOf('regctl', ask('regctl', ['version', '--format', '{{.VCSTag}}']), (from, to) => ['image', 'copy', from, to]),
  ].filter(tool => tool !== undefined);
}

function toolOf(
  name: string, version: { readonly ok: boolean; readonly out: string }, argsOf: (from: string, to: string) => string[],
): CopyTool | undefined {
  if (!version.ok) return undefined;
  return {
    name,
    version: version.out || 'built from source',
    copy: async (job: CopyJob) => {
      const [from, to] = [job.from, job.to].map(({ host, repository }) => `${host}/${repository}:${TAG}`);
      const program = { command: name, args: argsOf(from, to), env: containersImageEnvironment(job) };
      const { exitCode, output, usage } = await runToEnd(program, job.scratch, job.limitSeconds);
      return { end: exitCode === undefined ? 'hung' : exitCode === 0 ? 'done' : 'failed', usage, output };
    },
  };
}
