// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the asset, so users never install it (ADR 2)
import { sign } from 'aws4';
import { ResponseTooLarge, Send, SmallResponse } from './small-request';
import { externalText, messageOf } from './text';
import { Clock } from '../engine/clock';
import { Failure, RetryDetails, RetryReason, RetryableError } from '../engine/errors';
import { isObject, parseJson } from '../engine/json';
import { PERMISSION_PROPAGATION, RetryPolicy, RetryRule, repeat } from '../engine/retry';

/** What an AWS call needs from the outside: credentials, time and network. Tests replace all of it. */
export interface AwsDependencies {
  /** Environment variables with the credentials of the function and, for local clouds, `AWS_ENDPOINT_URL_<SERVICE>` or `AWS_ENDPOINT_URL`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly send: Send;
}

/** One call with a body of JSON, or of form data if the body is a string. */
export interface AwsCall {
  /** The signing name of the service. In upper case, it is part of the endpoint variable. */
  readonly service: string;
  readonly region: string;
  readonly host: string;
  /** @default / */
  readonly path?: string;
  /** The headers of the operation, for example `X-Amz-Target`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object | string;
  /**
   * The maximum size of a successful response.
   *
   * @default 128 KiB
   */
  readonly maxResponseBytes?: number;
  /**
   * The time limit for the call.
   *
   * @default 10 seconds
   */
  readonly timeoutMilliseconds?: number;
}

/** A service of AWS. */
export interface AwsServiceAddress {
  /** The signing name, which is also the prefix of its IAM actions. */
  readonly service: string;
  /** The name for messages. */
  readonly title: string;
  readonly region: string;
  readonly host: string;
  /** The name of the resource that all calls are about, for messages. */
  readonly resourceName?: string;
  readonly maxResponseBytes: number;
}

/** A service of AWS with a JSON API. */
export interface AwsService extends AwsServiceAddress {
  /** The prefix of `X-Amz-Target`. */
  readonly target: string;
}

/** The body of a JSON response. */
export type AwsResponse = Readonly<Record<string, unknown>>;

/** The error in a response, as the service reports it. */
export interface ServiceError {
  /** The name of the error, for example `AccessDeniedException`. */
  readonly type?: string;
  readonly message?: unknown;
  /** @default - no further details */
  readonly response?: AwsResponse;
}

/** The time limits of calls. */
export interface CallLimits {
  /** The time at which no further request begins. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** The details of an `AwsCallError`. */
export interface AwsCallErrorDetails extends RetryDetails {
  /** The name of the error, for example `AccessDeniedException`. */
  readonly type?: string;
  /** The message of AWS. */
  readonly detail?: string;
  /** @default - empty */
  readonly response?: AwsResponse;
}

/** The error for a call that AWS refused or did not respond to. */
export class AwsCallError extends RetryableError {
  public readonly type?: string;
  public readonly detail?: string;
  public readonly response: AwsResponse;

  constructor(message: string, { type, detail, response = {}, ...retry }: AwsCallErrorDetails = {}) {
    super(message, retry);
    this.type = type;
    this.detail = detail;
    this.response = response;
  }

  /** Whether the service was busy, failed or could not be reached. */
  public get isTemporary(): boolean {
    return this.retry === 'busy' || this.retry === 'transient';
  }
}

const TIMEOUT_MILLISECONDS = 10_000;
/** The types of errors for missing permissions, in JSON and in XML. */
const DENIED = ['AccessDeniedException', 'AccessDenied'];
const THROTTLED = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded'];
const FAILED = ['ServerException', 'ServiceUnavailableException'];
const ONE_MINUTE: RetryRule = { milliseconds: 60_000, backoff: { first: 1_000, longest: 10_000, jitter: 0.5 } };

/** The retry rules for AWS calls. */
const AWS_RETRIES: RetryPolicy['rules'] = { busy: ONE_MINUTE, transient: ONE_MINUTE, permission: PERMISSION_PROPAGATION };
// Errors that pass when a role that this deployment has just created or changed takes effect.
const ROLE_NOT_PROPAGATED = /unable to assume the role|role is not valid/i;

/** Signs a call with the credentials of the function and sends it once. */
export async function callAws(call: AwsCall, { environment, clock, send }: AwsDependencies): Promise<SmallResponse> {
  const { service, region, host, path = '/', headers: operationHeaders, body, maxResponseBytes, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = call;
  const endpoint = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? environment.AWS_ENDPOINT_URL ?? `https://${host}`;
  const url = new URL(path, endpoint);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'Host': url.host,
    'Content-Type': 'application/x-amz-json-1.1',
    ...operationHeaders,
    'X-Amz-Date': new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
  };
  const signed = sign({ service, region, method: 'POST', host: url.host, path: url.pathname, headers, body: text }, {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    sessionToken: environment.AWS_SESSION_TOKEN,
  });
  const signedHeaders = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return send({ method: 'POST', url, headers: signedHeaders, body: text, timeoutMilliseconds, maxResponseBytes });
}

/** The name of the error in a response, for example `AccessDeniedException`. */
export function errorType(body: string): string | undefined {
  return /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,64})"/.exec(body)?.[1];
}

/** The API of one service, in one of the protocols of AWS. Temporary failures are retried. */
export abstract class ServiceApi<Operation extends string, Input, Output, Service extends AwsServiceAddress = AwsServiceAddress> {
  constructor(protected readonly service: Service, private readonly dependencies: AwsDependencies, private readonly limits: CallLimits = {}) {}

  /** Calls an operation and returns its output. Throws an `AwsCallError` if it fails. */
  public async call(operation: Operation, input: Input): Promise<Output> {
    const { clock } = this.dependencies;
    const { deadline = Infinity, signal } = this.limits;
    if (clock.now() >= deadline) throw new AwsCallError(`no time is left to ask ${this.service.title} for ${operation}`, { retry: 'busy' });
    return repeat({ clock, rules: AWS_RETRIES, deadline, signal }, async () => {
      const response = await this.send(operation, input);
      if (response.status !== 200) throw this.refused(operation, response);
      return this.outputOf(operation, response);
    });
  }

  /** Headers and body of a request. */
  protected abstract encode(operation: Operation, input: Input): Pick<AwsCall, 'headers' | 'body'>;

  /** Parses the response to a successful call. Throws if it cannot be read. */
  protected abstract decode(operation: Operation, body: string): Output;

  /** Parses the response to a refused call. Never throws. */
  protected abstract decodeError(body: string): ServiceError;

  private async send(operation: Operation, input: Input): Promise<SmallResponse> {
    const { service, title, region, host, maxResponseBytes } = this.service;
    try {
      return await callAws({ service, region, host, maxResponseBytes, ...this.encode(operation, input) }, this.dependencies);
    } catch (error) {
      if (error instanceof ResponseTooLarge) throw this.unreadable(operation, error);
      throw new AwsCallError(`${title} in ${region} could not be reached`, { retry: 'transient' });
    }
  }

  private outputOf(operation: Operation, { body }: SmallResponse): Output {
    try {
      return this.decode(operation, body);
    } catch (error) {
      throw this.unreadable(operation, error);
    }
  }

  private unreadable(operation: Operation, error: unknown): AwsCallError {
    return new AwsCallError(`the answer of ${this.service.title} to ${operation} cannot be read: ${messageOf(error)}`);
  }

  private refused(operation: Operation, { status, body }: SmallResponse): AwsCallError {
    const { service, title, resourceName } = this.service;
    const { type, message, response } = this.decodeError(body);
    const detail = externalText(message);
    // The missing permission may belong to another service. For example, enhanced scans need a permission of Amazon Inspector.
    const action = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(body)?.[1] ?? `${service}:${operation}`;
    const explanation = DENIED.includes(type ?? '') ? `; allow ${action} to the role of the function` : detail === undefined ? '' : `: ${detail}`;
    const subject = resourceName === undefined ? operation : `${operation} on ${resourceName}`;
    return new AwsCallError(`${title} answered ${subject} with ${[status, type].filter(Boolean).join(' ')}${explanation}`, {
      retry: retryReasonOf({ status, type, detail }), type, detail, response,
    });
  }
}

/** The JSON API of one service. */
export class AwsApi<Operation extends string> extends ServiceApi<Operation, object, AwsResponse, AwsService> {
  protected encode(operation: Operation, body: object): Pick<AwsCall, 'headers' | 'body'> {
    return { headers: { 'X-Amz-Target': `${this.service.target}.${operation}` }, body };
  }

  protected decode(_operation: Operation, body: string): AwsResponse {
    return jsonObject(body);
  }

  protected decodeError(body: string): ServiceError {
    const response = jsonObjectOrEmpty(body);
    return { type: errorType(body), message: response.message ?? response.Message, response };
  }
}

/** Whether and why a refused call may be repeated. */
function retryReasonOf({ status, type = '', detail = '' }: { status: number; type?: string; detail?: string }): RetryReason | undefined {
  if (DENIED.includes(type) || ROLE_NOT_PROPAGATED.test(detail)) return 'permission';
  if (status === 429 || THROTTLED.includes(type)) return 'busy';
  return status >= 500 || FAILED.includes(type) ? 'transient' : undefined;
}

/** Parses a JSON object. Throws for anything else, and if it exceeds the limits for JSON from outside. */
function jsonObject(body: string): AwsResponse {
  let json: unknown;
  try {
    json = parseJson(Buffer.from(body));
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
  if (isObject(json)) return json;
  throw new Failure('it is not a JSON object');
}

function jsonObjectOrEmpty(body: string): AwsResponse {
  try {
    return jsonObject(body);
  } catch {
    return {};
  }
}

/** The domains of one partition of AWS. */
export interface AwsPartition {
  /** The domain of the services. */
  readonly services: string;
  /** The domains of private ECR registries. */
  readonly registries: readonly string[];
}

const PARTITIONS: readonly (readonly [RegExp, AwsPartition])[] = [
  [/^cn-/, { services: 'amazonaws.com.cn', registries: ['amazonaws.com.cn', 'on.amazonwebservices.com.cn'] }],
  [/^us-iso-/, { services: 'c2s.ic.gov', registries: ['c2s.ic.gov'] }],
  [/^us-isob-/, { services: 'sc2s.sgov.gov', registries: ['sc2s.sgov.gov'] }],
  [/^us-isof-/, { services: 'csp.hci.ic.gov', registries: ['csp.hci.ic.gov'] }],
  [/^eu-isoe-/, { services: 'cloud.adc-e.uk', registries: ['cloud.adc-e.uk'] }],
  [/^eusc-/, { services: 'amazonaws.eu', registries: ['amazonaws.eu'] }],
];
const COMMERCIAL: AwsPartition = { services: 'amazonaws.com', registries: ['amazonaws.com', 'on.aws'] };

/**
 * The partition of a region. GovCloud uses the domains of the commercial partition.
 *
 * @see https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
 */
export function partitionOf(region: string): AwsPartition {
  return PARTITIONS.find(([regions]) => regions.test(region))?.[1] ?? COMMERCIAL;
}

// A page of a log has up to 1 MB, and more as JSON.
const MAX_PAGE_BYTES = 8 * 1024 * 1024;

/** A service with a JSON API in the region of the function. */
export function regionalService(api: Pick<AwsService, 'service' | 'title' | 'target'>, { environment: { AWS_REGION: region = '' } }: AwsDependencies): AwsService {
  return { ...api, region, host: `${api.service}.${region}.${partitionOf(region).services}`, maxResponseBytes: MAX_PAGE_BYTES };
}
