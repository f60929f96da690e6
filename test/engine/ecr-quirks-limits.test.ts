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

// What Amazon ECR bears, for how long it knows somebody, and where its layers really are.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('base', 50_000), layer('app')]);
let clock: TestClock;
// Hours go by for ECR without any request standing still meanwhile.
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

describe('ten manifests a second', () => {
  const many = (name: string) => index(Array.from({ length: 40 }, (_, each) => image(`${name} ${each}`, [layer('shared')])));

  test('are never exceeded by one copy', async () => {
    await copy(many('platform'));

    expect(statuses(destination)).not.toContain(429);
    expectWhole(destination.repository('team/web'), many('platform'), 'v1');
  });

  test('are never exceeded by several copies in one process', async () => {
    const pacing = new Pacing(clock);

    await Promise.all(['a', 'b', 'c'].map(async name => copy(many(name), { name, pacing, tags: live })));

    expect(statuses(destination)).not.toContain(429);
  });

  test('may be used up by somebody else: then the copy waits', async () => {
    destination.fail('PUT manifest', { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 4 });

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
    expect(clock.sleeps.filter(each => each > 0).length).toBeGreaterThanOrEqual(4);
  });

  test.each<RequestKind>(['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload'])('is not the only limit: %s waits as well', async kind => {
    destination.fail(kind, { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 3 });

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test('that somebody else uses up for good fail the copy in words that say so', async () => {
    destination.fail('PUT manifest', { status: 429, code: 'TOOMANYREQUESTS', message: 'Rate exceeded' }, { times: 99 });

    await expect(copy(web)).rejects.toThrow(/the registry answered 429 TOOMANYREQUESTS \(Rate exceeded\) \(tried \d\d times\), and no time is left to wait 10 s and try again$/);
  });
});

describe('a password that is twelve hours old', () => {
  const thirteenHours = 13 * 60 * 60 * 1000;
  const grow = () => calendar.advance(thirteenHours);

  test.each<RequestKind>(['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload', 'PUT manifest'])('is replaced when the destination refuses it at %s', async kind => {
    destination.when(kind, grow);

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test.each<RequestKind>(['GET manifest', 'GET blob'])('is replaced when the source refuses it at %s', async kind => {
    source.when(kind, grow);

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });

  test('does not make any other refusal worth a second try', async () => {
    const message = 'User: arn:aws:sts::111122223333:assumed-role/copy is not authorized to perform: ecr:InitiateLayerUpload';
    destination.fail('POST upload', { status: 403, code: 'DENIED', message }, { times: 99 });

    const failure = await failureOf(copy(image('one blob', [])));

    expect(failure.message).toContain(`the registry answered 403 DENIED (${message})`);
    expect(destination.count('POST upload')).toBe(1);
  });
});

test('nobody is let in without a password, and the message has no secret', async () => {
  const reference = source.add('assets', web, 'abc');

  const failure = await failureOf(registries.copy(reference, destination, { clock }));

  expect(failure.message).toBe(`could not read the manifest from the source ${source.host}/assets:abc: the registry answered 401`);
});

describe('layers are read from another origin', () => {
  test('that is never shown the password, because it refuses whoever shows one', async () => {
    await copy(web);

    expect(source.storage?.count('GET storage')).toBe(3);
    expect(source.storage?.requests.map(({ status }) => status)).toEqual([200, 200, 200]);
    expectNoLeak(source, destination);
  });

  test('by an address that is asked for anew when it fails', async () => {
    source.storage?.fail('GET storage', { status: 503 });

    await copy(web);

    expect([source.count('GET blob'), source.storage?.count('GET storage')]).toEqual([4, 4]);
  });

  test('whose signed address never reaches a message', async () => {
    source.storage?.fail('GET storage', { status: 403 }, { times: 99 });

    const failure = await failureOf(copy(web));

    expect(failure.message).toMatch(/^could not read the blob from the source .*\/assets@sha256:[0-9a-f]{64}: the registry answered 403/);
    expect(JSON.stringify(failure) + failure.stack).not.toContain('presigned-canary');
  });

  test('that breaks off in the middle, and then the layer is read again', async () => {
    source.storage?.fail('GET storage', 'reset in the body');

    await copy(web);

    expectWhole(destination.repository('team/web'), web, 'v1');
  });
});

describe('artifacts that refer to an image', () => {
  const sbom = artifact('application/spdx+json', layer('sbom'), web);

  test('are stored on good days', async () => {
    await copy(sbom);

    expectWhole(destination.repository('team/web'), sbom, 'v1');
  });

  test('are refused on others, once and in the words of ECR', async () => {
    destination = await startEcr('destination-canary', { artifacts: 'refused' });

    await expect(copy(sbom)).rejects.toThrow(/^could not tag the image at the destination .*:v1: the registry answered 405 UNSUPPORTED \(Invalid parameter at 'ImageManifest'/);
    expect(destination.count('PUT manifest')).toBe(1);
  });

  test('as part of an index fail it as a whole, and no tag means a part of it', async () => {
    destination = await startEcr('destination-canary', { artifacts: 'refused' });

    await expect(copy(index([web, sbom]))).rejects.toThrow('answered 405 UNSUPPORTED');
    expect(destination.repository('team/web').tags.size).toBe(0);
  });
});
