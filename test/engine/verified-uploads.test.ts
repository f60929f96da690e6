import { CopyHooks } from '../../src/engine/contract';
import { TestRegistry } from '../helpers/registry';
import { Answer, Call } from '../helpers/registry-answers';
import { Registries, failureOf } from '../helpers/registry-copy';
import { descriptor, image, layer, manifest, sha256 } from '../helpers/registry-images';
import { plain } from '../helpers/registry-profiles';
import { TestRepository } from '../helpers/registry-store';
import { Session, Uploads } from '../helpers/registry-uploads';

// Whether the destination verifies the bytes of a blob, if it is known to do so, or the copy.
const registries = new Registries();
afterEach(async () => registries.stop());

const app = layer('app', 300_000);
const web = image('web', [app]);
let source: TestRegistry;
let destination: TestRegistry;

beforeEach(async () => {
  [source, destination] = [await registries.start(), await registries.start()];
  source.add('assets', web, 'abc');
});

const copy = async (hooks: CopyHooks = {}) => registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, hooks);
const stored = () => destination.repository('team/web');
const trusting: CopyHooks = { verifiesUploads: host => host === destination.host };

describe.each<[string, CopyHooks]>([['is known to verify uploads', trusting], ['is not known to verify uploads', {}]])('a destination that %s', (_, hooks) => {
  test('gets an image unchanged', async () => {
    await copy(hooks);

    expect([...stored().tags.values()]).toEqual([web.digest]);
    expect([...stored().blobs.values()]).toEqual(expect.arrayContaining([app]));
  });

  test('gets the right bytes after a source has sent wrong ones once', async () => {
    source.fail('GET blob', 'corrupt byte', { nth: 2 });
    await copy(hooks);

    expect([...stored().tags.values()]).toEqual([web.digest]);
    expect([...stored().blobs.values()]).toEqual(expect.arrayContaining([app]));
  });

  test('gets no tag from a source that always sends wrong bytes, and the message names the source', async () => {
    source.fail('GET blob', 'corrupt byte', { times: 99 });
    const { message } = await failureOf(copy(hooks));

    expect(message).toMatch(new RegExp(`^could not read the blob .*${source.host}/assets.*: the content is corrupt, expected sha256:`));
    expect(stored().tags.size).toBe(0);
    expect(stored().manifests.size).toBe(0);
  });

  test.each(['short body', 'reset in the body'] as const)('gets no tag if a proxy cuts each blob (%s)', async fault => {
    source.fail('GET blob', fault, { times: 99 });
    await failureOf(copy(hooks));

    expect(stored().tags.size).toBe(0);
    expect(stored().blobs.size).toBe(0);
  });
});

/** A registry that stores any content under any digest. */
class CarelessUploads extends Uploads {
  protected override finish({ url, body }: Call, session: Session, repository: TestRepository, origin: string): Answer {
    const digest = url.searchParams.get('digest') ?? '';
    repository.blobs.set(digest, Buffer.concat([session.bytes, body]));
    return this.stored(session.name, digest, origin);
  }
}

describe('a destination that does not verify digests', () => {
  beforeEach(async () => {
    destination = await registries.start({ profile: plain({ uploads: new CarelessUploads() }) });
    source.fail('GET blob', 'corrupt byte', { times: 99 });
  });

  test('gets no wrong bytes, because the copy hashes them', async () => {
    await failureOf(copy());

    expect([stored().blobs.size, stored().manifests.size, stored().tags.size]).toEqual([0, 0, 0]);
  });

  // Therefore only registries are trusted whose documentation guarantees it.
  test('gets wrong bytes if it is configured as one that verifies them', async () => {
    await copy(trusting);

    expect(stored().blobs.get(sha256(app))?.equals(app)).toBe(false);
  });

  test('gets no wrong bytes of a SHA-512 digest, which ECR does not verify', async () => {
    const old = manifest('application/vnd.oci.image.manifest.v1+json', {
      config: descriptor('application/vnd.oci.image.config.v1+json', Buffer.from('{}'), 'sha512'), layers: [],
    }, [Buffer.from('{}')]);
    source.add('assets', old, 'abc');
    await failureOf(copy(trusting));

    expect(stored().blobs.size).toBe(0);
  });
});
