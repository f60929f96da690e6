import { Pacing } from '../../../src/engine/clock';
import { copyImage } from '../../../src/engine/copy';
import { EXHAUSTIVE } from '../../helpers/exhaustive';
import { FaultProxy } from '../../helpers/fault-proxy';
import { BearerGate } from '../../helpers/fault-proxy-bearer';
import { SimulatedClock } from '../../helpers/fault-proxy-clock';
import { FaultPlan } from '../../helpers/fault-proxy-plan';
import { seeded } from '../../helpers/fault-proxy-random';
import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { refusedImages } from '../../helpers/invariants';
import { differences, incompleteTags } from '../../helpers/invariants-images';
import { CANARIES, leaksToOthers, passwordOf } from '../../helpers/invariants-secrets';
import { TestRegistry, TestRegistryOptions } from '../../helpers/registry';
import { live } from '../../helpers/registry-copy';
import { TestImage, image, layer } from '../../helpers/registry-images';
import { putImagePace } from '../../helpers/registry-pace';
import { plain } from '../../helpers/registry-profiles';

const COPIES = EXHAUSTIVE ? 50 : 8;
// Enough copies to write more than ten manifests per second.
const PROCESSES = EXHAUSTIVE ? 100 : 30;
const CONCURRENCY = 4;
const PER_SECOND = 8;
const PATIENCE = 60_000;

interface Copy {
  readonly image: TestImage;
  readonly from: string;
  readonly to: string;
}

interface Place {
  readonly registry: TestRegistry;
  readonly gate: BearerGate;
  readonly proxy: FaultProxy;
}

let plan: FaultPlan;
let source: Place;
let destination: Place;
let clock: SimulatedClock;

beforeEach(async () => {
  plan = new FaultPlan();
  clock = new SimulatedClock();
  plan.begin([], clock.otherEnd());
  plan.onMove = () => clock.moved();
  [source, destination] = [await place('source'), await place('destination')];
});
afterEach(async () => Promise.all([source, destination].flatMap(({ proxy, registry }) => [proxy.stop(), registry.stop()])));

async function place(name: 'source' | 'destination', options: TestRegistryOptions = { immutableTags: true }): Promise<Place> {
  const registry = await TestRegistry.start(options);
  const gate = new BearerGate(passwordOf(name), `${CANARIES[name]}-token`);
  return { registry, gate, proxy: await FaultProxy.start({ upstream: registry.origin, name, plan, gate }) };
}

function web(name: string): TestImage {
  return image(name, Array.from({ length: 5 }, (_, number) => layer(`${name} ${number}`, 1024 * (1 + number))));
}

/** Many copies at once; returns all violations. */
async function copyAll(copies: readonly Copy[], shared?: Pacing): Promise<string[]> {
  copies.forEach(copy => source.registry.add(copy.from, copy.image, 'abc'));
  const broken = new Set<string>();
  const targets = [...new Set(copies.map(({ to }) => to))].map(to => destination.registry.repository(to));
  plan.onHandled = () => targets.flatMap(incompleteTags).forEach(sentence => broken.add(sentence));
  const origins = Object.fromEntries([source, destination].map(({ proxy }) => [proxy.host, proxy.origin]));
  const credentials = { credentialsFor: async (host: string) => passwordOf(host === source.proxy.host ? 'source' : 'destination') };
  const hooks = { clock, credentials, origins, pacing: shared, deadline: clock.now() + 870_000 };
  await Promise.all(copies.map(async ({ from, to }) => copyImage(
    { host: source.proxy.host, repository: from, version: 'abc' }, { host: destination.proxy.host, repository: to }, { tags: live }, hooks,
  )));
  const lost = copies.flatMap(copy => differences(destination.registry.repository(copy.to), live(copy.image.digest)[0].name, copy.image));
  return [...broken, ...lost, ...refusedImages(plan.trace), ...leaksToOthers(plan.trace)];
}

/** The number of concurrent transfers of one copy, from the first request for a blob to the end of its upload. */
function watchBlobs(): ReadonlyMap<string, number> {
  const moving = new Map<string, Set<string>>();
  const most = new Map<string, number>();
  const blobOf = ({ key }: TracedRequest) => key.slice(key.lastIndexOf(' ') + 1);
  plan.onRequest = request => {
    if (request.kind !== 'GET blob') return;
    const copy = nameOf(request);
    const blobs = (moving.get(copy) ?? new Set()).add(blobOf(request));
    moving.set(copy, blobs);
    most.set(copy, Math.max(most.get(copy) ?? 0, blobs.size));
  };
  plan.onEnd = request => {
    if (request.kind === 'PUT upload') moving.get(nameOf(request))?.delete(blobOf(request));
  };
  return most;
}

/** `n7` of `/v2/assets/n7/...` and `/v2/team/n7/...`. */
function nameOf({ path }: TracedRequest): string {
  return path.split('/')[3];
}

const same = web('web');
const distinct = Array.from({ length: COPIES }, (_, n): Copy => ({ image: web(`web ${n}`), from: `assets/n${n}`, to: `team/n${n}` }));

describe(`${COPIES} concurrent copies in one process`, () => {
  let pacing: Pacing;
  beforeEach(() => { pacing = new Pacing(clock); });

  test('transfer at most four blobs each at a time, and all make progress', async () => {
    const most = watchBlobs();

    await expect(copyAll(distinct, pacing)).resolves.toEqual([]);

    expect(most.size).toBe(COPIES);
    expect(Math.max(...most.values())).toBe(CONCURRENCY);
    const firstEnd = plan.trace.findIndex(({ kind }) => kind === 'PUT manifest');
    expect(new Set(plan.trace.slice(0, firstEnd).filter(({ kind }) => kind === 'GET manifest').map(nameOf)).size).toBe(COPIES);
  }, PATIENCE);

  test('renew an expired token once each', async () => {
    plan.begin([{ at: { kind: 'HEAD blob', nth: COPIES }, fault: '401 expired' }], clock.otherEnd());

    await expect(copyAll(distinct, pacing)).resolves.toEqual([]);

    const issued = distinct.map(({ to }) => destination.gate.issued.filter(scope => scope === `repository:${to}:pull,push`).length);
    expect(Math.min(...issued)).toBeGreaterThanOrEqual(1);
    expect(Math.max(...issued)).toBe(2);
  }, PATIENCE);

  test.each<[string, readonly Copy[]]>([
    ['of different images into different repositories', distinct],
    ['of different images into one repository', distinct.map(copy => ({ ...copy, to: 'team/web' }))],
    ['of one image into one repository with immutable tags', distinct.map(copy => ({ ...copy, image: same, to: 'team/web' }))],
  ])('%s are complete, use one token for each repository, and write eight manifests per second', async (_, copies) => {
    const started = clock.now();

    await expect(copyAll(copies, pacing)).resolves.toEqual([]);

    const writes = plan.trace.filter(({ kind }) => kind === 'PUT manifest').map(({ time }) => time - started);
    expect(writes.filter((time, n) => time - (writes[n - PER_SECOND] ?? -Infinity) < 1000)).toEqual([]);
    // As fast as this rate allows, and not slower.
    expect(clock.now() - started).toBe(1000 * Math.floor((writes.length - 1) / PER_SECOND));
    expect(source.gate.issued.sort()).toEqual(copies.map(({ from }) => `repository:${from}:pull`).sort());
    expect(destination.gate.issued.sort()).toEqual(copies.map(({ to }) => `repository:${to}:pull,push`).sort());
    expect(clock.pending).toBe(0);
  }, PATIENCE);
});

describe(`${PROCESSES} concurrent copies, each in its own process, as in Lambda`, () => {
  const copies = Array.from({ length: PROCESSES }, (_, n): Copy => ({ image: image(`web ${n}`), from: `assets/n${n}`, to: `team/n${n}` }));

  test('all succeed, although the account allows ten manifests per second', async () => {
    await Promise.all([destination.proxy.stop(), destination.registry.stop()]);
    clock = new SimulatedClock(seeded(1));
    plan.begin([], clock.otherEnd());
    destination = await place('destination', { profile: plain({ pace: putImagePace(clock) }) });

    await expect(copyAll(copies)).resolves.toEqual([]);

    expect(destination.registry.requests.filter(({ status }) => status === 429).length).toBeGreaterThan(0);
  }, PATIENCE);
});
