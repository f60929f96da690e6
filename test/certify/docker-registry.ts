import { ChildProcess, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { freePort, lastLines, waitFor } from '../../local/process';
import { Credentials } from '../../src/engine/contract';
import { ask } from '../helpers/registry-ask';

// The bcrypt hash of `certified`: Docker's registry accepts no plain passwords.
const LOGIN = { username: 'me', password: 'certified', entry: 'me:$2b$04$SSxYQM8sFAR5SH1TIlkNB.md1PP8vELVB2D/d/KdyTvEXUnrsO8hO' };

/** Docker's own registry from the Debian package, on loopback and in a temporary folder. */
export class DockerRegistry {
  /** Starts one without a password. */
  public static async start(): Promise<DockerRegistry> {
    return new DockerRegistry(await freePort()).run();
  }

  /** Starts one that requires a password. */
  public static async startWithLogin(): Promise<DockerRegistry> {
    return new DockerRegistry(await freePort(), LOGIN).run();
  }

  /** Exact `host:port`. */
  public readonly host: string;
  private readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'certify-'));
  private process?: ChildProcess;

  private constructor(port: number, private readonly login?: typeof LOGIN) {
    this.host = `127.0.0.1:${port}`;
  }

  /** Its address. */
  public get origin(): string {
    return `http://${this.host}`;
  }

  /** The credentials of an allowed user; undefined without a password. */
  public get credentials(): Credentials | undefined {
    return this.login;
  }

  /** Ends the process and removes what it stored. */
  public async stop(): Promise<void> {
    const ended = new Promise(resolve => this.process?.once('exit', resolve));
    if (this.process?.exitCode === null && this.process.kill('SIGKILL')) await ended;
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  private async run(): Promise<this> {
    const log = path.join(this.folder, 'log');
    const output = fs.openSync(log, 'a');
    this.process = spawn('docker-registry', ['serve', this.configure()], { stdio: ['ignore', output, output] });
    fs.closeSync(output);
    this.process.on('error', error => fs.appendFileSync(log, `${error.message}\n`));
    process.once('exit', () => this.process?.kill('SIGKILL'));
    try {
      await waitFor('a docker-registry', 20, async () => ask('GET', `${this.origin}/v2/`).then(() => true, () => undefined), () => lastLines(log));
    } catch (error) {
      await this.stop();
      throw error;
    }
    return this;
  }

  private configure(): string {
    const users = path.join(this.folder, 'users');
    fs.writeFileSync(users, `${LOGIN.entry}\n`);
    const settings = {
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: path.join(this.folder, 'data') }, delete: { enabled: true } },
      http: { addr: this.host },
      // Otherwise it rejects layers with URLs.
      validation: { manifests: { urls: { allow: ['.*'] } } },
      ...this.login === undefined ? {} : { auth: { htpasswd: { realm: 'certify', path: users } } },
    };
    const file = path.join(this.folder, 'config.yml');
    // JSON is valid YAML.
    fs.writeFileSync(file, JSON.stringify(settings));
    return file;
  }
}
