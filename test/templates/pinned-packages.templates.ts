import { execFileSync } from 'child_process';
import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { installPinned } from '../../local/python';

// The setup has printed the reason, or has failed if skipping is not allowed.
const promise = process.env.CFN_LINT_PYTHON ? test : test.skip;
const python = String(process.env.CFN_LINT_PYTHON);

const environment = { ...process.env };
let folder: string;
let interpreter: string;

beforeAll(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pinned-'));
  execFileSync(python, ['-m', 'venv', path.join(folder, 'python')]);
  interpreter = path.join(folder, 'python', 'bin', 'python');
});
beforeEach(() => {
  fs.mkdirSync(path.join(folder, 'index'));
  // Instead of a registry: pip finds all packages in this folder.
  Object.assign(process.env, { PIP_NO_INDEX: '1', PIP_FIND_LINKS: path.join(folder, 'index') });
});
afterEach(() => {
  fs.rmSync(path.join(folder, 'index'), { recursive: true });
  // Faster than pip, and much faster than a new environment.
  const places = fs.readdirSync(path.join(folder, 'python', 'lib')).map(name => path.join(folder, 'python', 'lib', name, 'site-packages'));
  for (const place of places) {
    for (const name of fs.readdirSync(place).filter(each => /^(one|two)[.-]/.test(each))) fs.rmSync(path.join(place, name), { recursive: true });
  }
  process.env = { ...environment };
});
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** Adds a wheel to the index, and returns its hash. */
function wheel(name: string, code: string, needs?: string): string {
  const place = fs.mkdtempSync(path.join(folder, 'wheel-'));
  const info = `${name}-1.0.dist-info`;
  const files = {
    [`${name}.py`]: code,
    [`${info}/METADATA`]: ['Metadata-Version: 2.1', `Name: ${name}`, 'Version: 1.0', ...needs ? [`Requires-Dist: ${needs}`] : [], ''].join('\n'),
    [`${info}/WHEEL`]: 'Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n',
    [`${info}/RECORD`]: '',
  };
  fs.mkdirSync(path.join(place, info));
  for (const [file, text] of Object.entries(files)) fs.writeFileSync(path.join(place, file), text);
  const archive = path.join(folder, 'index', `${name}-1.0-py3-none-any.whl`);
  execFileSync(python, ['-m', 'zipfile', '-c', archive, `${name}.py`, info], { cwd: place });
  return createHash('sha256').update(fs.readFileSync(archive)).digest('hex');
}

/** Installs a list of such lines, and returns the output of `one`. */
async function install(...lines: string[]): Promise<string> {
  const list = path.join(folder, 'requirements.txt');
  fs.writeFileSync(list, lines.join('\n'));
  await installPinned(interpreter, list);
  return execFileSync(interpreter, ['-c', 'import one; print(one.WORD)'], { encoding: 'utf8' }).trim();
}

promise('a Python package with the content of the list is installed', async () => {
  const hash = wheel('one', 'WORD = "genuine"');

  expect(await install(`one==1.0 --hash=sha256:${hash}`)).toBe('genuine');
});

promise('a Python package with other content of the same version is not installed', async () => {
  const hash = wheel('one', 'WORD = "genuine"');
  wheel('one', 'WORD = "modified"');

  await expect(install(`one==1.0 --hash=sha256:${hash}`)).rejects.toMatchObject({ output: expect.stringContaining('DO NOT MATCH THE HASHES') });
});

promise('a list with a Python package without a hash is not installed', async () => {
  wheel('one', 'WORD = "genuine"');

  await expect(install('one==1.0')).rejects.toMatchObject({ output: expect.stringContaining('Hashes are required') });
});

promise('a Python package that needs a package outside of the list is not installed', async () => {
  const hash = wheel('one', 'import two; WORD = two.WORD', 'two==1.0');
  wheel('two', 'WORD = "unknown"');

  await expect(install(`one==1.0 --hash=sha256:${hash}`)).rejects.toMatchObject({ output: expect.stringContaining('two==1.0') });
});

promise('a Python package that would have to be built is not installed', async () => {
  const sdist = path.join(folder, 'index', 'one-1.0.tar.gz');
  const source = fs.mkdtempSync(path.join(folder, 'source-'));
  fs.mkdirSync(path.join(source, 'one-1.0'));
  fs.writeFileSync(path.join(source, 'one-1.0', 'setup.py'), 'from setuptools import setup\nsetup(name="one", version="1.0")\n');
  execFileSync(python, ['-m', 'tarfile', '-c', sdist, 'one-1.0'], { cwd: source });
  const hash = createHash('sha256').update(fs.readFileSync(sdist)).digest('hex');

  await expect(install(`one==1.0 --hash=sha256:${hash}`)).rejects.toMatchObject({ output: expect.stringContaining('No matching distribution') });
});
