import { externalText } from '../../custom-resource/text';
import { RetryDetails, RetryReason, RetryableError } from '../../engine/errors';
import { parseObject } from '../../engine/json';
import { PERMISSION_PROPAGATION, RetryPolicy, RetryRule } from '../../engine/retry';
import { AzureEndpoints } from '../azure-client';

/** The details of an `AzureError`. */
export interface AzureErrorDetails extends RetryDetails {
  /** The HTTP status, if there was a response. */
  readonly status?: number;
  /** The error code, for example `AuthorizationFailed`. */
  readonly code?: string;
}

/** The error for a request that Azure refused. */
export class AzureError extends RetryableError {
  public readonly status?: number;
  public readonly code?: string;

  constructor(message: string, { status, code, ...retry }: AzureErrorDetails = {}) {
    super(message, retry);
    this.status = status;
    this.code = code;
  }
}

const ONE_MINUTE: RetryRule = { milliseconds: 60_000, backoff: { first: 2_000, longest: 10_000, jitter: 0.5 } };

/** The retry rules for requests that Azure refused. Requests without a response have already been retried. */
export const AZURE_RETRIES: RetryPolicy['rules'] = { busy: ONE_MINUTE, permission: PERMISSION_PROPAGATION };

/** A refused request, and what to do about it. */
export interface RefusedRequest {
  /** The request, as the subject of a sentence. */
  readonly what: string;
  /** The HTTP status. Zero if the error was in a successful response. */
  readonly status: number;
  /** The error in the response. */
  readonly error: { readonly code?: unknown; readonly message?: unknown };
  readonly retry?: RetryReason;
  /** @default - no fix is known */
  readonly fix?: string;
}

/** The error for a refused request. */
export function refused({ what, status, error: { code, message }, retry, fix }: RefusedRequest): AzureError {
  const name = typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
  // Entra ID adds IDs that only support engineers need.
  const detail = typeof message === 'string' ? externalText(message.replace(/^AADSTS\d+: /, '').replace(/\s*Trace ID: .*$/s, '').replace(/\.$/, '')) : undefined;
  const text = `${what} was answered with ${[status, name].filter(Boolean).join(' ')}${detail === undefined ? '' : `: ${detail}`}`;
  return new AzureError([text, ...fix === undefined ? [] : [fix]].join('; '), { retry, status, code: name });
}

/** Whether a host is a login server of a cloud. */
export function isLoginServer(host: unknown, { registries }: AzureEndpoints): host is string {
  return typeof host === 'string' && /^[a-z0-9]+(?:-[a-z0-9]+)*\.[a-z.]+$/.test(host) && host.slice(host.indexOf('.') + 1) === registries;
}

/** The claims of a JWT, which is not verified. Empty if the text is not a JWT. */
export function claimsOf(token: string): Readonly<Record<string, unknown>> {
  try {
    return parseObject(Buffer.from(token.split('.')[1], 'base64url'), 'the token');
  } catch {
    return {};
  }
}
