import { execFile } from 'node:child_process';
import * as http from 'node:http';
import { Env, ask, say } from './process';

const RELAY_IMAGE = 'public.ecr.aws/docker/library/busybox:1.37';
// Which of the two means "serve many" depends on how busybox was built.
const RELAY = 'nc -lk -p 5000 -e nc $0 $1 || nc -ll -p 5000 -e nc $0 $1';

/**
 * The name by which the engine reaches the emulator's registry on `port`: loopback, for which Docker asks no TLS.
 * An engine in a virtual machine (Docker Desktop, Colima) has another loopback, so that a container there must relay.
 */
export async function registryName(port: number, name: string, env: Env): Promise<string> {
  if (await engineReaches(port, env)) return `localhost:${port}`;
  say('  the engine does not share the loopback of this machine: starting a container that relays to it');
  const relay = ask('docker', [
    'run', '--detach', '--label', `local-cloud=${name}`, '--publish', '127.0.0.1::5000', '--add-host', 'host.docker.internal:host-gateway',
    RELAY_IMAGE, 'sh', '-c', RELAY, 'host.docker.internal', String(port),
  ], env);
  const published = ask('docker', ['port', relay.out.split('\n').pop() ?? '', '5000/tcp'], env).out;
  if (!relay.ok || !published) throw new Error(`The relay to the registry did not start: ${relay.problem}`);
  return `localhost:${published.split(':').pop()}`;
}

/** Has the engine pull from a server of ours, which answers nothing but sees who asks. */
async function engineReaches(port: number, env: Env): Promise<boolean> {
  let reached = false;
  const server = http.createServer((_, response) => {
    reached = true;
    response.writeHead(404).end();
  });
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(port, '127.0.0.1', resolve));
  await new Promise<void>((resolve) => execFile('docker', ['pull', `localhost:${port}/probe`], { env: { ...process.env, ...env }, timeout: 20_000 }, () => resolve()));
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
  return reached;
}
