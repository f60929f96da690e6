import { IncomingHttpHeaders, IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { Fault, RequestKind, commit } from './registry-faults';
import { TestImage, sha256 } from './registry-images';
import { TestRepository } from './registry-store';

/** How a registry behaves. */
export interface TestRegistryOptions {
  /** @default true */
  readonly mount?: boolean;
  /** `user:password` that every request must carry as Basic authorization. */
  readonly basic?: string;
  /** Realm of the bearer challenge; the token is `the-token`. */
  readonly bearerRealm?: (origin: string) => string;
  /** Origin that serves blobs at `/storage/<digest>`. */
  readonly redirectBlobsTo?: string;
  /** @default false */
  readonly immutableTags?: boolean;
}

/** A request that arrived. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of its body. */
  bytes: number;
}

interface Script {
  readonly kind: RequestKind;
  readonly fault: Fault;
  skip: number;
  times: number;
}

/** A small OCI registry in memory that speaks real HTTP on loopback and notes every request. */
export class TestRegistry {
  public static async start(options: TestRegistryOptions = {}): Promise<TestRegistry> {
    const registry = new TestRegistry(options);
    await new Promise<void>(resolve => registry.server.listen(0, '127.0.0.1', resolve));
    return registry;
  }

  public readonly requests: SeenRequest[] = [];
  /** Called when a request or a body is stalled by a fault. */
  public onStall?: () => void;
  private readonly server: Server;
  private readonly repositories = new Map<string, TestRepository>();
  private readonly sessions = new Set<string>();
  private readonly scripts: Script[] = [];
  private sessionCount = 0;

  private constructor(private readonly options: TestRegistryOptions) {
    this.server = createServer((request, response) => this.serve(request, response));
  }

  /** Exact `host:port`. */
  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Where it listens. */
  public get origin(): string {
    return `http://${this.host}`;
  }

  /** A repository; it comes into being by being asked for. */
  public repository(name: string): TestRepository {
    const repository = this.repositories.get(name) ?? new TestRepository();
    this.repositories.set(name, repository);
    return repository;
  }

  /** Puts an image there without any request and answers with its reference. */
  public add(name: string, image: TestImage, tag: string): { host: string; repository: string; version: string } {
    this.repository(name).add(image, tag);
    return { host: this.host, repository: name, version: tag };
  }

  /** Lets requests of a kind fail: the nth of those still to come (from 1), and some after it. */
  public fail(kind: RequestKind, fault: Fault, { nth = 1, times = 1 } = {}): this {
    this.scripts.push({ kind, fault, skip: nth - 1, times });
    return this;
  }

  /** How many requests of some kinds (of all, without kinds) have arrived. */
  public count(...kinds: readonly RequestKind[]): number {
    return this.requests.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).length;
  }

  /** Ends all connections. */
  public async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.origin);
    const seen: SeenRequest = { kind: kindOf(request.method ?? '', url), url: request.url ?? '', headers: request.headers, bytes: 0 };
    this.requests.push(seen);
    const fault = this.nextFault(seen.kind);
    if (fault !== undefined && fault !== 'lose the answer') {
      commit(fault, request, response, this.bodyOf(seen.kind, url), () => this.onStall?.());
      return;
    }
    if (!this.isWelcome(request, seen.kind, response)) return;
    const chunks: Buffer[] = [];
    request.on('error', () => undefined);
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      seen.bytes += chunk.length;
    });
    request.on('end', () => {
      const answer = this.answer(seen.kind, url, Buffer.concat(chunks), request.headers);
      if (fault === 'lose the answer') {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'content-length': answer.body?.length ?? 0, ...answer.headers });
      response.end(request.method === 'HEAD' ? undefined : answer.body);
    });
  }

  private nextFault(kind: RequestKind): Fault | undefined {
    for (const script of this.scripts.filter(each => each.kind === kind && each.times > 0)) {
      if (script.skip > 0) {
        script.skip--;
        continue;
      }
      script.times--;
      return script.fault;
    }
    return undefined;
  }

  private isWelcome(request: IncomingMessage, kind: RequestKind, response: ServerResponse): boolean {
    const { basic, bearerRealm } = this.options;
    const { authorization } = request.headers;
    const refuse = (status: number, headers: Record<string, string>) => {
      request.resume();
      response.writeHead(status, headers).end(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `got ${authorization}` }] }));
      return false;
    };
    // A storage service answers so to two kinds of authorization at once.
    if (kind === 'GET storage') return authorization === undefined || refuse(400, {});
    if (kind === 'GET token') return true;
    if (basic !== undefined && authorization !== `Basic ${Buffer.from(basic).toString('base64')}`) {
      return refuse(401, { 'www-authenticate': 'Basic realm="test"' });
    }
    if (bearerRealm !== undefined && authorization !== 'Bearer the-token') {
      return refuse(401, { 'www-authenticate': `Bearer realm="${bearerRealm(this.origin)}",service="test",scope="ignored"` });
    }
    return true;
  }

  private answer(kind: RequestKind, url: URL, body: Buffer, headers: IncomingHttpHeaders): Answer {
    const [, name, , version] = PATH.exec(url.pathname) ?? ['', '', '', ''];
    const repository = this.repository(name);
    switch (kind) {
      case 'HEAD manifest':
      case 'GET manifest': {
        const found = repository.find(version);
        if (found === undefined) return refused(404, 'MANIFEST_UNKNOWN');
        return { status: 200, headers: { 'content-type': found.mediaType, 'docker-content-digest': found.digest }, body: found.bytes };
      }
      case 'PUT manifest': {
        const refusal = repository.put(version, headers['content-type'] ?? '', body, this.options.immutableTags ?? false);
        return refusal === undefined ? { status: 201, headers: { 'docker-content-digest': sha256(body) } } : refused(400, refusal);
      }
      case 'HEAD blob':
      case 'GET blob': {
        const blob = repository.blobs.get(version);
        if (blob === undefined) return refused(404, 'BLOB_UNKNOWN');
        const { redirectBlobsTo } = this.options;
        if (kind === 'HEAD blob' || redirectBlobsTo === undefined) return { status: 200, body: blob };
        return { status: 307, headers: { location: `${redirectBlobsTo}/storage/${version}?X-Amz-Signature=presigned-canary` } };
      }
      case 'mount':
      case 'POST upload':
        return this.beginUpload(name, url.searchParams);
      case 'PUT upload': {
        const digest = url.searchParams.get('digest') ?? '';
        if (!this.sessions.delete(url.pathname)) return refused(404, 'BLOB_UPLOAD_UNKNOWN');
        if (sha256(body) !== digest) return refused(400, 'DIGEST_INVALID');
        repository.blobs.set(digest, body);
        return { status: 201 };
      }
      case 'GET storage':
        return { status: 200, body: this.bodyOf(kind, url) };
      case 'GET token':
        return { status: 200, body: Buffer.from(JSON.stringify({ token: 'the-token' })) };
      default:
        return refused(404, 'UNSUPPORTED');
    }
  }

  private beginUpload(name: string, query: URLSearchParams): Answer {
    const digest = query.get('mount') ?? '';
    const blob = this.repositories.get(query.get('from') ?? '')?.blobs.get(digest);
    if (blob !== undefined && (this.options.mount ?? true)) {
      this.repository(name).blobs.set(digest, blob);
      return { status: 201 };
    }
    const location = `/v2/${name}/blobs/uploads/session-${++this.sessionCount}`;
    this.sessions.add(location);
    return { status: 202, headers: { location: `${location}?_state=opaque` } };
  }

  private bodyOf(kind: RequestKind, url: URL): Buffer {
    const digest = url.pathname.slice(url.pathname.lastIndexOf('/') + 1);
    const repositories = [...this.repositories.values()];
    if (kind === 'GET manifest') return repositories.map(each => each.find(digest)?.bytes).find(Boolean) ?? Buffer.alloc(0);
    return repositories.map(each => each.blobs.get(digest)).find(Boolean) ?? Buffer.alloc(0);
  }
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

const PATH = /^\/v2\/(.+)\/(manifests|blobs|blobs\/uploads)\/([^/]*)$/;

function kindOf(method: string, url: URL): RequestKind {
  if (url.pathname === '/token') return 'GET token';
  if (url.pathname.startsWith('/storage/')) return 'GET storage';
  if (url.pathname.includes('/manifests/')) return `${method} manifest` as RequestKind;
  if (!url.pathname.includes('/blobs/uploads/')) return url.pathname.includes('/blobs/') ? `${method} blob` as RequestKind : 'other';
  return url.searchParams.has('mount') ? 'mount' : `${method} upload` as RequestKind;
}

function refused(status: number, code: string): Answer {
  return { status, body: Buffer.from(JSON.stringify({ errors: [{ code, message: code.toLowerCase().replaceAll('_', ' ') }] })) };
}
