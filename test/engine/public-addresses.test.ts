import * as fc from 'fast-check';
import { Lookup, isPublic, publicOnly, refusePrivateLiteral } from '../../src/engine/public-addresses';
import { Registries, failureOf } from '../helpers/registry-copy';
import { image, layer } from '../helpers/registry-images';

const registries = new Registries();
afterEach(async () => registries.stop());

test.each([
  '0.0.0.0', '10.1.2.3', '100.64.0.1', '127.0.0.1', '127.255.0.1', '169.254.169.254', '169.254.170.2', '172.16.0.1', '172.31.255.255', '192.168.1.1',
  '198.18.0.1', '224.0.0.1', '255.255.255.255', '::', '::1', 'fe80::1', 'fc00::1', 'fd00:ec2::254', 'ff02::1', '::ffff:127.0.0.1', '::ffff:10.0.0.1',
  '64:ff9b::a00:1', '0:0:0:0:0:ffff:a9fe:a9fe',
])('%s is not a public address', address => {
  expect(isPublic(address)).toBe(false);
});

test.each(['1.1.1.1', '8.8.8.8', '172.15.255.255', '172.32.0.1', '100.128.0.1', '52.94.1.1', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])('%s is a public address', address => {
  expect(isPublic(address)).toBe(true);
});

test('an IPv4 address is as public as the IPv6 address that embeds it', () => {
  fc.assert(fc.property(fc.ipV4(), address => {
    expect(isPublic(`::ffff:${address}`)).toBe(isPublic(address));
  }));
});

/** A resolver that returns one of these addresses after the other. */
function resolver(...answers: readonly (readonly string[])[]): Lookup {
  const left = [...answers];
  return (_hostname, options, callback) => {
    const addresses = (left.length > 1 ? left.shift() : left[0]) ?? [];
    const found = addresses.map(address => ({ address, family: address.includes(':') ? 6 : 4 }));
    if (options.all) callback(null, found);
    else callback(null, found[0].address, found[0].family);
  };
}

test.each([
  ['10.0.0.0', false], ['11.0.0.0', true], ['9.255.255.255', true], ['100.63.255.255', true], ['100.127.255.255', false], ['169.253.255.255', true], ['192.0.0.255', false], ['192.0.1.0', true],
  ['192.88.99.1', false], ['198.17.255.255', true], ['198.20.0.0', true], ['223.255.255.255', true], ['239.255.255.255', false], ['240.0.0.1', false], ['fdff::1', false], ['febf::1', false], ['feff::1', false],
  ['64:ff9b:1::1', false], ['100::1', false], ['2001:1ff::1', false], ['2001:200::1', true], ['64:ff9b::7f00:1', false], ['::ffff:1:1', false], ['::ffff:101:101', true], ['fe80::1%eth0', false],
])('%s is public: %p', (address, expected) => {
  expect(isPublic(address)).toBe(expected);
});

test('a private IP address in a URL is rejected in any notation, and host names are left to the resolver', () => {
  for (const host of ['127.0.0.1', '[::1]', '0x7f.1', '[::ffff:10.0.0.1]']) {
    expect(() => refusePrivateLiteral(new URL(`https://${host}/`))).toThrow(/^[\d.:a-f]+ is not at a public address, and only public addresses are allowed$/);
  }
  for (const host of ['8.8.8.8', '[2606:4700::1111]', 'localhost', 'registry.example']) expect(() => refusePrivateLiteral(new URL(`https://${host}/`))).not.toThrow();
});

test('a resolver can return a single address, and its errors are unchanged', () => {
  const answers = (...given: Parameters<Parameters<Lookup>[2]>) => {
    let result: unknown[] = [];
    publicOnly((_hostname, _options, callback) => callback(...given))('registry.example', {}, (...got) => { result = got; });
    return result;
  };
  const failed = Object.assign(new Error('ENOTFOUND'), { code: 'ENOTFOUND' });
  expect(answers(null, '8.8.8.8', 4)).toEqual([null, '8.8.8.8', 4]);
  expect(answers(null, '10.0.0.1', 4)[0]).toMatchObject({ reason: 'registry.example is not at a public address, and only public addresses are allowed' });
  expect(answers(failed, '10.0.0.1', 4)[0]).toBe(failed);
  expect(() => refusePrivateLiteral(new URL('https://10.0.0.1/'))).toThrow('10.0.0.1 is not');
  let long: unknown;
  publicOnly((_hostname, _options, callback) => callback(null, '10.0.0.1', 4))('a'.repeat(101), {}, error => { long = error; });
  expect(long).toMatchObject({ reason: 'a text of 101 characters is not at a public address, and only public addresses are allowed' });
});

describe('a host name of a registry', () => {
  const source = { host: 'registry.example', repository: 'assets', version: 'abc' };

  test.each([['127.0.0.1'], ['10.0.0.5'], ['169.254.169.254'], ['::1'], ['8.8.8.8', '127.0.0.1']])('that is resolved to %s is not connected to', async (...addresses) => {
    const registry = await registries.start();

    const failure = await failureOf(registries.copy(source, registry, { lookup: resolver(addresses) }));

    expect(failure.message).toBe('could not read the manifest from the source registry.example/assets:abc: registry.example is not at a public address, and only public addresses are allowed');
  });

  test('can have a private address if the caller gave its origin', async () => {
    const registry = await registries.start();
    registry.add('assets', image('web', [layer('app')]), 'abc');
    const origins = { 'registry.example': registry.origin, [registry.host]: registry.origin };

    await expect(registries.copy(source, registry, { origins })).resolves.toMatchObject({ streamed: 2 });
  });
});

test.each(['http://127.0.0.1:1', 'https://[::1]', 'https://2130706433', 'https://0x7f.1', 'https://169.254.169.254'])('blobs are not fetched from %s', async storage => {
  const [registry, destination] = [await registries.start({ redirectBlobsTo: storage }), await registries.start()];
  registry.add('assets', image('web', [layer('app')]), 'abc');

  const work = registries.copy({ host: registry.host, repository: 'assets', version: 'abc' }, destination);

  await expect(work).rejects.toThrow(/^could not read the blob from the source .* is not at a public address, and only public addresses are allowed$/);
});
