import { HELLO } from './hello';
import { Env, ask, say } from './process';

// The option that means "serve many" depends on the build of busybox.
const RELAY = 'nc -lk -p 5000 -e nc $0 $1 || nc -ll -p 5000 -e nc $0 $1';

/**
 * The name by which the engine reaches the emulator's registry on `port`: loopback, for which Docker does not require TLS.
 * An engine in a virtual machine (Docker Desktop, Colima) has another loopback, and a container there forwards the traffic.
 */
export function registryName(port: number, name: string, env: Env): string {
  if (process.platform === 'linux') return `localhost:${port}`;
  say('  starting a container that relays from the engine to this machine');
  const relay = ask('docker', [
    'run', '--detach', '--label', `local-cloud=${name}`, '--publish', '127.0.0.1::5000', '--add-host', 'host.docker.internal:host-gateway',
    HELLO.baseImage, 'sh', '-c', RELAY, 'host.docker.internal', String(port),
  ], env);
  const published = ask('docker', ['port', relay.out.split('\n').pop() ?? '', '5000/tcp'], env).out;
  if (!relay.ok || !published) throw new Error(`The relay to the registry did not start: ${relay.problem}`);
  return `localhost:${published.split(':').pop()}`;
}
