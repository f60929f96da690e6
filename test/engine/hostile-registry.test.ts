import { TestRegistry } from '../helpers/registry';
import { Registries, failureOf, passwordFor } from '../helpers/registry-copy';
import { TestImage, image, index, layer, manifest } from '../helpers/registry-images';
import { plain } from '../helpers/registry-profiles';

const registries = new Registries();
afterEach(async () => registries.stop());

const web = image('web');

async function failure(bad: TestImage): Promise<string> {
  const registry = await registries.start();
  return (await failureOf(registries.copy(registry.add('assets', bad, 'abc'), registry))).message;
}

function nested(depth: number): TestImage {
  return depth === 0 ? web : index([nested(depth - 1)]);
}

describe('a manifest is rejected with a clear message', () => {
  test('if it is a schema 1 image', async () => {
    await expect(failure(manifest('application/vnd.docker.distribution.manifest.v1+prettyjws', { schemaVersion: 1 })))
      .resolves.toContain('it is a Docker schema 1 image, which no current registry accepts: push it again with a current client');
  });

  test('if its type is unknown', async () => {
    await expect(failure(manifest('text/html', {}))).resolves.toContain("manifests of type 'text/html' cannot be copied");
  });

  const config = { digest: web.digest, size: 1 };
  const DESCRIPTOR = 'the manifest has a malformed descriptor (digest sha256 or sha512 and a size are needed)';
  test.each([
    [{ config, layers: 'none' }, 'the manifest has a malformed list of descriptors'],
    [{ config, layers: { digest: web.digest, size: 1 } }, 'the manifest has a malformed list of descriptors'],
    [{ layers: [] }, DESCRIPTOR],
    [{ config: null, layers: [] }, DESCRIPTOR],
    [{ config: [config], layers: [] }, DESCRIPTOR],
    [{ config: { size: 1 }, layers: [] }, DESCRIPTOR],
    [{ config: { digest: web.digest }, layers: [] }, DESCRIPTOR],
    [{ config: { digest: web.digest, size: -1 }, layers: [] }, DESCRIPTOR],
    [{ config, layers: [null] }, DESCRIPTOR],
    [{ config, layers: [config, 'x'] }, DESCRIPTOR],
    [{ config, layers: [{ digest: 'md5:00', size: 1 }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: [web.digest], size: 1 }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: web.digest, size: -1 }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: web.digest, size: 1.5 }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: web.digest, size: '1' }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: web.digest, size: 2 ** 53 }] }, DESCRIPTOR],
    [{ config, layers: [{ digest: `${web.digest}/../../x`, size: 1 }] }, DESCRIPTOR],
  ])('if it contains %j', async (content, reason) => {
    await expect(failure(manifest('application/vnd.oci.image.manifest.v1+json', content))).resolves.toMatch(new RegExp(`: ${reason.replace(/[()]/g, '\\$&')}$`));
  });

  test('if indexes are nested deeper than eight levels', async () => {
    await expect(failure(nested(9))).resolves.toContain('indexes are nested deeper than 8 levels');
  });

  test('but not if they are nested eight levels deep', async () => {
    const registry = await registries.start();
    await expect(registries.copy(registry.add('assets', nested(8), 'abc'), registry)).resolves.toMatchObject({ mounted: 2 });
  });

  test('if it is larger than four mebibytes', async () => {
    await expect(failure(manifest('application/vnd.oci.image.manifest.v1+json', { padding: 'x'.repeat(4 * 1024 * 1024) })))
      .resolves.toContain('the answer is larger than 4194304 bytes');
  });
});

describe('an answer is rejected', () => {
  let registry: TestRegistry;
  beforeEach(async () => { registry = await registries.start(); });

  test('if the registry stored another manifest than it received', async () => {
    registry.fail('PUT manifest', { status: 201, headers: { 'docker-content-digest': image('other').digest } });

    await expect(registries.copy(registry.add('assets', web, 'abc'), registry)).rejects.toThrow(/the registry stored sha256:.* instead of sha256:/);
  });

  test('if it accepts an upload without a Location', async () => {
    const source = await registries.start();
    registry.fail('POST upload', { status: 202 }, { times: 99 });

    await expect(registries.copy(source.add('assets', web, 'abc'), registry)).rejects.toThrow('the registry accepted the upload without saying where');
  });
});

test('URLs and control characters in error texts are not part of the message', async () => {
  const registry = await registries.start();
  registry.fail('GET manifest', { status: 403, code: 'DENIED', message: 'see https://s3.example/x?X-Amz-Signature=canary\r\nnow' });

  const message = (await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry))).message;

  expect(message).toContain('answered 403 DENIED (see <address> now)');
});

// These texts used to keep a regular expression busy for longer than a Lambda function can run.
test.each([
  ['question marks', '?'.repeat(60_000)], ['colons and slashes', '://'.repeat(20_000)], ['equals signs', '?='.repeat(30_000)], ['spaces', ' '.repeat(60_000)],
])('sixty thousand %s in an error text are cut and shown', async (_, text) => {
  const registry = await registries.start();
  registry.fail('GET manifest', { status: 403, code: 'DENIED', message: text });

  const { message } = await failureOf(registries.copy(registry.add('assets', web, 'abc'), registry));

  expect(message).toContain('answered 403 DENIED');
  expect(message.length).toBeLessThan(600);
});

test.each([
  ['a page with a mark before it', '\ufeff<!DOCTYPE html><h1>x</h1>', 'a web page: is this the host of a registry?'],
  ['a page with a comment before it', '<!-- proxy --><html><h1>x</h1>', 'a web page: is this the host of a registry?'],
  ['a page that begins with its head', '<head><title>x</title>', 'a web page: is this the host of a registry?'],
  ['a storage service', '<?xml version="1.0"?><Error><Code>AccessDenied</Code><HostId>canary</HostId></Error>', 'an XML document: AccessDenied'],
])('%s is named in the message', async (_, body, words) => {
  const registry = await registries.start({ profile: plain({ instead: () => ({ status: 403, body: Buffer.from(body) }) }) });

  const { message } = await failureOf(registries.copy({ host: registry.host, repository: 'assets', version: 'abc' }, registry));

  expect(message).toMatch(/answered 403 \([^()]*\)$/);
  expect(message).toContain(words);
});

test('a password that is a word of our message does not change the message', async () => {
  const registry = await registries.start({ basic: 'me:other' });

  const { message } = await failureOf(registries.copy({ host: registry.host, repository: 'assets', version: 'abc' }, registry, {
    credentials: passwordFor(registry.host, 'me:the'),
  }));

  expect(message).toContain('the registry answered 401');
});

test('plain HTTP is never tried for a registry without a given origin', async () => {
  const registry = await registries.start();
  registry.add('assets', image('web', [layer('x')]), 'abc');

  const work = registries.copy({ host: registry.host, repository: 'assets', version: 'abc' }, registry, { origins: { [registry.host]: `https://${registry.host}` } });

  await expect(work).rejects.toThrow(/the connection failed|not valid HTTP/);
  expect(registry.count()).toBe(0);
});
