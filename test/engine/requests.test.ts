import { TestRegistry } from '../helpers/registry';
import { attached, listOf, tagOfList } from '../helpers/registry-artifacts';
import { Registries, failureOf, live } from '../helpers/registry-copy';
import { Fault, RequestKind } from '../helpers/registry-faults';
import { image, layer, sha256 } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { plain } from '../helpers/registry-profiles';
import { pagedReferrersApi } from '../helpers/registry-referrers';

// The requests that a registry receives, and the messages that users read after a failure.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('app')]);
let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => { [source, destination] = [await registries.start(), await registries.start()]; });

const seen = (registry: TestRegistry, kind: RequestKind) => registry.requests.filter(each => each.kind === kind);

describe('an error names the operation, the side and the reference:', () => {
  const SHA = 'sha256:[0-9a-f]{64}';

  test.each<[RequestKind, 'source' | 'destination', string]>([
    ['GET manifest', 'source', 'could not read the manifest from the source HOST/assets:abc: '],
    ['GET blob', 'source', `could not read the blob from the source HOST/assets@${SHA}: `],
    ['HEAD manifest', 'destination', `could not look up the manifest at the destination HOST/team/web:${live(web.digest)[0].name}: `],
    ['HEAD blob', 'destination', `could not look up the blob at the destination HOST/team/web@${SHA}: `],
    ['POST upload', 'destination', `could not upload the blob at the destination HOST/team/web@${SHA}: `],
    ['PUT upload', 'destination', `could not upload the blob at the destination HOST/team/web@${SHA}: `],
    ['PUT manifest', 'destination', `could not tag the image at the destination HOST/team/web:${live(web.digest)[0].name}: `],
  ])('%s at the %s', async (kind, side, message) => {
    const failing = side === 'source' ? source : destination;
    failing.fail(kind, { status: 500 }, { times: 99 });

    const failure = await failureOf(registries.copy(source.add('assets', web, 'abc'), destination));
    const words = kind.startsWith('HEAD') ? '' : ' UNKNOWN \\(scripted fault\\)';
    expect(failure.message).toMatch(new RegExp(`^${message.replace('HOST', failing.host)}the registry answered 500${words} \\(tried \\d+ times\\)$`));
  });

  test('mount within one registry', async () => {
    source.fail('mount', { status: 500 }, { times: 99 });
    await expect(registries.copy(source.add('assets', web, 'abc'), source)).rejects.toThrow(
      new RegExp(`^could not mount the blob at the destination ${source.host}/team/web@${SHA}: the registry answered 500`),
    );
  });
});

describe('a rejection without a body, as for HEAD,', () => {
  const refused = async (status: number, answer: { status: number; code?: string; message?: string }) => {
    destination.fail('HEAD manifest', { status }, { times: 99 }).fail('GET manifest', answer, { times: 99 });
    return (await failureOf(registries.copy(source.add('assets', web, 'abc'), destination))).message;
  };

  test('is explained by the answer to a GET request', async () => {
    expect(await refused(402, { status: 402, code: 'PAYMENT_REQUIRED', message: 'the trial is over' })).toMatch(/: the registry answered 402 PAYMENT_REQUIRED \(the trial is over\)$/);
  });

  test('is not explained by the answer to GET if that has another status', async () => {
    expect(await refused(402, { status: 404, code: 'MANIFEST_UNKNOWN' })).toMatch(/: the registry answered 402$/);
  });

  test('causes no GET request if the request will be retried', async () => {
    expect(await refused(503, { status: 503, code: 'UNAVAILABLE' })).toMatch(/: the registry answered 503 \(tried \d+ times\)$/);
    expect(seen(destination, 'GET manifest')).toEqual([]);
  });
});

describe('a registry that does not support HEAD', () => {
  const refusing = async () => registries.start({
    change: ({ kind }, answer) => kind.startsWith('HEAD') ? { status: 405, headers: { 'docker-content-digest': web.digest } } : answer,
  });

  test('gets GET requests, and its answers to HEAD are ignored', async () => {
    destination = await refusing();
    destination.repository('team/web').add(image('older', [layer('app')]), 'older');

    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ streamed: 1, existing: 1 });
    expect(destination.repository('team/web').tags.get(live(web.digest)[0].name)).toBe(web.digest);
    expect(seen(destination, 'GET blob').map(({ headers }) => headers.range)).toEqual(['bytes=0-0', 'bytes=0-0']);
  });

  test('and does not support partial GET requests receives all layers', async () => {
    destination = await refusing();
    destination.fail('GET blob', { status: 405 }, { times: 99 });
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ streamed: 2, existing: 0 });
  });

  test('and rejects GET too, fails the copy', async () => {
    destination = await refusing();
    destination.fail('GET blob', { status: 403, code: 'DENIED' }, { times: 99 });
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).rejects.toThrow(/^could not look up the blob at the destination \S+: the registry answered 403 DENIED/);
  });
});

describe('a layer of the same registry', () => {
  test.each([{ status: 202 }, { status: 405 }, { status: 403, code: 'DENIED' }])('is uploaded if mounting is rejected: %j', async answer => {
    source.fail('mount', answer, { times: 99 });
    await expect(registries.copy(source.add('assets', web, 'abc'), source)).resolves.toMatchObject({ mounted: 0, streamed: 2 });
  });

  test.each<[string, Fault]>([['hangs up', 'reset'], ['is busy', { status: 429 }]])('is not uploaded if the registry %s', async (_, fault) => {
    source.fail('mount', fault, { times: 999 });
    await expect(registries.copy(source.add('assets', web, 'abc'), source)).rejects.toThrow(/^could not mount the blob at the destination /);
    expect(source.count('POST upload')).toBe(0);
  });
});

describe('a list of referrers', () => {
  const report = async () => (await registries.copy(source.add('assets', web, 'abc'), destination, { referrers: true })).referrers;

  test('that fails is reported', async () => {
    source.fail('GET referrers', { status: 500 }, { times: 99 });
    expect(await report()).toMatch(/^0 copied, 1 not copied: the list of what refers to \S+ \(could not list the referrers from the source \S+: the registry answered 500 /);
  });

  test('with a missing page counts as incomplete', async () => {
    source = await registries.start({ profile: plain({ manifests: new Manifests(() => 'mutable', pagedReferrersApi(1)) }) });
    ['first', 'second'].forEach(kind => source.repository('assets').add(attached(kind, web)));
    source.fail('GET referrers', { status: 404 }, { nth: 2, times: 99 });
    expect(await report()).toMatch(/^0 copied, 1 not copied: the list of what refers to \S+ \(could not list the referrers from the source \S+: the registry answered 404 /);
  });
});

describe('a registry receives', () => {
  test('the length and type of each body', async () => {
    await registries.copy(source.add('assets', web, 'abc'), destination);

    const uploads = seen(destination, 'PUT upload').map(({ headers }) => [headers['content-type'], headers['content-length']]);
    expect(uploads.sort()).toEqual(web.blobs.map(({ length }) => ['application/octet-stream', String(length)]).sort());
    expect(seen(destination, 'POST upload').map(({ headers }) => headers['content-length'])).toEqual(['0', '0']);
    expect(seen(destination, 'PUT manifest').map(({ headers }) => [headers['content-type'], headers['content-length']]))
      .toEqual([[web.mediaType, String(web.bytes.length)]]);
  });

  test('the types of manifests that the copy supports, and for referrers that of an index', async () => {
    source.repository('assets').add(listOf(attached('signature', web)), tagOfList(web));
    await registries.copy(source.add('assets', web, 'abc'), destination, { referrers: true });

    for (const type of ['application/vnd.oci.image.manifest.v1+json', 'application/vnd.oci.image.index.v1+json', 'application/vnd.docker.distribution.manifest.v2+json']) {
      expect(seen(source, 'GET manifest').every(({ headers }) => headers.accept?.includes(type))).toBe(true);
    }
    expect(seen(source, 'GET referrers').map(({ headers }) => headers.accept)).toContain('application/vnd.oci.image.index.v1+json');
  });

  test('the name of this library with each request', async () => {
    await registries.copy(source.add('assets', web, 'abc'), destination);
    expect([...source.requests, ...destination.requests].filter(({ headers }) => headers['user-agent'] !== 'cdk-container-delivery')).toEqual([]);
  });
});

describe('damaged content is read again:', () => {
  test('a manifest that ends too soon', async () => {
    source.fail('GET manifest', 'short body');
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ digest: web.digest, streamed: 2 });
  });

  test('a blob with one wrong byte', async () => {
    source.fail('GET blob', 'corrupt byte');
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ streamed: 2 });
    expect(destination.repository('team/web').blobs.size).toBe(2);
  });

  test('but not a manifest with the right digest that is invalid', async () => {
    const bytes = Buffer.from('no JSON');
    await expect(registries.copy(source.add('assets', { ...web, bytes, digest: sha256(bytes) }, 'abc'), destination)).rejects
      .toThrow(/^could not read the manifest from the source \S+: the manifest is not a JSON object$/);
    expect(source.count('GET manifest')).toBe(1);
  });

  test('but not forever: a blob that always breaks off', async () => {
    source.fail('GET blob', 'reset in the body', { times: 99 });
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).rejects
      .toThrow(/^could not read the blob from the source \S+: the connection failed \(\w+\) \(tried \d+ times\)$/);
  });

  test('but not forever: a blob with a wrong Content-Length', async () => {
    source = await registries.start({ change: ({ kind }, answer) => kind === 'GET blob' ? { ...answer, body: Buffer.from('another') } : answer });
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).rejects
      .toThrow(/^could not read the blob from the source \S+: expected \d+ bytes, the registry offers 7 \(tried 3 times\)$/);
    expect(destination.repository('team/web').blobs.size).toBe(0);
  });
});

test.each([web.digest, 'abc'])('a manifest with a wrong digest is not copied (%s)', async version => {
  const other = image('another');
  source = await registries.start({
    change: ({ kind }, answer) => kind === 'GET manifest' ? { ...answer, headers: { ...answer.headers, 'docker-content-digest': web.digest }, body: other.bytes } : answer,
  });
  source.add('assets', web, 'abc');

  await expect(registries.copy({ host: source.host, repository: 'assets', version }, destination)).rejects
    .toThrow(/^could not read the manifest from the source \S+: .*sha256.* \(tried 3 times\)$/);
  expect(destination.count('POST upload', 'PUT manifest')).toBe(0);
});
