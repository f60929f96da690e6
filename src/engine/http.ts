import * as http from 'node:http';
import * as https from 'node:https';
import { Readable } from 'node:stream';
import { Clock, systemClock } from './clock';
import { Failure } from './errors';
import { Lookup, publicOnly, refusePrivateLiteral } from './public-addresses';

/** A body that is streamed. */
export interface StreamedBody {
  readonly source: Readable;
  /** Checks each chunk, and returns what can be sent. Throws if the content is wrong. */
  readonly check: { next(chunk: Buffer): Buffer | undefined; end(): Buffer | undefined };
  readonly size: number;
}

/** One request, sent once. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | StreamedBody;
  /**
   * The milliseconds without progress after which the request fails, until the response or the first byte of a streamed body arrives.
   *
   * @default 30 seconds
   */
  readonly patience?: number;
}

/** A response whose body has not been read. Every caller reads or discards it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly url: URL;
  readonly body: http.IncomingMessage;
}

const STALL_MILLISECONDS = 30_000;
const MAX_PATIENCE = 300_000;
// Registries hash or assemble an upload before they respond. Slow ones process about 20 MiB per second.
const COMMIT_BYTES_PER_MILLISECOND = 20 * 1024;
// Additional time for small bodies, depending on their maximum size: a manifest of 4 MiB may take 38 seconds.
const READ_BYTES_PER_MILLISECOND = 512;
// Google's registry sends about 21 KB of headers, more than Node accepts by default.
const MAX_HEADER_BYTES = 64 * 1024;
// With the 16 KiB that Node buffers by default, each chunk of a blob stops and starts the source. More than 64 KiB only takes more memory.
const CONNECTIONS = { keepAlive: true, highWaterMark: 64 * 1024 };
const MAX_PRELIMINARY_ANSWERS = 20;
const MAX_IDLE_CONNECTIONS = 64;
const MAX_DRAINS = 16;
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MILLISECONDS = 500;

/** Options of an `HttpTransport`. */
export interface HttpTransportOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Origins that may be at private addresses. */
  readonly trusted: readonly string[];
  /** @default - the resolver of the system */
  readonly lookup?: Lookup;
}

/** Sends single requests: no redirect, no retry, no authorization. A stall is a failure. */
export class HttpTransport {
  // No limit of connections: a request that waits in an agent could not be ended on a stall.
  private readonly secure = new https.Agent(CONNECTIONS);
  private readonly plain = new http.Agent(CONNECTIONS);
  private readonly clock: Clock;
  private readonly signal?: AbortSignal;

  constructor(private readonly options: HttpTransportOptions) {
    this.clock = options.clock;
    this.signal = options.signal;
  }

  /** Sends a request. Resolves as soon as the headers of the response have arrived. */
  public async send(request: HttpRequest): Promise<HttpResponse> {
    const outgoing = this.open(request);
    const { patience = STALL_MILLISECONDS } = request;
    let isFirst = request.patience !== undefined;
    const guard = new StallGuard(this.clock, patience, seconds => {
      const feeding = isStreamed(request.body) && !outgoing.writableNeedDrain && !outgoing.writableEnded;
      outgoing.destroy(new Failure(stalled(seconds), { retry: isFirst ? 'slow' : 'transient', party: feeding ? 'feed' : 'peer' }));
    });
    const onChunk = () => {
      if (isFirst) guard.expect(STALL_MILLISECONDS);
      else guard.touch();
      isFirst = false;
    };
    try {
      const answered = answerTo(outgoing, request.url);
      // While a body is sent, its failure determines which end failed.
      const sent = write(outgoing, request.body, guard, onChunk).then(async () => answered);
      // A response ends the exchange even if the peer has not read the whole body (403, 413, ...).
      return await Promise.race([sent, answered.catch(async () => sent)]);
    } catch (error) {
      throw asFailure(error, this.signal);
    } finally {
      guard.stop();
    }
  }

  /** Reads a small body. The time limit grows with the size limit. */
  public async read(response: HttpResponse, limit: number): Promise<Buffer> {
    const end = (words: string) => response.body.destroy(new Failure(words, { retry: 'transient' }));
    const guard = new StallGuard(this.clock, STALL_MILLISECONDS, seconds => end(stalled(seconds)));
    const allowed = STALL_MILLISECONDS + limit / READ_BYTES_PER_MILLISECOND;
    const cancel = this.clock.timer(allowed, () => end(`the answer took longer than ${Math.round(allowed / 1000)} s`));
    const chunks: Buffer[] = [];
    let size = 0;
    try {
      for await (const chunk of response.body) {
        guard.touch();
        chunks.push(chunk);
        size += chunk.length;
        if (size > limit) throw new Failure(`the answer is larger than ${limit} bytes`);
      }
      return Buffer.concat(chunks);
    } catch (error) {
      throw asFailure(error, this.signal);
    } finally {
      guard.stop();
      cancel();
    }
  }

  /** Closes all connections. */
  public close(): void {
    this.secure.destroy();
    this.plain.destroy();
  }

  private open({ method, url, headers }: HttpRequest): http.ClientRequest {
    const isTrusted = this.options.trusted.includes(url.origin);
    if (!isTrusted) refusePrivateLiteral(url);
    const lookup = isTrusted ? this.options.lookup : publicOnly(this.options.lookup);
    const options = { method, headers, lookup, signal: this.signal, maxHeaderSize: MAX_HEADER_BYTES };
    closeIdle(this.secure);
    closeIdle(this.plain);
    return url.protocol === 'https:'
      ? https.request(url, { ...options, agent: this.secure })
      : http.request(url, { ...options, agent: this.plain });
  }
}

const draining = new Set<http.IncomingMessage>();

/**
 * Discards a body. A small body that arrives soon is read to its end, so that its connection can be reused. Otherwise the connection is
 * closed, so the other end decides neither how many connections stay open nor for how long.
 */
export function discard({ body }: HttpResponse): void {
  body.on('error', () => undefined);
  if (body.complete) {
    body.resume();
    return;
  }
  if (body.destroyed || draining.size === MAX_DRAINS) {
    body.destroy();
    return;
  }
  draining.add(body);
  const cancel = systemClock.timer(DRAIN_MILLISECONDS, () => body.destroy());
  body.once('close', () => {
    cancel();
    draining.delete(body);
  });
  let bytes = 0;
  body.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > DRAIN_BYTES) body.destroy();
  });
}

/** Closes idle connections if there are many. Each redirect can lead to a new host, whose connection would stay open. */
function closeIdle({ freeSockets }: http.Agent): void {
  const idle = Object.values(freeSockets).flatMap(sockets => sockets ?? []);
  if (idle.length >= MAX_IDLE_CONNECTIONS) idle.forEach(socket => socket.destroy());
}

/** The failure for an error of a connection. Its reason never contains an address. */
export function asFailure(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted && signal.reason instanceof Failure) return signal.reason;
  if (error instanceof Failure) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
  if (code === 'ABORT_ERR') return new Failure('the copy was cancelled');
  if (code?.startsWith('HPE_')) return new Failure(`the answer is not valid HTTP (${code})`, { retry: 'transient' });
  if (code !== undefined && /CERT|UNABLE_TO_VERIFY/.test(code)) return new Failure(`the certificate is not valid (${code})`);
  // Errors of Node itself, for example for an invalid header, do not pass.
  const isFinal = code === undefined || (code.startsWith('ERR_') && code !== 'ERR_STREAM_PREMATURE_CLOSE');
  return new Failure(`the connection failed (${code ?? 'unexpected error'})`, { retry: isFinal ? undefined : 'transient' });
}

async function answerTo(outgoing: http.ClientRequest, url: URL): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    // This listener stays attached: an error after the response, for example for the rest of an upload, must not end the process.
    outgoing.on('error', reject);
    // Node closes the connection without an error if the server switches to another protocol.
    outgoing.once('close', () => reject(new Failure('the connection failed (closed without an answer)', { retry: 'transient' })));
    let preliminary = 0;
    outgoing.on('information', () => {
      if (++preliminary > MAX_PRELIMINARY_ANSWERS) outgoing.destroy(new Failure('it sent too many preliminary answers', { retry: 'transient' }));
    });
    outgoing.once('response', body => resolve({ status: body.statusCode ?? 0, headers: body.headers, url, body }));
  });
}

async function write(outgoing: http.ClientRequest, body: HttpRequest['body'], guard: StallGuard, onChunk: () => void): Promise<void> {
  if (!isStreamed(body)) {
    outgoing.end(body);
    return;
  }
  await pump(body, outgoing, onChunk);
  guard.expect(STALL_MILLISECONDS + body.size / COMMIT_BYTES_PER_MILLISECOND);
}

/** Writes a body chunk by chunk. A pipeline of streams takes a third more CPU time. The end that fails first is the cause, and ends the other one. */
async function pump({ source, check }: StreamedBody, outgoing: http.ClientRequest, onChunk: () => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = (party: 'peer' | 'feed', error: unknown) => {
      const { reason, retry } = asFailure(error);
      reject(error instanceof Failure ? error : new Failure(reason, { retry, party }));
      source.destroy();
      outgoing.destroy();
    };
    const feed = (step: () => void) => {
      try {
        step();
      } catch (error) {
        end('feed', error);
      }
    };
    source.on('error', error => end('feed', error));
    outgoing.on('error', error => end('peer', error));
    source.once('close', () => source.readableEnded || end('feed', closedEarly()));
    outgoing.once('close', () => end('peer', closedEarly()));
    outgoing.once('finish', resolve);
    outgoing.on('drain', () => source.resume());
    source.on('data', (chunk: Buffer) => feed(() => {
      onChunk();
      const ready = check.next(chunk);
      if (ready !== undefined && !outgoing.write(ready)) source.pause();
    }));
    source.once('end', () => feed(() => outgoing.end(check.end())));
    // The source can fail before these listeners are attached. Then no further event follows.
    if (source.destroyed) end('feed', closedEarly());
  });
}

function closedEarly(): Error {
  return Object.assign(new Error(), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
}

/** The patience for an attempt to read a blob: 30, 90, 270, then 300 seconds, because a caching proxy may first have to fetch the blob. */
export function patienceFor(attempt: number): number {
  return Math.min(MAX_PATIENCE, STALL_MILLISECONDS * 3 ** (attempt - 1));
}

function isStreamed(body: HttpRequest['body']): body is StreamedBody {
  return body !== undefined && 'source' in body;
}

function stalled(seconds: number): string {
  return `nothing moved for ${seconds} s`;
}

const MAX_REDIRECTS = 5;
const REDIRECTS = [301, 302, 303, 307, 308];
const SECRET_HEADERS = ['authorization', 'cookie'];

/** Sends a request and follows redirects. */
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

/** Resolves a `Location` header. Rejects addresses that lead from https to http or contain a user name. */
export function resolveLocation(location: string, base: URL): URL {
  if (!URL.canParse(location, base.href)) throw new Failure('it sent a Location that is no address');
  const url = new URL(location, base);
  if (url.protocol !== 'https:' && url.protocol !== base.protocol) throw new Failure('it redirects from https to an insecure address');
  if (url.username !== '' || url.password !== '') throw new Failure('it sent a Location with credentials in it');
  return url;
}

/** The headers for an address. If its origin differs from that of the previous request, they contain no secrets. */
export function headersFor(url: URL, previous: Pick<HttpRequest, 'url' | 'headers'>): Readonly<Record<string, string>> {
  if (url.origin === previous.url.origin) return previous.headers;
  return Object.fromEntries(Object.entries(previous.headers).filter(([name]) => !SECRET_HEADERS.includes(name.toLowerCase())));
}

/** Calls back after a time without progress. */
export class StallGuard {
  private last: number;
  private stopped = false;
  private cancel: () => void;

  constructor(private readonly clock: Clock, private patience: number, private readonly onStall: (seconds: number) => void) {
    this.last = clock.now();
    this.cancel = this.arm(patience);
  }

  /** Records progress. It does not change the timer, so it can be called for every chunk. */
  public touch(): void {
    this.last = this.clock.now();
  }

  /** Records progress and changes the allowed time without progress. */
  public expect(patience: number): void {
    if (this.stopped) return;
    this.cancel();
    this.patience = patience;
    this.touch();
    this.cancel = this.arm(patience);
  }

  /** Ends the guard. */
  public stop(): void {
    this.stopped = true;
    this.cancel();
  }

  private arm(milliseconds: number): () => void {
    return this.clock.timer(milliseconds, () => {
      const left = this.last + this.patience - this.clock.now();
      if (left > 0) {
        this.cancel = this.arm(left);
      } else {
        this.onStall(Math.round(this.patience / 1000));
      }
    });
  }
}
