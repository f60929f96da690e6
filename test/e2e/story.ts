import * as fs from 'fs';
import * as path from 'path';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud } from '../../local/cloud';
import { HELLO } from '../../local/hello';

/** The local cloud of the end-to-end test with the example, built from a copy that the test can change. */
export function story() {
  const cloud = new LocalCloud('e2e', HELLO.baseImage, { codeBuild: process.env.REMOTE_BUILDS === 'true', privateRegistries: { 'registry.example.com': 'builder-user:let-me-in' } });
  const app = path.join(cloud.folder, 'site', 'app');
  return { cloud, app, hello: new LocalDeployment(cloud, HELLO.app, { app }) };
}

/** Sockets that are reachable from other machines, as the kernel lists them. */
export function openPorts(): string[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap(file => fs.readFileSync(file, 'utf8').trim().split('\n').slice(1));
  return rows
    .map(row => row.trim().split(/\s+/))
    .filter(([, , , state]) => state === '0A')
    .map(([, local]) => local)
    // 127.0.0.0/8, ::1, and 127.0.0.0/8 as IPv6, in the byte order of the kernel.
    .filter(local => !/^[0-9A-F]{6}7F:|^0{24}01000000:|^0{16}FFFF0000[0-9A-F]{6}7F:/.test(local));
}

/** Processes and mounts that use the folder of the local cloud, and the folder itself. */
export function leftovers(folder: string): string[] {
  const processes = fs.readdirSync('/proc').filter(pid => {
    try {
      return /^\d+$/.test(pid) && fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(folder);
    } catch {
      return false; // the process ended meanwhile
    }
  });
  const mounts = fs.readFileSync('/proc/mounts', 'utf8').split('\n').filter(mount => mount.includes(folder));
  return [...processes, ...mounts, ...fs.existsSync(folder) ? [folder] : []];
}
