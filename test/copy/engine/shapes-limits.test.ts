import { Registries, failureOf } from '../../helpers/registry-copy';
import { image, index, layer } from '../../helpers/registry-images';
import { expectWhole } from '../../helpers/registry-laws';
import { padded } from '../../helpers/registry-shapes';

const registries = new Registries();
afterEach(async () => registries.stop());

const platforms = Array.from({ length: 1000 }, (_, each) => image(`platform ${each}`, [layer('shared')]));

test('an image of a thousand manifests is copied', async () => {
  const registry = await registries.start();
  const all = index(platforms.slice(1));

  await registries.copy(registry.add('assets', all, 'abc'), registry);

  expectWhole(registry.repository('team/web'), all);
});

test('one manifest more is refused before anything is written', async () => {
  const registry = await registries.start();

  const failure = await failureOf(registries.copy(registry.add('assets', index(platforms), 'abc'), registry));

  expect(failure.message).toMatch(/^could not read the index from the source .*: it has more than 1000 manifests$/);
  expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
});

test('a manifest of one byte more than four mebibytes is refused before anything is written', async () => {
  const registry = await registries.start();

  const failure = await failureOf(registries.copy(registry.add('assets', padded(4 * 1024 * 1024 + 1), 'abc'), registry));

  expect(failure.message).toMatch(/^could not read the manifest from the source .*: the answer is larger than 4194304 bytes$/);
  expect(registry.count('mount', 'POST upload', 'PUT manifest')).toBe(0);
});
