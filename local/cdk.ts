import * as fs from 'node:fs';
import * as path from 'node:path';
import { ACCOUNT, LocalCloud, PROJECT, REGION } from './cloud';
import { ask, run, step, waitFor } from './process';

const TASK = 'label=com.amazonaws.ecs.task-arn';

export interface RunningContainer {
  readonly id: string;
  /** The image as the container was started from, pinned by digest. */
  readonly image: string;
  readonly url: string;
}

/** Stack outputs by stack, then by name. */
export type Outputs = Record<string, Record<string, string>>;

/** An example of this project, deployed to a local cloud by the real CDK CLI. */
export class LocalDeployment {
  /**
   * @param app the app's file, relative to the project
   * @param context what the app reads by `tryGetContext`
   */
  constructor(private readonly cloud: LocalCloud, private readonly app: string, private readonly context: Record<string, string> = {}) {}

  async bootstrap(): Promise<void> {
    await step('cdk bootstrap', () => this.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`));
  }

  async deploy(title = `cdk deploy ${this.app}`): Promise<{ outputs: Outputs; log: string }> {
    const outputs = path.join(this.cloud.folder, 'outputs.json');
    const log = await step(title, () => this.cdk(
      'deploy', '--all', '--require-approval', 'never', '--method', 'direct', '--progress', 'events', '--outputs-file', outputs,
    ));
    return { outputs: JSON.parse(fs.readFileSync(outputs, 'utf8')) as Outputs, log };
  }

  /** The names of the stacks, as `cdk list` prints them. */
  async list(): Promise<string[]> {
    return (await this.cdk('list')).split('\n').map((line) => line.trim()).filter((line) => /^[A-Za-z][\w-]*$/.test(line));
  }

  async destroy(): Promise<void> {
    await step(`cdk destroy ${this.app}`, () => this.cdk('destroy', '--all', '--force'));
  }

  runningContainers(): RunningContainer[] {
    const { out } = ask('docker', ['ps', '--quiet', '--filter', `label=local-cloud=${this.cloud.name}`, '--filter', TASK], this.cloud.env);
    return out.split('\n').filter(Boolean).map((id) => {
      const format = '{{.Config.Image}} {{range .NetworkSettings.Ports}}{{range .}}{{.HostPort}}{{end}}{{end}}';
      const [image = '', port = ''] = ask('docker', ['inspect', '--format', format, id], this.cloud.env).out.split(' ');
      return { id, image, url: `http://127.0.0.1:${port}/` };
    });
  }

  /** Waits until every running container answers, and answers the pages. */
  async pages(): Promise<{ container: RunningContainer; page: string }[]> {
    return step('The container answers', () => waitFor('an answer', 30, async () => {
      const found = await Promise.all(this.runningContainers().map(async (container) => ({
        container,
        page: await fetch(container.url).then((answer) => answer.ok ? answer.text() : undefined, () => undefined),
      })));
      const answering = found.flatMap(({ container, page }) => page === undefined ? [] : [{ container, page }]);
      return found.length > 0 && answering.length === found.length ? answering : undefined;
    }, () => this.runningContainers().map(({ id }) => ask('docker', ['logs', '--tail', '20', id], this.cloud.env)).map(({ out, problem }) => out + problem).join('\n')));
  }

  private async cdk(command: string, ...args: string[]): Promise<string> {
    const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    // aws-cdk-lib keeps a cache in the home folder.
    const app = command === 'bootstrap' ? [] : [
      '--app', `HOME="${this.cloud.folder}" "${process.execPath}" --import tsx ${this.app}`, '--output', path.join(this.cloud.folder, 'cdk.out'),
      ...Object.entries(this.context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ];
    return run(process.execPath, [cli, command, ...args, ...app, '--no-notices', '--ci', '--no-version-reporting'], {
      cwd: PROJECT, env: this.cloud.env, title: `cdk ${command}`,
    });
  }
}
