import * as http from 'node:http';
import * as https from 'node:https';
import { AddressInfo, Socket } from 'node:net';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { Fault, PlainAnswer, bytesBefore, isStatusFault, resetOffset, statusAnswer } from './fault-proxy-faults';
import { FaultPlan } from './fault-proxy-plan';
import { TracedRequest } from './fault-proxy-trace';
import { writeSpoiled } from './fault-proxy-wire';

/** A handler between the proxy and the registry, for example one that requires tokens. */
export interface Gate {
  /** Answers instead of the registry, or passes the request on. */
  answer(request: http.IncomingMessage, url: URL): PlainAnswer | undefined;
  /** From now on, earlier tokens are invalid. */
  expire(): void;
}

/** The server behind a proxy. */
export interface FaultProxyOptions {
  /** Origin of the registry behind. */
  readonly upstream: string;
  /** Name in the trace. @default 'registry' */
  readonly name?: string;
  /** @default - a new plan without any fault */
  readonly plan?: FaultPlan;
  /** @default - all requests are passed on */
  readonly gate?: Gate;
  /** Key and certificate for https. @default - http */
  readonly tls?: { readonly key: string | Buffer; readonly cert: string | Buffer };
}

interface StreamedAnswer extends Omit<PlainAnswer, 'body'> {
  readonly body: Readable;
}

const HOP_BY_HOP = ['connection', 'keep-alive', 'transfer-encoding'];
const DRIP_MILLISECONDS = 5_000;

/** A reverse proxy on loopback that passes requests on to a registry, or applies the faults of its plan. */
export class FaultProxy {
  public static async start(options: FaultProxyOptions): Promise<FaultProxy> {
    const proxy = new FaultProxy(options);
    await new Promise<void>(resolve => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  public readonly plan: FaultPlan;
  private readonly name: string;
  private readonly server: http.Server;
  private readonly agent = new http.Agent({ keepAlive: true });
  /** By the port of the client: a TLS connection cannot be reset, but its socket can. */
  private readonly sockets = new Map<number | undefined, Socket>();

  private constructor(private readonly options: FaultProxyOptions) {
    this.plan = options.plan ?? new FaultPlan();
    this.name = options.name ?? 'registry';
    const listener = (request: http.IncomingMessage, response: http.ServerResponse) => {
      this.serve(request, response).catch(() => this.reset(request));
    };
    this.server = options.tls === undefined ? http.createServer(listener) : https.createServer({ ...options.tls }, listener);
    this.server.on('connection', (socket: Socket) => {
      const { remotePort } = socket;
      this.sockets.set(remotePort, socket);
      socket.once('close', () => this.sockets.delete(remotePort));
    });
  }

  /** Exact `host:port`. */
  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Its address. */
  public get origin(): string {
    return `${this.options.tls === undefined ? 'http' : 'https'}://${this.host}`;
  }

  /** The number of open client connections. */
  public get connections(): number {
    return this.sockets.size;
  }

  /** Closes all connections. */
  public async stop(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    this.sockets.forEach(socket => socket.destroy());
    await new Promise(resolve => this.server.close(resolve));
  }

  private async serve(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { plan } = this;
    const url = new URL(request.url ?? '/', this.origin);
    const traced = plan.note(this.name, url, request);
    const moved = () => plan.onMove?.();
    moved();
    request.on('data', moved).on('error', () => undefined).pause();
    response.on('close', () => {
      moved();
      plan.onEnd?.(traced);
    });
    if (traced.fault !== undefined) {
      await this.spoil(traced.fault, traced, request, response);
      return;
    }
    const answer = await this.ask(request, url, traced, request);
    answer.body.on('data', moved).pause();
    response.writeHead(answer.status, answer.headers);
    answer.body.on('error', () => this.reset(request)).pipe(response);
    response.on('close', () => answer.body.destroy());
  }

  private async spoil(fault: Fault, traced: TracedRequest, request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    const { plan } = this;
    const stalled = () => plan.onStall?.();
    const reset = () => this.reset(request);
    if (isStatusFault(fault)) {
      if (fault === '401 expired') this.options.gate?.expire();
      request.resume();
      const { status, headers, body } = statusAnswer(fault, plan.clock.now(), `Bearer realm="${this.origin}/token",service="registry"`);
      response.writeHead(status, headers).end(request.method === 'HEAD' ? undefined : body);
      return;
    }
    if (fault === 'stall') {
      stalled();
      return;
    }
    const url = new URL(traced.url);
    const broken = resetOffset(fault, 'request');
    if (broken !== undefined && broken !== 'n') {
      const before = bytesBefore(broken, Number(request.headers['content-length'] ?? 0));
      if (before > 0) await this.passSome(before, request, url);
      reset();
      return;
    }
    const body = await buffer(request);
    if (fault.startsWith('handled twice')) await plain(await this.ask(request, url, traced, Readable.from([body])));
    const answer = await plain(await this.ask(request, url, traced, Readable.from([body])));
    traced.bytes = answer.body.length;
    if (broken === 'n' || fault === 'answer lost' || fault === 'handled twice, answers lost') {
      reset();
      return;
    }
    const pause = async () => plan.clock.sleep(DRIP_MILLISECONDS);
    await writeSpoiled(fault, answer, { method: traced.method, socket: request.socket, reset, stalled, pause });
  }

  /** Passes on the first bytes of a body. Then the connection to the registry breaks. */
  private async passSome(before: number, request: http.IncomingMessage, url: URL): Promise<void> {
    const outgoing = this.open(request, url).on('error', () => undefined);
    let left = before;
    for await (const chunk of request.iterator({ destroyOnReturn: false })) {
      outgoing.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) break;
    }
    outgoing.destroy();
  }

  private async ask(request: http.IncomingMessage, url: URL, traced: TracedRequest, body: Readable): Promise<StreamedAnswer> {
    const own = this.options.gate?.answer(request, url);
    if (own !== undefined) body.resume();
    const answer = own === undefined ? await this.pass(request, url, body) : streamed(own);
    // If a request is handled twice, the first answer has its result.
    traced.status ??= answer.status;
    traced.bytes = Number(answer.headers['content-length'] ?? own?.body.length ?? 0);
    const refusal = answer.status < 400 ? undefined : await plain(answer);
    traced.code ??= /"code"\s*:\s*"([A-Z_]{1,64})"/.exec(refusal?.body.toString('utf8') ?? '')?.[1];
    this.plan.onMove?.();
    this.plan.onHandled?.(traced);
    return refusal === undefined ? answer : streamed(refusal);
  }

  private async pass(request: http.IncomingMessage, url: URL, body: Readable): Promise<StreamedAnswer> {
    const outgoing = this.open(request, url);
    request.once('close', () => {
      if (!request.complete) outgoing.destroy();
    });
    const answered = new Promise<http.IncomingMessage>((resolve, reject) => {
      outgoing.once('response', resolve).on('error', reject);
    });
    body.pipe(outgoing);
    const response = await answered;
    return { status: response.statusCode ?? 502, headers: this.rewritten(response.headers), body: response };
  }

  private open({ method, headers }: http.IncomingMessage, url: URL): http.ClientRequest {
    const kept = Object.entries(headers).filter(([name]) => name !== 'connection' && !(name === 'authorization' && this.options.gate !== undefined));
    return http.request(new URL(url.pathname + url.search, this.options.upstream), { method, headers: Object.fromEntries(kept), agent: this.agent });
  }

  /** Clients stay behind the proxy. */
  private rewritten(headers: http.IncomingHttpHeaders): PlainAnswer['headers'] {
    const upstream = new URL(this.options.upstream).origin;
    return Object.fromEntries(Object.entries(headers).filter(([name]) => !HOP_BY_HOP.includes(name)).map(([name, value]) => {
      const address = name === 'location' || name === 'www-authenticate';
      return [name, address && typeof value === 'string' ? value.replaceAll(upstream, this.origin) : value];
    }));
  }

  private reset({ socket }: http.IncomingMessage): void {
    this.sockets.get(socket.remotePort)?.resetAndDestroy();
  }
}

async function plain({ body, ...answer }: StreamedAnswer): Promise<PlainAnswer> {
  return { ...answer, body: await buffer(body) };
}

function streamed(answer: PlainAnswer): StreamedAnswer {
  return { ...answer, body: Readable.from([answer.body]) };
}
