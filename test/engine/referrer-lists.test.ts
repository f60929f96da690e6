import { nextLink } from '../../src/engine/headers';
import { TestRegistry } from '../helpers/registry';
import { Answer, page } from '../helpers/registry-answers';
import { attached, describeImage, listOf, tagOfList } from '../helpers/registry-artifacts';
import { TestClock } from '../helpers/registry-clock';
import { Registries } from '../helpers/registry-copy';
import { image, index, manifest } from '../helpers/registry-images';
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
