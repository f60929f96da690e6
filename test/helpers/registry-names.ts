import { TestRegistry } from './registry';
import { HttpTransport } from '../../src/engine/http';

/** Replaces name resolution and TLS: requests to a name arrive at a server on loopback. */
export function arrive(name: string, registry: TestRegistry): void {
  const { send } = HttpTransport.prototype;
  jest.spyOn(HttpTransport.prototype, 'send').mockImplementation(async function (this: HttpTransport, request) {
    const { host, protocol, pathname, search } = request.url;
    return send.call(this, host === name && protocol === 'https:' ? { ...request, url: new URL(pathname + search, registry.origin) } : request);
  });
}

/** The addresses of all of them, including their storage services. */
export function originsOf(named: Readonly<Record<string, TestRegistry>>, ...others: readonly TestRegistry[]): Record<string, string> {
  const all = [...Object.entries(named), ...others.map(each => [each.host, each] as const)];
  const storages = all.flatMap(([, { storage }]) => storage === undefined ? [] : [[storage.host, storage] as const]);
  return Object.fromEntries([...all, ...storages].map(([host, { origin }]) => [host, origin]));
}
