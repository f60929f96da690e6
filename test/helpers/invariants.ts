import { Fault, RETRY_AFTER_SECONDS } from './fault-proxy-faults';
import { TracedRequest } from './fault-proxy-trace';
import { differences } from './invariants-images';
import { leaksInWords, leaksToOthers } from './invariants-secrets';
import { TestImage } from './registry-images';
import { TestRepository } from './registry-store';

/**
 * Invariants after every run, for any faults. Every function returns one sentence
 * for each violation. I9, the IAM actions, is checked by the tests of the constructs, and the memory of I8 by the benchmark.
 */

/** Everything that can be observed during one delivered event. */
export interface Run {
  /** Bodies of the responses to CloudFormation. */
  readonly answers: readonly string[];
  readonly logs: readonly string[];
  /** The error that the handler threw. */
  readonly thrown?: unknown;
  readonly trace: readonly TracedRequest[];
  /** Milliseconds on the simulated clock. */
  readonly elapsed: number;
  /** Remaining timers. */
  readonly pending: number;
  /** Open connections. */
  readonly connections: number;
  /** Errors in the tags of the destination after any of the requests. */
  readonly incomplete: readonly string[];
  readonly tagsBefore: ReadonlyMap<string, string>;
  readonly blobsBefore: ReadonlySet<string>;
}

/** The expected result of a run. */
export interface Aim {
  readonly repository: TestRepository;
  readonly image: TestImage;
  /** Tags of the image. */
  readonly tags: readonly string[];
  /** The trace of a run without faults. */
  readonly clean: readonly TracedRequest[];
}

const TRIES = 6;
// Requests to an overloaded server are retried twenty more times.
const TRIES_WHEN_BUSY = TRIES + 20;
// Requests that wait for the same token fail together, and each one retries after its own wait.
const WAITING_FOR_A_TOKEN = 4;
const INCOMPLETE = ['MANIFEST_BLOB_UNKNOWN', 'BLOB_UNKNOWN', 'MANIFEST_UNKNOWN'];
const ANSWER_BYTES = 4096;
const FUNCTION_MILLISECONDS = 900_000;

/** The response to CloudFormation. */
export function outcomeOf({ answers }: Run): { readonly Status?: string; readonly Reason?: string } {
  return JSON.parse(answers[0] ?? '{}');
}

/** All violations of a run. */
export function breaches(run: Run, aim: Aim): string[] {
  const done = outcomeOf(run).Status === 'SUCCESS';
  return [
    ...run.incomplete,
    ...refusedImages(run.trace),
    ...(done ? aim.tags.flatMap(tag => differences(aim.repository, tag, aim.image)) : movedTags(run, aim)),
    ...leaksToOthers(run.trace),
    ...overBudget(run, aim.clean),
    ...impatience(run.trace),
    ...pieces(run.trace),
    ...badAnswers(run),
    ...leaksInWords([...run.answers, ...run.logs, String(run.thrown)]),
    ...leftBehind(run),
  ];
}

/** I1, from the other side: requests that the registry rejected because a part was missing. A tolerant registry would have accepted them. */
export function refusedImages(trace: readonly TracedRequest[]): string[] {
  const tooEarly = trace.filter(({ kind, code = '' }) => kind === 'PUT manifest' && INCOMPLETE.includes(code));
  return tooEarly.map(({ key, code }) => `${key} was refused with ${code}`);
}

/** A failed run does not change the tags, except for those that the registry wrote although its answer was lost. */
export function movedTags({ trace, tagsBefore }: Run, { repository, image, tags }: Aim): string[] {
  const written = trace.filter(({ kind, status }) => kind === 'PUT manifest' && status === 201).map(({ path }) => path.slice(path.lastIndexOf('/') + 1));
  const mayMean = (tag: string, digest: string | undefined) =>
    digest === tagsBefore.get(tag) || (digest === image.digest && tags.includes(tag) && written.includes(tag));
  const names = [...new Set([...tagsBefore.keys(), ...repository.tags.keys()])];
  return names.filter(tag => !mayMean(tag, repository.tags.get(tag))).map(tag => `the tag ${tag} means ${repository.tags.get(tag)} after a failure`);
}

/** I4: more than six (or 26) tries for one request, or more time than the function has. */
export function overBudget({ trace, elapsed }: Run, clean: readonly TracedRequest[]): string[] {
  const generations = 1 + trace.filter(({ fault }) => fault === '401 expired').length;
  // One error can cause the retry of a whole upload.
  const tries = trace.some(({ fault = '' }) => fault.startsWith('429')) ? TRIES_WHEN_BUSY : TRIES;
  const late = elapsed <= FUNCTION_MILLISECONDS ? [] : [`it took ${elapsed / 1000} s`];
  return [...new Set(trace.map(({ key }) => key))].flatMap(key => {
    const sent = trace.filter(each => each.key === key && each.status !== 401 && each.fault !== '401 expired');
    const meant = Math.max(1, clean.filter(each => isMeant(each, sent[0], key)).length);
    const allowed = tries * (sent[0]?.kind === 'GET token' ? WAITING_FOR_A_TOKEN * generations : meant);
    return sent.length <= allowed ? [] : [`${key} was sent ${sent.length} times`];
  }).concat(late);
}

/** Whether a request of the clean run allows one with this key. Uploads begin without a digest, so they share a key, and a mount can become one. */
function isMeant(each: TracedRequest, sent: TracedRequest | undefined, key: string): boolean {
  if (each.status === 401) return false;
  return each.key === key || (sent?.kind === 'POST upload' && each.kind === 'mount' && each.at === sent.at);
}

/** I4 too: no request is sent before the time in Retry-After. */
export function impatience(trace: readonly TracedRequest[]): string[] {
  return trace.flatMap(({ key, kind, fault, time, number }) => {
    const until = askedUntil(fault, time);
    const next = trace.find(each => each.number > number && each.key === key);
    // Uploads of several blobs begin with the same key.
    if (until === undefined || next === undefined || next.time >= until || kind === 'POST upload') return [];
    return [`${key} was repeated after ${(next.time - time) / 1000} s, asked for ${(until - time) / 1000} s`];
  });
}

function askedUntil(fault: Fault | undefined, time: number): number | undefined {
  if (fault === '429 Retry-After seconds') return time + RETRY_AFTER_SECONDS.seconds * 1000;
  // A date has no fractions of a second.
  return fault === '429 Retry-After date' ? 1000 * Math.floor(time / 1000 + RETRY_AFTER_SECONDS.date) : undefined;
}

/** A blob is transferred in one piece: ECR drops the content of a second PATCH, and a resumed download could be another file. */
export function pieces(trace: readonly TracedRequest[]): string[] {
  const partial = trace.filter(({ kind, headers }) => kind === 'PATCH upload' || 'range' in headers || 'content-range' in headers);
  return partial.map(({ key }) => `${key} asks for a part`);
}

/** I5: CloudFormation gets one response, in a valid form. */
export function badAnswers({ answers, thrown }: Run): string[] {
  const sentence = thrown === undefined ? [] : [`the handler threw: ${String(thrown)}`];
  if (answers.length !== 1) return [...sentence, `CloudFormation was answered ${answers.length} times`];
  const { Status, Reason, PhysicalResourceId, StackId, RequestId, LogicalResourceId }: Record<string, unknown> = JSON.parse(answers[0]);
  const complete = [PhysicalResourceId, StackId, RequestId, LogicalResourceId].every(each => typeof each === 'string' && each !== '');
  const told = Status === 'SUCCESS' || (Status === 'FAILED' && typeof Reason === 'string' && Reason !== '');
  const short = Buffer.byteLength(answers[0]) <= ANSWER_BYTES;
  return complete && told && short ? sentence : [...sentence, `the answer cannot be read: ${answers[0].slice(0, 200)}`];
}

/** I7: unexpected and missing work of a second run. */
export function repeatedWork(again: Run): string[] {
  const uploads = again.trace.filter(({ kind }) => kind === 'PUT upload');
  const twice = uploads.filter(({ key }) => again.blobsBefore.has(key.slice(key.lastIndexOf(' ') + 1)));
  const { Status, Reason } = outcomeOf(again);
  return [...(Status === 'SUCCESS' ? [] : [`the repetition failed: ${Reason}`]), ...twice.map(({ key }) => `the repetition uploaded again: ${key}`)];
}

/** I8, except for the memory. */
export function leftBehind({ pending, connections }: Run): string[] {
  return [...(pending === 0 ? [] : [`${pending} timers are left`]), ...(connections === 0 ? [] : [`${connections} connections are left`])];
}
