import { execFileSync } from 'node:child_process';
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
// An access log line is written after its answer.
const LOG_MILLISECONDS = 50;

/**
 * Debian's docker-registry on loopback.
 *
 * Each registry has a new host name: Docker and containers/image remember the location of layers by host name.
 */
export class LocalRegistry {
  public static async start(storage: string, workspace: Workspace, protocol: 'http' | 'https' = 'http'): Promise<LocalRegistry> {
    const address = [127, randomInt(1, 255), randomInt(1, 255), randomInt(1, 255)].join('.');
    const folder = workspace.newFolder('registry');
    const certificate = protocol === 'https' ? makeCertificate(address, folder) : undefined;
    const registry = new LocalRegistry(`${address}:${await freePort()}`, storage, folder, certificate);
    await registry.ready();
    return registry;
  }

  private readonly process: RunningProgram;
  private readonly log: string;

  /** @param certificate the file with the certificate, next to its key */
  private constructor(public readonly host: string, storage: string, folder: string, public readonly certificate?: string) {
    const config = path.join(folder, 'config.yml');
    this.log = path.join(folder, 'output.txt');
    // JSON is valid YAML.
    writeFileSync(config, JSON.stringify({
      version: 0.1,
      log: { level: 'error' },
      storage: { filesystem: { rootdirectory: storage }, maintenance: { uploadpurging: { enabled: false } } },
      http: { addr: host, secret: 'bench', ...certificate !== undefined && { tls: { certificate, key: keyOf(certificate) } } },
    }));
    this.process = new RunningProgram({ command: 'docker-registry', args: ['serve', config], env: cleanEnvironment() }, this.log);
  }

  public get origin(): string {
    return `${this.certificate === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** Stops the registry and returns its requests. */
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

  /** Whether it accepts connections; a request would be in the log. */
  private async accepts(): Promise<boolean> {
    const [host, port] = this.host.split(':');
    return new Promise(resolve => {
      const socket = connect(Number(port), host, () => resolve(true));
      socket.on('error', () => resolve(false)).on('connect', () => socket.destroy());
    });
  }
}

/** Creates a certificate for an address. Returns its file. */
function makeCertificate(address: string, folder: string): string {
  const certificate = path.join(folder, 'certificate.pem');
  execFileSync('openssl', [
    'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1', '-subj', '/CN=bench',
    '-addext', `subjectAltName=IP:${address}`, '-keyout', keyOf(certificate), '-out', certificate,
  ], { stdio: 'ignore' });
  return certificate;
}

function keyOf(certificate: string): string {
  return certificate.replace('certificate', 'key');
}
