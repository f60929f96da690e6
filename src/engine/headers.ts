import { IncomingHttpHeaders } from 'node:http';
import { isDigest } from './digest';

/** The content of a `WWW-Authenticate` header. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const MAX_CHALLENGE = 4096;
// A parameter, or the scheme of the next challenge.
const PART = /(?:^|,)\s*([A-Za-z]+)(?=\s|,|$)(?!\s*=)|([A-Za-z]{1,32})=(?:"([^"]*)"|([^\s,"]+))/g;

/** Parses a `WWW-Authenticate` header. Of several challenges, the one for a token is preferred. */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const challenges: { scheme: string; parameters: Map<string, string> }[] = [];
  for (const [, scheme, name, quoted, plain] of (header ?? '').slice(0, MAX_CHALLENGE).matchAll(PART)) {
    if (scheme !== undefined) challenges.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else challenges.at(-1)?.parameters.set(name.toLowerCase(), quoted ?? plain);
  }
  const chosen = challenges.find(({ scheme }) => scheme === 'bearer') ?? challenges[0];
  return chosen && { scheme: chosen.scheme, parameters: Object.fromEntries(chosen.parameters) };
}

/** The next page according to a `Link` header. */
export interface NextLink {
  /** Whether there is no next page. */
  readonly isLast: boolean;
  /** The address of the next page, if it may be read. */
  readonly next?: URL;
}

const TARGET = /[\s,]*<([^>]*)>/y;
const PARAMETER = /\s*;\s*([^\s=;,"<>]*)(?:\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;,"<>]*)))?/y;
const END = /[\s,]*$/y;

/**
 * The next page of a list. It is never on another host.
 *
 * @param url the address of this page.
 * @see https://www.rfc-editor.org/rfc/rfc8288#section-3
 */
export function nextLink(header: string | undefined, url: URL): NextLink {
  const target = nextTarget(header ?? '');
  if (target === undefined) return { isLast: true };
  const next = URL.canParse(target, url.href) ? new URL(target, url) : undefined;
  if (next === undefined || target === '') return { isLast: false };
  // Behind a proxy, a registry may not know that its clients use https.
  const isDowngrade = url.protocol === 'https:' && next.protocol === 'http:' && next.hostname === url.hostname && ['', url.port].includes(next.port);
  const address = isDowngrade ? new URL(next.pathname + next.search, url) : next;
  return { isLast: false, next: address.origin === url.origin ? address : undefined };
}

/** The target of the relation `next`. An empty text if there is probably one, but the header cannot be read. */
function nextTarget(header: string): string | undefined {
  let at = 0;
  const match = (pattern: RegExp) => {
    pattern.lastIndex = at;
    const found = pattern.exec(header);
    if (found !== null) at = pattern.lastIndex;
    return found;
  };
  while (match(END) === null) {
    const link = match(TARGET);
    if (link === null) return /next/i.test(header.slice(at)) ? '' : undefined;
    let relation: string | undefined;
    for (let parameter = match(PARAMETER); parameter !== null; parameter = match(PARAMETER)) {
      const [, name, quoted, plain] = parameter;
      if (name.toLowerCase() === 'rel') relation ??= (quoted ?? plain ?? '').toLowerCase();
    }
    if (relation?.split(/\s+/).includes('next')) return link[1];
  }
  return undefined;
}

/** The digest in a response header; undefined if the header is missing or not a digest. */
export function digestHeader({ headers }: { readonly headers: IncomingHttpHeaders }): string | undefined {
  const header = headers['docker-content-digest'];
  return typeof header === 'string' && isDigest(header) ? header : undefined;
}
