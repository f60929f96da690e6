import { ScanState, ScanResult, watchScans } from '../../src/scanning/handler/scans';
import { Severity } from '../../src/scanning/severity';
import { TestClock } from '../helpers/registry-clock';

const MINUTE = 60_000;
const finding = (name: string) => ({ name, severity: Severity.LOW });
const scanned = (isFinal: boolean, ...names: string[]): ScanState => ({ state: 'SCANNED', findings: names.map(finding), isFinal });
const WAITING: ScanState = { state: 'WAITING', why: 'IN_PROGRESS' };
const NONE: ScanState = { state: 'NO_SCAN' };
const DEAD: ScanState = { state: 'NOT_SCANNABLE', why: 'it failed', fix: 'do something' };

let clock: TestClock;
let begun: number;
let looks: string[];
let starts: string[];
beforeEach(() => {
  clock = new TestClock();
  begun = clock.now();
  looks = [];
  starts = [];
});

/** Watches images whose scans have these states, request by request; the last one stays. */
async function watch(scans: Record<string, readonly ScanState[]>, { minutes = 15, left = 870_000, onStart = undefined as ScanState | undefined, foreign = '' } = {}): Promise<ScanResult[] | undefined> {
  const seen = new Map(Object.entries(scans).map(([digest, all]) => [digest, [...all]]));
  return watchScans([...seen.keys()].map(digest => ({ digest, platform: `on ${digest}`, hasForeignLayers: digest === foreign })), {
    clock, until: begun + minutes * MINUTE, deadline: begun + left, signal: new AbortController().signal,
    read: async digest => {
      looks.push(digest);
      const all = seen.get(digest) ?? [];
      return all.length > 1 ? all.shift() ?? NONE : all[0];
    },
    start: async digest => {
      starts.push(digest);
      return onStart;
    },
  });
}
const waited = () => clock.now() - begun;

test('a final scan result is requested once', async () => {
  expect(await watch({ a: [scanned(true, 'CVE-1')] })).toEqual([{ image: expect.objectContaining({ digest: 'a', platform: 'on a' }), findings: [finding('CVE-1')] }]);
  expect([looks, waited()]).toEqual([['a'], 0]);
});

test('a complete scan is not requested again while the gate waits for another image', async () => {
  expect(await watch({ a: [scanned(true)], b: [WAITING, WAITING, scanned(true, 'CVE-2')], c: [DEAD] })).toMatchObject([{ findings: [] }, { findings: [finding('CVE-2')] }, { obstacle: { why: 'it failed', fix: 'do something' } }]);
  expect(looks).toEqual(['a', 'b', 'c', 'b', 'b']);
  expect(clock.sleeps).toEqual([10_000, 10_000]);
});

test('no scan is requested for an image with foreign layers', async () => {
  const [{ obstacle, findings }] = await watch({ a: [scanned(true)] }, { foreign: 'a' }) ?? [];
  expect(obstacle).toMatchObject({ why: expect.stringContaining('not in the repository'), fix: expect.stringContaining('foreign') });
  expect([looks, findings]).toEqual([[], []]);
});

describe('a scan that could still change', () => {
  test('must be unchanged for two minutes', async () => {
    expect(await watch({ a: [scanned(false, 'CVE-1')] })).toEqual([{ image: expect.anything(), findings: [finding('CVE-1')] }]);
    expect([waited(), looks.length]).toEqual([120_000, 13]);
  });

  test('starts the two minutes again with each change', async () => {
    await watch({ a: [...Array.from({ length: 12 }, () => scanned(false)), scanned(false, 'CVE-1')] });
    expect(waited()).toBe(240_000);
  });

  test('starts the two minutes again if it returns to an earlier state', async () => {
    await watch({ a: [scanned(false), scanned(false, 'CVE-1'), scanned(false)] });
    expect(waited()).toBe(140_000);
  });

  test('is unknown after the time of the gate, with the findings so far', async () => {
    expect(await watch({ a: [scanned(false, 'CVE-1')] }, { minutes: 1 })).toMatchObject([
      { findings: [finding('CVE-1')], obstacle: { why: 'its scan is not over (findings still arrive)', fix: expect.stringContaining('waitAtMost') } },
    ]);
    expect(waited()).toBe(MINUTE);
  });
});

describe('an image without a scan', () => {
  test('is scanned once, after the second request', async () => {
    await watch({ a: [NONE] }, { minutes: 1 });
    expect(starts).toEqual(['a']);
    expect(looks).toHaveLength(7);
  });

  test('that has a scan at the second request is not scanned again', async () => {
    await watch({ a: [NONE, scanned(true)] });
    expect(starts).toEqual([]);
  });

  test('is not scanned if there was a scan between two requests', async () => {
    await watch({ a: [NONE, WAITING, NONE, scanned(true)] });
    expect(starts).toEqual([]);
  });

  test('that cannot be scanned is not awaited', async () => {
    expect(await watch({ a: [NONE] }, { onStart: DEAD })).toMatchObject([{ obstacle: { why: 'it failed' } }]);
    expect(looks).toHaveLength(2);
  });

  test('is unknown in the end', async () => {
    expect(await watch({ a: [NONE] }, { minutes: 2 })).toMatchObject([{ findings: [], obstacle: { why: 'it was never scanned', fix: expect.stringContaining('turn on scanning') } }]);
    expect(waited()).toBe(2 * MINUTE);
  });
});

describe('a scan that is not complete', () => {
  test('is awaited until the time of the gate is over', async () => {
    expect(await watch({ a: [WAITING] }, { minutes: 0.125 })).toMatchObject([{ findings: [], obstacle: { why: 'its scan is not over (IN_PROGRESS)' } }]);
    expect(clock.sleeps).toEqual([7_500]);
  });

  test.each([[25_000, 2], [20_001, 2], [20_000, 1], [10_000, 0]])('is left to the next invocation if this one has %i ms', async (left, sleeps) => {
    expect(await watch({ a: [WAITING] }, { left })).toBeUndefined();
    expect(clock.sleeps).toHaveLength(sleeps);
  });

  test('is not left to another invocation if the time of the gate is over', async () => {
    expect(await watch({ a: [WAITING] }, { minutes: 0, left: 0 })).toHaveLength(1);
  });
});

test('the intervals between requests are random, so that gates do not send their requests all at once', async () => {
  clock = new TestClock(0.2);
  await watch({ a: [WAITING, scanned(true)] });
  expect(clock.sleeps).toEqual([7_000]);
});
