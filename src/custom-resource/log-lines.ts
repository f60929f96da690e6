import { AwsApi, AwsCallError, AwsDependencies, AwsResponse, regionalService } from './aws';
import { WorkLimits } from './protocol';
import { jsonBytes, oneLine, truncateUtf8 } from './text';
import { Clock, pause } from '../engine/clock';
import { records } from '../engine/json';

/** The CloudWatch Logs operations that the functions call. */
export type LogApi = AwsApi<'GetLogEvents'>;

const LOGS = { service: 'logs', title: 'CloudWatch Logs', target: 'Logs_20140328' };

/** The API of CloudWatch Logs in the region of the function. */
export function logApi(dependencies: AwsDependencies, limits: WorkLimits): LogApi {
  return new AwsApi(regionalService(LOGS, dependencies), dependencies, limits);
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
const MAX_READS = 5;
const PAUSE_MILLISECONDS = 3_000;
// A page may be empty even if more follow.
const MAX_PAGES = 5;
const PAGE_SIZE = 200;
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
  let previous: string[] = [];
  for (let reads = 1; ; reads++) {
    const current = lastLines(await newestMessages(options), lines);
    const isSettled = current.length > 0 && JSON.stringify(current) === JSON.stringify(previous);
    if (isSettled || reads === MAX_READS || !await pause(PAUSE_MILLISECONDS, { clock, deadline, signal })) return current;
    previous = current;
  }
}

async function newestMessages({ api, group, stream }: LogOptions): Promise<string[]> {
  let nextToken: unknown;
  for (let page = 0; page < MAX_PAGES; page++) {
    const response = await getLogEvents(api, { logGroupName: group, logStreamName: stream, limit: PAGE_SIZE, startFromHead: false, nextToken });
    const messages = records(response.events).flatMap(({ message }) => typeof message === 'string' ? [message] : []);
    if (messages.length > 0 || typeof response.nextBackwardToken !== 'string' || response.nextBackwardToken === nextToken) return messages;
    nextToken = response.nextBackwardToken;
  }
  return [];
}

async function getLogEvents(api: LogApi, input: object): Promise<AwsResponse> {
  try {
    return await api.call('GetLogEvents', input);
  } catch (error) {
    // A container without output has no stream.
    if (error instanceof AwsCallError && error.type === 'ResourceNotFoundException') return {};
    throw error;
  }
}

/** The last lines of some messages. Only as many as needed are split, because lines take many times their length in memory. */
function lastLines(messages: readonly string[], count: number): string[] {
  let found: string[] = [];
  for (const message of [...messages].reverse()) {
    found = [...readableLines(message.slice(-MESSAGE_CHARACTERS)), ...found].slice(-count);
    if (found.length === count) break;
  }
  return found;
}

/** The lines of one message, without escape sequences and control characters. */
function readableLines(message: string): string[] {
  // The buffer replaces unpaired surrogates, which JSON would write as six characters each.
  const plain = Buffer.from(message.replace(ESCAPES, '')).toString('utf8');
  return plain.split(/\r?\n/).map(line => oneLine(line).replace(SEPARATORS, ' ').trim()).filter(line => line !== '');
}

/** The location of a log, and its last lines. */
export interface ReadLog {
  readonly where: string;
  readonly lines: readonly string[];
}

/** The maximum size of a long reason, for example with log lines, in bytes. The whole response must fit into the 4096 bytes of CloudFormation. */
export const LONG_REASON_BYTES = 3000;

const SENTENCE_BYTES = 1500;
const LINE_BYTES = 600;

/** Appends as many of the last log lines to a sentence as fit. The last line is the most important one. */
export function withLog(sentence: string, log: ReadLog | undefined): string {
  const head = cutToJsonBytes(sentence, SENTENCE_BYTES);
  if (log === undefined) return head;
  if (log.lines.length === 0) return cutToJsonBytes(`${head}. Its log is empty (${log.where})`, LONG_REASON_BYTES);
  const intro = `${head}. Its last log lines (all are in ${log.where}): `;
  let left = LONG_REASON_BYTES - jsonBytes(intro) - jsonBytes(' | ...');
  const reported: string[] = [];
  for (const line of [...log.lines].reverse()) {
    const cut = cutToJsonBytes(line, Math.min(LINE_BYTES, left));
    left -= jsonBytes(` | ${cut}`);
    if (left < 0) break;
    reported.unshift(cut);
  }
  return intro + [...reported.length < log.lines.length ? ['...'] : [], ...reported].join(' | ');
}

/** Cuts a text until its JSON form fits. For example, a quotation mark takes two bytes in JSON. */
function cutToJsonBytes(text: string, bytes: number): string {
  let cut = text;
  for (let most = bytes; jsonBytes(cut) > bytes && most > 3; most -= Math.max(1, jsonBytes(cut) - bytes)) cut = truncateUtf8(text, most);
  return cut;
}
