import { IncomingHttpHeaders } from 'node:http';
import { Fault } from './fault-proxy-faults';

/** Requests by what they are for. */
export type RequestKind =
  | 'HEAD manifest' | 'GET manifest' | 'PUT manifest' | 'HEAD blob' | 'GET blob' | 'mount' | 'POST upload' | 'PATCH upload' | 'PUT upload'
  | 'GET token' | 'GET storage' | 'other';

/** A request as a proxy saw it. */
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
  /** How many requests with this key there were, with this one. */
  readonly nth: number;
  /** When it arrived, on the clock of the plan. */
  readonly time: number;
  /** As they arrived: only for checks, they contain credentials. */
  readonly headers: IncomingHttpHeaders;
  /** With its query: only for checks. */
  readonly url: string;
  readonly fault?: Fault;
  /** What the registry (or the gate) answered, whatever became of it. */
  status?: number;
  /** Length of the body of that answer. */
  bytes?: number;
  /** Error code of that answer. */
  code?: string;
}

const REPOSITORY = /^\/v2\/(.+?)\/(?:manifests|blobs)\//;

/** What a request is for. */
export function kindOf(method: string, url: URL): RequestKind {
  const { pathname, searchParams } = url;
  if (pathname.endsWith('/token')) return 'GET token';
  if (pathname.startsWith('/storage/')) return 'GET storage';
  if (pathname.includes('/manifests/')) return known(`${method} manifest`);
  if (pathname.includes('/blobs/uploads/')) return method === 'POST' && searchParams.has('mount') ? 'mount' : known(`${method} upload`);
  return pathname.includes('/blobs/') ? known(`${method} blob`) : 'other';
}

/** The name of a logical request; an upload is named by its digest, for its session is another one every time. */
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
