import * as http from 'node:http';
import * as https from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Clock, systemClock } from './clock';
import { Failure } from './errors';
import { Lookup, publicOnly, refusePrivateLiteral } from './public-addresses';
import { StallGuard } from './stall-guard';

/** A body that is piped. */
export interface StreamedBody {
  /** The bytes, and what checks them on their way. */
  readonly feed: readonly [Readable, Transform];
  readonly size: number;
}

/** One request, sent once. */
export interface HttpRequest {
  readonly method: string;
  readonly url: URL;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: Buffer | StreamedBody;
}

/** An answer whose body has not been read. Every caller reads or discards it. */
export interface HttpResponse {
  readonly status: number;
  readonly headers: http.IncomingHttpHeaders;
  readonly url: URL;
  readonly body: http.IncomingMessage;
}

const STALL_MILLISECONDS = 30_000;
// Registries hash or assemble an upload before they answer; slow ones do some 20 MiB a second.
const COMMIT_BYTES_PER_MILLISECOND = 20 * 1024;
// What a small answer is given in addition, so that its time depends on its size: a manifest of 4 MiB has 38 seconds.
const READ_BYTES_PER_MILLISECOND = 512;
// Google's registry sends some 21 KB of headers, more than Node takes by default.
const MAX_HEADER_BYTES = 64 * 1024;
const MAX_PRELIMINARY_ANSWERS = 20;
const MAX_IDLE_CONNECTIONS = 64;
const MAX_DRAINS = 16;
const DRAIN_BYTES = 64 * 1024;
const DRAIN_MILLISECONDS = 500;

/** What the transport takes from outside. */
export interface HttpTransportOptions {
  readonly clock: Clock;
  readonly signal?: AbortSignal;
  /** Origins that may be at private addresses, because the caller said so. */
  readonly trusted: readonly string[];
  /** @default - the resolver of the system */
  readonly lookup?: Lookup;
}

/** Sends single requests: no redirect, no retry, no authorization. A stall is a failure like any other. */
export class HttpTransport {
  // Without a limit of connections: a request that waits in an agent cannot be ended when nothing moves.
  private readonly secure = new https.Agent({ keepAlive: true });
  private readonly plain = new http.Agent({ keepAlive: true });
  private readonly clock: Clock;
  private readonly signal?: AbortSignal;

  constructor(private readonly options: HttpTransportOptions) {
    this.clock = options.clock;
    this.signal = options.signal;
  }

  /** Sends a request and resolves as soon as the headers of the answer are there. */
  public async send(request: HttpRequest): Promise<HttpResponse> {
    const outgoing = this.open(request);
    const guard = new StallGuard(this.clock, STALL_MILLISECONDS, seconds => {
      const feeding = isStreamed(request.body) && !outgoing.writableNeedDrain && !outgoing.writableEnded;
      outgoing.destroy(new Failure(stalled(seconds), 'transient', feeding ? 'feed' : 'peer'));
    });
    try {
      const answered = answerTo(outgoing, request.url);
      // While a body is sent, its failure is the one that tells who failed.
      const sent = write(outgoing, request.body, guard).then(async () => answered);
      // An answer ends the exchange even when the body was not taken to its end (403, 413, ...).
      return await Promise.race([sent, answered.catch(async () => sent)]);
    } catch (error) {
      throw asFailure(error, this.signal);
    } finally {
      guard.stop();
    }
  }

  /** Reads a small body. Its time is limited, and longer for a larger limit. */
  public async read(response: HttpResponse, limit: number): Promise<Buffer> {
    const end = (words: string) => response.body.destroy(new Failure(words, 'transient'));
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
 * Throws a body away. A small one that arrives soon is read to its end, because then its connection can be used again. The connection
 * of any other is closed: the other end can decide neither how many connections stay open nor for how long.
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

/** A redirect can lead to a new host every time, and the connection to each of them would stay open. */
function closeIdle({ freeSockets }: http.Agent): void {
  const idle = Object.values(freeSockets).flatMap(sockets => sockets ?? []);
  if (idle.length >= MAX_IDLE_CONNECTIONS) idle.forEach(socket => socket.destroy());
}

/** The half sentence for what a connection died of; never an address. */
export function asFailure(error: unknown, signal?: AbortSignal): Failure {
  if (signal?.aborted && signal.reason instanceof Failure) return signal.reason;
  if (error instanceof Failure) return error;
  const code = typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : undefined;
  if (code === 'ABORT_ERR') return new Failure('the copy was cancelled');
  if (code?.startsWith('HPE_')) return new Failure(`the answer is not valid HTTP (${code})`, 'transient');
  if (code !== undefined && /CERT|UNABLE_TO_VERIFY/.test(code)) return new Failure(`the certificate is not valid (${code})`);
  // Errors of Node itself (a header that cannot be sent, say) come back the same however often one tries.
  const lasting = code === undefined || (code.startsWith('ERR_') && code !== 'ERR_STREAM_PREMATURE_CLOSE');
  return new Failure(`the connection failed (${code ?? 'unexpected error'})`, lasting ? undefined : 'transient');
}

async function answerTo(outgoing: http.ClientRequest, url: URL): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    // Stays attached: an error after the answer (the rest of an upload, say) must not end the process.
    outgoing.on('error', reject);
    // Node closes what would become another protocol without an error.
    outgoing.once('close', () => reject(new Failure('the connection failed (closed without an answer)', 'transient')));
    let preliminary = 0;
    outgoing.on('information', () => {
      if (++preliminary > MAX_PRELIMINARY_ANSWERS) outgoing.destroy(new Failure('it sent too many preliminary answers', 'transient'));
    });
    outgoing.once('response', body => resolve({ status: body.statusCode ?? 0, headers: body.headers, url, body }));
  });
}

async function write(outgoing: http.ClientRequest, body: HttpRequest['body'], guard: StallGuard): Promise<void> {
  if (!isStreamed(body)) {
    outgoing.end(body);
    return;
  }
  let party: 'peer' | 'feed' | undefined;
  // A pipeline ends all its streams with the error of one, and the first to complain is the culprit.
  outgoing.once('error', () => { party ??= 'peer'; });
  body.feed.forEach(stream => stream.once('error', () => { party ??= 'feed'; }));
  body.feed[1].on('data', () => guard.touch());
  try {
    await pipeline([...body.feed, outgoing]);
  } catch (error) {
    const failure = asFailure(error);
    throw error instanceof Failure ? error : new Failure(failure.reason, failure.retry, party);
  }
  guard.expect(STALL_MILLISECONDS + body.size / COMMIT_BYTES_PER_MILLISECOND);
}

function isStreamed(body: HttpRequest['body']): body is StreamedBody {
  return body !== undefined && 'feed' in body;
}

function stalled(seconds: number): string {
  return `nothing moved for ${seconds} s`;
}
