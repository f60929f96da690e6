import { judge } from './judge';
import { Law } from './laws';
import { Offset } from '../../helpers/fault-proxy-faults';
import { Scene } from '../../helpers/fault-proxy-scene';
import { Run } from '../../helpers/invariants';
import { image, layer } from '../../helpers/registry-images';

const OFFSETS: readonly Offset[] = ['0', '1', '25%', '50%', '75%', 'n-1', 'n'];
const TIMES = [1, 3, Infinity];
const SIZES = [2, 64 * 1024];
const gone: Law = { survives: 5, reason: /the connection failed \([A-Z_]+\) \(tried 6 times\)/, seconds: 8 };

let scene: Scene;
let clean: Run;
let runs = 0;

beforeAll(async () => {
  scene = await Scene.start({ image: image('web', SIZES.map(size => layer(`of ${size}`, size))) });
  clean = await scene.deliver();
});
afterAll(async () => scene.stop());

// Nothing is ever resumed: a blob starts again from its first byte, with an upload session of its own. Whether a registry honours
// ranges, or how it answers to a PATCH, does not matter to someone who sends neither.
describe('a connection that breaks off inside of a blob is made up for from byte zero', () => {
  test.each(OFFSETS)('after %s of a download', async offset => {
    // All has arrived: whatever becomes of the connection afterwards is nobody's concern.
    await every('GET storage', 'answer', offset, offset === 'n' ? { ...gone, survives: Infinity } : gone);
  });

  test.each(OFFSETS)('after %s of an upload', async offset => {
    await every('PUT upload', 'request', offset, gone);
  });

  test('and these were at least 100 runs', () => {
    expect(runs).toBeGreaterThanOrEqual(100);
  });
});

async function every(kind: 'GET storage' | 'PUT upload', part: 'request' | 'answer', offset: Offset, law: Law): Promise<void> {
  const wrong: string[] = [];
  const targets = clean.trace.filter(each => each.kind === kind);
  expect(targets).toHaveLength(SIZES.length + 1);
  for (const target of targets) {
    for (const times of TIMES) {
      const verdict = await judge({ scene, clean, target, fault: `reset at ${offset} of the ${part}`, times }, law);
      wrong.push(...verdict.wrong);
      runs++;
    }
  }
  expect(wrong).toEqual([]);
}
