import { partitionOf } from '../../custom-resource/aws-partition';
import { AwsSeams, callAws, errorType } from '../../custom-resource/aws-request';
import { WorkLimits } from '../../custom-resource/custom-resource';
import { isRecord } from '../../custom-resource/json';
import { SmallResponse } from '../../custom-resource/small-request';
import { oneLine, truncateUtf8 } from '../../custom-resource/text';

/** What of AWS a run needs. */
export type Operation = 'DescribeTasks' | 'GetLogEvents' | 'ListTasks' | 'RunTask' | 'StopTask';

/** An answer of AWS. */
export type Answer = Readonly<Record<string, unknown>>;

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

const ECS = { service: 'ecs', title: 'ECS', target: 'AmazonEC2ContainerServiceV20141113' };
const LOGS = { service: 'logs', title: 'CloudWatch Logs', target: 'Logs_20140328' };
const BUSY = ['ThrottlingException', 'Throttling', 'TooManyRequestsException', 'RequestLimitExceeded', 'ServerException', 'ServiceUnavailableException'];
const FIRST_WAIT = 500;
const LONGEST_WAIT = 10_000;
const PATIENCE_MILLISECONDS = 60_000;
// A permission or a role that this very deployment has changed takes some seconds to spread.
const UNSPREAD = /unable to assume the role|role is not valid/i;
const SPREAD_WAIT = 5_000;
// A page of a log is 1 MB, as a text in JSON more.
const MAX_ANSWER_BYTES = 8 * 1024 * 1024;

/** Calls of ECS and CloudWatch Logs. What may pass is tried again for a minute. */
export class AwsApi {
  constructor(private readonly seams: AwsSeams, private readonly limits: WorkLimits) {}

  /** Asks for something; throws an `AwsRefusal` when there is no answer to be had. */
  public async ask(operation: Operation, question: object): Promise<Answer> {
    const { clock } = this.seams;
    const end = Math.min(this.limits.deadline, clock.now() + PATIENCE_MILLISECONDS);
    for (let tries = 1; ; tries++) {
      const response = await this.send(operation, question);
      if (response?.status === 200) return parse(response.body);
      const refusal = refusalOf(operation, response);
      const isUnspread = refusal.type === 'AccessDeniedException' || UNSPREAD.test(refusal.detail ?? '');
      const pause = isUnspread ? SPREAD_WAIT : (0.5 + clock.random() / 2) * Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** tries);
      if (!(isUnspread || refusal.isPassing) || clock.now() + pause >= end) throw refusal;
      await clock.sleep(pause, this.limits.signal);
    }
  }

  private async send(operation: Operation, body: object): Promise<SmallResponse | undefined> {
    const { service, target } = serviceOf(operation);
    const region = this.seams.environment.AWS_REGION ?? '';
    return callAws({
      service, region, host: `${service}.${region}.${partitionOf(region).services}`,
      headers: { 'X-Amz-Target': `${target}.${operation}` }, body, maxAnswerBytes: MAX_ANSWER_BYTES,
    }, this.seams).catch(() => undefined);
  }
}

function serviceOf(operation: Operation) {
  return operation === 'GetLogEvents' ? LOGS : ECS;
}

function refusalOf(operation: Operation, response?: SmallResponse): AwsRefusal {
  const { service, title } = serviceOf(operation);
  if (response === undefined) return new AwsRefusal(`${title} could not be reached`, true);
  const type = errorType(response.body);
  const answer = parse(response.body);
  const said = shortText(answer.message ?? answer.Message, 400);
  const isPassing = response.status >= 500 || response.status === 429 || (type !== undefined && BUSY.includes(type));
  const missing = /not authorized to perform: ([a-z0-9-]+:[A-Za-z]+)/.exec(response.body)?.[1] ?? `${service}:${operation}`;
  const more = type === 'AccessDeniedException' ? `; allow ${missing} to the role of the function` : said === undefined ? '' : `: ${said}`;
  return new AwsRefusal(`${title} answered ${operation} with ${[response.status, type].filter(Boolean).join(' ')}${more}`, isPassing, type, said, answer);
}

function parse(body: string): Answer {
  try {
    const json: unknown = JSON.parse(body);
    return isRecord(json) ? json : {};
  } catch {
    return {};
  }
}

/** A text on one line, cut to a number of bytes for people; `undefined` for anything else. */
export function shortText(value: unknown, bytes = 600): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? truncateUtf8(oneLine(value).trim(), bytes) : undefined;
}
