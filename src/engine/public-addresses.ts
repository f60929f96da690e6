import * as dns from 'node:dns';
import { BlockList, LookupFunction, isIP } from 'node:net';
import { Failure, shown } from './errors';

/** Resolves a host name. */
export type Lookup = LookupFunction;

// https://www.iana.org/assignments/iana-ipv4-special-registry and its sibling for IPv6: addresses that are not on the public internet.
const NOT_PUBLIC = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8], ['10.0.0.0', 8], ['100.64.0.0', 10], ['127.0.0.0', 8], ['169.254.0.0', 16], ['172.16.0.0', 12], ['192.0.0.0', 24],
  ['192.0.2.0', 24], ['192.88.99.0', 24], ['192.168.0.0', 16], ['198.18.0.0', 15], ['198.51.100.0', 24], ['203.0.113.0', 24], ['224.0.0.0', 4], ['240.0.0.0', 4],
] as const) NOT_PUBLIC.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['::', 96], ['::ffff:0:0:0', 96], ['64:ff9b::', 32], ['100::', 64], ['2001::', 23], ['2001:db8::', 32], ['2002::', 16], ['3fff::', 20], ['5f00::', 16], ['fc00::', 7], ['fe80::', 10], ['fec0::', 10], ['ff00::', 8],
] as const) NOT_PUBLIC.addSubnet(network, prefix, 'ipv6');
// IPv6 addresses that contain an IPv4 address. The IPv4 address decides.
const TRANSLATED = /^(?:64:ff9b::|::ffff:)([0-9a-f]{1,4}):([0-9a-f]{1,4})$/;

/** Whether an address is on the public internet. */
export function isPublic(address: string): boolean {
  if (isIP(address) === 4) return !NOT_PUBLIC.check(address, 'ipv4');
  if (address.includes('%')) return false;
  const [, high, low] = TRANSLATED.exec(new URL(`http://[${address}]`).hostname.slice(1, -1)) ?? [];
  if (high === undefined) return !NOT_PUBLIC.check(address, 'ipv6');
  return isPublic([...Buffer.from(high.padStart(4, '0') + low.padStart(4, '0'), 'hex')].join('.'));
}

/** Throws if the URL contains an address that is not public. Names are checked when they are resolved. */
export function refusePrivateLiteral({ hostname }: URL): void {
  const bare = hostname.replace(/[[\]]/g, '');
  if (isIP(bare) !== 0 && !isPublic(bare)) throw privateAddress(bare);
}

/**
 * Resolves names to public addresses only. The connection uses the address that was checked, so it does not matter if the name
 * resolves to another address later.
 */
export function publicOnly(lookup: Lookup = dns.lookup): Lookup {
  return (hostname, options, callback) => lookup(hostname, options, (error, found, family) => {
    const refused = error === null ? [found].flat().find(each => !isPublic(typeof each === 'string' ? each : each.address)) : undefined;
    callback(refused === undefined ? error : privateAddress(hostname), found, family);
  });
}

function privateAddress(host: string): Failure {
  return new Failure(`${shown(host)} is not at a public address, and only public addresses are allowed`);
}
