import { IncomingHttpHeaders } from 'node:http';
import { Fault } from './fault-proxy-faults';

/** Requests by purpose. */
export type RequestKind =
  | 'HEAD manifest' | 'GET manifest' | 'PUT manifest' | 'HEAD blob' | 'GET blob' | 'mount' | 'POST upload' | 'PATCH upload' | 'PUT upload'
  | 'GET token' | 'GET storage' | 'other';

/** A request in the view of a proxy. */
export interface TracedRequest {
  /** From 1, over all proxies of one plan. */
  readonly number: number;
  /** Name of the proxy. */
  readonly at: string;
  readonly method: string;
  readonly kind: RequestKind;
  /** Path without its query, which may be signed. */
  readonly path: string;
  /** The same for every repetition of one logical request, in this run and in others. */
  readonly key: string;
  /** The number of requests with this key, including this one. */
  readonly nth: number;
  /** When it arrived, on the clock of the plan. */
  readonly time: number;
  /** The original headers: only for checks, because they contain credentials. */
  readonly headers: IncomingHttpHeaders;
  /** With its query: only for checks. */
  readonly url: string;
  readonly fault?: Fault;
  /** The answer of the registry (or the gate), even if it did not arrive. */
  status?: number;
  /** Length of the body of that answer. */
  bytes?: number;
  /** Error code of that answer. */
  code?: string;
}

const REPOSITORY = /^\/v2\/(.+?)\/(?:manifests|blobs)\//;

/** The purpose of a request. */
export function kindOf(method: string, url: URL): RequestKind {
  const { pathname, searchParams } = url;
  if (pathname.endsWith('/token')) return 'GET token';
  if (pathname.startsWith('/storage/')) return 'GET storage';
  if (pathname.includes('/manifests/')) return known(`${method} manifest`);
  if (pathname.includes('/blobs/uploads/')) return method === 'POST' && searchParams.has('mount') ? 'mount' : known(`${method} upload`);
  return pathname.includes('/blobs/') ? known(`${method} blob`) : 'other';
}

/** The name of a logical request; an upload is named by its digest, because its session differs every time. */
export function keyOf(at: string, kind: RequestKind, url: URL): string {
  const { pathname, searchParams } = url;
  const version = searchParams.get('digest') ?? searchParams.get('mount') ?? '';
  const last = kind.endsWith('upload') ? version : pathname.slice(pathname.lastIndexOf('/') + 1) || version;
  const about = kind === 'GET token' ? searchParams.getAll('scope').sort().join(' ') : last;
  return [at, kind, REPOSITORY.exec(pathname)?.[1], about].filter(part => part !== undefined && part !== '').join(' ');
}

function known(kind: string): RequestKind {
  return KINDS.find(each => each === kind) ?? 'other';
}

const KINDS: readonly RequestKind[] = [
  'HEAD manifest', 'GET manifest', 'PUT manifest', 'HEAD blob', 'GET blob', 'POST upload', 'PATCH upload', 'PUT upload',
];
