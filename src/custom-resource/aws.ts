// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the asset, so users never install it (ADR 2)
import { sign } from 'aws4';
import { AnswerTooLarge, Send, SmallResponse } from './small-request';
import { messageOf, sentence } from './text';
import { Clock } from '../engine/clock';
import { Failure, RetryReason, RetryableError } from '../engine/errors';
import { isObject, parseJson } from '../engine/json';
import { RetryPolicy, SPREADING, repeat } from '../engine/retry';

/** The environment of AWS calls. */
export interface AwsSeams {
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
  readonly maxAnswerBytes?: number;
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
  /** The subject of all calls, for messages: for example, the name of a repository. */
  readonly about?: string;
  readonly maxAnswerBytes: number;
}

/** A service of AWS with a JSON API. */
export interface AwsService extends AwsServiceAddress {
  /** The prefix of `X-Amz-Target`. */
  readonly target: string;
}

/** An error in a response. */
export interface AwsError {
  /** The name of the error. */
  readonly type?: string;
  readonly message?: unknown;
  /** @default - no further details */
  readonly answer?: Answer;
}

/** A response of AWS. */
export type Answer = Readonly<Record<string, unknown>>;

/** The time limits of calls. */
export interface Patience {
  /** The time at which no further request begins. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** A call that AWS refused or did not respond to. */
export class AwsRefusal extends RetryableError {
  constructor(
    message: string,
    retry?: RetryReason,
    /** The name of the error. */
    public readonly type?: string,
    /** The message of AWS. */
    public readonly detail?: string,
    public readonly answer: Answer = {},
  ) {
    super(message, retry);
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
const PATIENT = { milliseconds: 60_000, backoff: { first: 1_000, longest: 10_000, jitter: 0.5 } };

/** The retry rules for AWS calls. */
const AWS_RETRIES: RetryPolicy['rules'] = { busy: PATIENT, transient: PATIENT, permission: SPREADING };
// Errors that pass when a role that this deployment has just created or changed takes effect.
const UNSPREAD = /unable to assume the role|role is not valid/i;

/** Signs a call with the credentials of the function and sends it once. */
export async function callAws(call: AwsCall, { environment, clock, send }: AwsSeams): Promise<SmallResponse> {
  const { service, region, host, path = '/', headers: special, body, maxAnswerBytes, timeoutMilliseconds = TIMEOUT_MILLISECONDS } = call;
  const own = environment[`AWS_ENDPOINT_URL_${service.toUpperCase()}`] ?? environment.AWS_ENDPOINT_URL;
  const url = new URL(path, own ?? `https://${host}`);
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  const headers = {
    'Host': url.host,
    'Content-Type': 'application/x-amz-json-1.1',
    ...special,
    'X-Amz-Date': new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
  };
  const signed = sign({ service, region, method: 'POST', host: url.host, path: url.pathname, headers, body: text }, {
    accessKeyId: environment.AWS_ACCESS_KEY_ID,
    secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
    sessionToken: environment.AWS_SESSION_TOKEN,
  });
  const flat = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]));
  return send({ method: 'POST', url, headers: flat, body: text, timeoutMilliseconds, maxAnswerBytes });
}

/** The name of the error in a response, for example `AccessDeniedException`. */
export function errorType(body: string): string | undefined {
  return /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,64})"/.exec(body)?.[1];
}

/** The API of one service, in one of the protocols of AWS. Temporary failures are retried. */
export abstract class ServiceApi<Operation extends string, Question, Result, Service extends AwsServiceAddress = AwsServiceAddress> {
  constructor(protected readonly service: Service, private readonly seams: AwsSeams, private readonly patience: Patience = {}) {}

  /** Calls an operation and returns its result. Throws an `AwsRefusal` if it fails. */
  public async ask(operation: Operation, question: Question): Promise<Result> {
    const { clock } = this.seams;
    const { deadline = Infinity, signal } = this.patience;
    if (clock.now() >= deadline) throw new AwsRefusal(`no time is left to ask ${this.service.title} for ${operation}`, 'busy');
    return repeat({ clock, rules: AWS_RETRIES, deadline, signal }, async () => {
      const response = await this.send(operation, question);
      if (response.status !== 200) throw this.refusal(operation, response);
      return this.read(operation, response);
    });
  }

  /** Headers and body of a request. */
  protected abstract encode(operation: Operation, question: Question): Pick<AwsCall, 'headers' | 'body'>;

  /** Parses the response to a successful call. Throws if it cannot be read. */
  protected abstract decode(operation: Operation, body: string): Result;

  /** Parses the response to a refused call. Never throws. */
  protected abstract errorIn(body: string): AwsError;

  private async send(operation: Operation, question: Question): Promise<SmallResponse> {
    const { service, title, region, host, maxAnswerBytes } = this.service;
    try {
      return await callAws({ service, region, host, maxAnswerBytes, ...this.encode(operation, question) }, this.seams);
    } catch (error) {
      if (error instanceof AnswerTooLarge) throw this.unreadable(operation, error);
      throw new AwsRefusal(`${title} in ${region} could not be reached`, 'transient');
    }
  }

  private read(operation: Operation, { body }: SmallResponse): Result {
    try {
      return this.decode(operation, body);
    } catch (error) {
      throw this.unreadable(operation, error);
    }
  }

  private unreadable(operation: Operation, error: unknown): AwsRefusal {
    return new AwsRefusal(`the answer of ${this.service.title} to ${operation} cannot be read: ${messageOf(error)}`);
  }

  private refusal(operation: Operation, { status, body }: SmallResponse): AwsRefusal {
    const { service, title, about } = this.service;
    const { type, message: text, answer } = this.errorIn(body);
    const said = sentence(text);
    // The missing permission may belong to another service. For example, enhanced scans need a permission of Amazon Inspector.
    const missing = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(body)?.[1] ?? `${service}:${operation}`;
    const more = DENIED.includes(type ?? '') ? `; allow ${missing} to the role of the function` : said === undefined ? '' : `: ${said}`;
    const subject = about === undefined ? operation : `${operation} on ${about}`;
    const message = `${title} answered ${subject} with ${[status, type].filter(Boolean).join(' ')}${more}`;
    return new AwsRefusal(message, retryReasonOf(status, type, said), type, said, answer);
  }
}

/** The JSON API of one service. */
export class AwsApi<Operation extends string> extends ServiceApi<Operation, object, Answer, AwsService> {
  protected encode(operation: Operation, body: object): Pick<AwsCall, 'headers' | 'body'> {
    return { headers: { 'X-Amz-Target': `${this.service.target}.${operation}` }, body };
  }

  protected decode(_operation: Operation, body: string): Answer {
    return jsonObject(body);
  }

  protected errorIn(body: string): AwsError {
    const answer = errorDetails(body);
    return { type: errorType(body), message: answer.message ?? answer.Message, answer };
  }
}

/** Whether and why a refused call may be repeated. */
function retryReasonOf(status: number, type = '', said = ''): RetryReason | undefined {
  if (DENIED.includes(type) || UNSPREAD.test(said)) return 'permission';
  if (status === 429 || THROTTLED.includes(type)) return 'busy';
  return status >= 500 || FAILED.includes(type) ? 'transient' : undefined;
}

/** Parses a JSON object. Throws for anything else, and if it exceeds the limits for JSON from outside. */
function jsonObject(body: string): Answer {
  let json: unknown;
  try {
    json = parseJson(Buffer.from(body));
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
  if (isObject(json)) return json;
  throw new Failure('it is not a JSON object');
}

/** The details of an error. Empty if they cannot be read. */
function errorDetails(body: string): Answer {
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
export function localService(api: Pick<AwsService, 'service' | 'title' | 'target'>, { environment: { AWS_REGION: region = '' } }: AwsSeams): AwsService {
  return { ...api, region, host: `${api.service}.${region}.${partitionOf(region).services}`, maxAnswerBytes: MAX_PAGE_BYTES };
}
