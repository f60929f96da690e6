import * as fs from 'node:fs';
import * as path from 'node:path';
import { Env, MissingTool, ask, run, say } from './process';

/** Whether `image` is available: it exists, or a public registry was reachable and it was pulled. */
export function hasImage(image: string, env: Env): boolean {
  if (ask('docker', ['image', 'inspect', image], env).ok) {
    say(`  ${image} is here`);
    return true;
  }
  const pull = ask('docker', ['pull', '--quiet', image], env);
  say(`  ${image} ${pull.ok ? 'was pulled' : `cannot be pulled: ${pull.problem.split('\n').pop()}`}`);
  return pull.ok;
}

/** Provides `image`: pulled if a public registry is reachable, otherwise built from Debian's static busybox under the same name. */
export async function provideBaseImage(image: string, name: string, folder: string, env: Env): Promise<void> {
  if (hasImage(image, env)) return;
  const root = path.join(folder, 'busybox');
  if (!/(^|\/)busybox(:|$)/.test(image) || !await downloadBusybox(root)) {
    throw new MissingTool(`The base image ${image} cannot be had. Where it can, run: docker save ${image} > base.tar; here: docker load < base.tar`);
  }
  say('  making an image of that name of the Debian package busybox-static; it is removed with the local cloud, and AWS never sees it');
  fs.writeFileSync(path.join(root, 'Dockerfile'), 'FROM scratch\nCOPY files/bin /bin\nRUN ["/bin/busybox", "--install", "-s", "/bin"]\n');
  await run('docker', ['build', '--quiet', '--label', `local-cloud=${name}`, '--tag', image, root], { env });
}

/** Unpacks the package without installing it. */
async function downloadBusybox(root: string): Promise<boolean> {
  fs.rmSync(root, { recursive: true, force: true });
  fs.mkdirSync(root, { recursive: true });
  const download = () => ask('apt-get', ['download', '-qq', 'busybox-static'], process.env, root).ok;
  if (!download() && !(ask('apt-get', ['update', '-qq']).ok && download())) return false;
  const archive = fs.readdirSync(root).find((file) => file.endsWith('.deb'));
  if (archive) await run('dpkg-deb', ['--extract', archive, 'files'], { cwd: root });
  return archive !== undefined;
}
