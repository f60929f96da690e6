import { IncomingMessage, Server, ServerResponse, createServer } from 'node:http';
import { AddressInfo } from 'node:net';
import { Answer, Call, page, refused } from './registry-answers';
import { answerBlob, answerStorage } from './registry-blobs';
import { Fault, RequestKind, commit } from './registry-faults';
import { TestImage } from './registry-images';
import { TestRegistryOptions, profileOf } from './registry-options';
import { RegistryProfile, plain } from './registry-profiles';
import { routeOf } from './registry-routes';
import { Script, SeenRequest } from './registry-script';
import { TestRepository } from './registry-store';

export type { TestRegistryOptions, SeenRequest };

/** A small OCI registry in memory that uses real HTTP on loopback and records every request. */
export class TestRegistry {
  public static async start(options: TestRegistryOptions = {}): Promise<TestRegistry> {
    const profile = profileOf(options);
    const registry = new TestRegistry(profile, new Map());
    await registry.listen();
    if (profile.storage === 'own storage') {
      registry.storage = new TestRegistry(plain(), registry.repositories);
      await registry.storage.listen();
    }
    return registry;
  }

  /** All received requests, in order. */
  public readonly requests: SeenRequest[] = [];
  /** Called when a request or a body is stalled by a fault. */
  public onStall?: () => void;
  /** The service on another origin that serves blobs, if the registry has one. */
  public storage?: TestRegistry;
  private readonly server: Server;
  private readonly script = new Script();

  private constructor(private readonly profile: RegistryProfile, private readonly repositories: Map<string, TestRepository>) {
    this.server = createServer({ maxHeaderSize: 64 * 1024 }, (request, response) => this.serve(request, response));
  }

  /** Exact `host:port`. */
  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Its address. */
  public get origin(): string {
    return `http://${this.host}`;
  }

  /** The current credentials of an authorized client; undefined if none are required. */
  public get credentials() {
    return this.profile.access.issue();
  }

  /** A repository; it is created by the first access. */
  public repository(name: string): TestRepository {
    const repository = this.repositories.get(name) ?? new TestRepository();
    this.repositories.set(name, repository);
    return repository;
  }

  /** Stores an image without any request and returns its reference. */
  public add(name: string, image: TestImage, tag: string): { host: string; repository: string; version: string } {
    this.repository(name).add(image, tag);
    return { host: this.host, repository: name, version: tag };
  }

  /** Makes requests of a kind fail: the nth of the next ones (from 1), and some after it. */
  public fail(kind: RequestKind, fault: Fault, { nth = 1, times = 1 } = {}): this {
    this.script.fail(kind, fault, nth, times);
    return this;
  }

  /** Does something when the nth of the next requests of a kind (from 1) has arrived, before it is answered. */
  public when(kind: RequestKind, action: () => void, { nth = 1 } = {}): this {
    this.script.when(kind, action, nth);
    return this;
  }

  /** The number of received requests of some kinds (of all, without kinds). */
  public count(...kinds: readonly RequestKind[]): number {
    return this.requests.filter(({ kind }) => kinds.length === 0 || kinds.includes(kind)).length;
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    await this.storage?.stop();
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private async listen(): Promise<void> {
    await new Promise<void>(resolve => this.server.listen(0, '127.0.0.1', resolve));
  }

  private serve(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.origin);
    const route = routeOf(request.method ?? '', url);
    const seen: SeenRequest = { kind: route.kind, url: request.url ?? '', headers: request.headers, bytes: 0 };
    this.requests.push(seen);
    response.on('finish', () => { seen.status = response.statusCode; });
    const fault = this.script.next(seen.kind);
    if (fault !== undefined && !['lose the answer', 'reset in the upload', 'late answer'].includes(String(fault))) {
      commit(fault, request, response, this.bodyOf(route.kind, route.reference), () => this.onStall?.());
      return;
    }
    const call = { ...route, url, headers: request.headers };
    const early = this.refusal({ ...call, body: Buffer.alloc(0) });
    if (early !== undefined) {
      request.resume();
      send(request, response, early);
      return;
    }
    const chunks: Buffer[] = [];
    let isBroken = false;
    const breakOff = () => {
      if (!isBroken) this.profile.uploads.interrupted(route.reference, Buffer.concat(chunks));
      isBroken = true;
      request.socket.destroy();
    };
    request.on('error', breakOff);
    request.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      seen.bytes += chunk.length;
      if (fault === 'reset in the upload' && seen.bytes * 2 >= Number(request.headers['content-length'])) breakOff();
    });
    request.on('end', () => {
      if (isBroken) return;
      const whole = { ...call, body: Buffer.concat(chunks) };
      const usual = this.answer(whole);
      const answer = this.profile.change?.(whole, usual) ?? usual;
      send(request, response, fault === undefined || fault === 'late answer' ? answer : 'hang up', fault === 'late answer' ? () => this.onStall?.() : undefined);
    });
  }

  /** The answer to a request that is rejected before its body is read. */
  private refusal(call: Call): Answer | 'hang up' | undefined {
    const { access, pace, unknownRepository, instead } = this.profile;
    if (instead !== undefined) return instead(call);
    if (call.kind === 'GET storage' || call.kind === 'GET token') return undefined;
    const known = call.name === '' || this.repositories.has(call.name);
    return access.refuse(call, this.origin) ?? pace.refuse(call) ?? (known ? undefined : unknownRepository?.(call));
  }

  private answer(call: Call): Answer {
    const { access, manifests, uploads } = this.profile;
    switch (call.kind) {
      case 'mount':
        return this.mount(call);
      case 'POST upload':
        this.repository(call.name);
        return uploads.begin(call.name, this.origin);
      case 'PUT upload':
      case 'PATCH upload':
      case 'GET upload':
      case 'DELETE upload':
        return uploads.answer(call, this.repository(call.name), this.origin);
      case 'HEAD blob':
      case 'GET blob':
      case 'DELETE blob':
        return answerBlob(call, this.repository(call.name), uploads.nameOf, this.storageOrigin);
      case 'GET storage':
        return answerStorage(call, this.blob(call.reference));
      case 'GET token':
        return access.token?.(call) ?? refused(404, 'UNSUPPORTED');
      case 'ping':
        return { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body: Buffer.from('{}') };
      case 'other':
        return page(404, 'page not found');
      default:
        return manifests.answer(call, this.repository(call.name), this.origin);
    }
  }

  private mount({ name, url }: Call): Answer {
    const digest = url.searchParams.get('mount') ?? '';
    const [from, to] = [this.repositories.get(url.searchParams.get('from') ?? ''), this.repository(name)];
    const blob = from?.blob(digest);
    const { mounts, uploads } = this.profile;
    if (from === undefined || blob === undefined || !mounts({ digest, from, to })) return uploads.begin(name, this.origin);
    to.keep(blob, uploads.nameOf(blob, digest));
    return uploads.stored(name, digest, this.origin);
  }

  private get storageOrigin(): string | undefined {
    return this.profile.storage instanceof URL ? this.profile.storage.origin : this.storage?.origin;
  }

  private bodyOf(kind: RequestKind, reference: string): Buffer {
    const manifest = () => [...this.repositories.values()].map(each => each.find(reference)?.bytes).find(Boolean);
    return (kind === 'GET manifest' ? manifest() : this.blob(reference)) ?? Buffer.alloc(0);
  }

  private blob(digest: string): Buffer | undefined {
    return [...this.repositories.values()].map(each => each.blob(digest)).find(bytes => bytes !== undefined);
  }
}

// The client reaches its time limit within this time.
const LATE_MILLISECONDS = 30;

function send(request: IncomingMessage, response: ServerResponse, answer: Answer | 'hang up', late?: () => void): void {
  if (late !== undefined) {
    late();
    setTimeout(() => send(request, response, answer), LATE_MILLISECONDS);
    return;
  }
  if (answer === 'hang up') {
    request.socket.destroy();
    return;
  }
  const length: Record<string, number> = answer.status === 204 ? {} : { 'content-length': answer.body?.length ?? 0 };
  response.writeHead(answer.status, { ...length, 'docker-distribution-api-version': 'registry/2.0', ...answer.headers });
  response.end(request.method === 'HEAD' ? undefined : answer.body);
}
