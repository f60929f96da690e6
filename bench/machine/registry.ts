import { randomInt } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import * as path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { LoggedRequest, parseAccessLog } from './access-log';
import { RunningProgram, cleanEnvironment } from './program';
import { Workspace } from './workspace';
import { freePort } from '../../local/process';

const READY_MILLISECONDS = 10_000;
// An access log line is written after the answer that it is about.
const LOG_MILLISECONDS = 50;

/**
 * Debian's docker-registry on loopback, over plain http.
 *
 * Every one has a host name that was not used before: Docker and containers/image remember by host name where layers are.
 */
export class LocalRegistry {
  public static async start(storage: string, workspace: Workspace): Promise<LocalRegistry> {
    const address = [127, randomInt(1, 255), randomInt(1, 255), randomInt(1, 255)].join('.');
    const registry = new LocalRegistry(`${address}:${await freePort()}`, storage, workspace);
    await registry.ready();
    return registry;
  }

  private readonly process: RunningProgram;
  private readonly log: string;

  private constructor(public readonly host: string, storage: string, workspace: Workspace) {
    const folder = workspace.newFolder('registry');
    const config = path.join(folder, 'config.yml');
    this.log = path.join(folder, 'output.txt');
    // JSON is YAML.
    writeFileSync(config, JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: storage }, maintenance: { uploadpurging: { enabled: false } } },
      http: { addr: host, secret: 'bench' },
    }));
    this.process = new RunningProgram({ command: 'docker-registry', args: ['serve', config], env: cleanEnvironment() }, this.log);
  }

  public get origin(): string {
    return `http://${this.host}`;
  }

  /** Ends the registry and tells what it was asked. */
  public async stop(): Promise<LoggedRequest[]> {
    await sleep(LOG_MILLISECONDS);
    await this.process.end('SIGTERM');
    return parseAccessLog(readFileSync(this.log, 'utf8'));
  }

  private async ready(): Promise<void> {
    const end = performance.now() + READY_MILLISECONDS;
    const died = this.process.ended.then(() => true);
    while (!await this.accepts()) {
      if (performance.now() > end || await Promise.race([died, sleep(10, false)])) {
        throw new Error(`the registry did not start: ${readFileSync(this.log, 'utf8').slice(-500)}`);
      }
    }
  }

  /** Whether it takes connections; a request would be written down. */
  private async accepts(): Promise<boolean> {
    const [host, port] = this.host.split(':');
    return new Promise(resolve => {
      const socket = connect(Number(port), host, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  }
}
