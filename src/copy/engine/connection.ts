import { Authenticator } from './auth';
import { Clock } from './clock';
import { Side } from './contract';
import { CopyError, CopyErrorDetails, Failure, RetryReason } from './errors';
import { HostPace } from './pacing';
import { RepositoryReference, formatReference } from './reference';
import { parseRetryAfter } from './retry';
import { HttpRequest, HttpResponse, HttpTransport, asFailure, discard } from './transport/http';
import { sendFollowing } from './transport/redirects';

/** A request and the words for it. */
export interface Exchange {
  /** What is tried, in the words of a sentence. */
  readonly operation: string;
  /** Tag or digest that it is about. */
  readonly version?: string;
  readonly method: string;
  /** Path below the repository, or the address of an upload. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpRequest['body'];
  /** Statuses that are an answer; all others are failures. */
  readonly expected: readonly number[];
}

const MAX_ERROR_BYTES = 64 * 1024;
const TRANSIENT = [408, 425, 429, 500, 502, 503, 504];
const LOST_UPLOAD = ['BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN'];

/** What a connection works with. */
export interface RepositoryConnectionOptions {
  readonly side: Side;
  readonly repository: RepositoryReference;
  readonly origin: URL;
  readonly transport: HttpTransport;
  readonly authenticator: Authenticator;
  readonly pace: HostPace;
  readonly clock: Clock;
  readonly signal?: AbortSignal;
}

/** Talks to one repository: authorization, redirects, pace, and failures as sentences. Sends every request once. */
export class RepositoryConnection {
  public readonly side: Side;
  public readonly repository: RepositoryReference;
  private readonly origin: URL;
  private readonly transport: HttpTransport;
  private readonly authenticator: Authenticator;

  constructor(private readonly options: RepositoryConnectionOptions) {
    this.side = options.side;
    this.repository = options.repository;
    this.origin = options.origin;
    this.transport = options.transport;
    this.authenticator = options.authenticator;
  }

  /** Whether what this side may read, the other one may too. */
  public sharesLogin(other: RepositoryConnection): boolean {
    return this.repository.host === other.repository.host && this.authenticator.provider === other.authenticator.provider;
  }

  /** Sends a request; a refused token is renewed once. */
  public async exchange(exchange: Exchange): Promise<HttpResponse> {
    return this.saying(exchange, async () => {
      await this.turn(exchange);
      const authorization = await this.authenticator.authorization();
      let response = await this.send(exchange, authorization);
      if (response.status === 401 && response.url.origin === this.origin.origin) {
        const renewed = await this.authenticator.renew(response.headers['www-authenticate'], authorization);
        if (renewed !== undefined && isStreamed(exchange)) {
          discard(response);
          throw this.error(exchange, { reason: 'the token ran out', status: 401, retry: 'unauthorized' });
        }
        if (renewed !== undefined) {
          discard(response);
          response = await this.send(exchange, renewed);
        }
      }
      if (!exchange.expected.includes(response.status)) throw await this.refusal(exchange, response);
      return response;
    });
  }

  /** Reads a small body. */
  public async read(exchange: Pick<Exchange, 'operation' | 'version'>, response: HttpResponse, limit: number): Promise<Buffer> {
    return this.saying(exchange, async () => this.transport.read(response, limit));
  }

  /** Runs a step of an exchange and turns its failure into a sentence about it. */
  public async saying<T>(exchange: Pick<Exchange, 'operation' | 'version'>, step: () => T | Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      // Whoever feeds a body speaks for itself.
      if (error instanceof CopyError || (error instanceof Failure && error.party === 'feed')) throw error;
      const { reason, retry } = asFailure(error);
      throw this.error(exchange, { reason, retry });
    }
  }

  /** A failure of this repository. */
  public error(
    { operation, version }: Pick<Exchange, 'operation' | 'version'>,
    details: Omit<CopyErrorDetails, 'operation' | 'side' | 'reference'>,
  ): CopyError {
    return new CopyError({ operation, side: this.side, reference: formatReference(this.repository, version), ...details });
  }

  private async turn({ method, target }: Exchange): Promise<void> {
    const { pace, signal } = this.options;
    await pace.turn(signal);
    if (method === 'PUT' && typeof target === 'string' && target.startsWith('manifests/')) await pace.manifestWrite(signal);
  }

  private async send({ method, target, headers, body }: Exchange, authorization: string | undefined): Promise<HttpResponse> {
    const url = target instanceof URL ? target : new URL(`/v2/${this.repository.repository}/${target}`, this.origin);
    // An upload may be sent to a storage service, which must not see our credentials.
    const secret: Record<string, string> = authorization !== undefined && url.origin === this.origin.origin ? { authorization } : {};
    return sendFollowing(this.transport, { method, url, headers: { 'user-agent': 'cdk-container-delivery', ...headers, ...secret }, body });
  }

  private async refusal(exchange: Exchange, response: HttpResponse): Promise<CopyError> {
    const { status } = response;
    const { code, message } = await this.explanation(exchange, response);
    const words = `the registry answered ${[status, code].filter(Boolean).join(' ')}${message === undefined ? '' : ` (${message})`}`;
    const retryAfter = parseRetryAfter(response.headers['retry-after'], this.options.clock.now());
    if (retryAfter !== undefined) this.options.pace.holdBack(retryAfter);
    return this.error(exchange, { reason: words, status, code, retry: retryReason(status, code), retryAfter });
  }

  private async explanation(exchange: Exchange, response: HttpResponse): Promise<{ readonly code?: string; readonly message?: string }> {
    try {
      if (exchange.method !== 'HEAD') return this.parseError(await this.transport.read(response, MAX_ERROR_BYTES));
      discard(response);
      if (TRANSIENT.includes(response.status)) return {};
      // HEAD has no body: ask again for the registry's own words.
      const again = await this.send({ ...exchange, method: 'GET' }, await this.authenticator.authorization());
      return this.parseError(await this.transport.read(again, MAX_ERROR_BYTES));
    } catch {
      return {};
    }
  }

  private parseError(body: Buffer): { readonly code?: string; readonly message?: string } {
    const json: { readonly errors?: readonly { readonly code?: unknown; readonly message?: unknown }[] } = JSON.parse(body.toString('utf8'));
    const { code, message } = json.errors?.[0] ?? {};
    const clean = typeof message !== 'string' ? '' : this.authenticator.redact(message)
      .replace(/https?:\/\/\S+/g, '<address>').replace(/[^\x20-\x7e]+/g, ' ').trim().slice(0, 300);
    return {
      code: typeof code === 'string' && /^[A-Z0-9_]{1,64}$/.test(code) ? code : undefined,
      // Many registries only repeat the code in small letters.
      message: clean === '' || clean.toUpperCase().replaceAll(' ', '_') === code ? undefined : clean,
    };
  }
}

function retryReason(status: number, code: string | undefined): RetryReason | undefined {
  if (TRANSIENT.includes(status) || code === 'TOOMANYREQUESTS') return 'transient';
  // Some registries lose an upload with its connection: a new upload is another request.
  if (status === 404 && code !== undefined && LOST_UPLOAD.includes(code)) return 'transient';
  return status === 400 && code === 'DIGEST_INVALID' ? 'corrupt' : undefined;
}

function isStreamed({ body }: Exchange): boolean {
  return body !== undefined && !(body instanceof Buffer);
}
