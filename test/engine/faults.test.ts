import { CopyError } from '../../src/engine/errors';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf } from '../helpers/registry-copy';
import { Fault, RequestKind } from '../helpers/registry-faults';
import { image, index, layer } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web', [layer('app', 300_000)]);
let source: TestRegistry;
let destination: TestRegistry;
let clock: TestClock;

beforeEach(async () => {
  [source, destination] = [await registries.start(), await registries.start()];
  source.add('assets', index([web]), 'abc');
  clock = new TestClock();
  source.onStall = destination.onStall = () => clock.advance(31_000);
});

async function copy(options: { deadline?: number } = {}) {
  return registries.copy({ host: source.host, repository: 'assets', version: 'abc' }, destination, { clock, ...options });
}

const READS: readonly RequestKind[] = ['GET manifest', 'GET blob'];
const WRITES: readonly RequestKind[] = ['HEAD manifest', 'HEAD blob', 'POST upload', 'PUT upload', 'PUT manifest'];
const ANYWHERE: readonly Fault[] = [{ status: 408 }, { status: 429 }, { status: 500 }, { status: 502 }, { status: 503 }, { status: 504 }, 'reset', 'stall'];

describe('the copy survives one temporary fault', () => {
  test.each(READS.flatMap(kind => ANYWHERE.map(fault => ({ kind, fault }))))('$kind at the source: $fault', async ({ kind, fault }) => {
    source.fail(kind, fault);

    await expect(copy()).resolves.toMatchObject({ streamed: 2 });
    expect(clock.pending).toBe(0);
  });

  test.each(WRITES.flatMap(kind => [...ANYWHERE, 'lose the answer' as const].map(fault => ({ kind, fault }))))('$kind at the destination: $fault', async ({ kind, fault }) => {
    destination.fail(kind, fault);

    await expect(copy()).resolves.toMatchObject({ streamed: 2 });
    expect(clock.pending).toBe(0);
  });

  test.each(['reset in the body', 'stall in the body', 'corrupt byte', 'short body'] as const)('a blob with a %s is read again', async fault => {
    source.fail('GET blob', fault);

    await copy();

    expect([...destination.repository('team/web').blobs.values()].map(({ length }) => length)).toContain(300_000);
  });

  test.each(['reset in the body', 'stall in the body', 'corrupt byte', 'short body'] as const)('a manifest with a %s is read again', async fault => {
    source.fail('GET manifest', fault);

    await expect(copy()).resolves.toMatchObject({ streamed: 2 });
  });

  test('an upload that the registry has lost starts again from zero', async () => {
    destination.fail('PUT upload', { status: 404, code: 'BLOB_UPLOAD_INVALID' });

    await copy();

    expect(destination.count('POST upload')).toBe(3);
  });
});

describe('corrupt content', () => {
  test('is read three times, then the copy fails and nothing of it is in the destination', async () => {
    source.fail('GET blob', 'corrupt byte', { times: 99 });

    const failure = await failureOf(copy());

    expect(failure.message).toMatch(/^could not read the blob from the source .*\/assets@sha256:.*: the content is corrupt, expected sha256:.*, got sha256:.* \(tried 3 times\)$/);
    expect(destination.repository('team/web').blobs.size).toBe(0);
    expect(destination.repository('team/web').tags.size).toBe(0);
  });

  test('never completes an upload', async () => {
    source.fail('GET blob', 'corrupt byte', { times: 99 });

    await failureOf(copy());

    expect(destination.requests.filter(({ kind, bytes, headers }) => kind === 'PUT upload' && bytes === Number(headers['content-length']))).toEqual([]);
  });
});

describe('the error names the side of a permanent fault', () => {
  // One blob only: all blobs share the clock, and a stall of one would let time pass for the others.
  beforeEach(() => source.add('assets', image('one blob'.repeat(20_000), []), 'abc'));

  test.each([
    ['reset in the body', /^could not read the blob from the source .*: the connection failed \(ECONNRESET\) \(tried 6 times\)$/],
    ['stall in the body', /^could not read the blob from the source .*: nothing moved for 30 s \(tried 6 times\)$/],
    ['short body', /^could not read the blob from the source .*: expected \d+ bytes, got \d+ \(tried 3 times\)$/],
  ] as const)('a download with a %s', async (fault, message) => {
    source.fail('GET blob', fault, { times: 999 });

    await expect(copy()).rejects.toThrow(message);
    expect(clock.pending).toBe(0);
  });

  test.each([
    ['reset', /^could not upload the blob at the destination .*: the connection failed \((?:ECONNRESET|EPIPE)\) \(tried 6 times\)$/],
    ['stall', /^could not upload the blob at the destination .*: nothing moved for \d+ s \(tried 6 times\)$/],
  ] as const)('an upload with a %s', async (fault, message) => {
    destination.fail('PUT upload', fault, { times: 999 });

    await expect(copy()).rejects.toThrow(message);
    expect(clock.pending).toBe(0);
  });
});

describe('the wait before a retry', () => {
  test('follows Retry-After in seconds', async () => {
    source.fail('GET manifest', { status: 429, headers: { 'retry-after': '7' } });
    await copy();
    expect(clock.sleeps).toEqual([7000]);
  });

  test('follows Retry-After as a date', async () => {
    destination.fail('PUT manifest', { status: 503, headers: { 'retry-after': new Date(clock.now() + 9000).toUTCString() } });
    await copy();
    expect(clock.sleeps).toEqual([9000]);
  });

  test('grows exponentially with full jitter, and there are at most six tries', async () => {
    destination.fail('PUT manifest', { status: 503 }, { times: 99 });

    const failure = await failureOf(copy());

    expect(failure.message).toMatch(/could not write the manifest at the destination .* answered 503 UNKNOWN .*\(tried 6 times\)/);
    expect(clock.sleeps).toEqual([125, 250, 500, 1000, 2000]);
  });

  test('is skipped if the registry asks for more time than is left', async () => {
    source.fail('GET manifest', { status: 429, headers: { 'retry-after': '600' } });

    const failure = await failureOf(copy({ deadline: clock.now() + 60_000 }));

    expect(failure.message).toContain('no time is left to wait 600 s and try again');
    expect(clock.sleeps).toEqual([]);
  });

  test.each<Fault>(['stall', { status: 503, headers: { 'retry-after': '40' } }])('adds up to about a minute for a small request that always fails: %j', async fault => {
    const started = clock.now();
    source.fail('GET manifest', fault, { times: 99 });

    await expect(copy()).rejects.toThrow('could not read the manifest from the source');
    expect(clock.now() - started).toBeLessThan(70_000);
  });

  test('ends at the deadline of the whole copy', async () => {
    source.fail('GET blob', 'stall', { times: 99 });
    source.onStall = () => clock.advance(20_000);

    const failure = await failureOf(copy({ deadline: clock.now() + 20_000 }));

    expect(failure.message).toMatch(/^could not .*: the time allowed for the copy ran out$/);
  });
});

describe('a permanent error is not retried', () => {
  test.each([400, 403, 405, 409, 413])('such as status %i', async status => {
    destination.fail('POST upload', { status, code: 'DENIED' }, { times: 99 });

    const failure = await failureOf(copy());

    expect(failure).toBeInstanceOf(CopyError);
    expect(failure).toMatchObject({ side: 'destination', operation: 'upload the blob', status, code: 'DENIED', retryable: false });
    expect(clock.sleeps).toEqual([]);
  });

  test('such as a missing image, and the message has the source and the error of the registry', async () => {
    const failure = await failureOf(registries.copy({ host: source.host, repository: 'assets', version: 'nope' }, destination, { clock }));

    expect(failure.message).toBe(`could not read the manifest from the source ${source.host}/assets:nope: the registry answered 404 MANIFEST_UNKNOWN`);
  });

  test('such as an upload that is rejected half-way, and the message has the reason of the registry', async () => {
    destination.fail('PUT upload', { status: 413, code: 'SIZE_INVALID', message: 'layer too large' }, { times: 99 });

    await expect(copy()).rejects.toThrow(/could not upload the blob at the destination .*: the registry answered 413 SIZE_INVALID \(layer too large\)/);
  });
});
