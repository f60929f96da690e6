import { AzureEndpoints } from '../azure-identity-properties';
import { AwsSeams, Answer } from '../../custom-resource/aws';
import { SmallResponse } from '../../custom-resource/small-request';
import { sentence } from '../../custom-resource/text';
import { RetryReason, RetryableError } from '../../engine/errors';
import { isObject, parseJson } from '../../engine/json';
import { RetryPolicy, SPREADING, parseRetryAfter, retryReason } from '../../engine/retry';

/** Requests a token of AWS for another cloud. */
export type WebIdentity = (request: { readonly audience: string; readonly durationSeconds: number }) => Promise<string>;

/** The environment of requests to Azure. */
export type AzureSeams = Pick<AwsSeams, 'environment' | 'clock' | 'send'>;

/** A request that Azure refused or did not answer. */
export class AzureRefusal extends RetryableError {
  constructor(
    message: string,
    retry?: RetryReason,
    retryAfter?: number,
    /** The HTTP status, if there was an answer. */
    public readonly status?: number,
    /** The code of the error. */
    public readonly code?: string,
  ) {
    super(message, retry, retryAfter);
  }
}

const PATIENT = { milliseconds: 60_000, backoff: { first: 1_000, longest: 10_000, jitter: 0.5 } };

/** How requests to Azure are repeated. */
export const AZURE_RETRIES: RetryPolicy['rules'] = { busy: PATIENT, transient: PATIENT, permission: SPREADING };

const TIMEOUT_MILLISECONDS = 30_000;
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** A request to a host of Azure. */
export interface AzureRequest {
  readonly method: 'DELETE' | 'GET' | 'PATCH' | 'POST' | 'PUT';
  /** One of `AzureEndpoints`, or the login server that Azure Resource Manager has named. */
  readonly host: string;
  /** Path and query. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A form if it is a `URLSearchParams`, otherwise JSON. */
  readonly body?: object;
}

/** Sends a request once. A redirect is not followed, so a token only goes to the host of the request. */
export async function sendToAzure({ method, host, path, headers, body }: AzureRequest, { send, environment }: AzureSeams): Promise<SmallResponse> {
  const url = new URL(path, originOf(host, environment));
  const isForm = body instanceof URLSearchParams;
  const type = isForm ? 'application/x-www-form-urlencoded' : 'application/json';
  try {
    return await send({
      method, url, timeoutMilliseconds: TIMEOUT_MILLISECONDS, maxAnswerBytes: MAX_ANSWER_BYTES,
      headers: { 'accept': 'application/json', ...body && { 'content-type': type }, ...headers },
      body: isForm ? body.toString() : body === undefined ? '' : JSON.stringify(body),
    });
  } catch {
    // The error may quote the request, which contains a token.
    throw new AzureRefusal(`${host} could not be reached`, 'transient');
  }
}

/** The origin of a host. Only tests and local clouds set the variable: a JSON object from hosts to origins. */
function originOf(host: string, { CLOUD_ORIGINS: json = '' }: AwsSeams['environment']): string {
  const origins: unknown = json === '' ? {} : JSON.parse(json);
  const own = isObject(origins) && Object.hasOwn(origins, host) ? origins[host] : undefined;
  return typeof own === 'string' ? own : `https://${host}`;
}

/** The JSON object in a response. Empty if there is none. */
export function jsonIn({ body }: SmallResponse): Answer {
  try {
    const json = parseJson(Buffer.from(body));
    return isObject(json) ? json : {};
  } catch {
    return {};
  }
}

/** The text of a header. */
export function headerIn({ headers = {} }: SmallResponse, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** The error for a response, with the reason for which the request may be repeated. */
export function refusal(what: string, response: SmallResponse, { code, message, now, retry }: {
  readonly code?: string; readonly message?: unknown; readonly now: number; readonly retry?: RetryReason;
}): AzureRefusal {
  const { status } = response;
  const said = sentence(withoutTokens(message));
  const text = `${what} was answered with ${[status, code].filter(Boolean).join(' ')}${said === undefined ? '' : `: ${said}`}`;
  return new AzureRefusal(text, retry ?? retryReason(status), parseRetryAfter(headerIn(response, 'retry-after'), now), status, code);
}

/** A message from outside without tokens and without the IDs that only support engineers need. Other values are not texts. */
export function withoutTokens(text: unknown): string | undefined {
  if (typeof text !== 'string') return undefined;
  return text
    .replace(/\s*Trace ID: .*$/s, '')
    // JSON web tokens. The refresh tokens of registries are some too.
    .replace(/eyJ[\w-]{5,}(?:\.[\w-]*){0,4}/g, '***');
}

/** Whether a host is a login server of a cloud. */
export function isLoginServer(host: unknown, { registries }: AzureEndpoints): host is string {
  return typeof host === 'string' && /^[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z.]+$/.test(host) && host.slice(host.indexOf('.') + 1) === registries;
}
