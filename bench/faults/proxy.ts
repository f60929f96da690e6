import { Agent, IncomingMessage, Server, ServerResponse, createServer, request as send } from 'node:http';
import { AddressInfo } from 'node:net';
import { Transform } from 'node:stream';

/** The fault of a request. */
export type Fault =
  | { readonly status: number; readonly code: string; readonly retryAfterSeconds?: number }
  /** The connection is reset (RST) in the middle of the body. */
  | 'reset in the request' | 'reset in the answer'
  /** Half of the body is sent, then nothing more. */
  | 'stall in the answer'
  | 'one wrong byte in the answer';

/** The request with the fault: the first one that matches. */
export interface FaultRule {
  readonly method: string;
  /** A part of its path and query, with `%3A` written as `:`. */
  readonly target: string;
  readonly fault: Fault;
}

/** A proxy in front of a registry. It applies a fault to at most one request, and passes all others on. */
export class FaultProxy {
  /** @param middle the place in a body, because uploads do not always have a length */
  public static async start(upstream: string, middle: number, rule?: FaultRule): Promise<FaultProxy> {
    const proxy = new FaultProxy(upstream, middle, rule);
    await new Promise<void>(resolve => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  public requests = 0;
  /** The number of faults: bytes changed or withheld, connections reset, answers instead of the registry. */
  public fired = 0;
  private readonly server: Server;
  private readonly agent = new Agent({ keepAlive: true });

  private constructor(private readonly upstream: string, private readonly middle: number, private rule?: FaultRule) {
    this.server = createServer((request, response) => {
      this.requests++;
      this.serve(request, response, this.faultFor(request));
    });
  }

  /** Exact `host:port`. */
  public get host(): string {
    return `127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public async stop(): Promise<void> {
    this.agent.destroy();
    this.server.closeAllConnections();
    await new Promise(resolve => this.server.close(resolve));
  }

  private faultFor({ method, url = '' }: IncomingMessage): Fault | undefined {
    const { rule } = this;
    const target = url.replaceAll(/%3A/gi, ':');
    if (rule === undefined || method !== rule.method || !target.includes(rule.target)) return undefined;
    this.rule = undefined;
    return rule.fault;
  }

  private serve(request: IncomingMessage, response: ServerResponse, fault: Fault | undefined): void {
    if (typeof fault === 'object') {
      this.fired++;
      request.resume();
      const { status, code, retryAfterSeconds } = fault;
      const retryAfter: Record<string, string> = retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) };
      response.writeHead(status, { 'content-type': 'application/json', ...retryAfter });
      response.end(JSON.stringify({ errors: [{ code, message: 'once' }] }));
      return;
    }
    // The registry uses the Host header in its Locations, so that they lead back here.
    const { method, headers, url } = request;
    const outgoing = send(new URL(url ?? '/', this.upstream), { method, headers, agent: this.agent });
    const reset = () => {
      outgoing.destroy();
      request.socket.resetAndDestroy();
    };
    outgoing.on('error', reset).on('response', answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      if (fault === undefined) answer.pipe(response);
      else answer.pipe(this.spoil(fault, reset)).pipe(response);
    });
    request.on('error', () => outgoing.destroy());
    if (fault === 'reset in the request') request.pipe(this.spoil(fault, reset)).pipe(outgoing);
    else request.pipe(outgoing);
  }

  /** Passes on the first half of a body, and then applies the fault. */
  private spoil(fault: Exclude<Fault, object>, reset: () => void): Transform {
    let passed = 0;
    return new Transform({
      transform: (chunk: Buffer, _, done) => {
        const offset = this.middle - passed;
        passed += chunk.length;
        // The chunk that contains the middle.
        if (offset >= 0 && offset < chunk.length) {
          this.fired++;
          if (fault === 'one wrong byte in the answer') chunk.writeUInt8(255 - chunk.readUInt8(offset), offset);
          else if (fault === 'stall in the answer') return;
          else reset();
        }
        done(null, chunk);
      },
    });
  }
}
