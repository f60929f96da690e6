import { Pacing } from '../../src/engine/clock';
import { TestRegistry } from '../helpers/registry';
import { ecrAccess } from '../helpers/registry-access';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, fixed, live, rightful } from '../helpers/registry-copy';
import { RequestKind } from '../helpers/registry-faults';
import { TestImage, image, index, layer } from '../helpers/registry-images';
import { expectNoLeak, expectWhole } from '../helpers/registry-laws';
import { EcrSettings, ecr } from '../helpers/registry-profiles';
import { artifact } from '../helpers/registry-shapes';

// The rate limits of Amazon ECR, the lifetime of its passwords, and the location of its layers.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base', 50_000), layer('app')]);
let clock: TestClock;
// Hours pass for ECR while no request is stalled.
let calendar: TestClock;
let source: TestRegistry;
let destination: TestRegistry;

async function startEcr(canary: string, settings: Partial<EcrSettings> = {}): Promise<TestRegistry> {
  const registry = await registries.start({ profile: { ...ecr({ clock, ...settings }), access: ecrAccess(calendar, canary) } });
  registry.repository('team/web');
  return registry;
}

beforeEach(async () => {
  [clock, calendar] = [new TestClock(), new TestClock()];
  [source, destination] = [await startEcr('source-canary'), await startEcr('destination-canary')];
});

async function copy(what: TestImage, { name = 'assets', pacing = new Pacing(clock), tags = fixed('v1') as typeof live } = {}) {
  return registries.copy(source.add(name, what, 'abc'), destination, { clock, pacing, tags, credentials: rightful(source, destination) });
}

function statuses(registry: TestRegistry): number[] {
  return [...new Set(registry.requests.map(({ status }) => status ?? 0))].sort();
}

describe('the limit of ten manifests per second', () => {
  const many = (name: string) => index(Array.from({ length: 40 }, (_, each) => image(`${name} ${each}`, [layer('shared')])));

  test('is never exceeded by one copy', async () => {
    await copy(many('platform'));

    expect(statuses(destination)).not.toContain(429);
    expectWhole(destination.repository('team/web'), many('platform'), 'v1');
  });

  test('is never exceeded by several copies in one process', async () => {
    const pacing = new Pacing(clock);

    await Promise.all(['a', 'b', 'c'].map(async name => copy(many(name), { name, pacing, tags: live })));

    expect(statuses(destination)).not.toContain(429);
  });

  test('can be used up by another client: then the copy waits', async () => {
    destination.fail('PUT manifest', { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 4 });

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
    expect(clock.sleeps.filter(each => each > 0).length).toBeGreaterThanOrEqual(4);
  });

  test.each<RequestKind>(['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload'])('is not the only limit: %s waits too', async kind => {
    destination.fail(kind, { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 3 });

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test('that is used up permanently fails the copy with a message that says so', async () => {
    destination.fail('PUT manifest', { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 99 });

    await expect(copy(web)).rejects.toThrow(/the registry answered 429 TOOMANYREQUESTS \(Rate exceeded\) \(tried \d\d times\), and no time is left to wait 10 s and try again$/);
  });
});

describe('a password that expired after twelve hours', () => {
  const thirteenHours = 13 * 60 * 60 * 1000;
  const grow = () => calendar.advance(thirteenHours);

  test.each<RequestKind>(['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload', 'PUT manifest'])('is replaced if the destination rejects it at %s', async kind => {
    destination.when(kind, grow);

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test.each<RequestKind>(['GET manifest', 'GET blob'])('is replaced if the source rejects it at %s', async kind => {
    source.when(kind, grow);

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test('is the only rejection that causes a second try', async () => {
    const message = 'User: arn:aws:sts::111122223333:assumed-role/copy is not authorized to perform: ecr:InitiateLayerUpload';
    destination.fail('POST upload', { status: 403, code: 'DENIED', message }, { times: 99 });

    const failure = await failureOf(copy(image('one blob', [])));

    expect(failure.message).toContain(`the registry answered 403 DENIED (${message})`);
    expect(destination.count('POST upload')).toBe(1);
  });
});

test('no request succeeds without a password, and the message has no secret', async () => {
  const reference = source.add('assets', web, 'abc');

  const failure = await failureOf(registries.copy(reference, destination, { clock }));

  expect(failure.message).toBe(`could not read the manifest from the source ${source.host}/assets:abc: the registry answered 401`);
});

describe('layers are read from another origin', () => {
  test('without the password, because the storage rejects requests with one', async () => {
    await copy(web);

    expect(source.storage?.count('GET storage')).toBe(3);
    expect(source.storage?.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    expectNoLeak(source, destination);
  });

  test('by a URL that is requested again if it fails', async () => {
    source.storage?.fail('GET storage', { status: 503 });

    await copy(web);

    expect([source.count('GET blob'), source.storage?.count('GET storage')]).toEqual([4, 4]);
  });

  test('whose signed URL is never part of a message', async () => {
    source.storage?.fail('GET storage', { status: 403 }, { times: 99 });

    const failure = await failureOf(copy(web));

    expect(failure.message).toMatch(/^could not read the blob from the source .*\/assets@sha256:[0-9a-f]{64}: the registry answered 403/);
    expect(JSON.stringify(failure) + failure.stack).not.toContain('presigned-canary');
  });

  test('and are read again if the connection breaks in the middle', async () => {
    source.storage?.fail('GET storage', 'reset in the body');

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });
});

describe('artifacts that refer to an image', () => {
  const sbom = artifact('application/spdx+json', layer('sbom'), web);

  test('are copied if ECR accepts them', async () => {
    await copy(sbom);

    expectWhole(destination.repository('team/web'), sbom, 'v1');
  });

  test('are rejected at other times, once and with the error of ECR', async () => {
    destination = await startEcr('destination-canary', { artifacts: 'refused' });

    await expect(copy(sbom)).rejects.toThrow(/^could not tag the image at the destination .*:v1: the registry answered 405 UNSUPPORTED \(Invalid parameter at 'ImageManifest'/);
    expect(destination.count('PUT manifest')).toBe(1);
  });

  test('as part of an index fail the whole index, and no tag is on a part of it', async () => {
    destination = await startEcr('destination-canary', { artifacts: 'refused' });

    await expect(copy(index([web, sbom]))).rejects.toThrow('answered 405 UNSUPPORTED');
    expect(destination.repository('team/web').tags.size).toBe(0);
  });
});
