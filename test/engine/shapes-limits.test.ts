import { Registries, failureOf } from '../helpers/registry-copy';
import { TestImage, image, index, layer } from '../helpers/registry-images';
import { expectWhole } from '../helpers/registry-laws';
import { padded } from '../helpers/registry-shapes';

const registries = new Registries();
afterEach(async () => registries.stop());

const platforms = Array.from({ length: 1000 }, (_, each) => image(`platform ${each}`, [layer('shared')]));

test('an image of a thousand manifests is copied', async () => {
  const registry = await registries.start();
  const all = index(platforms.slice(1));

  await registries.copy(registry.add('assets', all, 'abc'), registry);

  expectWhole(registry.repository('team/web'), all);
});

test('an image with one manifest more is rejected before anything is written', async () => {
  const registry = await registries.start();

  const failure = await failureOf(registries.copy(registry.add('assets', index(platforms), 'abc'), registry));

  expect(failure.message).toMatch(/^could not read the index from the source .*: it has more than 1000 manifests$/);
  expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
});

test('a manifest of one byte more than four mebibytes is rejected before anything is written', async () => {
  const registry = await registries.start();

  const failure = await failureOf(registries.copy(registry.add('assets', padded(4 * 1024 * 1024 + 1), 'abc'), registry));

  expect(failure.message).toMatch(/^could not read the manifest from the source .*: the answer is larger than 4194304 bytes$/);
  expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
});

describe('the manifests of an image', () => {
  const MOST = 32 * 1024 * 1024;
  const largest = Array.from({ length: 7 }, (_, each) => padded(4 * 1024 * 1024 - each));
  /** An index whose manifests have this total size, including its own. */
  const together = (size: number) => {
    const others = largest.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const joined = (last: number) => index([...largest, padded(last)]);
    const last = 2 * 1024 * 1024;
    return joined(last + size - others - joined(last).bytes.length - last);
  };

  test('can have a total size of 32 MiB', async () => {
    const registry = await registries.start();
    const all = together(MOST);

    await registries.copy(registry.add('assets', all, 'abc'), registry);

    expectWhole(registry.repository('team/web'), all);
  });

  test('cannot have one byte more', async () => {
    const registry = await registries.start();

    const failure = await failureOf(registries.copy(registry.add('assets', together(MOST + 1), 'abc'), registry));

    expect(failure.message).toMatch(/^could not read the index from the source .*: its manifests are larger than 33554432 bytes$/);
    expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
  });
});

test('indexes that share all their children are read and written once for each manifest', async () => {
  const registry = await registries.start();
  const assets = registry.repository('assets');
  // A client that follows every path would never end.
  const sharing = (below: readonly TestImage[], name: string) => ({ ...index([...below, image(name)]), children: [image(name)] });
  let level: TestImage[] = [image('bottom')];
  level.forEach(each => assets.add(each));
  for (let depth = 0; depth < 7; depth++) {
    level = Array.from({ length: 30 }, (_, each) => sharing(level, `${depth} ${each}`));
    level.forEach(each => assets.add(each));
  }
  const reference = registry.add('assets', { ...index(level), children: [] }, 'abc');

  await registries.copy(reference, registry);

  const written = registry.requests.filter(({ kind }) => kind === 'PUT manifest').map(({ url }) => url);
  expect(written).toHaveLength(new Set(written).size);
  expect(registry.repository('team/web').manifests.size).toBe(assets.manifests.size);
});
