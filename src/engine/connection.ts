import { Authenticator } from './auth';
import { Clock, HostPace } from './clock';
import { RepositoryReference, formatReference } from './contract';
import { Side, CopyError, CopyErrorDetails, Failure } from './errors';
import { HttpRequest, HttpResponse, HttpTransport, asFailure, discard, sendFollowing } from './http';
import { isObject, parseObject, markupOf } from './json';
import { parseRetryAfter, retryReason } from './retry';

/** A request, and its description for messages. */
export interface Exchange {
  /** The operation, as a part of a sentence. */
  readonly operation: string;
  /** The tag or digest of the request. */
  readonly version?: string;
  readonly method: string;
  /** The path below the repository, or the address of an upload. */
  readonly target: string | URL;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: HttpRequest['body'];
  readonly patience?: HttpRequest['patience'];
  /** The expected status codes. All others are failures. */
  readonly expected: readonly number[];
}

const MAX_ERROR_BYTES = 64 * 1024;
const SHORTEST_SECRET = 8;
const LOST_UPLOAD = ['BLOB_UPLOAD_INVALID', 'BLOB_UPLOAD_UNKNOWN'];

/** Options of a `RepositoryConnection`. */
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

/** Sends requests to one repository, each once. Adds authorization, follows redirects, limits the rate, and explains failures. */
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

  /** Whether both sides log in to the same host with the same credentials. */
  public sharesLogin(other: RepositoryConnection): boolean {
    return this.repository.host === other.repository.host && this.authenticator.provider === other.authenticator.provider;
  }

  /** Sends a request. A refused token is renewed once. */
  public async exchange(exchange: Exchange): Promise<HttpResponse> {
    return this.saying(exchange, async () => {
      await this.waitForTurn(exchange);
      const authorization = await this.authenticator.authorization();
      const response = await this.send(exchange, authorization).then(async first => this.asGuest(exchange, first));
      if (exchange.expected.includes(response.status)) return response;
      const isChallenge = response.status === 401 && response.url.origin === this.origin.origin;
      const refusal = isChallenge ? undefined : await this.refusal(exchange, response, authorization);
      const challenge = isExpired(refusal) ? 'Basic' : response.headers['www-authenticate'];
      const renewed = isChallenge || isExpired(refusal) ? await orDiscard(response, this.authenticator.renew(challenge, authorization)) : undefined;
      if (renewed === undefined) throw refusal ?? await this.refusal(exchange, response, authorization);
      discard(response);
      if (isStreamed(exchange)) throw this.error(exchange, { reason: 'the token ran out', status: response.status, retry: 'unauthorized' });
      const again = await this.send(exchange, renewed).then(async second => this.asGuest(exchange, second));
      if (!exchange.expected.includes(again.status)) throw await this.refusal(exchange, again, renewed);
      return again;
    });
  }

  /** Reads a small body. */
  public async read(exchange: Pick<Exchange, 'operation' | 'version'>, response: HttpResponse, limit: number): Promise<Buffer> {
    return this.saying(exchange, async () => this.transport.read(response, limit));
  }

  /** Runs a step of an exchange and turns its failure into a `CopyError`. */
  public async saying<T>(exchange: Pick<Exchange, 'operation' | 'version'>, step: () => T | Promise<T>): Promise<T> {
    try {
      return await step();
    } catch (error) {
      // A failure of the feed belongs to the source repository, whose client turns it into a `CopyError`.
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
    const reason = this.clean(details.reason);
    return new CopyError({ operation, side: this.side, reference: formatReference(this.repository, version), ...details, reason });
  }

  /** A text from outside for a message: on one line, without secrets. */
  public clean(text: string): string {
    return onOneLine(this.authenticator.redact(text, SHORTEST_SECRET));
  }

  private async waitForTurn(exchange: Exchange): Promise<void> {
    const { pace, signal } = this.options;
    await pace.turn(signal);
    if (exchange.method === 'PUT' && isManifest(exchange)) await pace.manifestWrite(signal);
  }

  private async send({ method, target, headers, body, patience }: Exchange, authorization: string | undefined): Promise<HttpResponse> {
    const url = target instanceof URL ? target : new URL(`/v2/${this.repository.repository}/${target}`, this.origin);
    // An upload may go to a storage service, which must not receive the credentials.
    const secret: Record<string, string> = authorization !== undefined && url.origin === this.origin.origin ? { authorization } : {};
    return sendFollowing(this.transport, { method, url, headers: { 'user-agent': 'cdk-container-delivery', ...headers, ...secret }, body, patience });
  }

  /** Reads from another registry with an anonymous token, if a redirect has led there and that registry requires one. */
  private async asGuest(exchange: Exchange, first: HttpResponse): Promise<HttpResponse> {
    let [response, refused]: [HttpResponse, string | undefined] = [first, undefined];
    // The first token may be cached and expired.
    for (let tokens = 0; tokens < 2; tokens++) {
      const isGuest = response.status === 401 && response.url.origin !== this.origin.origin && ['GET', 'HEAD'].includes(exchange.method);
      const authorization: string | undefined = isGuest ? await orDiscard(response, this.guestAuthorization(response, refused)) : undefined;
      if (authorization === undefined || authorization === refused) return response;
      discard(response);
      response = await sendFollowing(this.transport, {
        method: exchange.method, url: response.url, headers: { 'user-agent': 'cdk-container-delivery', ...exchange.headers, authorization }, patience: exchange.patience,
      });
      refused = authorization;
    }
    return response;
  }

  private async guestAuthorization({ url, headers }: HttpResponse, refused: string | undefined): Promise<string | undefined> {
    try {
      return await this.authenticator.guestAuthorization(url, headers['www-authenticate'], refused);
    } catch (error) {
      if (error instanceof Failure && error.retry === undefined) return undefined;
      throw error;
    }
  }

  private async refusal(exchange: Exchange, response: HttpResponse, authorization?: string): Promise<CopyError> {
    const { status } = response;
    const { code, message } = await this.explanation(exchange, response, authorization);
    const words = `the registry answered ${[status, code].filter(Boolean).join(' ')}${message === undefined ? '' : ` (${message})`}`;
    const retryAfter = parseRetryAfter(response.headers['retry-after'], this.options.clock.now());
    if (retryAfter !== undefined) this.options.pace.holdBack(retryAfter);
    // Some registries lose an upload with its connection. The next attempt starts a new upload.
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
      // HEAD has no body, so a GET reads the message of the registry.
      const again = await this.send({ ...exchange, method: 'GET' }, authorization);
      if (again.status === response.status) return await explain(again);
      discard(again);
    } catch (error) {
      // If the response breaks off, the whole request is repeated. After any other error, the status is enough.
      const isBrokenOff = error instanceof Failure && (error.retry === 'transient' || this.options.signal?.aborted);
      if (exchange.method !== 'HEAD' && isBrokenOff) throw error;
    }
    return {};
  }
}

/** Discards a response if the next step fails, because then nothing reads it. */
async function orDiscard<T>(response: HttpResponse, step: Promise<T>): Promise<T> {
  return step.catch((error: unknown) => {
    discard(response);
    throw error;
  });
}

function isStreamed({ body }: Exchange): boolean {
  return body !== undefined && !(body instanceof Buffer);
}

function isManifest({ target }: Exchange): boolean {
  return typeof target === 'string' && target.startsWith('manifests/');
}

/** Whether ECR refuses an expired password: it responds with 403 and without a challenge, as for a missing permission. */
function isExpired(error: CopyError | undefined): boolean {
  return error?.status === 403 && /authorization token has expired/i.test(error.message);
}

/** The error in the body of a refusal. */
export interface RegistryError {
  readonly code?: string;
  /** @default - none, or it only repeats the code */
  readonly message?: string;
}

const CODE = /^[A-Z0-9_]{1,64}$/;
const MAX_MESSAGE = 300;
// Longer texts are cut before they are analyzed, because a hostile registry could choose them to take a lot of time.
const MAX_WORDS = 1024;

/**
 * Reads the body of a refusal for a log: one line without addresses, and without the secrets that `redact` removes.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
export function readRegistryError(body: Buffer, redact: (text: string) => string): RegistryError {
  const markup = markupOf(body);
  if (markup === 'a web page') return { message: 'a web page: is this the host of a registry?' };
  const text = body.toString('utf8');
  if (markup !== undefined) return { message: [markup, codeOfStorage(text)].filter(Boolean).join(': ') };
  const { code: given, message: words } = firstError(body);
  const code = typeof given === 'string' && CODE.test(redact(given)) ? given : undefined;
  const clean = typeof words === 'string' ? withoutAddresses(redact(words).slice(0, MAX_WORDS)).slice(0, MAX_MESSAGE) : '';
  // Many registries only repeat the code in lower case.
  const isRepeated = clean.toUpperCase().replaceAll(' ', '_') === code;
  return { code, message: clean === '' || isRepeated ? undefined : clean };
}

/** Replaces addresses, with or without a scheme, because the query may contain a signature. */
function withoutAddresses(words: string): string {
  const isAddress = (word: string) => word.includes('://') || word.includes('=', word.indexOf('?') + 1 || Infinity);
  return onOneLine(words).split(' ').map(word => isAddress(word) ? '<address>' : word).join(' ').trim();
}

/** The error code of S3 and similar services, for example `AccessDenied`. */
function codeOfStorage(xml: string): string | undefined {
  return /<Code>([A-Za-z]{1,64})<\/Code>/.exec(xml.slice(0, MAX_WORDS))?.[1];
}

/** A text as one line of printable ASCII. */
export function onOneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}

function firstError(body: Buffer): { readonly code?: unknown; readonly message?: unknown } {
  try {
    const { errors } = parseObject(body, 'the answer');
    const [first] = Array.isArray(errors) ? errors : [];
    return isObject(first) ? first : {};
  } catch {
    return {};
  }
}
