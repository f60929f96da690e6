import * as fc from 'fast-check';
import { HostPace, Pacing, systemClock } from '../../src/engine/clock';
import { TestClock } from '../helpers/registry-clock';
import { Registries } from '../helpers/registry-copy';
import { image, index, layer } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

test('no more than eight manifests are written in any second', async () => {
  await fc.assert(fc.asyncProperty(fc.array(fc.nat(400), { minLength: 20, maxLength: 60 }), async pauses => {
    const clock = new TestClock();
    const pace = new HostPace(clock);
    const written: number[] = [];
    for (const pause of pauses) {
      clock.advance(pause);
      await pace.manifestWrite();
      written.push(clock.now());
    }
    written.slice(8).forEach((at, position) => expect(at - written[position]).toBeGreaterThanOrEqual(1000));
  }), { numRuns: 100 });
});

test('an ordinary image is not delayed', async () => {
  const [source, destination, clock] = [await registries.start(), await registries.start(), new TestClock()];

  await registries.copy(source.add('assets', index([image('a'), image('b')]), 'abc'), destination, { clock });

  expect(clock.sleeps).toEqual([]);
});

test('an index of many images is written at the rate that ECR allows', async () => {
  const [source, destination, clock] = [await registries.start(), await registries.start(), new TestClock()];
  const started = clock.now();

  await registries.copy(source.add('assets', index(Array.from({ length: 40 }, (_, at) => image(`${at}`))), 'abc'), destination, { clock });

  expect(clock.now() - started).toBeGreaterThanOrEqual(4_000);
});

test('copies that share the rate limit write no more than eight manifests per second together', async () => {
  const [source, destination, clock] = [await registries.start(), await registries.start(), new TestClock()];
  const pacing = new Pacing(clock);
  const sources = Array.from({ length: 24 }, (_, at) => source.add('assets', image(`image ${at}`), `v${at}`));
  const started = clock.now();

  await Promise.all(sources.map(async each => registries.copy(each, destination, { clock, pacing })));

  expect(clock.now() - started).toBeGreaterThanOrEqual(2_000);
});

test('after a host asks one request to wait, all requests to it wait', async () => {
  const [source, destination, clock] = [await registries.start(), await registries.start(), new TestClock()];
  const layers = Array.from({ length: 12 }, (_, at) => layer(`layer ${at}`));
  destination.fail('HEAD blob', { status: 429, headers: { 'retry-after': '5' } });
  const slept = new Set<number>();
  const sleep = clock.sleep.bind(clock);
  clock.sleep = async milliseconds => {
    slept.add(destination.count());
    await sleep(milliseconds);
  };

  await expect(registries.copy(source.add('assets', image('web', layers), 'abc'), destination, { clock })).resolves.toMatchObject({ streamed: 13 });
  expect(slept.size).toBeGreaterThan(0);
  expect(clock.sleeps.every(milliseconds => milliseconds === 5_000)).toBe(true);
});

test.each([[1, [1]], [20_000, [20_000]], [20_001, []], [600_000, []], [0, []]])(
  'after a host asks for a pause of %i ms, a request waits %j', async (asked, sleeps) => {
    const clock = new TestClock();
    const pace = new HostPace(clock);

    pace.holdBack(asked);
    await pace.turn();

    expect(clock.sleeps).toEqual(sleeps);
  });

test('a host that later asks for a shorter wait does not shorten the earlier one', async () => {
  const clock = new TestClock();
  const pace = new HostPace(clock);

  pace.holdBack(9_000);
  pace.holdBack(1_000);
  await pace.turn();
  await pace.turn();

  expect(clock.sleeps).toEqual([9_000]);
});

describe('the real clock', () => {
  test('waits as long as requested, and ends when the copy is canceled', async () => {
    const started = Date.now();
    await systemClock.sleep(30);
    expect(Date.now() - started).toBeGreaterThanOrEqual(25);
    await expect(systemClock.sleep(60_000, AbortSignal.timeout(10))).rejects.toThrow('aborted');
    expect(Date.now() - started).toBeLessThan(30_000);
  });

  test('does not call back after a timer was canceled', async () => {
    const calls: string[] = [];
    systemClock.timer(5, () => calls.push('kept'));
    systemClock.timer(5, () => calls.push('cancelled'))();
    await systemClock.sleep(30);
    expect(calls).toEqual(['kept']);
  });
});
