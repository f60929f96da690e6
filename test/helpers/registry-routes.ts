import { RequestKind } from './registry-faults';

/** The purpose of a request. */
export interface Route {
  readonly kind: RequestKind;
  /** The repository. */
  readonly name: string;
  /** Tag, digest or upload. */
  readonly reference: string;
}

const KINDS: ReadonlySet<string> = new Set<RequestKind>([
  'HEAD manifest', 'GET manifest', 'PUT manifest', 'DELETE manifest', 'HEAD blob', 'GET blob', 'DELETE blob',
  'mount', 'POST upload', 'PUT upload', 'PATCH upload', 'GET upload', 'DELETE upload',
  'GET tags', 'GET referrers', 'GET token', 'GET storage', 'ping',
]);
// Google's uploads have another form of address.
const UPLOAD = /^\/(?:v2\/(.+)\/blobs\/uploads|artifacts-uploads\/namespaces\/project\/repositories\/(.+)\/uploads)\/([^/]*)$/;
const CONTENT = /^\/v2\/(.+)\/(manifest|blob|referrers|tag)s?\/([^/]*)$/;

/** Determines the purpose of a request from its method and path. */
export function routeOf(method: string, url: URL): Route {
  const path = url.pathname;
  if (path === '/v2/') return route(method === 'GET' ? 'ping' : 'other');
  if (/^\/(?:v2\/|oauth2\/)?token$/.test(path)) return route(`${method} token`);
  if (path.startsWith('/storage/')) return route(`${method} storage`, '', path.slice('/storage/'.length));
  const upload = UPLOAD.exec(path);
  if (upload !== null) return route(url.searchParams.has('mount') ? 'mount' : `${method} upload`, upload[1] ?? upload[2], upload[3]);
  const [, name, thing, reference] = CONTENT.exec(path) ?? [];
  if (thing === 'tag') return route(reference === 'list' ? `${method} tags` : 'other', name);
  return thing === undefined ? route('other') : route(`${method} ${thing}`, name, decodeURIComponent(reference));
}

function route(kind: string, name = '', reference = ''): Route {
  return { kind: KINDS.has(kind) ? kind as RequestKind : 'other', name, reference };
}
