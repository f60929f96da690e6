import * as fs from 'node:fs';
import * as path from 'node:path';
import { ask, install, run, say } from './process';

const NEWEST_FIRST = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];
const USABLE = 'import sys, ensurepip, venv; sys.exit(sys.version_info < (3, 10))';

/** Creates a virtual environment inside `folder` with the emulator, and returns its interpreter. */
export async function pythonWithEmulator(folder: string): Promise<string> {
  return pythonWith(path.join(__dirname, 'requirements.txt'), folder, 'the emulator');
}

/**
 * Creates a virtual environment inside `folder` with the packages of a list, and returns its interpreter.
 * `npx projen deps:python` writes the lists.
 */
export async function pythonWith(requirements: string, folder: string, what: string): Promise<string> {
  const environment = path.join(folder, 'python');
  const interpreter = path.join(environment, 'bin', 'python');
  const installed = path.join(environment, 'requirements.txt');
  if (fs.existsSync(installed) && fs.readFileSync(installed, 'utf8') === fs.readFileSync(requirements, 'utf8')) return interpreter;

  const find = () => NEWEST_FIRST.find((name) => ask(name, ['-c', USABLE]).ok);
  let python = find();
  if (!python) {
    await install('No Python of at least 3.10 with venv', ['python3', 'python3-venv'], 'Install it, on macOS with: brew install python');
    python = find();
  }
  if (!python) throw new Error('Python with venv was installed but still does not answer');
  say(`  installing ${what} (${requirements}) with ${python} into ${environment}`);
  fs.rmSync(environment, { recursive: true, force: true });
  await run(python, ['-m', 'venv', environment]);
  await installPinned(interpreter, requirements);
  fs.copyFileSync(requirements, installed);
  return interpreter;
}

/**
 * Installs the packages of a list. Fails if a package or one of its dependencies has no hash in the list.
 * Fails for an sdist: pip would download its build tools, which have no hashes.
 */
export async function installPinned(interpreter: string, requirements: string): Promise<void> {
  const pinned = ['--require-hashes', '--only-binary', ':all:', '--requirement', requirements];
  await run(interpreter, ['-m', 'pip', 'install', '--quiet', '--no-cache-dir', '--disable-pip-version-check', ...pinned]);
}
