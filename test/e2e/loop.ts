import { ChildProcess, spawn } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { LocalDeployment, Outputs } from '../../local/cdk';
import { LocalCloud, PROJECT } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { ask, run, waitFor } from '../../local/process';

const CLI = path.join(PROJECT, 'node_modules', 'aws-cdk', 'bin', 'cdk');
const STACK = 'Loop';

/** A running `cdk watch`. */
export interface Watch {
  /** The output so far, without colors. */
  readonly log: () => string;
  end(): Promise<void>;
}

/** A folder of a user with a `cdk.json`, in which commands of the CDK CLI run. */
export class Loop {
  private readonly folder: string;
  private readonly deployment: LocalDeployment;

  constructor(private readonly cloud: LocalCloud, private readonly route: 'direct' | 'copy' | 'moving', private readonly context: { readonly [key: string]: string } = {}) {
    this.folder = path.join(cloud.folder, `loop-${route}`);
    this.deployment = new LocalDeployment(cloud, 'test/e2e/loop-app.ts');
    fs.cpSync(path.join(PROJECT, HELLO.folder), path.join(this.folder, 'app'), { recursive: true });
    const example = JSON.parse(fs.readFileSync(path.join(PROJECT, 'examples', 'hello', 'cdk.json'), 'utf8')) as { watch: object };
    fs.writeFileSync(path.join(this.folder, 'cdk.json'), JSON.stringify({
      app: `cd "${PROJECT}" && HOME="${cloud.folder}" "${process.execPath}" --import tsx test/e2e/loop-app.ts`,
      context: { folder: this.folder },
      watch: example.watch,
    }));
    this.greet('first');
  }

  /** Edits the page in the image. */
  write(page: string): void {
    fs.writeFileSync(path.join(this.folder, 'app', 'index.html'), page);
  }

  /** Edits the environment variable. */
  greet(greeting: string): void {
    fs.writeFileSync(path.join(this.folder, 'greeting.txt'), `${greeting}\n`);
  }

  /** Runs a command, and returns its output, without colors. */
  async cdk(command: string, ...args: string[]): Promise<string> {
    return plain(await run(process.execPath, this.argumentsOf(command, args), this.options()));
  }

  async deploy(...args: string[]): Promise<{ log: string; outputs: Outputs[string] }> {
    const file = path.join(this.cloud.folder, 'loop-outputs.json');
    const log = await this.cdk('deploy', STACK, '--require-approval', 'never', '--progress', 'events', '--outputs-file', file, ...args);
    return { log, outputs: (JSON.parse(fs.readFileSync(file, 'utf8')) as Outputs)[STACK] };
  }

  /** Starts `cdk watch` and waits for the end of its first deployment. */
  async watch(): Promise<Watch> {
    let output = '';
    const child = spawn(process.execPath, this.argumentsOf('watch', [STACK, '--progress', 'events']), { ...this.options(), stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => { output += text; });
    const log = () => plain(output);
    const watch = { log, end: () => endOf(child) };
    await waitFor('the first deployment of cdk watch', 300, () => this.deploymentsIn(log()) > 0 || undefined, log);
    return watch;
  }

  /** The number of finished deployments of the stack in the output of `cdk watch`. */
  deploymentsIn(log: string): number {
    return [...log.matchAll(/✨ {2}Total time/g)].length;
  }

  /** Waits until the only running container of the service has the page and the environment variable. */
  async answer(page: string, greeting: string): Promise<string> {
    const seen = () => this.deployment.runningContainers(STACK).map(({ id, image, url }) => {
      const { out } = ask('docker', ['inspect', '--format', '{{range .Config.Env}}{{println .}}{{end}}', id], this.cloud.env);
      return { image, url, greeting: /^GREETING=(.*)$/m.exec(out)?.[1] };
    });
    return waitFor(`${page.trim()} and ${greeting}`, 240, async () => {
      const containers = seen();
      const [{ image, url, greeting: found } = { image: '', url: '', greeting: '' }] = containers;
      if (containers.length !== 1 || found !== greeting || url === '') return undefined;
      const text = await fetch(url).then(answer => answer.text(), () => undefined);
      return text === page ? image : undefined;
    }, () => JSON.stringify(seen()));
  }

  private argumentsOf(command: string, args: string[]): string[] {
    const context = Object.entries(this.context).flatMap(([key, value]) => ['--context', `${key}=${value}`]);
    return [CLI, command, ...args, ...context, '--no-notices', '--ci', '--no-version-reporting', '--output', path.join(this.folder, 'cdk.out')];
  }

  private options() {
    return { cwd: this.folder, env: { ...this.cloud.env, LOOP_ROUTE: this.route } };
  }
}

function plain(text: string): string {
  return text.replace(/\u001b\[[\d;]+m/g, '');
}

async function endOf(child: ChildProcess): Promise<void> {
  const ended = new Promise(resolve => child.on('close', resolve));
  child.kill('SIGINT');
  await ended;
}
