import { LookupAddress } from 'node:dns';
import { Failure } from '../../../src/engine/errors';
import { isPublic, publicOnly } from '../../../src/engine/public-addresses';
import { Resolver } from '../../helpers/hostile';

/** The addresses to which a connection to this name would be made. */
async function resolved(resolver: Resolver, name = 'registry.example'): Promise<readonly string[]> {
  return new Promise((resolve, reject) => {
    publicOnly(resolver.lookup)(name, { all: true }, (error, found) => {
      if (error === null) resolve((found as LookupAddress[]).map(({ address }) => address));
      else reject(error);
    });
  });
}

describe('a host name', () => {
  test('is connected only to the addresses that were checked, and is resolved once', async () => {
    const resolver = new Resolver({ 'registry.example': [['1.1.1.1', '2606:4700::1111']] });

    expect(await resolved(resolver)).toEqual(['1.1.1.1', '2606:4700::1111']);
    expect(resolver.asked).toEqual(['registry.example']);
  });

  test('that changes its address between two connections is checked both times', async () => {
    const resolver = new Resolver({ 'registry.example': [['1.1.1.1'], ['169.254.169.254'], ['1.1.1.1'], ['127.0.0.1']] });

    expect(await resolved(resolver)).toEqual(['1.1.1.1']);
    await expect(resolved(resolver)).rejects.toThrow('registry.example is not at a public address');
    expect(await resolved(resolver)).toEqual(['1.1.1.1']);
    await expect(resolved(resolver)).rejects.toThrow(Failure);
  });

  test.each([
    ['first', ['10.0.0.1', '1.1.1.1']], ['last', ['1.1.1.1', '2606:4700::1111', '::1']], ['in the middle', ['1.1.1.1', '172.16.0.1', '8.8.8.8']],
  ])('with a private address %s among public ones is rejected', async (_, addresses) => {
    await expect(resolved(new Resolver({ 'registry.example': [addresses] }))).rejects.toThrow('is not at a public address');
  });

  test('that does not exist fails as without the check', async () => {
    await expect(resolved(new Resolver())).rejects.toMatchObject({ code: 'ENOTFOUND' });
  });

  test('with an address that has a network interface is rejected, and does not end the process', async () => {
    await expect(resolved(new Resolver({ 'registry.example': [['fe80::1%eth0']] }))).rejects.toThrow('is not at a public address');
  });
});

describe('an address is not public if the IANA registries say that it is not globally reachable:', () => {
  test.each([
    ['for documentation', '192.0.2.1'],
    ['for documentation', '198.51.100.1'],
    ['for documentation', '203.0.113.1'],
    ['for documentation', '2001:db8::1'],
    ['for documentation', '3fff::1'],
    ['for segment routing', '5f00::1'],
    ['for benchmarks', '2001:2::1'],
    ['IPv4 in 6to4: loopback', '2002:7f00:1::1'],
    ['IPv4 in 6to4: metadata', '2002:a9fe:a9fe::1'],
    ['IPv4 in Teredo', '2001:0:a9fe:a9fe::1'],
    ['IPv4 translated without a table: metadata', '::ffff:0:a9fe:a9fe'],
    ['IPv4 mapped, written in full', '0000:0000:0000:0000:0000:ffff:127.0.0.1'],
    ['IPv4 mapped, in capital letters', '::FFFF:A9FE:A9FE'],
    ['IPv4 behind NAT64', '64:ff9b::169.254.169.254'],
    ['IPv4 behind NAT64: this network', '64:ff9b::'],
    ['IPv4 behind NAT64: this network', '64:ff9b::0.0.0.1'],
    ['IPv4 behind another NAT64', '64:ff9b:1::7f00:1'],
    ['next to NAT64', '64:ff9b:0:0:1::7f00:1'],
  ])('%s (%s)', (_, address) => {
    expect(isPublic(address)).toBe(false);
  });
});
