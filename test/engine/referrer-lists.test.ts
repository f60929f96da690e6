import { nextLink } from '../../src/engine/headers';
import { fallbackTag } from '../../src/engine/referrers';
import { TestRegistry } from '../helpers/registry';
import { Answer, page } from '../helpers/registry-answers';
import { attached, describeImage, listOf, tagOfList } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries } from '../helpers/registry-copy';
import { image, index, manifest, sha256 } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { plain } from '../helpers/registry-profiles';
import { pagedReferrersApi } from '../helpers/registry-referrers';

// How registries list the referrers of an image, and the answers that some give instead.
const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web');
const signatures = ['first', 'second', 'third'].map(kind => attached(kind, web));
let destination: TestRegistry;
beforeEach(async () => { destination = await registries.start(); });

async function referrersOf(source: TestRegistry, version = 'abc'): Promise<string | undefined> {
  return (await registries.copy({ host: source.host, repository: 'assets', version }, destination, { referrers: true, clock: new TestClock() })).referrers;
}

describe('the Link header of the next page', () => {
  const here = new URL('https://registry.example/v2/a/referrers/x?n=1');

  test.each([
    ['</next>; rel="next"', '/next'],
    ['</next>; rel=next', '/next'],
    ['</next>;rel=next', '/next'],
    ['</next>; REL="NEXT"', '/next'],
    ['</next>; rel = "next"', '/next'],
    ['</next>; title="x"; rel="next"', '/next'],
    ['</next>; rel="next"; title="x"', '/next'],
    ['</next>; title="a \\"b\\"; rel=\\"last\\", </c>"; rel="next"', '/next'],
    ['</next>; title="a, b; c"; rel="next"', '/next'],
    ['</next>; title*=UTF-8\'\'x; rel="next"', '/next'],
    ['</next>; crossorigin; rel="next"', '/next'],
    ['</next>; rel="last next"', '/next'],
    ['</next>; rel="next https://example.com/rel"', '/next'],
    ['</prev>; rel="prev", </next>; rel="next"', '/next'],
    ['</prev>; rel=prev,</next>; rel=next,</last>; rel=last', '/next'],
    ['</next?a=1,2;b=3>; rel="next"', '/next?a=1,2;b=3'],
    ['<next>; rel="next"', '/v2/a/referrers/next'],
    ['<?n=2>; rel="next"', '/v2/a/referrers/x?n=2'],
    ['<../tags>; rel="next"', '/v2/a/tags'],
    ['<https://registry.example/next>; rel="next"', '/next'],
    ['<//registry.example/next>; rel="next"', '/next'],
    ['  , </next>; rel="next" ,', '/next'],
    // The registry does not know that a proxy in front of it uses https.
    ['<http://registry.example/next>; rel="next"', '/next'],
    [`</${'x'.repeat(6000)}>; title="${'y'.repeat(6000)}"; rel="next"`, `/${'x'.repeat(6000)}`],
  ])('%s is followed', (header, path) => {
    expect(nextLink(header, here)).toEqual({ isLast: false, next: new URL(`https://registry.example${path}`) });
  });

  test.each([
    undefined, '', '</x>; rel="prev"', '</next>; rel="prev", x', '</next>; rel', '</next>; rel="nextish"', '</x>; title="next"', '</next>', '</x>; rel="prev"; rel="next"', '</next>; anchor="next"', ',,',
  ])('%s is ignored', header => {
    expect(nextLink(header, here)).toEqual({ isLast: true });
  });

  test.each([
    '<https://other.example/next>; rel="next"', '<http://other.example/next>; rel="next"', '<https://registry.example:8443/next>; rel="next"', '<http://registry.example:8080/next>; rel="next"',
    '<ftp://registry.example/next>; rel="next"', '<http://[>; rel="next"', '<>; rel="next"', '/next; rel="next"', '</x>; rel="prev" rel=next', '<next; rel="next"',
  ])('%s is not followed, and the list counts as incomplete', header => {
    expect(nextLink(header, here)).toEqual({ isLast: false, next: undefined });
  });

  test('of a registry on another port stays on that port, and is followed if only the proxy in front of it uses https', () => {
    const [secure, plainHttp] = [new URL('https://registry.example:5000/v2/'), new URL('http://registry.example:5000/v2/')];
    expect(nextLink('<http://registry.example/next>; rel="next"', secure).next).toEqual(new URL('https://registry.example:5000/next'));
    expect(nextLink('<http://registry.example/next>; rel="next"', plainHttp)).toEqual({ isLast: false, next: undefined });
  });
});

describe('a list with pages', () => {
  const paged = async (change: (link: string) => string) => {
    const source = await registries.start({
      profile: plain({ manifests: new Manifests(() => 'mutable', pagedReferrersApi(1)) }),
      change: (_, { headers = {}, ...answer }): Answer => {
        return { ...answer, headers: headers.link === undefined ? headers : { ...headers, link: change(headers.link) } };
      },
    });
    source.add('assets', web, 'abc');
    signatures.forEach(each => source.repository('assets').add(each));
    return source;
  };

  test.each<[string, (link: string) => string]>([
    ['with a title', link => link.replace('; rel', '; title="x"; rel')],
    ['with two relations', link => link.replace('"next"', '"next last"')],
    ['next to another link', link => `</v2/>; rel="index", ${link}`],
    ['without quotes', link => link.replaceAll('"', '')],
  ])('is read to its end: %s', async (_, change) => {
    expect(await referrersOf(await paged(change))).toBe('3 copied');
  });

  test('of another host is read up to there, and the report says that there is more', async () => {
    expect(await referrersOf(await paged(link => link.replace('<', '<https://other.example').replace('; rel', '; title="x"; rel'))))
      .toBe(`1 copied, 1 not copied: the rest of what refers to ${web.digest} (only a part of the list was read)`);
  });

  test('is copied up to the two hundredth referrer, and the rest is counted', async () => {
    const others = Array.from({ length: 205 }, (_, number) => image(`refers to nothing ${number}`, []));
    const pages = [others.slice(0, 150), others.slice(150)].map(each => listOf(...each).bytes);
    const source = await registries.start({
      change: ({ kind, reference, url }, usual) => kind !== 'GET referrers' || reference !== web.digest ? usual
        : url.search === '' ? { status: 200, body: pages[0], headers: { link: '<?from=150>; rel="next"' } } : { status: 200, body: pages[1] },
    });
    source.add('assets', web, 'abc');
    others.forEach(each => source.repository('assets').add(each));

    expect(await referrersOf(source)).toBe(`0 copied, 5 not copied: 5 more that refer to ${web.digest} (there are more than 200)`);
  });

  test('that leads back to itself ends', async () => {
    const source = await paged(() => '<?from=0>; rel="next"');

    expect(await referrersOf(source)).toMatch(/^1 copied, 1 not copied: the rest of what refers to/);
    expect(source.count('GET referrers')).toBeLessThan(10);
  });
});

/** A registry that uses the tag of the list as a digest. */
class Confused extends Manifests {
  public override answer(...[call, repository, origin]: Parameters<Manifests['answer']>): Answer {
    return super.answer({ ...call, reference: call.reference.replace(/^(sha256)-([0-9a-f]{64})$/, '$1:$2') }, repository, origin);
  }
}

describe('an answer that is not a list of referrers is ignored:', () => {
  test.each([
    ['the image itself under the tag of the list', web],
    ['its index under the tag of the list', index([web, image('arm')])],
  ])('%s', async (_, what) => {
    const source = await registries.start({ profile: plain({ manifests: new Confused() }) });
    source.add('assets', what, 'abc');

    expect(await referrersOf(source)).toBe('0 copied');
    expect([...destination.repository('team/web').tags.keys()]).toHaveLength(1);
    expect(source.count('GET manifest')).toBe(1 + what.children.length);
  });

  test.each([
    ['another image', image('other')],
    ['an index of platforms', manifest('application/vnd.oci.image.index.v1+json', {
      manifests: [{ ...describeImage(image('other')), platform: { os: 'linux', architecture: 'arm64' } }],
    }, [], [image('other')])],
    ['an index without platforms, of images without a subject', index([image('other')])],
    ['a list of referrers of another image', listOf(attached('signature', image('other')))],
  ])('%s under the tag of the list', async (_, what) => {
    const source = await registries.start();
    source.add('assets', web, 'abc');
    source.repository('assets').add(what, tagOfList(web));

    expect(await referrersOf(source)).toBe('0 copied');
    expect([...destination.repository('team/web').manifests.keys()]).toEqual([web.digest]);
  });

  test.each([
    ['a platform', 0, { platform: { os: 'linux' } }], ['a platform, and null as its artifact type', 0, { platform: { os: 'linux' }, artifactType: null }],
    ['a platform and an artifact type', 1, { platform: { os: 'linux' }, artifactType: 'a/b' }], ['null as its platform', 1, { platform: null }],
    ['neither', 1, {}],
  ])('an image without a subject whose entry has %s: it is read %i times', async (_, reads, more) => {
    const source = await registries.start();
    const other = image('other');
    source.add('assets', web, 'abc');
    source.repository('assets').add(manifest('application/vnd.oci.image.index.v1+json', { manifests: [{ ...describeImage(other), ...more }] }, [], [other]), tagOfList(web));

    expect(await referrersOf(source)).toBe('0 copied');
    expect(source.requests.filter(({ url }) => url.endsWith(`/manifests/${other.digest}`))).toHaveLength(reads);
  });

  test.each<[string, Answer]>([
    ['a web page', page(200, 'Packages')],
    ['405', { status: 405 }],
    ['501', { status: 501 }],
  ])('%s from a registry without the referrers API: the tag is used', async (_, answer) => {
    const source = await registries.start({ change: ({ kind }, usual) => kind === 'GET referrers' ? answer : usual });
    source.add('assets', web, 'abc');
    source.repository('assets').add(listOf(signatures[0]), tagOfList(web));

    expect(await referrersOf(source)).toBe('1 copied');
  });

  test('null in other fields of a valid list', async () => {
    const source = await registries.start();
    const list = manifest('application/vnd.oci.image.index.v1+json', {
      annotations: null, manifests: [{ ...describeImage(signatures[0]), artifactType: 'first', platform: null, annotations: null }],
    }, [], [signatures[0]]);
    source.add('assets', web, 'abc');
    source.repository('assets').add(list, tagOfList(web));

    expect(await referrersOf(source)).toBe('1 copied');
  });
});

describe('the list in a registry without the referrers API', () => {
  const listWith = async (entry: object) => {
    const body = Buffer.from(JSON.stringify({ schemaVersion: 2, manifests: [{ ...describeImage(signatures[0]), ...entry }] }));
    const source = await registries.start({
      change: ({ kind, reference }, answer) => kind === 'GET referrers' && reference === web.digest ? { status: 200, body } : answer,
    });
    source.add('assets', web, 'abc');
    source.repository('assets').add(signatures[0]);

    expect(await referrersOf(source)).toBe('1 copied');
    return JSON.parse(String(destination.repository('team/web').find(tagOfList(web))?.bytes)).manifests;
  };
  /** An entry whose JSON has this number of characters. */
  const entryOf = (characters: number) => {
    const note = (length: number) => ({ ...describeImage(signatures[0]), artifactType: 'a/b', annotations: { note: 'x'.repeat(length) } });
    return note(characters - JSON.stringify(note(0)).length);
  };

  test('keeps an entry of up to 8192 characters, and only the necessary properties of a larger one', async () => {
    expect(await listWith(entryOf(8192))).toEqual([entryOf(8192)]);
    destination = await registries.start();
    expect(await listWith(entryOf(8193))).toEqual([{ ...describeImage(signatures[0]), artifactType: 'a/b' }]);
  });

  test.each([['of 255 characters', 'x'.repeat(255), true], ['of 256 characters', 'x'.repeat(256), false], ['that is null', null, false], ['that is a number', 7, false]])(
    'has the artifact type of a large entry only if it is valid: one %s', async (_, artifactType, isKept) => {
      expect(await listWith({ ...entryOf(9000), artifactType })).toEqual([{ ...describeImage(signatures[0]), ...isKept && { artifactType } }]);
    },
  );

  test.each([[255, true], [256, false]])('has the media type of a large entry only if it is valid: one of %i characters', async (length, isKept) => {
    const mediaType = `application/${'x'.repeat(length - 12)}`;
    expect(await listWith({ ...entryOf(9000), mediaType })).toEqual([{ ...describeImage(signatures[0]), mediaType: isKept ? mediaType : '', artifactType: 'a/b' }]);
  });

  test('has a tag of at most 128 characters, as the specification requires', () => {
    expect(fallbackTag(web.digest)).toBe(`sha256-${sha256(web.bytes).slice(7)}`);
    expect(fallbackTag(`sha512:${'a'.repeat(128)}`)).toBe(`sha512-${'a'.repeat(121)}`);
  });
});

test('an error of the program itself is not reported as a missing referrer', async () => {
  const source = await registries.start();
  source.add('assets', web, 'abc');
  source.repository('assets').add(listOf(signatures[0]), tagOfList(web));
  let streamed = 0;
  const onStreamed = () => { if (++streamed > web.blobs.length) throw new TypeError('a mistake'); };

  const { host } = source;
  await expect(registries.copy({ host, repository: 'assets', version: 'abc' }, destination, { referrers: true, onStreamed })).rejects.toThrow(TypeError);
});
