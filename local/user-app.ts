import { spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as http from 'node:http';
import { createRequire } from 'node:module';
import { AddressInfo } from 'node:net';
import * as path from 'node:path';
import { LocalDeployment, Outputs } from './cdk';
import { ACCOUNT, LocalCloud, Place, REGION } from './cloud';
import { Template } from './compatibility';
import { display } from './display';
import { CommandFailed, Env, MissingTool, ask, run, step } from './process';

/** The command has wrong arguments; the message has the fix. */
export class UsageError extends Error {}

/** A stack in the output of `cdk synth`. */
export interface SynthesizedStack { readonly name: string; readonly file: string; readonly account: string; readonly region: string }

export interface UserAppOptions {
  /** The stacks to deploy, as for `cdk deploy`. @default all */
  readonly stacks: readonly string[];
  /** Values for `-c`, each `key=value`. */
  readonly context: readonly string[];
}

/** The CDK app in a folder, deployed to a local cloud by the CDK CLI of that app. */
export class UserApp extends LocalDeployment {
  private readonly cli: readonly string[];
  private readonly output: string;
  private readonly program: string;

  /** @throws UsageError, MissingTool if the folder has no app or no CDK CLI. */
  constructor(cloud: LocalCloud, private readonly root: string, private readonly options: UserAppOptions) {
    super(cloud, root);
    this.output = path.join(cloud.folder, 'cdk.out');
    this.program = readSettings(root).app;
    this.cli = findCli(root);
  }

  /** Runs the app before the local cloud starts. Returns the stacks to deploy. */
  async synthesize(): Promise<SynthesizedStack[]> {
    fs.rmSync(this.output, { recursive: true, force: true });
    fs.mkdirSync(path.join(this.cloud.folder, 'tmp'), { recursive: true });
    fs.writeFileSync(this.contextFile, '{}');
    return withIdentity(async (endpoint) => {
      const env = { ...this.env, AWS_ENDPOINT_URL: endpoint, AWS_ACCESS_KEY_ID: ACCOUNT, AWS_REGION: REGION };
      const synth = () => this.call(['synth', '--quiet', ...this.fromSource], env);
      await synth().catch((error: unknown) => {
        fs.writeFileSync(this.contextFile, JSON.stringify(lookUp(error)));
        return synth();
      });
      const all = stacksOf(this.output);
      if (this.options.stacks.length === 0) return all;
      const list = await this.call(['list', ...this.options.stacks, '--long', '--json', '--app', this.output], env);
      const chosen = JSON.parse(list.slice(list.indexOf('['), list.lastIndexOf(']') + 1)) as { name: string; environment: { name: string } }[];
      return all.filter(({ name, account, region }) => chosen.some((each) => each.name === name && each.environment.name === `aws://${account}/${region}`));
    });
  }

  async bootstrapAll({ account, regions }: Place): Promise<void> {
    for (const region of regions) {
      await this.cloud.once(`bootstrap ${region}`, () => step(`cdk bootstrap ${region}`, () => this.call(['bootstrap', `aws://${account}/${region}`])));
    }
  }

  /** Deploys the output of `synthesize`. */
  async deployAll(): Promise<Outputs> {
    const outputs = path.join(this.cloud.folder, 'outputs.json');
    fs.rmSync(outputs, { force: true });
    const { stacks } = this.options;
    await step('cdk deploy', () => this.call([
      'deploy', ...stacks.length > 0 ? stacks : ['--all'], '--app', this.output, '--require-approval', 'never', '--method', 'direct',
      '--progress', 'events', '--outputs-file', outputs,
    ]));
    return fs.existsSync(outputs) ? JSON.parse(fs.readFileSync(outputs, 'utf8')) as Outputs : {};
  }

  /**
   * Runs `cdk watch` until it ends.
   *
   * @param onLine gets each line of output
   */
  async watch(onLine: (line: string) => void): Promise<number> {
    const { stacks } = this.options;
    const [command, ...cli] = this.cli;
    const args = [...cli, 'watch', ...stacks.length > 0 ? stacks : ['**'], ...this.fromSource, '--no-logs', ...COMMON];
    const child = spawn(command, args, { cwd: this.root, env: this.env, stdio: ['ignore', 'pipe', 'pipe'] });
    process.once('exit', () => child.kill());
    for (const stream of [child.stdout, child.stderr]) {
      let partial = '';
      stream.setEncoding('utf8').on('data', (text: string) => {
        display().output(text);
        const lines = (partial + text).split('\n');
        partial = lines.pop() ?? '';
        lines.forEach(onLine);
      });
    }
    return new Promise((resolve, reject) => child.on('error', reject).on('close', (code) => resolve(code ?? 0)));
  }

  /** Options of commands that run the app. The local cloud does not support lookups. */
  private get fromSource(): string[] {
    // A folder is a synthesized app. The CLI removes quotes around a whole command.
    const app = fs.statSync(path.join(this.root, this.program), { throwIfNoEntry: false })?.isDirectory()
      ? this.program : `exec "${process.execPath}" "${path.join(__dirname, 'app.mjs')}"`;
    return ['--app', app, '--no-lookups', '--output', this.output, ...this.options.context.flatMap((value) => ['--context', value])];
  }

  private get contextFile(): string {
    return path.join(this.cloud.folder, 'context.json');
  }

  private get env(): Env {
    // As in the CDK CLI, Node.js runs a JavaScript file.
    const script = /^\S+\.js$/.test(this.program) && fs.existsSync(path.join(this.root, this.program));
    return { ...this.cloud.env, LOCAL_CONTEXT: this.contextFile, LOCAL_APP: script ? `"${process.execPath}" "${this.program}"` : this.program };
  }

  private call(args: readonly string[], env: Env = this.env): Promise<string> {
    const [command, ...cli] = this.cli;
    return run(command, [...cli, ...args, ...COMMON], { cwd: this.root, env, title: `cdk ${args[0]}` });
  }
}

const COMMON = ['--no-notices', '--ci', '--no-version-reporting'];

/** @throws UsageError if `cdk watch` does not know what to watch. */
export function requireWatch(root: string): void {
  if (readSettings(root).watch) return;
  throw new UsageError('cdk.json has no "watch" key, so `cdk watch` does not know which files to watch. Add:\n'
    + '  "watch": { "include": ["**"], "exclude": ["cdk*.json", "cdk.out/**", "**/node_modules/**"] }');
}

function readSettings(root: string): { app: string; watch?: unknown } {
  const file = path.join(root, 'cdk.json');
  if (!fs.existsSync(file)) throw new UsageError(`There is no cdk.json in ${root}. Run this command in the folder of a CDK app.`);
  let settings: { app?: string; watch?: unknown };
  try {
    settings = JSON.parse(fs.readFileSync(file, 'utf8')) as typeof settings;
  } catch (error) {
    throw new UsageError(`${file} is not JSON: ${(error as Error).message}`);
  }
  if (!settings.app) throw new UsageError(`${file} has no "app" key. Add the command that runs the app, for example "app": "npx tsx app.ts".`);
  return { ...settings, app: settings.app };
}

/** The CDK CLI of the app, otherwise the one in the path. */
function findCli(root: string): string[] {
  try {
    return [process.execPath, path.join(path.dirname(createRequire(path.join(root, 'cdk.json')).resolve('aws-cdk/package.json')), 'bin', 'cdk')];
  } catch {
    if (ask('cdk', ['--version']).ok) return ['cdk'];
    throw new MissingTool(`the CDK CLI, neither in ${path.join(root, 'node_modules')} nor in the path. Run: npm install --save-dev aws-cdk@2`);
  }
}

/**
 * Lookups with the same result in every account: the names of availability zones.
 *
 * @throws UsageError for all other lookups, or the error that has another reason.
 */
export function lookUp(error: unknown): Record<string, readonly string[]> {
  const keys = error instanceof CommandFailed ? /Missing context keys: '?([^'\n]*)/.exec(error.output)?.[1].split(', ') : undefined;
  if (!keys) throw error;
  const zones = keys.map((key) => ({ key, region: /^availability-zones:account=\d+:region=([a-z0-9-]+)$/.exec(key)?.[1] }));
  const others = zones.filter(({ region }) => region === undefined).map(({ key }) => key);
  if (others.length > 0) {
    throw new UsageError(`The app looks up resources of an AWS account, and the local cloud has none: ${others.join(', ')}. Create such resources in the `
      + 'app with a context value: read app.node.tryGetContext(\'local\'), and pass -c local=true. Or keep the values of a real account in cdk.context.json.');
  }
  return Object.fromEntries(zones.map(({ key, region }) => [key, ['a', 'b', 'c'].map((zone) => `${region}${zone}`)]));
}

/** The CLI requests the account before it runs the app. A server answers this one request. */
async function withIdentity<T>(work: (endpoint: string) => Promise<T>): Promise<T> {
  const answer = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult><Arn>arn:aws:iam::${ACCOUNT}:root</Arn>`
    + `<UserId>${ACCOUNT}</UserId><Account>${ACCOUNT}</Account></GetCallerIdentityResult></GetCallerIdentityResponse>`;
  const server = http.createServer((request, response) => {
    request.resume().on('end', () => response.writeHead(200, { 'content-type': 'text/xml' }).end(answer));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await work(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

interface Artifact { readonly type: string; readonly environment?: string; readonly properties?: Record<string, string> }

/** The stacks of an app, including those of stages. */
function stacksOf(folder: string): SynthesizedStack[] {
  const { artifacts = {} } = JSON.parse(fs.readFileSync(path.join(folder, 'manifest.json'), 'utf8')) as { artifacts?: Record<string, Artifact> };
  return Object.entries(artifacts).flatMap(([id, { type, environment = '', properties = {} }]) => {
    if (type === 'cdk:cloud-assembly') return stacksOf(path.join(folder, properties.directoryName));
    if (type !== 'aws:cloudformation:stack') return [];
    const [account = '', region = ''] = environment.replace('aws://', '').split('/');
    return [{ name: properties.stackName ?? id, file: path.join(folder, properties.templateFile), account, region }];
  });
}

/** The templates of stacks and of their nested stacks. */
export function templatesOf(stacks: readonly SynthesizedStack[]): Map<string, Template> {
  const templates = new Map<string, Template>();
  const read = (name: string, file: string) => {
    const template = JSON.parse(fs.readFileSync(file, 'utf8')) as Template;
    templates.set(name, template);
    for (const [id, { Type, Metadata }] of Object.entries(template.Resources ?? {})) {
      const asset = Metadata?.['aws:asset:path'];
      const nested = path.join(path.dirname(file), String(asset));
      if (Type === 'AWS::CloudFormation::Stack' && typeof asset === 'string' && fs.existsSync(nested)) read(`${name}/${id}`, nested);
    }
  };
  for (const { name, file } of stacks) read(name, file);
  return templates;
}

/**
 * The account and the regions of stacks. A stack without an environment is deployed to that of the others.
 *
 * @throws UsageError if there are several accounts.
 */
export function placeOf(stacks: readonly SynthesizedStack[]): Place {
  const named = (values: string[]) => [...new Set(values)].filter((value) => !value.startsWith('unknown-')).sort();
  const accounts = named(stacks.map(({ account }) => account));
  const regions = named(stacks.map(({ region }) => region));
  if (accounts.length > 1) {
    throw new UsageError(`The stacks belong to ${accounts.length} accounts (${accounts.join(', ')}), and the local cloud has one. Name the stacks of one account. `
      + `CDK_DEFAULT_ACCOUNT is ${ACCOUNT} here.`);
  }
  return { account: accounts[0] ?? ACCOUNT, regions: regions.length > 0 ? regions : [REGION] };
}
