import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { gunzipSync, gzipSync } from 'zlib';
import { projectLock, writeProject } from '../helpers/lock-file';
import { NpmRegistry, npm, sha512, startNpmRegistry } from '../helpers/npm-registry';

// aws4 signs requests in every function of this library. Its tarball is a fixture, so that these tests need no network.
// After an update of aws4, create it again: npm pack aws4@<version>
const AWS4 = path.join(__dirname, '..', '..', 'node_modules', 'aws4');
const manifest = JSON.parse(fs.readFileSync(path.join(AWS4, 'package.json'), 'utf8'));
const genuine = fs.readFileSync(path.join(__dirname, '..', 'fixtures', 'packages', `aws4-${manifest.version}.tar.gz`));
const tampered = tamper(genuine);
const committed = projectLock().packages['node_modules/aws4'].integrity;

/** The same package with one changed character in its code, and otherwise intact. */
function tamper(tarball: Buffer): Buffer {
  const archive = gunzipSync(tarball);
  const place = archive.indexOf('AWS4-HMAC-SHA256');
  archive.write('AWS4-HMAC-SHA255', place);
  return gzipSync(archive);
}

let folder: string;
let registry: NpmRegistry | undefined;
beforeEach(() => folder = fs.mkdtempSync(path.join(os.tmpdir(), 'tampered-')));
afterEach(async () => {
  await registry?.close();
  fs.rmSync(folder, { recursive: true });
});

/** `npm ci` in a project with the committed lock entry of aws4, from a registry that serves `tarball` and publishes `integrity`. */
async function install(tarball: Buffer, integrity: string | undefined) {
  registry = await startNpmRegistry({ manifest, tarball, integrity });
  return npm(folder, registry.url, ['ci', '--no-audit', '--no-fund']);
}

const installed = () => path.join(folder, 'node_modules', 'aws4', 'aws4.js');

test('package-lock.json has the hash of the aws4 that its authors published', () => {
  expect(committed).toBe(sha512(genuine));
});

test('npm ci installs the genuine aws4', async () => {
  writeProject(folder, ['aws4']);

  expect(await install(genuine, sha512(genuine))).toMatchObject({ ok: true });

  expect(fs.readFileSync(installed())).toEqual(fs.readFileSync(path.join(AWS4, 'aws4.js')));
});

test.each([
  ['and publishes the genuine hash', sha512(genuine)],
  ['and publishes the hash of the modified one', sha512(tampered)],
  ['and publishes no hash', undefined],
])('npm ci fails when the registry serves a modified aws4 %s', async (_, published) => {
  writeProject(folder, ['aws4']);

  const { ok, output } = await install(tampered, published);

  expect(ok).toBe(false);
  expect(output).toContain('EINTEGRITY');
  expect(output).toContain(committed);
  expect(fs.existsSync(installed())).toBe(false);
});

test('only the hash in package-lock.json protects: without it, npm ci installs the modified aws4', async () => {
  writeProject(folder, ['aws4'], ({ integrity, ...entry }) => entry);

  expect(await install(tampered, sha512(tampered))).toMatchObject({ ok: true });

  expect(fs.readFileSync(installed(), 'utf8')).toContain('AWS4-HMAC-SHA255');
});
