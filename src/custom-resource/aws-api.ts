import { AwsSeams, callAws, errorType } from './aws-request';
import { backoff } from './backoff';
import { isRecord } from './json';
import { AnswerTooLarge, SmallResponse } from './small-request';
import { messageOf, sentence } from './text';
import { Failure } from '../engine/errors';
import { parseJson } from '../engine/json';

/** Which service of AWS is asked, and where. */
export interface AwsService {
  /** What it signs with, and what its permissions begin with. */
  readonly service: string;
  /** Its name, for people. */
  readonly title: string;
  /** What `X-Amz-Target` begins with. */
  readonly target: string;
  readonly region: string;
  readonly host: string;
  /** What all questions are about, for people: the name of a repository. */
  readonly about?: string;
  readonly maxAnswerBytes: number;
}

/** An answer of AWS. */
export type Answer = Readonly<Record<string, unknown>>;

/** Until when AWS is asked. */
export interface Patience {
  /** No request begins later than this. */
  readonly deadline?: number;
  readonly signal?: AbortSignal;
}

/** AWS has said no, or nothing. */
export class AwsRefusal extends Error {
  constructor(
    message: string,
    /** Whether another try may help. */
    public readonly isPassing: boolean,
    /** The name of the error. */
    public readonly type?: string,
    /** What AWS says of it. */
    public readonly detail?: string,
    public readonly answer: Answer = {},
  ) {
    super(message);
  }
}

const BUSY = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded', 'ServerException', 'ServiceUnavailableException'];
const BUSY_MILLISECONDS = 60_000;
const WAITS = { first: 500, longest: 10_000 };
// A permission or a role that this very deployment has changed takes some seconds to spread.
const UNSPREAD = /unable to assume the role|role is not valid/i;
const SPREAD_MILLISECONDS = 30_000;
const SPREAD_WAIT = 5_000;

/** Calls of a service that speaks JSON. What may pass is tried again. */
export class AwsApi<Operation extends string> {
  constructor(private readonly service: AwsService, private readonly seams: AwsSeams, private readonly patience: Patience = {}) {}

  /** Asks for something; throws an `AwsRefusal` when there is no answer to be had. */
  public async ask(operation: Operation, question: object): Promise<Answer> {
    const { clock } = this.seams;
    const { deadline = Infinity, signal } = this.patience;
    const begun = clock.now();
    if (begun >= deadline) throw new AwsRefusal(`no time is left to ask ${this.service.title} for ${operation}`, true);
    for (let tries = 1; ; tries++) {
      const response = await this.send(operation, question);
      if (response?.status === 200) return this.read(operation, response);
      const refusal = this.refusal(operation, response);
      const isUnspread = refusal.type === 'AccessDeniedException' || UNSPREAD.test(refusal.detail ?? '');
      const pause = isUnspread ? SPREAD_WAIT : backoff(tries, clock, WAITS);
      const end = Math.min(deadline, begun + (isUnspread ? SPREAD_MILLISECONDS : BUSY_MILLISECONDS));
      if (!(isUnspread || refusal.isPassing) || clock.now() + pause >= end) throw refusal;
      await clock.sleep(pause, signal);
    }
  }

  private async send(operation: Operation, body: object): Promise<SmallResponse | undefined> {
    const { service, target, region, host, maxAnswerBytes } = this.service;
    try {
      return await callAws({ service, region, host, headers: { 'X-Amz-Target': `${target}.${operation}` }, body, maxAnswerBytes }, this.seams);
    } catch (error) {
      if (error instanceof AnswerTooLarge) throw this.unreadable(operation, error);
      return undefined;
    }
  }

  private read(operation: Operation, { body }: SmallResponse): Answer {
    try {
      return jsonObject(body);
    } catch (error) {
      throw this.unreadable(operation, error);
    }
  }

  private unreadable(operation: Operation, error: unknown): AwsRefusal {
    return new AwsRefusal(`the answer of ${this.service.title} to ${operation} cannot be read: ${messageOf(error)}`, false);
  }

  private refusal(operation: Operation, response?: SmallResponse): AwsRefusal {
    const { service, title, region, about } = this.service;
    if (response === undefined) return new AwsRefusal(`${title} in ${region} could not be reached`, true);
    const { status, body } = response;
    const type = errorType(body);
    const answer = errorDetails(body);
    const said = sentence(answer.message ?? answer.Message);
    const isPassing = status >= 500 || status === 429 || (type !== undefined && BUSY.includes(type));
    // It may be a permission of another service: of an enhanced scan, one of Inspector.
    const missing = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(body)?.[1] ?? `${service}:${operation}`;
    const more = type === 'AccessDeniedException' ? `; allow ${missing} to the role of the function` : said === undefined ? '' : `: ${said}`;
    const subject = about === undefined ? operation : `${operation} on ${about}`;
    return new AwsRefusal(`${title} answered ${subject} with ${[status, type].filter(Boolean).join(' ')}${more}`, isPassing, type, said, answer);
  }
}

/** A JSON object. Throws when it is none, or when it exceeds the limits for JSON from outside. */
function jsonObject(body: string): Answer {
  let json: unknown;
  try {
    json = parseJson(Buffer.from(body));
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
  if (isRecord(json)) return json;
  throw new Failure('it is not a JSON object');
}

/** An error may be without details that can be read. */
function errorDetails(body: string): Answer {
  try {
    return jsonObject(body);
  } catch {
    return {};
  }
}
