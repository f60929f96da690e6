import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { Server, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { buildSync } from 'esbuild';
import { Scene } from './fault-proxy-scene';
import { Run } from './invariants';
import { CANARIES, SecretPlace, passwordOf } from './invariants-secrets';
import { LOGINS_VARIABLE, formatLogin, formatLogins } from '../../src/copy/image-copy-properties';
import { systemClock } from '../../src/engine/clock';

/** The moment when a process is killed without a warning. */
export interface Kill {
  /** Number of the request. */
  readonly number: number;
  /** Before the registry sees that request, or after it has completed it. */
  readonly when: 'arrives' | 'is handled';
}

const PATIENCE_REAL_MILLISECONDS = 30_000;
const MAIN = `
  const [, bundle, event] = process.argv;
  require(bundle).handler(JSON.parse(event), { getRemainingTimeInMillis: () => 900000 }).then(() => process.exit(0), () => process.exit(1));
`;

/** Runs the bundled handler in separate processes, with a local cloud that has its secrets and receives its responses. */
export class ChildDeliveries {
  public static async start(): Promise<ChildDeliveries> {
    const folder = mkdtempSync(join(tmpdir(), 'handler-'));
    const { outputFiles: [bundle] } = buildSync({
      entryPoints: ['src/copy/image-copy.lambda.ts'], bundle: true, platform: 'node', target: 'node20', format: 'cjs', write: false,
    });
    writeFileSync(join(folder, 'index.js'), bundle.contents);
    const deliveries = new ChildDeliveries(join(folder, 'index.js'));
    await new Promise<void>(resolve => deliveries.cloud.listen(0, '127.0.0.1', resolve));
    return deliveries;
  }

  private answers: string[] = [];
  private readonly cloud: Server;

  private constructor(private readonly bundle: string) {
    this.cloud = createServer((request, response) => {
      void text(request).then(body => {
        if (request.method === 'PUT') this.answers.push(body);
        const place = /"SecretId":"[^"]*:(source|destination)"/.exec(body)?.[1];
        response.end(JSON.stringify({ SecretString: JSON.stringify(passwordOf((place ?? 'source') as SecretPlace)) }));
      });
    });
  }

  /** Delivers the event of a scene once. */
  public async deliver(scene: Scene, kill?: Kill): Promise<Run> {
    this.answers = [];
    return scene.observe([], systemClock, async () => {
      const child = this.spawn(scene);
      const end = ({ number }: { readonly number: number }) => number === kill?.number && child.kill('SIGKILL');
      const { plan } = scene;
      const handled = plan.onHandled;
      plan.onRequest = request => kill?.when === 'arrives' && end(request);
      plan.onHandled = request => {
        handled?.(request);
        if (kill?.when === 'is handled') end(request);
      };
      const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE_REAL_MILLISECONDS);
      const [out, err, [code, signal]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
      clearTimeout(timer);
      const thrown = code === 0 || kill !== undefined ? undefined : `the process ended with ${code ?? signal}`;
      return { answers: this.answers, logs: [out, err], thrown, pending: 0 };
    });
  }

  /** Stops the local cloud. */
  public async stop(): Promise<void> {
    this.cloud.closeAllConnections();
    await new Promise(resolve => this.cloud.close(resolve));
  }

  private spawn(scene: Scene) {
    const cloud = `http://127.0.0.1:${(this.cloud.address() as AddressInfo).port}`;
    const secret = (place: SecretPlace) => `arn:aws:secretsmanager:eu-west-1:111122223333:secret:${place}`;
    // A registry accepts one secret, on both sides.
    const source = scene.hostOf('source') === scene.hostOf('destination') ? 'destination' : 'source';
    const event = {
      ...scene.event({ SourceCredentials: secret(source), DestinationCredentials: secret('destination') }),
      ResponseURL: `${cloud}/answer?X-Amz-Signature=${CANARIES.cloudFormation}`,
    };
    const logins = formatLogins([
      formatLogin({ side: 'source', by: secret(source), host: scene.hostOf('source') }),
      formatLogin({ side: 'destination', by: secret('destination'), host: scene.hostOf('destination') }),
    ]);
    const env = {
      AWS_ENDPOINT_URL: cloud, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'key',
      REGISTRY_ORIGINS: JSON.stringify(scene.origins()), [LOGINS_VARIABLE]: logins,
    };
    return spawn(process.execPath, ['-e', MAIN, this.bundle, JSON.stringify(event)], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  }
}
