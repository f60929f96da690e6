import fc from 'fast-check';
import { formatReference, parseImage, parseRepository } from '../../src/engine/contract';
import { Failure } from '../../src/engine/errors';
import { parseChallenge } from '../../src/engine/headers';
import { headersFor, resolveLocation } from '../../src/engine/http';
import { readManifest } from '../../src/engine/manifest';
import { parseRetryAfter } from '../../src/engine/retry';

const DIGEST = `sha256:${'a'.repeat(64)}`;

describe('an image reference', () => {
  test.each([
    ['111122223333.dkr.ecr.us-east-1.amazonaws.com/assets:abc', '111122223333.dkr.ecr.us-east-1.amazonaws.com', 'assets', 'abc'],
    ['localhost:5000/team/web:v1', 'localhost:5000', 'team/web', 'v1'],
    [`[::1]:5000/a@${DIGEST}`, '[::1]:5000', 'a', DIGEST],
    [`ghcr.io/a/b__c/d--e:tag@${DIGEST}`, 'ghcr.io', 'a/b__c/d--e', DIGEST],
    [`ecr.example/a/b:${DIGEST}`, 'ecr.example', 'a/b', DIGEST],
  ])('%s is parsed', (text, host, repository, version) => {
    expect(parseImage(text)).toEqual({ host, repository, version });
  });

  test.each([
    '', 'nginx', 'host/repo', 'host/Repo:a', 'host//a:b', 'host/a:', 'host/a@sha256:abc', 'host/a@md5:00', `host/a:-x@${DIGEST}`, 'user@host/a:b',
    'host:port/a:b', '/a:b', 'host/a/../b:c', `host/a:${'x'.repeat(129)}`, 'ho st/a:b', 'host/a:b?c', 'https://host/a:b',
  ])('%j is rejected', text => {
    expect(() => parseImage(text)).toThrow(/is not (?:an image|a repository): expected host\/repository/);
  });

  test.each([
    'a-.example/a:b', '-a.example/a:b', 'a..b/a:b', 'host./a:b', ' host/a:b', 'host:123456/a:b', 'host:99999/a:b', '[::g]/a:b', '[::1]x/a:b', 'x[::1]/a:b', 'host:/a:b',
    'host/-a:b', 'host/a-:b', 'host/_a:b', 'host/a_:b', 'host/a___b:c', 'host/a..b:c', 'host/a._b:c', 'host/a/-b:c', 'host/a/b-:c', 'host/a/b.-c:d', 'host/ a:b', 'host/a/:b',
    'host/a:.x', 'host/a:x ', 'host/a: x', `host/${'a'.repeat(256)}:b`, `host/a@ ${DIGEST}`, `host/a@${DIGEST}0`, `host/a:b c@${DIGEST}`, `x/y@host/a@${DIGEST}`,
  ])('%j is rejected too', text => {
    expect(() => parseImage(text)).toThrow(/is not (?:an image|a repository): expected host\/repository/);
  });

  test.each([
    'a-b.c-d.example/a:b', 'A1.Example:65535/a:b', '[2001:DB8::1]:5000/a:b', '1/2:3', 'a.b/c.d/e_f/g__h/i---j:k', 'h/0a.1-2_3:_', `host/a:${'x'.repeat(128)}`, `host/${'a'.repeat(255)}:b`,
    `host/a@sha512:${'0'.repeat(128)}`,
  ])('%j is accepted', text => {
    const { version, ...repository } = parseImage(text);
    expect(formatReference(repository, version)).toBe(text);
  });

  test('that is wrong is shown without a possible password, and shortened', () => {
    expect(() => parseImage('bob:secret\n@host/a:b')).toThrow("'***@host/a:b' is not an image: expected host/repository:tag or host/repository@sha256:...");
    expect(() => parseImage('bob:secret@host/a')).toThrow("'***@host/a' is not");
    expect(() => parseImage(`ho st/a@${DIGEST}`)).toThrow("'ho st/a' is not a repository");
    expect(() => parseImage(`@${DIGEST}`)).toThrow("'' is not a repository");
    expect(() => parseImage('host:/a:b')).toThrow("'host:/a' is not a repository");
    expect(() => parseImage(':b')).toThrow("'' is not a repository");
    expect(() => parseImage('host/a@sha256:1')).toThrow("'host/a@sha256:1' is not an image");
    expect(() => parseRepository(`ho st/${'a'.repeat(999)}`)).toThrow(`'ho st/${'a'.repeat(294)}' is not a repository: expected host/repository`);
  });

  test('is printed as it was written', () => {
    const name = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const host = fc.oneof(fc.domain(), fc.tuple(fc.domain(), fc.integer({ min: 1, max: 65535 })).map(([domain, port]) => `${domain}:${port}`));
    const version = fc.oneof(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,20}$/), fc.constant(DIGEST));
    fc.assert(fc.property(host, fc.array(name, { minLength: 1, maxLength: 4 }), version, (where, path, which) => {
      const text = formatReference({ host: where, repository: path.join('/') }, which);
      const image = parseImage(text);
      expect(formatReference(image, image.version)).toBe(text);
      expect(parseRepository(formatReference(image))).toEqual({ host: where, repository: path.join('/') });
    }));
  });
});

describe('a WWW-Authenticate challenge', () => {
  test('is read with quoted and plain parameters', () => {
    expect(parseChallenge('Bearer realm="https://auth.example/token?x=1,2",service=registry,Scope="a:b:pull,push"')).toEqual({
      scheme: 'bearer', parameters: { realm: 'https://auth.example/token?x=1,2', service: 'registry', scope: 'a:b:pull,push' },
    });
  });

  test.each<[string | undefined, object | undefined]>([
    [undefined, undefined], ['', undefined], ['realm="x"', undefined], ['Basic', { scheme: 'basic', parameters: {} }],
    ['Basic realm="a", Bearer realm="b"', { scheme: 'bearer', parameters: { realm: 'b' } }], ['Bearer realm="b",Basic realm="a"', { scheme: 'bearer', parameters: { realm: 'b' } }],
    ['Negotiate, Basic realm="a"', { scheme: 'negotiate', parameters: {} }], ['BEARER REALM=b', { scheme: 'bearer', parameters: { realm: 'b' } }],
    ['Bearer realm="",service=""', { scheme: 'bearer', parameters: { realm: '', service: '' } }], ['Bearer realm=a,realm="b"', { scheme: 'bearer', parameters: { realm: 'b' } }],
    ['Bearer  realm = "a"', { scheme: 'bearer', parameters: {} }], ['Basic a=b c', { scheme: 'basic', parameters: { a: 'b' } }],
    [`Bearer realm="a",x="${'y'.repeat(5000)}"`, { scheme: 'bearer', parameters: { realm: 'a' } }],
  ])('%j is parsed as %j', (header, challenge) => {
    const { parameters: { x: _, ...parameters } = {}, ...rest } = parseChallenge(header) ?? {};
    expect(challenge === undefined ? parseChallenge(header) : { ...rest, parameters }).toEqual(challenge);
  });

  test('can be any text without harm', () => {
    fc.assert(fc.property(fc.string({ maxLength: 5000 }), text => {
      expect(Object.getPrototypeOf(parseChallenge(`Bearer ${text}`)?.parameters ?? {})).toBe(Object.prototype);
    }));
  });
});

describe('Retry-After', () => {
  test.each([
    ['0', 0], ['120', 120_000], [new Date(5000).toUTCString(), 4000], [new Date(0).toUTCString(), 0], ['soon', undefined], [undefined, undefined], ['-1', undefined],
  ])('%s', (header, expected) => {
    expect(parseRetryAfter(header, 1000)).toBe(expected);
  });

  test('is never negative and always a number', () => {
    fc.assert(fc.property(fc.string(), text => {
      const wait = parseRetryAfter(text, 1000);
      expect(wait === undefined || (wait >= 0 && Number.isFinite(wait))).toBe(true);
    }));
  });
});

describe('a Location header', () => {
  const base = new URL('https://registry.example/v2/a/blobs/uploads/');

  test.each([
    ['/v2/x?_state=1', 'https://registry.example/v2/x?_state=1'],
    ['https://storage.example/x', 'https://storage.example/x'],
    ['../y', 'https://registry.example/v2/a/blobs/y'],
  ])('%s is resolved', (location, expected) => {
    expect(resolveLocation(location, base).href).toBe(expected);
  });

  test.each([
    ['http://registry.example/', 'it redirects from https to an insecure address'], ['ftp://registry.example/', 'it redirects from https to an insecure address'],
    ['javascript:0', 'it redirects from https to an insecure address'], ['https://', 'it sent a Location that is no address'],
    ['https://me:secret@registry.example/', 'it sent a Location with credentials in it'], ['https://me@registry.example/', 'it sent a Location with credentials in it'],
    ['https://:secret@registry.example/', 'it sent a Location with credentials in it'],
  ])('%s is rejected', (location, reason) => {
    expect(() => resolveLocation(location, base)).toThrow(new Failure(reason));
  });

  test('can lead from http to https, and to another address with http', () => {
    const insecure = new URL('http://registry.example/');
    expect(['https://storage.example/', 'http://storage.example/'].map(location => resolveLocation(location, insecure).href))
      .toEqual(['https://storage.example/', 'http://storage.example/']);
  });

  test('on another origin removes Authorization and Cookie from all further requests', () => {
    const headers = { Authorization: 'Basic x', cookie: 'y', accept: 'z' };
    const away = headersFor(new URL('https://storage.example/'), { url: base, headers });
    expect(away).toEqual({ accept: 'z' });
    expect(headersFor(base, { url: new URL('https://storage.example/'), headers: away })).toEqual({ accept: 'z' });
    expect(headersFor(new URL('https://registry.example:8443/'), { url: base, headers })).toEqual({ accept: 'z' });
    expect(headersFor(new URL('https://registry.example/other'), { url: base, headers })).toEqual(headers);
  });
});

test('any JSON manifest is either accepted or rejected with a reason', () => {
  fc.assert(fc.property(fc.json(), json => {
    try {
      readManifest({ mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: DIGEST, bytes: Buffer.from(json) });
    } catch (error) {
      expect(error).toBeInstanceOf(Failure);
    }
  }));
});
