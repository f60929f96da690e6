import { AWS_RETRIES, AwsRefusal, AwsSeams, DENIED, Patience, callAws, retryReasonOf } from './aws';
import { AnswerTooLarge, SmallResponse } from './small-request';
import { messageOf, sentence } from './text';
import { XmlElement, elementAt, parseXml, textAt } from './xml';
import { repeat } from '../engine/retry';

/** A service of AWS with a query API: form data in requests, XML in responses. */
export interface QueryService {
  /** The signing name, which is also the prefix of its IAM actions. */
  readonly service: string;
  /** The name for messages. */
  readonly title: string;
  readonly version: string;
  readonly region: string;
  readonly host: string;
}

/** A parameter: a text, a number, a list or a structure. Parameters without a value are not sent. */
export type QueryValue = string | number | undefined | readonly QueryValue[] | { readonly [name: string]: QueryValue };

// A hundred rules have a few hundred KiB.
const MAX_ANSWER_BYTES = 2 * 1024 * 1024;

/** The query API of one service. Temporary failures are retried. */
export class QueryApi<Operation extends string> {
  constructor(private readonly service: QueryService, private readonly seams: AwsSeams, private readonly patience: Patience = {}) {}

  /** Calls an operation and returns its result. Throws an `AwsRefusal` if it fails. */
  public async ask(operation: Operation, parameters: { readonly [name: string]: QueryValue }): Promise<XmlElement | undefined> {
    const { clock } = this.seams;
    const { deadline = Infinity, signal } = this.patience;
    const body = new URLSearchParams([['Action', operation], ['Version', this.service.version], ...pairsOf(parameters)]).toString();
    if (clock.now() >= deadline) throw new AwsRefusal(`no time is left to ask ${this.service.title} for ${operation}`, 'busy');
    return repeat({ clock, rules: AWS_RETRIES, deadline, signal }, async () => {
      const response = await this.send(operation, body);
      if (response.status !== 200) throw this.refusal(operation, response);
      return this.read(operation, response);
    });
  }

  private async send(operation: Operation, body: string): Promise<SmallResponse> {
    const { service, title, region, host } = this.service;
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=utf-8' };
    try {
      return await callAws({ service, region, host, headers, body, maxAnswerBytes: MAX_ANSWER_BYTES }, this.seams);
    } catch (error) {
      if (error instanceof AnswerTooLarge) throw this.unreadable(operation, error);
      throw new AwsRefusal(`${title} in ${region} could not be reached`, 'transient');
    }
  }

  private read(operation: Operation, { body }: SmallResponse): XmlElement | undefined {
    try {
      const response = parseXml(body);
      if (response.name !== `${operation}Response`) throw new Error(`it is not a response to ${operation}`);
      return elementAt(response, `${operation}Result`);
    } catch (error) {
      throw this.unreadable(operation, error);
    }
  }

  private unreadable(operation: Operation, error: unknown): AwsRefusal {
    return new AwsRefusal(`the answer of ${this.service.title} to ${operation} cannot be read: ${messageOf(error)}`);
  }

  private refusal(operation: Operation, { status, body }: SmallResponse): AwsRefusal {
    const { service, title } = this.service;
    const error = errorIn(body);
    const type = textAt(error, 'Code');
    const said = sentence(textAt(error, 'Message'));
    const more = DENIED.includes(type ?? '') ? `; allow ${service}:${operation} to the role of the function` : said === undefined ? '' : `: ${said}`;
    return new AwsRefusal(`${title} answered ${operation} with ${[status, type].filter(Boolean).join(' ')}${more}`, retryReasonOf(status, type, said), type, said);
  }
}

function errorIn(body: string): XmlElement | undefined {
  try {
    return elementAt(parseXml(body), 'Error');
  } catch {
    return undefined;
  }
}

/** Flattens parameters as the query protocol does: `Actions.member.1.Type`. An empty list is sent as an empty text. */
function pairsOf(parameters: { readonly [name: string]: QueryValue }, prefix = ''): [string, string][] {
  return Object.entries(parameters).flatMap(([name, value]) => pairOf(`${prefix}${name}`, value));
}

function pairOf(name: string, value: QueryValue): [string, string][] {
  if (value === undefined) return [];
  if (typeof value !== 'object') return [[name, String(value)]];
  if (!Array.isArray(value)) return pairsOf(value as { readonly [name: string]: QueryValue }, `${name}.`);
  return value.length === 0 ? [[name, '']] : value.flatMap((each: QueryValue, index) => pairOf(`${name}.member.${index + 1}`, each));
}
