import { EXHAUSTIVE } from '../helpers/exhaustive';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { Registries, failureOf, live, rightful } from '../helpers/registry-copy';
import { expectNoLeak, expectWhole } from '../helpers/registry-laws';
import { RegistryProfile, acr, ecr, gar, hub, plain } from '../helpers/registry-profiles';
import { CONFORMANCE_SHAPES, Shape, WORLDLY_SHAPES } from '../helpers/registry-shapes';

// The shapes of images that users push, and the registries.
type Name = 'plain' | 'ecr' | 'gar' | 'acr' | 'hub';

const PROFILES: Readonly<Record<Name, (clock: TestClock) => RegistryProfile>> = {
  plain: () => plain(),
  ecr: clock => ecr({ clock }),
  gar: clock => gar({ clock }),
  acr: clock => acr({ clock }),
  hub: clock => hub({ clock }),
};

// Shapes that cannot be copied, with the error and its side.
const NO_SHA512 = /^could not .* at the destination .*: the registry (?:answered 400 (?:DIGEST|MANIFEST)_INVALID|stored sha256:.* instead of sha512:)/;
const REFUSED: Readonly<Record<string, RegExp>> = {
  'a sparse index': /^could not read the manifest from the source .*\/assets@sha256:.*: the registry answered 404 MANIFEST_UNKNOWN$/,
  'Docker schema 1': /from the source .*: it is a Docker schema 1 image, which no current registry accepts: push it again with a current client$/,
};
const NOT_IN: Readonly<Record<string, Partial<Record<Name, RegExp>>>> = {
  'an empty blob': { ecr: /^could not upload the blob at the destination .*: the registry answered 400 BLOB_UPLOAD_INVALID \(.* does not have any parts\)$/ },
  'sha512': { plain: NO_SHA512, ecr: NO_SHA512, gar: NO_SHA512, acr: NO_SHA512 },
};

const registries = new Registries();
afterEach(async () => registries.stop());

interface Case {
  readonly name: Name;
  readonly shape: Shape;
}

const SHAPES = [...CONFORMANCE_SHAPES, ...WORLDLY_SHAPES];
// The largest shape takes seconds to any registry.
const LARGEST = 'an index of three hundred';
const refusal = ({ name, shape }: Case): RegExp | undefined => REFUSED[shape.name] ?? NOT_IN[shape.name]?.[name];
const ALL: Case[] = SHAPES.flatMap(shape => Object.keys(PROFILES).map(name => ({ name: name as Name, shape })));
const REFUSALS = ALL.filter(each => refusal(each) !== undefined);
const OTHERS = Object.keys(PROFILES).filter(name => name !== 'ecr');
/** Each shape to ECR, and all but the largest one also to one of the others. */
const COPIES = ALL.filter(each => refusal(each) === undefined).filter(({ name, shape }) => EXHAUSTIVE || name === 'ecr'
  || shape.name !== LARGEST && name === OTHERS[SHAPES.indexOf(shape) % OTHERS.length]);
const titled = (cases: readonly Case[]) => cases.map(each => [each.shape.name, each.name, each] as const);

/** Copies twice, and checks everything that must be true afterwards. */
async function copyFaithfully({ shape }: Case, source: TestRegistry, destination: TestRegistry, clock: TestClock): Promise<void> {
  const reference = put(shape, source);
  const tags = shape.by === 'digest' ? () => [] : live;
  const copy = async () => registries.copy(reference, destination, { clock, tags, credentials: rightful(source, destination) });

  await expect(copy()).resolves.toMatchObject({ digest: shape.image.digest });
  expectWhole(destination.repository('team/web'), shape.image, ...tags(shape.image.digest).map(({ name }) => name));

  const before = [source, destination].map(({ requests }) => requests.length);
  await copy();
  const again = [source, destination].filter((registry, position, all) => all.indexOf(registry) === position)
    .flatMap(registry => registry.requests.slice(before[[source, destination].indexOf(registry)]));
  // Without a tag there is nothing to check, but still no byte to transfer.
  if (shape.by === undefined) expect(answered(again)).toEqual(['GET manifest', 'HEAD manifest']);
  expect(again.filter(({ kind }) => kind === 'PUT upload')).toEqual([]);
  expectNoLeak(source, destination);
}

function put({ image, prepare, by }: Shape, registry: TestRegistry): { host: string; repository: string; version: string } {
  const reference = registry.add('assets', image, 'abc');
  prepare?.(registry.repository('assets'));
  return by === 'digest' ? { ...reference, version: image.digest } : reference;
}

/** Without token requests. */
function answered(requests: TestRegistry['requests']): string[] {
  return requests.filter(({ kind, status }) => kind !== 'GET token' && status !== 401).map(({ kind }) => kind);
}

describe('within one registry, an image is copied unchanged:', () => {
  const cases = COPIES.filter(({ name, shape }) => EXHAUSTIVE || name === 'ecr' && shape.name !== LARGEST);
  test.each(titled(cases))('%s in %s', async (_shape, _name, each) => {
    const clock = new TestClock();
    const registry = await registries.start({ profile: PROFILES[each.name](clock) });
    registry.repository('team/web');

    await copyFaithfully(each, registry, registry, clock);
  });
});

describe('from another registry, an image is copied unchanged:', () => {
  test.each(titled(COPIES))('%s to %s', async (_shape, _name, each) => {
    const clock = new TestClock();
    const source = await registries.start({ basic: 'reader:source-canary' });
    const destination = await registries.start({ profile: PROFILES[each.name](clock) });
    destination.repository('team/web');

    await copyFaithfully(each, source, destination, clock);
  });
});

describe('an image that cannot be copied fails with a clear message and leaves no tag:', () => {
  test.each(titled(REFUSALS))('%s to %s', async (_shape, _name, each) => {
    const clock = new TestClock();
    const source = await registries.start({ basic: 'reader:source-canary' });
    const destination = await registries.start({ profile: PROFILES[each.name](clock) });
    const held = destination.repository('team/web');

    const failure = await failureOf(registries.copy(put(each.shape, source), destination, { clock, credentials: rightful(source, destination) }));

    expect(failure.message).toMatch(refusal(each) ?? /^$/);
    expect(held.tags.size).toBe(0);
    expectNoLeak(source, destination);
  });
});
