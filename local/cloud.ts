import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { provideBaseImage } from './base';
import { loadBuildEnvironment, makeCodeBuildFiles } from './codebuild/images';
import { Engine, reviveEngine, startEngine, stopEngine, sweep } from './engine';
import { Env, MissingTool, ask, background, end, freePort, isOurs, isRunning, lastLines, say, step, waitFor } from './process';
import { pythonWithEmulator } from './python';
import { registryName } from './registry';

export const PROJECT = path.resolve(__dirname, '..');
export const ACCOUNT = '123456789012';
export const REGION = 'us-east-1';

/** The target of a deployment. */
export interface Place { readonly account: string; readonly regions: readonly string[] }

interface State { engine?: Engine; port?: number; registry?: string; emulator?: number; place?: Place; done?: string[]; codeBuild?: string }

export interface LocalCloudOptions {
  /** The folder of all files. @default `.local-cloud` of this project */
  readonly home?: string;
  /** The source of the name in the Docker engine. @default this project */
  readonly owner?: string;
  /** The folder of the Python environment. @default that of the local cloud */
  readonly python?: string;
  /** More environment variables for the CDK CLI. @default those that the examples need */
  readonly variables?: Env;
  /** Whether CodeBuild builds run. @default false */
  readonly codeBuild?: boolean;
  /** Private registries for builds, each with `user:password`. Their images are those of the Docker engine. @default {} */
  readonly privateRegistries?: Record<string, string>;
  /** Fakes of other clouds. @default none */
  readonly otherClouds?: OtherClouds;
}

/** Fakes of other clouds, which functions call instead of the real ones. */
export interface OtherClouds {
  /** Environment variables of the functions, e.g. `AWS_ENDPOINT_URL_STS`. */
  readonly variables: Env;
  /** The origins of registry hosts. */
  readonly registries: Record<string, string>;
}

/** An emulator of AWS (MiniStack) and a Docker engine, both on loopback; all their files are in `.local-cloud/<name>`. */
export class LocalCloud {
  /** The prefix of its names in the Docker engine. Two clones on one machine have different ones. */
  readonly name: string;
  readonly folder: string;
  private state: State = {};

  /** @param baseImage the public base image of the Dockerfile, if it must be provided */
  constructor(name: string, private readonly baseImage?: string, private readonly options: LocalCloudOptions = {}) {
    this.name = `${name}-${createHash('sha256').update(options.owner ?? PROJECT).digest('hex').slice(0, 8)}`;
    this.folder = path.join(options.home ?? path.join(PROJECT, '.local-cloud'), name);
    if (fs.existsSync(this.stateFile)) this.state = JSON.parse(fs.readFileSync(this.stateFile, 'utf8')) as State;
  }

  /** Environment variables for the CDK CLI and for Docker. */
  get env(): Env {
    const { engine, port, registry } = this.state;
    const { account, regions } = this.place;
    const inherited = Object.entries(process.env).filter(([key]) => !/^(AWS|CDK)_|_proxy$/i.test(key));
    return {
      ...Object.fromEntries(inherited),
      AWS_ENDPOINT_URL: `http://127.0.0.1:${port}`,
      AWS_ACCESS_KEY_ID: account, // the emulator uses a numeric access key as the account
      AWS_SECRET_ACCESS_KEY: 'local',
      AWS_REGION: regions[0],
      AWS_EC2_METADATA_DISABLED: 'true',
      AWS_CONFIG_FILE: path.join(this.folder, 'no-config'),
      AWS_SHARED_CREDENTIALS_FILE: path.join(this.folder, 'no-credentials'),
      AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
      CDK_HOME: path.join(this.folder, 'cdk'),
      CDK_DISABLE_CLI_TELEMETRY: 'true',
      CDK_DOCKER: path.join(__dirname, 'docker.mjs'),
      DOCKER_HOST: engine?.host,
      ...(engine?.own ? { DOCKER_CONFIG: path.join(this.folder, 'docker-config'), DOCKER_BUILDKIT: undefined } : {}),
      ...(this.options.variables ?? { TSX_TSCONFIG_PATH: path.join(PROJECT, 'examples', 'tsconfig.json') }), // resolves this library by its name
      LOCAL_CLOUD: this.name,
      LOCAL_REGISTRY: registry,
      // Networks of our own engine have no internet access, so RUN steps use the network of the machine.
      LOCAL_BUILD_ARGS: engine?.own ? '--network=host' : '',
      TMPDIR: path.join(this.folder, 'tmp'),
    };
  }

  private get place(): Place {
    return this.state.place ?? { account: ACCOUNT, regions: [REGION] };
  }

  /** Starts the missing parts. The emulator keeps everything in memory. If it ended, the deployment starts from nothing. */
  async start(place: Place = { account: ACCOUNT, regions: [REGION] }): Promise<void> {
    if (isDeepStrictEqual(place, this.place) && await this.isUp()) {
      say(`The local cloud runs already (${this.env.AWS_ENDPOINT_URL}).`);
      return;
    }
    if (this.state.emulator) say('The emulator had ended, or the app has another account or region. The deployment starts from nothing.');
    await this.end();
    this.keep({ place });
    fs.mkdirSync(path.join(this.folder, 'tmp'), { recursive: true });
    const keepEngine = (engine: Engine) => this.keep({ engine });
    keepEngine(await step('Docker engine', () => startEngine(this.folder, keepEngine)));
    const python = await step('Python environment of the emulator', () => pythonWithEmulator(this.options.python ?? this.folder));
    const { baseImage } = this;
    if (baseImage) await step('Base image', () => provideBaseImage(baseImage, this.name, this.folder, this.env));
    if (this.options.codeBuild) await step('CodeBuild', async () => this.provideCodeBuild(python));
    await step('Emulator', () => this.startEmulator(python));
  }

  /** Another process can use a free port before the emulator listens on it. */
  private async startEmulator(python: string, attempts = 3): Promise<void> {
    const log = path.join(this.folder, 'emulator.log');
    const port = await freePort();
    this.keep({ port, registry: registryName(port, this.name, this.env) });
    ask('docker', ['network', 'create', '--label', `local-cloud=${this.name}`, `local-cloud-${this.name}`], this.env);
    const emulator = background(python, [path.join(__dirname, 'emulator.py'), this.folder], log, this.emulatorEnv());
    this.keep({ emulator });
    const up = await waitFor(`the emulator on ${this.env.AWS_ENDPOINT_URL}`, 60, async () => {
      if (!isRunning(emulator)) return 'ended';
      return await this.isUp() ? 'up' : undefined;
    }, () => lastLines(log));
    if (up === 'up') return;
    if (attempts <= 1 || !/already in use/i.test(lastLines(log))) throw new Error(`The emulator ended. The end of its log (${log}): ${lastLines(log)}`);
    say(`  port ${port} was taken`);
    await this.startEmulator(python, attempts - 1);
  }

  /** Does something once while the emulator runs, because it loses its state when it ends. */
  async once(key: string, work: () => Promise<unknown>): Promise<void> {
    if (this.state.done?.includes(key)) return;
    await work();
    this.keep({ done: [...this.state.done ?? [], key] });
  }

  /** Stops every process and deletes every file, container and image of this local cloud. */
  async stop(): Promise<void> {
    await this.end();
    fs.rmSync(this.folder, { recursive: true, force: true });
    const parent = path.dirname(this.folder);
    if (fs.existsSync(parent) && fs.readdirSync(parent).length === 0) fs.rmdirSync(parent);
  }

  async isUp(): Promise<boolean> {
    const { engine, emulator, port } = this.state;
    if (!engine || !port || !emulator || !isOurs(emulator, this.folder) || !ask('docker', ['version'], this.env).ok) return false;
    return fetch(`http://127.0.0.1:${port}/_ministack/health`).then((answer) => answer.ok, () => false);
  }

  /** Whether CodeBuild builds run. */
  get hasCodeBuild(): boolean {
    return this.state.codeBuild !== undefined;
  }

  /** Without it, the rest of the local cloud still runs. In CI that is a failure. */
  private async provideCodeBuild(python: string): Promise<void> {
    try {
      const files = await makeCodeBuildFiles(python);
      await loadBuildEnvironment(files, this.name, this.env);
      this.keep({ codeBuild: files.folder });
    } catch (error) {
      if (!(error instanceof MissingTool) || process.env.CI) throw error;
      say(`  ${error.message}`);
    }
  }

  private async end(): Promise<void> {
    const { engine, emulator } = this.state;
    if (emulator) await end(emulator, this.folder);
    if (engine) {
      this.keep({ engine: await reviveEngine(engine, this.folder, (revived) => this.keep({ engine: revived })) });
      if (ask('docker', ['version'], this.env).ok) await sweep(this.name, this.state.registry, this.env);
      else say(`  the Docker engine on ${engine.host} does not answer; containers with the label local-cloud=${this.name} may remain in it`);
      await stopEngine(this.state.engine ?? engine, this.folder);
    }
    this.keep({ engine: undefined, emulator: undefined, port: undefined, registry: undefined, done: undefined, codeBuild: undefined });
  }

  private emulatorEnv(): Env {
    const { account, regions } = this.place;
    const endpoint = `http://127.0.0.1:${this.state.port}`;
    return {
      ...this.env,
      PATH: `${path.dirname(process.execPath)}:${process.env.PATH}`, // handlers run on this Node.js
      // The host name of ECR exists in no DNS.
      REGISTRY_ORIGINS: JSON.stringify({
        ...Object.fromEntries(regions.map((region) => [`${account}.dkr.ecr.${region}.amazonaws.com`, endpoint])), ...this.options.otherClouds?.registries,
      }),
      ...this.options.otherClouds?.variables,
      BIND_HOST: '127.0.0.1',
      MINISTACK_HOST: '127.0.0.1',
      GATEWAY_PORT: String(this.state.port),
      MINISTACK_ACCOUNT_ID: account,
      MINISTACK_REGION: regions[0],
      MINISTACK_HOSTNAME: `local-cloud-${this.name}`,
      HOSTNAME: undefined,
      LOCAL_CODEBUILD: this.state.codeBuild,
      LOCAL_PRIVATE_REGISTRIES: JSON.stringify(this.options.privateRegistries ?? {}),
      STATE_DIR: path.join(this.folder, 'tmp', 'state'),
      S3_DATA_DIR: path.join(this.folder, 'tmp', 's3'),
    };
  }

  private get stateFile(): string {
    return path.join(this.folder, 'state.json');
  }

  private keep(change: State): void {
    this.state = { ...this.state, ...change };
    if (fs.existsSync(this.folder)) fs.writeFileSync(this.stateFile, JSON.stringify(this.state, undefined, 2));
  }
}
