import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildSync } from 'esbuild';

const PROJECT = path.join(__dirname, '..');
const LOCAL = path.join(PROJECT, 'local');
const NAME = 'cdk-container-delivery-local';

/** Writes the package with the command into a folder: one program without dependencies, and the files of the emulator. */
export function writeLocalCommand(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true });
  fs.mkdirSync(folder, { recursive: true });
  buildSync({
    absWorkingDir: PROJECT, entryPoints: ['local/command.ts'], bundle: true, platform: 'node', target: 'node20', format: 'cjs',
    banner: { js: '#!/usr/bin/env node' }, outfile: path.join(folder, 'command.js'), logLevel: 'warning',
  });
  const emulator = fs.readdirSync(LOCAL).filter(file => file.endsWith('.py'));
  for (const file of [...emulator, 'requirements.txt', 'app.mjs', 'docker.mjs']) fs.copyFileSync(path.join(LOCAL, file), path.join(folder, file));
  for (const file of ['command.js', 'docker.mjs']) fs.chmodSync(path.join(folder, file), 0o755);
  fs.copyFileSync(path.join(PROJECT, 'LICENSE'), path.join(folder, 'LICENSE'));
  fs.copyFileSync(path.join(LOCAL, 'README.md'), path.join(folder, 'README.md'));
  fs.writeFileSync(path.join(folder, 'package.json'), `${JSON.stringify(manifest(), undefined, 2)}\n`);
}

/** The package has the version, license and repository of the library. */
function manifest(): Record<string, unknown> {
  const { version, license, author, repository, engines } = JSON.parse(fs.readFileSync(path.join(PROJECT, 'package.json'), 'utf8')) as Record<string, unknown>;
  return {
    name: NAME,
    version,
    description: 'Deploy the CDK app in the current folder to a local cloud: an emulator of AWS, with tasks in Docker',
    license,
    author,
    repository,
    engines,
    bin: { [NAME]: 'command.js' },
    publishConfig: { access: 'public' },
  };
}

if (require.main === module) writeLocalCommand(path.join(PROJECT, 'dist', 'local', 'package'));
