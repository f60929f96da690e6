import { Failure } from './errors';
import { HttpRequest, HttpResponse, HttpTransport, discard } from './http';

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const SECRET_HEADERS = ['authorization', 'cookie'];

/** Sends a request and follows redirects by hand. */
export async function sendFollowing(transport: HttpTransport, request: HttpRequest, limit = MAX_REDIRECTS): Promise<HttpResponse> {
  let current = request;
  for (let hops = 0; ; hops++) {
    const response = await transport.send(current);
    const { location } = response.headers;
    if (!REDIRECTS.includes(response.status) || location === undefined) return response;
    discard(response);
    if (hops === limit) throw new Failure(limit === 0 ? 'it redirects, which is not allowed here' : `it redirects more than ${limit} times`);
    if (request.method !== 'GET' && request.method !== 'HEAD') throw new Failure(`it redirects a ${request.method} request`);
    const url = resolveLocation(location, current.url);
    current = { ...current, url, headers: headersFor(url, current) };
  }
}

/** Resolves a `Location` header; never from https to http, never with a user name in the address. */
export function resolveLocation(location: string, base: URL): URL {
  if (!URL.canParse(location, base.href)) throw new Failure('it sent a Location that is no address');
  const url = new URL(location, base);
  if (url.protocol !== 'https:' && url.protocol !== base.protocol) throw new Failure('it redirects from https to an insecure address');
  if (url.username !== '' || url.password !== '') throw new Failure('it sent a Location with credentials in it');
  return url;
}

/** The headers to send to an address: without secrets if it has another origin than the request that led to it. */
export function headersFor(url: URL, previous: Pick<HttpRequest, 'url' | 'headers'>): Readonly<Record<string, string>> {
  if (url.origin === previous.url.origin) return previous.headers;
  return Object.fromEntries(Object.entries(previous.headers).filter(([name]) => !SECRET_HEADERS.includes(name.toLowerCase())));
}
