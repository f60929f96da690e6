import { Answer, AwsApi, AwsRefusal, AwsSeams, localService } from './aws';
import { WorkLimits } from './protocol';
import { oneLine, truncateUtf8 } from './text';
import { Clock, pause } from '../engine/clock';
import { records } from '../engine/json';

/** The CloudWatch Logs operations that the functions call. */
export type LogApi = AwsApi<'GetLogEvents'>;

const LOGS = { service: 'logs', title: 'CloudWatch Logs', target: 'Logs_20140328' };

/** The API of CloudWatch Logs in the region of the function. */
export function logApi(seams: AwsSeams, limits: WorkLimits): LogApi {
  return new AwsApi(localService(LOGS, seams), seams, limits);
}

/** Options for reading a log. */
export interface LogOptions {
  readonly api: LogApi;
  readonly clock: Clock;
  readonly limits: WorkLimits;
  readonly group: string;
  readonly stream: string;
  readonly lines: number;
}

// The last output of a container arrives some seconds later.
const LOOKS = 5;
const PAUSE_MILLISECONDS = 3_000;
// A page may be empty even if more follow.
const PAGES = 5;
const EVENTS = 200;
// Only the end of a message is used, because the reason of a failure has less space than this.
const MESSAGE_CHARACTERS = 64 * 1024;
// Escape sequences of terminals.
const ESCAPES = /\u001b(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|[@-Z\\-_])/g;
const SEPARATORS = /[\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;

/**
 * The last lines of a log, without empty lines, after no more arrive.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
 */
export async function lastLogLines(options: LogOptions): Promise<string[]> {
  const { clock, limits: { deadline, signal }, lines } = options;
  let before: string[] = [];
  for (let looks = 1; ; looks++) {
    const now = lastLines(await newest(options), lines);
    const isSettled = now.length > 0 && JSON.stringify(now) === JSON.stringify(before);
    if (isSettled || looks === LOOKS || !await pause(PAUSE_MILLISECONDS, { clock, deadline, signal })) return now;
    before = now;
  }
}

async function newest({ api, group, stream }: LogOptions): Promise<string[]> {
  let nextToken: unknown;
  for (let page = 0; page < PAGES; page++) {
    const answer = await ask(api, { logGroupName: group, logStreamName: stream, limit: EVENTS, startFromHead: false, nextToken });
    const messages = records(answer.events).flatMap(({ message }) => typeof message === 'string' ? [message] : []);
    if (messages.length > 0 || typeof answer.nextBackwardToken !== 'string' || answer.nextBackwardToken === nextToken) return messages;
    nextToken = answer.nextBackwardToken;
  }
  return [];
}

async function ask(api: LogApi, question: object): Promise<Answer> {
  try {
    return await api.ask('GetLogEvents', question);
  } catch (error) {
    // A container without output has no stream.
    if (error instanceof AwsRefusal && error.type === 'ResourceNotFoundException') return {};
    throw error;
  }
}

/** The last lines of some messages. Only as many as needed are split, because lines take many times their length in memory. */
function lastLines(messages: readonly string[], count: number): string[] {
  let found: string[] = [];
  for (const message of [...messages].reverse()) {
    found = [...readable(message.slice(-MESSAGE_CHARACTERS)), ...found].slice(-count);
    if (found.length === count) break;
  }
  return found;
}

/** The lines of one message, without escape sequences and control characters. */
function readable(message: string): string[] {
  // The buffer replaces unpaired surrogates, which JSON would write as six characters each.
  const plain = Buffer.from(message.replace(ESCAPES, '')).toString('utf8');
  return plain.split(/\r?\n/).map(line => oneLine(line).replace(SEPARATORS, ' ').trim()).filter(line => line !== '');
}

/** The location of a log, and its last lines. */
export interface ReadLog {
  readonly where: string;
  readonly lines: readonly string[];
}

/** The maximum size of a reason with log lines, in bytes. The whole response must fit into the 4096 bytes of CloudFormation. */
export const REASON_BYTES = 3000;

const SENTENCE_BYTES = 1500;
const LINE_BYTES = 600;

/** Appends as many of the last log lines to a sentence as fit. The last line is the most important one. */
export function withLog(sentence: string, log: ReadLog | undefined): string {
  const head = fitting(sentence, SENTENCE_BYTES);
  if (log === undefined) return head;
  if (log.lines.length === 0) return fitting(`${head}. Its log is empty (${log.where})`, REASON_BYTES);
  const intro = `${head}. Its last log lines (all are in ${log.where}): `;
  let left = REASON_BYTES - size(intro) - size(' | ...');
  const reported: string[] = [];
  for (const line of [...log.lines].reverse()) {
    const cut = fitting(line, Math.min(LINE_BYTES, left));
    left -= size(` | ${cut}`);
    if (left < 0) break;
    reported.unshift(cut);
  }
  return intro + [...reported.length < log.lines.length ? ['...'] : [], ...reported].join(' | ');
}

/** Cuts a text until its JSON form fits. For example, a quotation mark takes two bytes in JSON. */
function fitting(text: string, bytes: number): string {
  let cut = text;
  for (let most = bytes; size(cut) > bytes && most > 3; most -= Math.max(1, size(cut) - bytes)) cut = truncateUtf8(text, most);
  return cut;
}

/** The size of the JSON form of a text, in bytes. */
function size(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}
