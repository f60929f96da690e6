import { judge } from './judge';
import { Law } from './laws';
import { EXHAUSTIVE } from '../../helpers/exhaustive';
import { Offset } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { TracedRequest } from '../../helpers/fault-proxy-trace';
import { Run } from '../../helpers/invariants';
import { image, layer, sha256 } from '../../helpers/registry-images';

const OFFSETS: readonly Offset[] = ['0', '1', '25%', '50%', '75%', 'n-1', 'n'];
// Few enough faults to recover, and too many.
const TIMES = EXHAUSTIVE ? [1, 3, Infinity] : [1, Infinity];
const SIZES = [2, 64 * 1024];
const blobOf = (size: number) => layer(`of ${size}`, size);
const LARGEST = sha256(blobOf(Math.max(...SIZES)));
const gone: Law = { survives: 5, reason: /the connection failed \([A-Z_]+\) \(tried 6 times\)/, seconds: 8 };

let scene: Scene;
let clean: Run;
let runs = 0;

beforeAll(async () => {
  scene = await Scene.start({ image: image('web', SIZES.map(blobOf)) });
  clean = await scene.deliver();
});
afterAll(async () => scene.stop());

// Transfers are never resumed: a blob starts again from its first byte, with a new upload session. So it does not matter whether a registry
// supports ranges, or how it answers a PATCH.
describe('after a connection breaks within a blob, the transfer starts again from byte zero', () => {
  test.each(OFFSETS)('after %s of a download', async offset => {
    // Everything has arrived, so a break afterwards has no effect.
    await every('GET storage', 'answer', offset, offset === 'n' ? { ...gone, survives: Infinity } : gone);
  });

  test.each(OFFSETS)('after %s of an upload', async offset => {
    await every('PUT upload', 'request', offset, gone);
  });

  test('and at least the expected number of runs was tried', () => {
    expect(runs).toBe(2 * OFFSETS.length * TIMES.length * (EXHAUSTIVE ? SIZES.length + 1 : 1));
  });
});

async function every(kind: 'GET storage' | 'PUT upload', part: 'request' | 'answer', offset: Offset, law: Law): Promise<void> {
  const wrong: string[] = [];
  const targets = clean.trace.filter(each => each.kind === kind);
  expect(targets).toHaveLength(SIZES.length + 1);
  // In a blob of two bytes, most offsets are the same. The largest blob has all of them.
  for (const target of EXHAUSTIVE ? targets : [largest(targets)]) {
    for (const times of TIMES) {
      const verdict = await judge({ scene, clean, target, fault: `reset at ${offset} of the ${part}`, times }, law);
      wrong.push(...verdict.wrong);
      runs++;
    }
  }
  expect(wrong).toEqual([]);
}

/** The request for the largest blob. */
function largest(requests: readonly TracedRequest[]): TracedRequest {
  const found = requests.find(({ key }) => key.endsWith(LARGEST));
  if (found === undefined) throw new Error('There is no request for the largest blob.');
  return found;
}
