import { sentence } from '../../custom-resource/text';
import { RetryReason, RetryableError } from '../../engine/errors';
import { parseObject } from '../../engine/json';
import { RetryPolicy, SPREADING } from '../../engine/retry';
import { CloudAnswer } from '../../federation/handler/cloud-api';
import { AzureEndpoints } from '../azure-client';

/** A request that Azure refused. */
export class AzureRefusal extends RetryableError {
  constructor(
    message: string,
    retry?: RetryReason,
    /** The HTTP status, if there was a response. */
    public readonly status?: number,
    /** The error code. */
    public readonly code?: string,
  ) {
    super(message, retry);
  }
}

const PATIENT = { milliseconds: 60_000, backoff: { first: 2_000, longest: 10_000, jitter: 0.5 } };

/** The retry rules for requests that Azure refused. Requests without a response have already been retried. */
export const AZURE_RETRIES: RetryPolicy['rules'] = { busy: PATIENT, permission: SPREADING };

/** An error in a response. */
interface AzureError {
  readonly code?: unknown;
  readonly message?: unknown;
}

/** The error for a response. */
export function refusal(what: string, { status }: Pick<CloudAnswer, 'status'>, { code, message }: AzureError, retry?: RetryReason, fix?: string): AzureRefusal {
  const name = typeof code === 'string' && /^[\w.-]{1,80}$/.test(code) ? code : undefined;
  // Entra ID adds IDs that only support engineers need.
  const said = typeof message === 'string' ? sentence(message.replace(/^AADSTS\d+: /, '').replace(/\s*Trace ID: .*$/s, '').replace(/\.$/, '')) : undefined;
  const text = `${what} was answered with ${[status, name].filter(Boolean).join(' ')}${said === undefined ? '' : `: ${said}`}`;
  return new AzureRefusal([text, ...fix === undefined ? [] : [fix]].join('; '), retry, status, name);
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
