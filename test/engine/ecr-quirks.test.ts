import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, fixed, rightful } from '../helpers/registry-copy';
import { TestImage, image, index, layer, sha256 } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';
import { EcrSettings, ecr } from '../helpers/registry-profiles';

// Differences between Amazon ECR and the specification or other registries, as users and the documentation report them.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base', 50_000), layer('app')]);
const [arm, other] = [image('arm', [layer('base', 50_000), layer('arm')]), image('other')];
const all = index([web, arm]);
let clock: TestClock;
let account: TestRegistry;
let held: ReturnType<TestRegistry['repository']>;

async function startEcr(settings: Partial<EcrSettings> = {}): Promise<TestRegistry> {
  const registry = await registries.start({ profile: ecr({ clock, ...settings }) });
  registry.repository('team/web');
  return registry;
}

async function use(settings: Partial<EcrSettings>): Promise<void> {
  account = await startEcr(settings);
  held = account.repository('team/web');
}

beforeEach(async () => {
  clock = new TestClock();
  await use({});
});

async function copy(what: TestImage, { from = account, tags = fixed('v1'), to = account } = {}) {
  return registries.copy(from.add('assets', what, 'abc'), to, { clock, tags, credentials: rightful(from, to) });
}

describe('uploads', () => {
  test('are made in one piece, because ECR answers a second chunk wrongly', async () => {
    await copy(web, { from: await startEcr() });

    expect([account.count('POST upload'), account.count('PUT upload'), account.count('PATCH upload', 'GET upload')]).toEqual([3, 3, 0]);
  });

  test('that broke in the middle start again from zero in a new session', async () => {
    account.fail('PUT upload', 'reset in the upload');

    await expect(copy(web, { from: await startEcr() })).resolves.toMatchObject({ streamed: 3 });

    expect(account.count('POST upload')).toBe(4);
    expect(account.requests.filter(({ status }) => status === 416)).toEqual([]);
  });

  test('that broke after a rejected mount do not continue in the session of the mount', async () => {
    await use({ blobMounting: 'disabled' });
    account.fail('PUT upload', 'reset in the upload');

    await expect(copy(web)).resolves.toMatchObject({ mounted: 0, streamed: 3 });

    expect(account.requests.filter(({ status }) => status === 416)).toEqual([]);
  });

  test('whose session ECR has lost start again', async () => {
    account.fail('PUT upload', { status: 404, code: 'BLOB_UPLOAD_UNKNOWN' });

    await expect(copy(web, { from: await startEcr() })).resolves.toMatchObject({ streamed: 3 });
  });
});

describe('layers of the same account', () => {
  test('are mounted', async () => {
    await expect(copy(web)).resolves.toMatchObject({ mounted: 3, bytes: 0 });
  });

  test('are streamed if blob mounting is off', async () => {
    await use({ blobMounting: 'disabled' });

    await expect(copy(web)).resolves.toMatchObject({ mounted: 0, streamed: 3 });
    expectWhole(held, web, 'v1');
  });

  test('are streamed if the repositories have different keys', async () => {
    held.encryptionKey = 'arn:aws:kms:us-east-1:111122223333:key/ours';

    await expect(copy(web)).resolves.toMatchObject({ mounted: 0, streamed: 3 });
    expectWhole(held, web, 'v1');
  });

  test('of another account are streamed without a mount request', async () => {
    await copy(web, { from: await startEcr() });

    expect(account.count('mount')).toBe(0);
  });
});

describe('an immutable tag', () => {
  const immutable = () => 'immutable' as const;
  beforeEach(async () => use({ tags: immutable }));

  test('on the same image is not written again, because ECR would reject even that', async () => {
    held.add(web, 'v1');

    await copy(web);

    expect(account.count('PUT manifest')).toBe(0);
  });

  test('on another image fails before anything is uploaded', async () => {
    held.add(other, 'v1');

    const { message } = await failureOf(copy(web));

    expect(message).toContain(`the tag already means ${other.digest} and must not move to ${web.digest}`);
    expect(account.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
  });

  test('that another client puts on the same image meanwhile is a success', async () => {
    account.when('PUT manifest', () => held.add(web, 'v1'));

    await expect(copy(web)).resolves.toMatchObject({ digest: web.digest });
    expect(account.requests.filter(({ status }) => status === 400)).toHaveLength(1);
  });

  test('that another client puts on another image meanwhile is a failure with both digests', async () => {
    account.when('PUT manifest', () => held.add(other, 'v1'));

    await expect(copy(web)).rejects.toThrow(`the tag already means ${other.digest} and must not move to ${web.digest}`);
  });

  test('is written once if two copies of one image run at the same time, and both succeed', async () => {
    await expect(Promise.all([copy(all), copy(all)])).resolves.toHaveLength(2);

    expectWhole(held, all, 'v1');
  });

  test('is on one image if copies of two images run at the same time, and the other copy reports it', async () => {
    const from = await startEcr();
    const outcomes = await Promise.allSettled([copy(web), copy(other, { from })]);

    const winner = outcomes[0].status === 'fulfilled' ? web : other;
    expectWhole(held, winner, 'v1');
    expect(outcomes.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(String(outcomes.map(outcome => outcome.status === 'rejected' ? outcome.reason : '').join(''))).toContain(`already means ${winner.digest}`);
  });

  test('of an index is not used for its children', async () => {
    await copy(all);

    const written = account.requests.filter(({ kind }) => kind === 'PUT manifest').map(({ url }) => url.split('/').pop());
    expect(written).toEqual([web.digest, arm.digest, 'v1']);
  });
});

test('a tag that is excluded from immutability moves, and the others stay', async () => {
  await use({ tags: tag => tag.startsWith('floating-') ? 'mutable' : 'immutable' });
  held.add(other, 'floating-live');
  held.add(other, 'v0');

  await copy(web, { tags: () => [{ name: 'v1', onOtherDigest: 'fail' as const }, { name: 'floating-live', onOtherDigest: 'move' as const }] });

  expect([...held.tags].sort()).toEqual([['floating-live', web.digest], ['v0', other.digest], ['v1', web.digest]]);
});

// It is not known for sure which of the two statuses ECR uses for these errors.
describe.each([400, 404] as const)('content that a lifecycle rule deletes during the copy is copied again (status %i)', incompleteStatus => {
  beforeEach(async () => use({ incompleteStatus }));

  test('if it is an image of the index', async () => {
    account.when('PUT manifest', () => held.manifests.delete(web.digest), { nth: 3 });

    await copy(all);

    expectWhole(held, all, 'v1');
  });

  test('if it is an image that existed before', async () => {
    held.add(web);
    account.when('PUT manifest', () => held.manifests.delete(web.digest));

    await copy(all);

    expectWhole(held, all, 'v1');
  });

  test('if it is a layer', async () => {
    account.when('PUT manifest', () => held.blobs.delete(sha256(layer('app'))));

    await copy(web);

    expectWhole(held, web, 'v1');
    expect(account.count('PUT manifest')).toBe(2);
  });
});

describe('an archived image', () => {
  test('in the destination is restored by another copy', async () => {
    await use({ tags: () => 'immutable' });
    held.add(web, 'v1');
    held.archived.add(web.digest);

    await copy(web);

    expectWhole(held, web, 'v1');
  });

  test('in the source fails with the error of ECR', async () => {
    const from = await startEcr();
    const reference = from.add('assets', web, 'abc');
    from.repository('assets').archived.add(web.digest);

    await expect(registries.copy(reference, account, { clock, credentials: rightful(from, account) }))
      .rejects.toThrow(/^could not read the manifest from the source .*\/assets:abc: the registry answered 404 MANIFEST_UNKNOWN$/);
  });
});

test('a repository that does not exist is named, although ECR only closes the connection', async () => {
  const began = clock.now();
  const registry = await registries.start({ profile: ecr({ clock }) });
  const reference = registry.add('assets', web, 'abc');

  const { message } = await failureOf(registries.copy(reference, registry, { clock, credentials: rightful(registry) }));

  expect(message).toContain(`${registry.host}/team/web`);
  expect(clock.now() - began).toBeLessThan(70_000);
});
