import { Outcome, answerBody, sendAnswer } from './answer';
import { Continuation, CustomResourceEvent, InvocationContext } from './event';
import { Send } from './small-request';
import { messageOf, oneLine } from './text';
import { Clock } from '../engine/clock';

/** What the protocol takes from the outside world. */
export interface Seams {
  readonly clock: Clock;
  readonly send: Send;
  readonly log: (line: string) => void;
  /**
   * Has the event served by another invocation.
   *
   * @default - what does not end in one invocation has failed
   */
  readonly invokeAgain?: (event: CustomResourceEvent) => Promise<void>;
  /**
   * The environment of the function, which says whether it runs in a local cloud.
   *
   * @default - the answer may go to any address
   */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

/** How long the work may take, and how it is told to stop. */
export interface WorkLimits {
  readonly deadline: number;
  readonly signal: AbortSignal;
}

/** Work that was getting on when its time ran out. */
export interface Unfinished {
  readonly status: 'UNFINISHED';
  readonly reason: string;
  /** What the next invocation has to know, as its `Continuation.Memo`. */
  readonly memo?: string;
}

/** What is done for an event. */
export type Work = (event: CustomResourceEvent, limits: WorkLimits) => Promise<Outcome | Unfinished>;

/** One kind of custom resource. */
export interface ResourceKind {
  /** What is done, for people: `the copy`. */
  readonly name: string;
  /** What to do when it takes too long, for people. */
  readonly tooLong: string;
  /**
   * The longest reason of a failure, in bytes.
   *
   * @default REASON_BYTES
   */
  readonly reasonBytes?: number;
  /** Known before anything can fail. CloudFormation answers a new id with a Delete of the old one. */
  readonly physicalId: (event: CustomResourceEvent) => string;
  /** Create and Update. */
  readonly work: Work;
  readonly remove: Work;
}

// The answer itself can take six tries of two seconds, and the waits between them.
const ANSWER_MILLISECONDS = 20_000;
// Four invocations of 14 minutes are over before CloudFormation stops waiting.
const MAX_HOPS = 3;
// CloudFormation waits for one hour at most. Work that goes on after that could undo a rollback.
const WAITED_MILLISECONDS = 3_600_000;
// The work should fail with its own sentence before the watchdog takes the word.
const GRACE_MILLISECONDS = 10_000;

/**
 * Does the work of a custom resource and answers CloudFormation exactly once, before the function dies. Work that
 * gets on but does not end in one invocation goes on in the next.
 */
export async function serveCustomResource(event: CustomResourceEvent, context: InvocationContext, kind: ResourceKind, seams: Seams): Promise<void> {
  checkAddress(event.ResponseURL, seams);
  const physicalId = kind.physicalId(event);
  const name = `${event.RequestType} ${event.LogicalResourceId}`;
  // Whoever is quoted may try to write lines of his own.
  const log = (line: string) => seams.log(oneLine(`${name} ${line}`));
  log('began');
  const Since = sinceOf(event, seams.clock);
  const done = await workInTime(event, allowedMilliseconds(context, Since + WAITED_MILLISECONDS - seams.clock.now()), kind, seams.clock);
  if (done.status === 'UNFINISHED' && await goesOn(event, { Since, ...done.memo !== undefined && { Memo: done.memo } }, { ...seams, log })) {
    log(`goes on in another invocation: ${done.reason}`);
    return;
  }
  const outcome: Outcome = done.status === 'UNFINISHED' ? { ...done, status: 'FAILED' } : done;
  log(`ended with ${outcome.status}: ${outcome.status === 'SUCCESS' ? outcome.summary : outcome.reason}`);
  await sendAnswer(event.ResponseURL, answerBody(event, physicalId, outcome, kind.reasonBytes), seams);
}

/** When the first invocation began. */
function sinceOf({ Continuation: known }: CustomResourceEvent, clock: Clock): number {
  return Number.isFinite(known?.Since) ? Number(known?.Since) : clock.now();
}

/** Whether somebody else answers. */
async function goesOn(event: CustomResourceEvent, known: Omit<Continuation, 'Hop'>, { invokeAgain, log }: Seams): Promise<boolean> {
  const Hop = (event.Continuation?.Hop ?? 0) + 1;
  if (invokeAgain === undefined || Hop > MAX_HOPS) return false;
  try {
    await invokeAgain({ ...event, Continuation: { Hop, ...known } });
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
      resolve({ status: 'FAILED', reason: `${kind.name} of ${event.LogicalResourceId} did not end within ${Math.round(allowed / 1000)} s; ${kind.tooLong}` });
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

/** How long the work may take: until the function has to answer, or until nobody waits any more. */
function allowedMilliseconds(context: InvocationContext, waited: number): number {
  const remaining = context.getRemainingTimeInMillis();
  return Math.min(Math.max(remaining - ANSWER_MILLISECONDS, remaining / 2), waited - ANSWER_MILLISECONDS);
}

/** Anybody who may invoke the function can write the address. CloudFormation only uses https. Nothing is told of it, because it is a secret. */
function checkAddress(address: string, { environment }: Seams): void {
  const isLocal = environment === undefined || Object.keys(environment).some(name => name.startsWith('AWS_ENDPOINT_URL'));
  if (!isLocal && !/^https:\/\//i.test(address)) throw new Error('the address for the answer is not on https, so the event is not of CloudFormation');
}
