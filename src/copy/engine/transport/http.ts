import * as http from 'node:http';
import * as https from 'node:https';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Clock } from '../clock';
import { Failure } from '../errors';
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
// Google's registry sends some 21 KB of headers, more than Node takes by default.
const MAX_HEADER_BYTES = 64 * 1024;

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

  /** Reads a small body. */
  public async read(response: HttpResponse, limit: number): Promise<Buffer> {
    const guard = new StallGuard(this.clock, STALL_MILLISECONDS, seconds => response.body.destroy(new Failure(stalled(seconds), 'transient')));
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
    return url.protocol === 'https:'
      ? https.request(url, { ...options, agent: this.secure })
      : http.request(url, { ...options, agent: this.plain });
  }
}

/** Throws a body away. */
export function discard(response: HttpResponse): void {
  response.body.on('error', () => undefined);
  response.body.resume();
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
