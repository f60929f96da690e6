import { isIP } from 'node:net';
import { Failure } from './errors';

/** What a `WWW-Authenticate` header asks for. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

// Registries whose tokens come from another host than their own.
const TOKEN_HOSTS: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
]);

/** Reads the first challenge of a `WWW-Authenticate` header. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const match = /^\s*([A-Za-z]+)(?:\s+(.*))?$/s.exec((header ?? '').slice(0, 4096));
  if (match === null) return undefined;
  const parameters = new Map<string, string>();
  for (const [, name, quoted, plain] of (match[2] ?? '').matchAll(/([A-Za-z]{1,32})=(?:"([^"]*)"|([^\s,"]+))/g)) {
    parameters.set(name.toLowerCase(), quoted ?? plain);
  }
  return { scheme: match[1].toLowerCase(), parameters: Object.fromEntries(parameters) };
}

/** The token endpoint of a bearer challenge: on https, on the registry's own host or the one known for it. */
export function tokenEndpoint(realm: string | undefined, host: string, origin: URL): URL {
  if (realm === undefined || !URL.canParse(realm)) throw new Failure('it asks for a bearer token without saying where to get it');
  const url = new URL(realm);
  if (url.username !== '' || url.password !== '') throw new Failure('its token endpoint has credentials in the address');
  if (url.origin === origin.origin) return url;
  if (url.protocol !== 'https:') throw new Failure('its token endpoint is not on https');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0 || (url.host !== host && url.host !== TOKEN_HOSTS.get(host))) {
    throw new Failure(`its token endpoint is on another host (${url.host.slice(0, 100)})`);
  }
  return url;
}
