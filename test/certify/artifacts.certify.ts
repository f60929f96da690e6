import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { DockerRegistry } from './docker-registry';
import { copyImage, copyPlatforms } from '../../src/engine/copy';
import { attached, listOf, platformImage, tagOfList } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { live } from '../helpers/registry-copy';
import { Guest } from '../helpers/registry-guest';
import { TestImage, image, index } from '../helpers/registry-images';

// Images with their attachments and multi-platform images, with real registries and another program that reads the result.
const certify = process.env.CERTIFY_MISSING ? describe.skip : describe;
const run = promisify(execFile);

let source: DockerRegistry;
let destination: DockerRegistry;

beforeAll(async () => {
  if (process.env.CERTIFY_MISSING) return;
  [source, destination] = [await DockerRegistry.start(), await DockerRegistry.start()];
});
afterAll(async () => Promise.all([source, destination].map(async registry => registry?.stop())));

const hooks = () => ({ clock: new TestClock(), origins: { [source.host]: source.origin, [destination.host]: destination.origin } });

async function skopeo(words: readonly string[], repository: string, tag: string) {
  const { stdout } = await run('skopeo', [...words, '--tls-verify=false', `docker://${destination.host}/${repository}:${tag}`]);
  return JSON.parse(stdout);
}

certify('a signed image, in registries that keep no list of what refers to it', () => {
  const web = index([image('amd'), image('arm')]);
  const signature = attached('application/vnd.example.signature', web);
  const countersignature = attached('application/vnd.example.countersignature', signature);
  const cosigned = image('what cosign keeps');

  beforeAll(async () => {
    const guest = new Guest(source);
    await guest.pushAll('vendor/web', web, 'v1');
    await guest.pushAll('vendor/web', listOf(signature), tagOfList(web));
    await guest.pushAll('vendor/web', listOf(countersignature), tagOfList(signature));
    await guest.pushAll('vendor/web', cosigned, `${tagOfList(web)}.sig`);
  });

  test('is copied with all attachments, and skopeo finds each of them', async () => {
    const from = { host: source.host, repository: 'vendor/web', version: 'v1' };
    const { referrers } = await copyImage(from, { host: destination.host, repository: 'team/web' }, { tags: live, referrers: true }, hooks());

    expect(referrers).toBe('3 copied');
    await expect(listedAt(tagOfList(web))).resolves.toEqual([signature.digest]);
    await expect(listedAt(tagOfList(signature))).resolves.toEqual([countersignature.digest]);
    await expect(skopeo(['inspect'], 'team/web', `${tagOfList(web)}.sig`)).resolves.toMatchObject({ Digest: cosigned.digest });
    for (const each of [signature, countersignature]) {
      expect((await new Guest(destination).pull('team/web', each.digest, each)).body).toEqual(each.bytes);
    }
  });
});

certify('images of two platforms', () => {
  const [amd, arm] = [platformImage({ os: 'linux', architecture: 'amd64' }), platformImage({ os: 'linux', architecture: 'arm64', variant: 'v8' })];

  test.each([['another registry', () => destination], ['their own registry', () => source]])('are one image in %s, and skopeo finds each by its architecture', async (_, to) => {
    await new Guest(source).pushAll('assets', amd, 'amd');
    await new Guest(source).pushAll('assets', arm, 'arm');
    const parts = ['amd', 'arm'].map(version => ({ host: source.host, repository: 'assets', version }));

    const { digest, streamed } = await copyPlatforms(parts, { host: to().host, repository: 'team/several' }, { tags: live }, hooks());

    expect(streamed > 0).toBe(to() !== source);
    for (const [architecture, { digest: expected }] of [['amd64', amd], ['arm64', arm]] as const) {
      const words = [`--override-arch=${architecture}`, 'inspect', '--tls-verify=false', `docker://${to().host}/team/several:${live(digest)[0].name}`];
      const found = JSON.parse((await run('skopeo', words)).stdout);
      expect(found).toMatchObject({ Architecture: architecture });
      expect(found.Layers).toHaveLength(1);
      expect((await new Guest(to()).pull('team/several', expected, amd)).status).toBe(200);
    }
  });
});

async function listedAt(tag: string): Promise<string[]> {
  const { manifests } = await skopeo(['inspect', '--raw'], 'team/web', tag);
  return manifests.map(({ digest }: Pick<TestImage, 'digest'>) => digest);
}
