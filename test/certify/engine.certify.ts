import { execFile } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { promisify } from 'node:util';
import { DockerRegistry } from './docker-registry';
import { Credentials } from '../../src/engine/contract';
import { copyImage } from '../../src/engine/copy';
import { TestRegistry } from '../helpers/registry';
import { describeImage, platformImage } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { failureOf, live } from '../helpers/registry-copy';
import { Guest } from '../helpers/registry-guest';
import { TestImage, image, layer, manifest, sha256 } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';
import { CONFORMANCE_SHAPES, WORLDLY_SHAPES } from '../helpers/registry-shapes';

// The copy engine between real registries, and another program that reads the result.
const certify = process.env.CERTIFY_MISSING ? describe.skip : describe;
const run = promisify(execFile);

// Shapes that Docker's registry cannot store, or that only take time.
const LEFT_OUT = ['a sparse index', 'sha512', 'Docker schema 1', 'an index of three hundred'];
// Shapes that skopeo 1.9 cannot store unchanged: nested indexes, SHA-512 blobs, and Docker lists in an OCI layout.
const BEYOND_SKOPEO = ['an index of indexes', 'indexes nested three deep', 'sha512 blobs', 'a Docker manifest list'];
const SHAPES = [...CONFORMANCE_SHAPES, ...WORLDLY_SHAPES].filter(({ name }) => !LEFT_OUT.includes(name))
  .map(({ name, image: content }, number) => [name, content, `shape-${number}`] as const);

// Docker's registry answers that it has mounted a SHA-512 blob, although it has not.
const UNMOUNTABLE = ['sha512 blobs'];

interface Host {
  readonly host: string;
  readonly origin: string;
  readonly credentials?: Credentials;
}

let first: DockerRegistry;
let second: DockerRegistry;
let third: DockerRegistry;
let simulated: TestRegistry;

async function copy(from: Host, to: Host, name: string, version: string, credentials = [from, to], platforms?: readonly string[]) {
  const origins = Object.fromEntries([from, to].map(({ host, origin }) => [host, origin]));
  return copyImage({ host: from.host, repository: `${name}/source`, version }, { host: to.host, repository: `${name}/copy` }, { tags: live, platforms }, {
    clock: new TestClock(), origins, credentials: { credentialsFor: async host => credentials.find(each => each.host === host)?.credentials },
  });
}

/** The manifest that another program finds under the live tag. */
async function inspected({ host }: Host, name: string, content: TestImage): Promise<Buffer> {
  const words = ['inspect', '--raw', '--tls-verify=false', `docker://${host}/${name}/copy:${tagOf(content)}`];
  return (await run('skopeo', words, { encoding: 'buffer', maxBuffer: 8 * 1024 * 1024 })).stdout;
}

/** Digests of all files that another program downloads for the live tag. */
async function downloaded({ host }: Host, name: string, content: TestImage): Promise<string[]> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'certify-'));
  try {
    const words = ['--insecure-policy', 'copy', '--all', '--preserve-digests', '--quiet', '--src-tls-verify=false'];
    await run('skopeo', [...words, `docker://${host}/${name}/copy:${tagOf(content)}`, `oci:${folder}`]);
    const blobs = path.join(folder, 'blobs', 'sha256');
    return fs.readdirSync(blobs).map(file => sha256(fs.readFileSync(path.join(blobs, file))));
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

beforeAll(async () => {
  if (process.env.CERTIFY_MISSING) return;
  [first, second, third] = [await DockerRegistry.start(), await DockerRegistry.start(), await DockerRegistry.start()];
  simulated = await TestRegistry.start();
  for (const [, content, name] of SHAPES) {
    await new Guest(first).pushAll(`${name}/source`, content, 'v1');
    simulated.add(`${name}/source`, content, 'v1');
  }
});
afterAll(async () => Promise.all([first, second, third, simulated].map(async registry => registry?.stop())));

certify('within Docker\'s registry', () => {
  test.each(SHAPES)('%s is copied, and a second copy has nothing to do', async (shape, content, name) => {
    const result = await copy(first, first, name, 'v1');

    expect(result.digest).toBe(content.digest);
    expect(result.streamed).toBe(UNMOUNTABLE.includes(shape) ? content.blobs.length : 0);
    expect(content.bytes.equals(await inspected(first, name, content))).toBe(true);
    await expect(copy(first, first, name, 'v1')).resolves.toMatchObject({ digest: content.digest, mounted: 0, streamed: 0 });
  });
});

certify('from one registry of Docker to another', () => {
  test.each(SHAPES)('%s is copied, and a second copy has nothing to do', async (_, content, name) => {
    const result = await copy(first, second, name, 'v1');

    expect(result).toMatchObject({ digest: content.digest, mounted: 0 });
    expect(content.bytes.equals(await inspected(second, name, content))).toBe(true);
    await expect(copy(first, second, name, 'v1')).resolves.toMatchObject({ digest: content.digest, streamed: 0, existing: 0 });
  });
});

certify('from the simulated registry to Docker\'s', () => {
  test.each(SHAPES.filter(([name]) => !BEYOND_SKOPEO.includes(name)))('%s arrives, and skopeo finds every byte of it', async (_, content, name) => {
    await copy(simulated, third, name, 'v1');

    expect(await downloaded(third, name, content)).toEqual(expect.arrayContaining(digestsOf(content)));
  });

  test.each(SHAPES.filter(([name]) => BEYOND_SKOPEO.includes(name)))('%s arrives, and skopeo finds its manifest', async (_, content, name) => {
    await copy(simulated, third, name, 'v1');

    expect(content.bytes.equals(await inspected(third, name, content))).toBe(true);
  });
});

certify('from Docker\'s registry to the simulated one', () => {
  test.each(SHAPES)('%s arrives', async (_, content, name) => {
    await copy(first, simulated, name, 'v1');

    expectWhole(simulated.repository(`${name}/copy`), content, tagOf(content));
  });
});

certify('some platforms of an index', () => {
  const [amd, arm] = ['amd64', 'arm64'].map(architecture => platformImage({ os: 'linux', architecture }, [layer(architecture)]));
  const provenance = image('provenance');
  const entries = [
    ...[amd, arm].map(each => ({ ...describeImage(each), platform: JSON.parse(String(each.blobs[0])) })),
    {
      ...describeImage(provenance), platform: { os: 'unknown', architecture: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': arm.digest },
    },
  ];
  const all = manifest('application/vnd.oci.image.index.v1+json', { manifests: entries }, [], [amd, arm, provenance]);

  test('arrive with their attestations, and skopeo finds every byte of them', async () => {
    await new Guest(first).pushAll('some/source', all, 'v1');

    const { digest } = await copy(first, third, 'some', 'v1', [first, third], ['linux/arm64']);

    const found = JSON.parse(String(await inspected(third, 'some', { ...all, digest })));
    expect(found.manifests).toEqual(entries.slice(1));
    expect(await downloaded(third, 'some', { ...all, digest })).toEqual(expect.arrayContaining([digest, ...digestsOf(arm), ...digestsOf(provenance)]));
    await expect(copy(first, third, 'some', 'v1', [first, third], ['linux/arm64'])).resolves.toMatchObject({ digest, streamed: 0 });
  });
});

certify('a registry of Docker that asks for a password', () => {
  const web = image('web');
  let guarded: DockerRegistry;
  beforeAll(async () => { guarded = await DockerRegistry.startWithLogin(); });
  afterAll(async () => guarded?.stop());

  test('accepts the right one', async () => {
    simulated.add('guarded/source', web, 'v1');

    await copy(simulated, guarded, 'guarded', 'v1');

    expect((await new Guest(guarded).pull('guarded/copy', tagOf(web), web)).body).toEqual(web.bytes);
  });

  test.each([['a wrong one', 'wrong-canary'], ['none', undefined]])('rejects %s, and the message has no secret', async (_, password) => {
    simulated.add('guarded/source', web, 'v1');
    const wrong = { ...guarded, host: guarded.host, origin: guarded.origin, credentials: password === undefined ? undefined : { username: 'me', password } };

    const failure = await failureOf(copy(simulated, wrong, 'guarded', 'v1'));

    expect(failure.message).toMatch(/^could not look up the manifest at the destination .*: the registry answered 401 UNAUTHORIZED/);
    expect(JSON.stringify(failure) + failure.stack).not.toContain('canary');
  });
});

function tagOf({ digest }: TestImage): string {
  return live(digest)[0].name;
}

function digestsOf({ digest, blobs, children }: TestImage): string[] {
  return [digest, ...blobs.map(sha256), ...children.flatMap(digestsOf)];
}
