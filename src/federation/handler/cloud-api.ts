import { AwsDependencies, CallLimits } from '../../custom-resource/aws';
import { ResponseTooLarge, SmallRequest, SmallResponse } from '../../custom-resource/small-request';
import { parseOrigins } from '../../custom-resource/text';
import { Failure } from '../../engine/errors';
import { isObject, parseJson } from '../../engine/json';
import { RetryPolicy, RetryRule, parseRetryAfter, repeat, retryReason } from '../../engine/retry';

/** One call of an API of another cloud. */
export interface CloudCall {
  readonly method: SmallRequest['method'];
  readonly host: string;
  /** The path, with the query if there is one. Parts from users are encoded. */
  readonly path: string;
  /** The name of the service for messages: `Google STS`. */
  readonly title: string;
  /** The operation for messages, as the end of the sentence "could not …". */
  readonly operation: string;
  /** @default - no `Authorization` header */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** JSON, or form data. */
  readonly body?: object | URLSearchParams;
  /** Additional secrets in the request, which an error could quote. */
  readonly secrets?: readonly string[];
  /** Statuses that are not retried here, although they usually are. */
  readonly finalStatuses?: readonly number[];
}

/** A response of another cloud. */
export interface CloudResponse {
  readonly status: number;
  readonly headers: NonNullable<SmallResponse['headers']>;
  /** The body. Empty if it is not a JSON object. In refusals, the secrets of the request and everything that looks like a token are removed. */
  readonly json: Readonly<Record<string, unknown>>;
}

const TIMEOUT_MILLISECONDS = 20_000;
const MAX_RESPONSE_BYTES = 1024 * 1024;
const ONE_MINUTE: RetryRule = { milliseconds: 60_000, backoff: { first: 1_000, longest: 10_000, jitter: 0.5 } };
const RULES: RetryPolicy['rules'] = { busy: ONE_MINUTE, transient: ONE_MINUTE };
// A JWT (also without signature), and an access token of Google.
const TOKENS = /\beyJ[\w-]{8,}(?:\.[\w-]*){1,4}|\bya29\.[\w.-]+/g;
const SHORTEST_SECRET = 8;
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/**
 * Calls an API of another cloud. Network failures, and statuses of a server that is busy or fails, are retried for a minute. After that, it throws
 * a `Failure`. Other refusals are returned. Redirects are not followed.
 */
export async function callCloud(call: CloudCall, dependencies: AwsDependencies, { deadline, signal }: CallLimits = {}): Promise<CloudResponse> {
  const { title, operation, token, finalStatuses = [] } = call;
  // Node would reject the header, and that error would look like a network failure.
  if (token !== undefined && !HEADER_VALUE.test(token)) throw new Failure(`could not ${operation}: the token for ${title} contains characters that no token has`);
  return repeat({
    clock: dependencies.clock, rules: RULES, deadline, signal,
    giveUp: error => error instanceof Failure ? new Failure(error.reason) : error,
  }, async () => {
    const response = await sendOnce(call, dependencies);
    const retry = finalStatuses.includes(response.status) ? undefined : retryReason(response.status);
    if (retry === undefined) return response;
    const retryAfter = parseRetryAfter(headerOf(response, 'retry-after'), dependencies.clock.now());
    throw new Failure(`could not ${operation}: ${title} answered ${response.status}`, { retry, retryAfter });
  });
}

/** One header of a response. */
export function headerOf({ headers }: Pick<CloudResponse, 'headers'>, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

async function sendOnce(call: CloudCall, { environment, send }: AwsDependencies): Promise<CloudResponse> {
  const { method, host, path, title, operation, token, headers, body } = call;
  const isForm = body instanceof URLSearchParams;
  const request: SmallRequest = {
    method,
    url: cloudUrl({ host, path }, environment),
    headers: {
      Accept: 'application/json',
      ...body !== undefined && { 'Content-Type': isForm ? 'application/x-www-form-urlencoded' : 'application/json' },
      ...token !== undefined && { Authorization: `Bearer ${token}` },
      ...headers,
    },
    body: body === undefined ? '' : isForm ? body.toString() : JSON.stringify(body),
    timeoutMilliseconds: TIMEOUT_MILLISECONDS,
    maxResponseBytes: MAX_RESPONSE_BYTES,
  };
  try {
    const { status, body: text, headers: received = {} } = await send(request);
    const isRefused = status < 200 || status >= 300;
    return { status, headers: received, json: jsonObjectOrEmpty(isRefused ? redact(text, secretsOf(call)) : text) };
  } catch (error) {
    // The message of the network could quote the request.
    if (error instanceof ResponseTooLarge) throw new Failure(`could not ${operation}: the answer of ${title} is too large`);
    throw new Failure(`could not ${operation}: ${title} (${host}) could not be reached`, { retry: 'transient' });
  }
}

function secretsOf({ token, secrets = [] }: CloudCall): string[] {
  return [...token === undefined ? [] : [token], ...secrets];
}

/** Removes secrets from a text that comes from outside, and everything that looks like a token. */
export function redact(text: string, secrets: readonly string[] = []): string {
  const encodings = secrets.filter(({ length }) => length >= SHORTEST_SECRET)
    .flatMap(secret => [secret, encodeURIComponent(Buffer.from(secret).toString()), JSON.stringify(secret).slice(1, -1)]);
  return encodings.reduce((clean, secret) => clean.split(secret).join('***'), text).replace(TOKENS, '***');
}

function jsonObjectOrEmpty(text: string): Readonly<Record<string, unknown>> {
  try {
    const json = parseJson(Buffer.from(text));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

/** The address of a host of another cloud. The variable `CLOUD_ORIGINS` names the origins of hosts that do not listen on `https://host`. */
export function cloudUrl({ host, path }: Pick<CloudCall, 'host' | 'path'>, { CLOUD_ORIGINS: origins }: AwsDependencies['environment']): URL {
  const origin = parseOrigins(origins, { variable: 'CLOUD_ORIGINS', hosts: 'hosts' })[host] ?? `https://${host}`;
  const url = new URL(path, origin);
  // A path such as //example.com leads to another host, which must not receive a token.
  if (url.origin !== new URL(origin).origin) throw new Failure(`a request to ${host} has an address on another host`);
  return url;
}

/** A token that expires, in milliseconds since 1970. */
export interface ExpiringToken {
  readonly value: string;
  readonly expires: number;
}

// A request that starts with a token must not outlive it.
const SAFETY_MILLISECONDS = 5 * 60_000;

/** A token that is renewed before it expires. All callers share one. */
export class RenewedToken {
  private current?: Promise<ExpiringToken>;

  constructor(private readonly fetch: () => Promise<ExpiringToken>, private readonly dependencies: Pick<AwsDependencies, 'clock'>) {}

  /**
   * The token.
   *
   * @param rejected a token that was refused, which is not returned again.
   */
  public async value(rejected?: string): Promise<string> {
    const { current } = this;
    const token = await current;
    if (token !== undefined && token.value !== rejected && token.expires - SAFETY_MILLISECONDS > this.dependencies.clock.now()) return token.value;
    // The first of several callers fetches a new token for all of them.
    const next = this.current === undefined || this.current === current ? this.fetch() : this.current;
    this.current = next;
    next.catch(() => { if (this.current === next) this.current = undefined; });
    return (await next).value;
  }
}
