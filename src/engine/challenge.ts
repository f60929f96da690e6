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

// A parameter, or the scheme of the next challenge.
const PART = /(?:^|,)\s*([A-Za-z]+)(?=\s|,|$)(?!\s*=)|([A-Za-z]{1,32})=(?:"([^"]*)"|([^\s,"]+))/g;

/** Reads a `WWW-Authenticate` header: of several challenges the one for a token. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, scheme, name, quoted, plain] of (header ?? '').slice(0, 4096).matchAll(PART)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted ?? plain);
  }
  const chosen = challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
  return chosen && { scheme: chosen.scheme, parameters: Object.fromEntries(chosen.parameters) };
}

/** Who asks for a token. */
export interface TokenSeeker {
  /** Exact host of the registry, and where it really listens. */
  readonly host: string;
  readonly origin: URL;
  /** Whether no password would be sent. */
  readonly isAnonymous: boolean;
  /** Another host that may have the password, because the user says so. */
  readonly tokenHost?: string;
}

/** The token endpoint of a bearer challenge: on https, and for whoever has a password on a host that may have it. */
export function tokenEndpoint(realm: string | undefined, { host, origin, isAnonymous, tokenHost }: TokenSeeker): URL {
  if (realm === undefined || !URL.canParse(realm)) throw new Failure('it asks for a bearer token without saying where to get it');
  const url = new URL(realm);
  if (url.username !== '' || url.password !== '') throw new Failure('its token endpoint has credentials in the address');
  if (url.origin === origin.origin) return url;
  if (url.protocol !== 'https:') throw new Failure('its token endpoint is not on https');
  const bare = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(bare) !== 0) throw new Failure(`its token endpoint has an address for a name (${url.host.slice(0, 100)})`);
  if (!isAnonymous && ![host, TOKEN_HOSTS.get(host), tokenHost].includes(url.host)) {
    throw new Failure(`its token endpoint is on another host (${url.host.slice(0, 100)}); it gets the password only when it is given as tokenHost`);
  }
  return url;
}
