import { Authenticator } from './auth';
import { Clock } from './clock';
import { Side } from './contract';
import { CopyError, CopyErrorDetails, Failure } from './errors';
import { HttpRequest, HttpResponse, HttpTransport, asFailure, discard } from './http';
import { HostPace } from './pacing';
import { sendFollowing } from './redirects';
import { RepositoryReference, formatReference } from './reference';
import { RegistryError, onOneLine, readRegistryError } from './registry-error';
import { parseRetryAfter, retryReason } from './retry';

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
const SHORTEST_SECRET = 8;
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
      const response = await this.send(exchange, authorization);
      if (exchange.expected.includes(response.status)) return response;
      const isChallenge = response.status === 401 && response.url.origin === this.origin.origin;
      const refusal = isChallenge ? undefined : await this.refusal(exchange, response, authorization);
      const challenge = isExpired(refusal) ? 'Basic' : response.headers['www-authenticate'];
      const renewed = isChallenge || isExpired(refusal) ? await this.authenticator.renew(challenge, authorization) : undefined;
      if (renewed === undefined) throw refusal ?? await this.refusal(exchange, response, authorization);
      discard(response);
      if (isStreamed(exchange)) throw this.error(exchange, { reason: 'the token ran out', status: response.status, retry: 'unauthorized' });
      const again = await this.send(exchange, renewed);
      if (!exchange.expected.includes(again.status)) throw await this.refusal(exchange, again, renewed);
      return again;
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
      const { reason, retry, retryAfter, status } = asFailure(error);
      if (retryAfter !== undefined) this.options.pace.holdBack(retryAfter);
      throw this.error(exchange, { reason, retry, retryAfter, status });
    }
  }

  /** A failure of this repository. */
  public error(
    { operation, version }: Pick<Exchange, 'operation' | 'version'>,
    details: Omit<CopyErrorDetails, 'operation' | 'side' | 'reference'>,
  ): CopyError {
    // Whatever comes from outside ends up here, whichever way it took.
    const reason = onOneLine(this.authenticator.redact(details.reason, SHORTEST_SECRET));
    return new CopyError({ operation, side: this.side, reference: formatReference(this.repository, version), ...details, reason });
  }

  private async turn(exchange: Exchange): Promise<void> {
    const { pace, signal } = this.options;
    await pace.turn(signal);
    if (exchange.method === 'PUT' && isManifest(exchange)) await pace.manifestWrite(signal);
  }

  private async send({ method, target, headers, body }: Exchange, authorization: string | undefined): Promise<HttpResponse> {
    const url = target instanceof URL ? target : new URL(`/v2/${this.repository.repository}/${target}`, this.origin);
    // An upload may be sent to a storage service, which must not see our credentials.
    const secret: Record<string, string> = authorization !== undefined && url.origin === this.origin.origin ? { authorization } : {};
    return sendFollowing(this.transport, { method, url, headers: { 'user-agent': 'cdk-container-delivery', ...headers, ...secret }, body });
  }

  private async refusal(exchange: Exchange, response: HttpResponse, authorization?: string): Promise<CopyError> {
    const { status } = response;
    const { code, message } = await this.explanation(exchange, response, authorization);
    const words = `the registry answered ${[status, code].filter(Boolean).join(' ')}${message === undefined ? '' : ` (${message})`}`;
    const retryAfter = parseRetryAfter(response.headers['retry-after'], this.options.clock.now());
    if (retryAfter !== undefined) this.options.pace.holdBack(retryAfter);
    // Some registries lose an upload with its connection: a new upload is another request.
    const isLost = status === 404 && !isManifest(exchange) && LOST_UPLOAD.includes(code ?? '');
    return this.error(exchange, { reason: words, status, code, retry: isLost ? 'transient' : retryReason(status, code), retryAfter });
  }

  private async explanation(exchange: Exchange, response: HttpResponse, authorization?: string): Promise<RegistryError> {
    const explain = async ({ body, ...rest }: HttpResponse) => readRegistryError(
      await this.transport.read({ body, ...rest }, MAX_ERROR_BYTES), text => this.authenticator.redact(text),
    );
    try {
      if (exchange.method !== 'HEAD') return await explain(response);
      discard(response);
      if (retryReason(response.status) !== undefined) return {};
      // HEAD has no body: ask again in the same way for the registry's own words.
      const again = await this.send({ ...exchange, method: 'GET' }, authorization);
      if (again.status === response.status) return await explain(again);
      discard(again);
    } catch (error) {
      // What breaks off may say that all is well, so the whole request is repeated. Else the status alone has to do.
      const isBrokenOff = error instanceof Failure && (error.retry === 'transient' || this.options.signal?.aborted);
      if (exchange.method !== 'HEAD' && isBrokenOff) throw error;
    }
    return {};
  }
}

function isStreamed({ body }: Exchange): boolean {
  return body !== undefined && !(body instanceof Buffer);
}

function isManifest({ target }: Exchange): boolean {
  return typeof target === 'string' && target.startsWith('manifests/');
}

/** ECR refuses a password that is too old like a permission that is missing, without a challenge. */
function isExpired(error: CopyError | undefined): boolean {
  return error?.status === 403 && /authorization token has expired/i.test(error.message);
}
