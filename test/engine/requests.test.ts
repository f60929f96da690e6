import { TestRegistry } from '../helpers/registry';
import { attached, listOf, tagOfList } from '../helpers/registry-artifacts';
import { Registries, failureOf, live } from '../helpers/registry-copy';
import { RequestKind } from '../helpers/registry-faults';
import { image, layer } from '../helpers/registry-images';

// What a registry gets to see, and what users get to read when it fails.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('app')]);
let source: TestRegistry;
let destination: TestRegistry;
beforeEach(async () => { [source, destination] = [await registries.start(), await registries.start()]; });

const seen = (registry: TestRegistry, kind: RequestKind) => registry.requests.filter(each => each.kind === kind);

describe('a failure says which operation failed, at which end and of what:', () => {
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

describe('a refusal without a body, as to HEAD,', () => {
  const refused = async (status: number, answer: { status: number; code?: string; message?: string }) => {
    destination.fail('HEAD manifest', { status }, { times: 99 }).fail('GET manifest', answer, { times: 99 });
    return (await failureOf(registries.copy(source.add('assets', web, 'abc'), destination))).message;
  };

  test('is explained by what the registry says to GET', async () => {
    expect(await refused(402, { status: 402, code: 'PAYMENT_REQUIRED', message: 'the trial is over' })).toMatch(/: the registry answered 402 PAYMENT_REQUIRED \(the trial is over\)$/);
  });

  test('is not explained by the answer to GET if that is another one', async () => {
    expect(await refused(402, { status: 404, code: 'MANIFEST_UNKNOWN' })).toMatch(/: the registry answered 402$/);
  });

  test('is not asked about when the request will be repeated', async () => {
    expect(await refused(503, { status: 503, code: 'UNAVAILABLE' })).toMatch(/: the registry answered 503 \(tried \d+ times\)$/);
    expect(seen(destination, 'GET manifest')).toEqual([]);
  });
});

describe('a registry gets', () => {
  test('the length and type of what it is sent', async () => {
    await registries.copy(source.add('assets', web, 'abc'), destination);

    const uploads = seen(destination, 'PUT upload').map(({ headers }) => [headers['content-type'], headers['content-length']]);
    expect(uploads.sort()).toEqual(web.blobs.map(({ length }) => ['application/octet-stream', String(length)]).sort());
    expect(seen(destination, 'POST upload').map(({ headers }) => headers['content-length'])).toEqual(['0', '0']);
    expect(seen(destination, 'PUT manifest').map(({ headers }) => [headers['content-type'], headers['content-length']]))
      .toEqual([[web.mediaType, String(web.bytes.length)]]);
  });

  test('the types of manifests that the copy understands, and for referrers that of an index', async () => {
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

describe('what arrives damaged is read again:', () => {
  test('a manifest that ends too soon', async () => {
    source.fail('GET manifest', 'short body');
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ digest: web.digest, streamed: 2 });
  });

  test('a blob with one wrong byte', async () => {
    source.fail('GET blob', 'corrupt byte');
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).resolves.toMatchObject({ streamed: 2 });
    expect(destination.repository('team/web').blobs.size).toBe(2);
  });

  test('but not for ever: a blob that is announced with another length', async () => {
    source = await registries.start({ change: ({ kind }, answer) => kind === 'GET blob' ? { ...answer, body: Buffer.from('another') } : answer });
    await expect(registries.copy(source.add('assets', web, 'abc'), destination)).rejects
      .toThrow(/^could not read the blob from the source \S+: expected \d+ bytes, the registry offers 7 \(tried 3 times\)$/);
    expect(destination.repository('team/web').blobs.size).toBe(0);
  });
});
