import { spawnSync } from 'child_process';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Lock, LockEntry, pathOf, projectLock } from '../helpers/lock-file';
import { projectFiles } from '../helpers/project-files';

const PROJECT = path.join(__dirname, '..', '..');
const entries = Object.entries(projectLock().packages).filter(([key]) => key !== '');

let folder: string;
beforeAll(() => folder = fs.mkdtempSync(path.join(os.tmpdir(), 'lock-')));
afterAll(() => fs.rmSync(folder, { recursive: true }));

/** The programs that `.ci/run`, `npm run demo` and `npx projen` run to check the lock file. */
function check(lock: unknown) {
  const file = path.join(folder, 'package-lock.json');
  fs.writeFileSync(file, JSON.stringify(lock));
  const { status, stderr } = spawnSync(process.execPath, [path.join(PROJECT, 'projenrc', 'check-lock.mjs'), file], { encoding: 'utf8' });
  return { status, stderr };
}

function withEntry(key: string, entry: Partial<LockEntry>, lock: Lock = projectLock()): Lock {
  return { ...lock, packages: { ...lock.packages, [key]: { ...lock.packages[key], ...entry } } };
}

test('every package that npm downloads is pinned by a SHA-512 hash', () => {
  const downloaded = entries.filter(([, entry]) => !entry.inBundle && !entry.link);

  expect(downloaded.length).toBeGreaterThan(600);
  expect(downloaded.filter(([, { integrity }]) => !/^sha512-[A-Za-z0-9+/]{86}==$/.test(integrity ?? ''))).toEqual([]);
});

test('the lock file has no URLs of packages, so any registry mirror can be used', () => {
  expect(entries.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
});

test('the binaries of all platforms are in the lock file', () => {
  const optional = entries.filter(([, { inBundle }]) => !inBundle)
    .flatMap(([key, { optionalDependencies = {} }]) => Object.keys(optionalDependencies).map(name => ({ key, name })));

  expect(optional.length).toBeGreaterThan(60);
  expect(optional.filter(({ key, name }) => pathOf(projectLock(), key, name) === undefined)).toEqual([]);
});

test('there is only one lock file, so the checks miss none, and one pom.xml whose artifacts have hashes next to it', () => {
  const lockFiles = /(^|\/)(package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml|go\.(mod|sum)|uv\.lock|poetry\.lock|Gemfile|Cargo\.toml|pom\.xml)$/;

  expect(projectFiles().filter(file => lockFiles.test(file))).toEqual(['package-lock.json', 'test/contracts/event-ruler/pom.xml']);
});

test('the check accepts the committed lock file', () => {
  expect(check(projectLock())).toEqual({ status: 0, stderr: '' });
});

test.each<[string, Lock, string]>([
  ['an entry without a hash', withEntry('node_modules/aws4', { integrity: undefined }), 'node_modules/aws4 has no SHA-512 hash'],
  ['an entry with a SHA-1 hash', withEntry('node_modules/aws4', { integrity: 'sha1-MuWcmm+OdTHdtPJ9yOOcJZtPWo8=' }), 'node_modules/aws4 has no SHA-512 hash'],
  ['a nested entry without a hash', withEntry('node_modules/jest/node_modules/aws4', { version: '1.0.0' }), 'node_modules/jest/node_modules/aws4 has no SHA-512 hash'],
  ['a download address', withEntry('node_modules/aws4', { resolved: 'git+ssh://git@example.com/aws4.git' }), 'node_modules/aws4 names a download address'],
  ['an entry that is called bundled but is not', withEntry('node_modules/aws4', { inBundle: true }), 'node_modules/aws4 says that it is bundled'],
  ['a nested entry that is called bundled but is not', withEntry('node_modules/jest/node_modules/aws4', { inBundle: true }), 'node_modules/jest/node_modules/aws4 says that it is bundled'],
  ['an old format', { ...projectLock(), lockfileVersion: 1 }, 'lockfileVersion is 1'],
])('the check rejects a lock file with %s, and says how to fix it', (_, lock, problem) => {
  const { status, stderr } = check(lock);

  expect(status).toBe(1);
  expect(stderr).toContain(problem);
  expect(stderr).toContain('git checkout package-lock.json');
});

test.each([
  ['.ci/run', /node projenrc\/check-lock\.mjs && npm ci /],
  ['local/start.mjs', /'projenrc\/check-lock\.mjs'\]\);\n +run\('npm', \['ci'/],
  ['projenrc/newest-aws-cdk.sh', /node projenrc\/check-lock\.mjs\nnpm ci /],
])('%s checks the lock file before npm ci installs anything', (file, order) => {
  expect(fs.readFileSync(path.join(PROJECT, file), 'utf8')).toMatch(order);
});

test('npx projen checks the lock file after it could have changed it', () => {
  const { tasks } = JSON.parse(fs.readFileSync(path.join(PROJECT, '.projen', 'tasks.json'), 'utf8'));

  expect(tasks.default.steps.at(-1)).toEqual({ exec: 'node projenrc/check-lock.mjs' });
});
