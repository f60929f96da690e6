import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ACCOUNT, LocalCloud, PROJECT, REGION } from './cloud';
import { ask, run, step, waitFor } from './process';

const TASK = 'label=com.amazonaws.ecs.task-arn';

// The CLI checks every 5 seconds whether a stack is complete. On the local cloud, a stack takes less than that.
const POLL_OFTEN = `data:text/javascript,${encodeURIComponent(`
  const wait = globalThis.setTimeout;
  const sooner = (callback, milliseconds, ...rest) => wait(callback, milliseconds === 5000 ? 500 : milliseconds, ...rest);
  globalThis.setTimeout = Object.defineProperties(sooner, Object.getOwnPropertyDescriptors(wait));
`)}`;

export interface RunningContainer {
  readonly id: string;
  /** Its name in the task definition. */
  readonly name: string;
  /** The image of the container, by digest. */
  readonly image: string;
  /** Whether it has a port. */
  readonly listens: boolean;
  /** Empty if it has no port, or none yet. */
  readonly url: string;
}

/** Stack outputs by stack, then by name. */
export type Outputs = Record<string, Record<string, string>>;

/** An example of this project, deployed to a local cloud with the real CDK CLI. */
export class LocalDeployment {
  /**
   * @param app the app's file, relative to the project
   * @param context the context values of the app
   */
  constructor(protected readonly cloud: LocalCloud, private readonly app: string, private readonly context: Record<string, string> = {}) {}

  async bootstrap(): Promise<void> {
    await this.cloud.once('bootstrap', () => step('cdk bootstrap', () => this.cdk('bootstrap', `aws://${ACCOUNT}/${REGION}`)));
  }

  /** @param flags more options of the command, e.g. `--hotswap` */
  async deploy(title = `cdk deploy ${this.app}`, ...flags: string[]): Promise<{ outputs: Outputs; log: string }> {
    const outputs = path.join(this.cloud.folder, 'outputs.json');
    const log = await step(title, () => this.cdk(
      'deploy', '--all', '--require-approval', 'never', '--method', 'direct', '--progress', 'events', '--outputs-file', outputs, ...flags,
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

  /** The output of synthesis for the app with this context. */
  private get assembly(): string {
    const name = createHash('sha256').update(JSON.stringify([this.app, this.context])).digest('hex').slice(0, 8);
    return path.join(this.cloud.folder, 'cdk.out', name);
  }

  /** @param stack only the images of this stack */
  runningContainers(stack?: string): RunningContainer[] {
    const filters = [`label=local-cloud=${this.cloud.name}`, TASK].flatMap((filter) => ['--filter', filter]);
    const families = '{{.ID}} {{.Label "com.amazonaws.ecs.task-definition-family"}} {{.Label "com.amazonaws.ecs.container-name"}}';
    const { out } = ask('docker', ['ps', '--format', families, ...filters], this.cloud.env);
    return out.split('\n').filter(Boolean).map((line) => line.split(' ')).filter(([, family]) => stack === undefined || family?.startsWith(stack)).map(([id = '', , name = '']) => {
      // Published ports are known a moment after the container starts; the ports to publish are known at once.
      const format = '{{.Config.Image}} {{len .HostConfig.PortBindings}} {{range .NetworkSettings.Ports}}{{range .}}{{.HostPort}} {{end}}{{end}}';
      const [image = '', ports = '', port = ''] = ask('docker', ['inspect', '--format', format, id], this.cloud.env).out.split(' ');
      return { id, name, image, listens: ports !== '0', url: port && `http://127.0.0.1:${port}/` };
    });
  }

  /** The output of a container. */
  logOf({ id }: RunningContainer): string {
    const { out, problem } = ask('docker', ['logs', id], this.cloud.env);
    return out + problem;
  }

  /** Waits until every running container with a port answers, and returns the pages. */
  async pages(stack?: string): Promise<{ container: RunningContainer; page: string }[]> {
    const listening = () => this.runningContainers(stack).filter(({ listens }) => listens);
    return step('The container answers', () => waitFor('an answer', 30, async () => {
      const found = await Promise.all(listening().map(async (container) => ({
        container,
        page: await fetch(container.url).then((answer) => answer.ok ? answer.text() : undefined, () => undefined),
      })));
      const answering = found.flatMap(({ container, page }) => page === undefined ? [] : [{ container, page }]);
      return found.length > 0 && answering.length === found.length ? answering : undefined;
    }, () => listening().map((container) => `Nothing answers at ${container.url}: does the process listen on the port that the stack names? Its log: ${this.logOf(container) || 'empty'}`).join('\n')));
  }

  /** Runs the CDK CLI, for most commands with the app. */
  protected async cdk(command: string, ...args: string[]): Promise<string> {
    const cli = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
    // `destroy` needs no new synthesis. aws-cdk-lib keeps a cache in the home folder.
    const isSynthesized = command === 'destroy' && fs.existsSync(path.join(this.assembly, 'manifest.json'));
    const app = command === 'bootstrap' ? [] : isSynthesized ? ['--app', this.assembly] : [
      '--app', `HOME="${this.cloud.folder}" "${process.execPath}" --import tsx ${this.app}`, '--output', this.assembly,
      ...Object.entries(this.context).flatMap(([key, value]) => ['--context', `${key}=${value}`]),
    ];
    return run(process.execPath, ['--import', POLL_OFTEN, cli, command, ...args, ...app, '--no-notices', '--ci', '--no-version-reporting'], {
      cwd: PROJECT, env: this.cloud.env, title: `cdk ${command}`,
    });
  }
}
