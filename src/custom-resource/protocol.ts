import { createHash } from 'node:crypto';
import { Send } from './small-request';
import { messageOf, oneLine, truncateUtf8 } from './text';
import { Clock } from '../engine/clock';
import { Failure } from '../engine/errors';
import { repeat } from '../engine/retry';

/** The parts of a CloudFormation custom resource event that the functions use. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  /** `Custom::…`. Functions that serve one type do not need it. */
  readonly ResourceType?: string;
  readonly PhysicalResourceId?: string;
  /** Always set in CloudFormation events. Can be missing if somebody invokes the function manually. */
  readonly ResourceProperties?: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
  /** Added by this function when it invokes itself to continue. */
  readonly Continuation?: Continuation;
}

/** The state that is passed to the next invocation. */
export interface Continuation {
  /** The number of earlier invocations: 1 for the second one. */
  readonly Hop: number;

  /**
   * The time at which the first invocation began, in milliseconds since 1970.
   *
   * @default - the start of this invocation
   */
  readonly Since?: number;

  /**
   * State that the work passes to its next invocation.
   *
   * @default - none
   */
  readonly Memo?: string;
}

/** The part of the Lambda context that the functions use. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** What the protocol needs from the outside. Tests replace all of it. */
export interface ProtocolDependencies {
  readonly clock: Clock;
  readonly send: Send;
  readonly log: (line: string) => void;
  /**
   * Passes the event on to another invocation. After the deadline, no further attempt begins.
   *
   * @default - work that does not end in one invocation fails
   */
  readonly invokeAgain?: (event: CustomResourceEvent, deadline: number) => Promise<void>;
  /**
   * The environment variables of the function, which show whether it runs in a local cloud.
   *
   * @default - the response may go to any address
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** The time limit of the work, and the signal to stop. */
export interface WorkLimits {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** The result of work that made progress but ran out of time. */
export interface Unfinished {
  readonly status: 'UNFINISHED';
  readonly reason: string;
  /** The `Continuation.Memo` of the next invocation. */
  readonly memo?: string;
}

/** The work for an event. */
export type Work = (event: CustomResourceEvent, limits: WorkLimits) => Promise<Outcome | Unfinished>;

/** The work for all events of a custom resource. */
export interface ResourceWork {
  /** The work for Create and Update. */
  readonly work: Work;
  /** The work for Delete. */
  readonly remove: Work;
}

/** One kind of custom resource. */
export interface ResourceKind extends ResourceWork {
  /** The work, for messages: `the copy`. */
  readonly name: string;
  /** The fix if it takes too long, for messages. */
  readonly timeoutFix: string;
  /**
   * The maximum size of the reason of a failure, in bytes.
   *
   * @default DEFAULT_REASON_BYTES
   */
  readonly reasonBytes?: number;
  /** The physical ID, known before anything can fail. After a new ID, CloudFormation sends a Delete for the old one. */
  readonly physicalId: (event: CustomResourceEvent) => string;
}

// Sending the response can take six attempts of two seconds, and the waits between them.
const RESPONSE_MILLISECONDS = 20_000;
// Four invocations of 14 minutes end before CloudFormation stops waiting.
const MAX_HOPS = 3;
// CloudFormation waits for one hour at most. Later work could undo a rollback.
const CLOUDFORMATION_MILLISECONDS = 3_600_000;
// Lets the work fail with its own message before the watchdog responds.
const GRACE_MILLISECONDS = 10_000;

/**
 * Does the work of a custom resource and responds to CloudFormation exactly once, before the function times out. Work that makes
 * progress but does not end in one invocation continues in the next one.
 */
export async function serveCustomResource(
  event: CustomResourceEvent, context: InvocationContext, kind: ResourceKind, dependencies: ProtocolDependencies,
): Promise<void> {
  checkResponseUrl(event.ResponseURL, dependencies);
  const physicalId = kind.physicalId(event);
  const name = `${event.RequestType} ${event.LogicalResourceId}`;
  // Keeps quoted texts from adding lines to the log.
  const log = (line: string) => dependencies.log(oneLine(`${name} ${line}`));
  log('began');
  const { clock } = dependencies;
  const Since = startOf(event, clock);
  const result = await workInTime(event, workMilliseconds(context, Since + CLOUDFORMATION_MILLISECONDS - clock.now()), kind, clock);
  if (result.status === 'UNFINISHED') {
    const continuation = { Since, ...result.memo !== undefined && { Memo: result.memo } };
    if (await startNextInvocation(event, continuation, responseTime(context, clock), { ...dependencies, log })) {
      log(`continues in another invocation: ${result.reason}`);
      return;
    }
  }
  const outcome: Outcome = result.status === 'UNFINISHED' ? { ...result, status: 'FAILED' } : result;
  log(`ended with ${outcome.status}: ${outcome.status === 'SUCCESS' ? outcome.summary : outcome.reason}`);
  await sendResponse({ address: event.ResponseURL, body: responseBody(event, physicalId, outcome, kind.reasonBytes) }, dependencies);
}

/** The time at which the first invocation began. A time in the future is ignored, because it would let the work continue endlessly. */
function startOf({ Continuation: continuation }: CustomResourceEvent, clock: Clock): number {
  return Number.isFinite(continuation?.Since) ? Math.min(Number(continuation?.Since), clock.now()) : clock.now();
}

/** The number of earlier invocations. An invalid value comes from a forged event, which may not continue. */
function earlierInvocations({ Continuation: continuation }: CustomResourceEvent): number {
  if (continuation === undefined) return 0;
  return Number.isInteger(continuation?.Hop) && continuation.Hop >= 0 ? continuation.Hop : MAX_HOPS;
}

/** The time at which the function must begin to respond. */
function responseTime(context: InvocationContext, clock: Clock): number {
  return clock.now() + context.getRemainingTimeInMillis() - RESPONSE_MILLISECONDS;
}

/** Starts another invocation if possible. Returns whether it will respond. */
async function startNextInvocation(
  event: CustomResourceEvent, continuation: Omit<Continuation, 'Hop'>, deadline: number, { invokeAgain, log }: ProtocolDependencies,
): Promise<boolean> {
  const Hop = earlierInvocations(event) + 1;
  if (invokeAgain === undefined || Hop > MAX_HOPS) return false;
  try {
    await invokeAgain({ ...event, Continuation: { Hop, ...continuation } }, deadline);
    return true;
  } catch (error) {
    log(`no further invocation: ${messageOf(error)}`);
    return false;
  }
}

async function workInTime(event: CustomResourceEvent, allowed: number, kind: ResourceKind, clock: Clock): Promise<Outcome | Unfinished> {
  if (allowed <= 0) return { status: 'FAILED', reason: `${kind.name} of ${event.LogicalResourceId} came too late: CloudFormation waits for one hour` };
  const work = event.RequestType === 'Delete' ? kind.remove : kind.work;
  const controller = new AbortController();
  const deadline = clock.now() + allowed - Math.min(GRACE_MILLISECONDS, allowed / 4);
  let cancel = () => {};
  const watchdog = new Promise<Outcome>(resolve => {
    cancel = clock.timer(allowed, () => {
      controller.abort();
      resolve({ status: 'FAILED', reason: `${kind.name} of ${event.LogicalResourceId} did not end within ${Math.round(allowed / 1000)} s; ${kind.timeoutFix}` });
    });
  });
  try {
    return await Promise.race([watchdog, outcomeOf(async () => work(event, { deadline, signal: controller.signal }))]);
  } finally {
    cancel();
  }
}

async function outcomeOf(work: () => Promise<Outcome | Unfinished>): Promise<Outcome | Unfinished> {
  try {
    return await work();
  } catch (error) {
    return { status: 'FAILED', reason: messageOf(error) };
  }
}

/** The time for the work: until the function must respond, or until CloudFormation stops waiting. */
function workMilliseconds(context: InvocationContext, untilCloudFormationStops: number): number {
  const remaining = context.getRemainingTimeInMillis();
  return Math.min(Math.max(remaining - RESPONSE_MILLISECONDS, remaining / 2), untilCloudFormationStops - RESPONSE_MILLISECONDS);
}

/** Rejects an address without https, because anyone who may invoke the function can choose it. The address is secret, so the message omits it. */
function checkResponseUrl(address: string, { environment }: ProtocolDependencies): void {
  const isLocal = environment === undefined || Object.keys(environment).some(name => name.startsWith('AWS_ENDPOINT_URL'));
  if (!isLocal && !/^https:\/\//i.test(address)) throw new Error('the address for the response is not on https, so the event is not from CloudFormation');
}

/** The response to CloudFormation. */
export type Outcome =
  | {
    readonly status: 'SUCCESS';
    readonly data?: Readonly<Record<string, string>>;
    readonly summary?: string;
    /** @default - the ID that was known before the work */
    readonly physicalId?: string;
  }
  | { readonly status: 'FAILED'; readonly reason: string };

const MAX_BODY_BYTES = 4096;
/** The default maximum size of a reason. */
export const DEFAULT_REASON_BYTES = 1024;
const TRIES = 6;
const TIMEOUT_MILLISECONDS = 2_000;
const BACKOFF = { first: 400, longest: 1_500, jitter: 1 };

/** The body of the response, within the size limit of CloudFormation. */
export function responseBody(event: CustomResourceEvent, physicalId: string, outcome: Outcome, reasonBytes = DEFAULT_REASON_BYTES): string {
  const common = {
    Status: outcome.status,
    PhysicalResourceId: (outcome.status === 'SUCCESS' ? outcome.physicalId : undefined) ?? physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  const detail = outcome.status === 'SUCCESS' ? { Data: outcome.data } : { Reason: truncateUtf8(oneLine(outcome.reason).trim(), reasonBytes) || 'unknown failure' };
  const body = JSON.stringify({ ...common, ...detail });
  if (Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  const Reason = 'the response would be longer than the 4096 bytes that CloudFormation reads';
  return JSON.stringify({ ...common, Status: 'FAILED', Reason });
}

/** Sends the response to the presigned address. It is repeated often, because CloudFormation waits up to an hour for a lost response. */
export async function sendResponse(
  { address, body }: { readonly address: string; readonly body: string }, { clock, send }: Pick<ProtocolDependencies, 'clock' | 'send'>,
): Promise<void> {
  // The address is signed for an empty content type.
  const put = async () => send({ method: 'PUT', url: new URL(address), headers: { 'content-type': '' }, body, timeoutMilliseconds: TIMEOUT_MILLISECONDS });
  try {
    await repeat({ clock, rules: { transient: { repeats: TRIES - 1, backoff: BACKOFF } } }, async () => {
      // The error may quote the address, which is a secret.
      const { status } = await put().catch(() => { throw new Failure('the connection failed', { retry: 'transient' }); });
      if (status < 200 || status >= 300) throw new Failure(`the response was answered with ${status}`, { retry: 'transient' });
    });
  } catch (error) {
    throw new Error(`the result could not be sent to CloudFormation after ${TRIES} attempts: ${messageOf(error)}`);
  }
}

/** A hash that identifies a resource of a stack, for physical IDs. It is the same for all events of the resource. */
export function resourceHash({ StackId, LogicalResourceId }: CustomResourceEvent): string {
  return createHash('sha256').update(`${StackId}|${LogicalResourceId}`).digest('hex').slice(0, 16);
}
