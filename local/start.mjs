// The entry of `npm run demo` and `npm test`: plain Node.js, because nothing is installed yet in a fresh clone.
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = dirname(dirname(fileURLToPath(import.meta.url)));
process.chdir(project);

function run(command, args, env = {}) {
  const { status, error } = spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, ...env } });
  if (error) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

const major = Number(process.versions.node.split('.')[0]);
if (major < 20) {
  console.error(`Node.js 20 or newer is needed; this is ${process.version}.`);
  process.exit(1);
}

const lock = 'package-lock.json';
const installed = 'node_modules/.package-lock.json';
if (!existsSync(installed) || statSync(installed).mtimeMs < statSync(lock).mtimeMs) {
  console.log('▸ npm ci (node_modules is missing or older than package-lock.json) …');
  run(process.execPath, ['projenrc/check-lock.mjs']);
  run('npm', ['ci', '--no-audit', '--no-fund']);
}

// The demo runs without projen, which takes time and prints lines. Everything else is a task of .projenrc.ts.
const [task, ...rest] = process.argv.slice(2);
if (task === 'demo') run(process.execPath, ['--import', 'tsx', 'local/demo.ts', ...rest], { TSX_TSCONFIG_PATH: 'test/tsconfig.json' });
else run('npx', ['--no-install', 'projen', task, ...rest]);
