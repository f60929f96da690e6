import { CustomResourceEvent } from './event';
import { Send } from './small-request';
import { oneLine, truncateUtf8 } from './text';
import { Clock } from '../engine/clock';

/** What CloudFormation is told. */
export type Outcome =
  | {
    readonly status: 'SUCCESS';
    readonly data?: Readonly<Record<string, string>>;
    readonly summary?: string;
    /** Instead of the id that was known before the work. */
    readonly physicalId?: string;
  }
  | { readonly status: 'FAILED'; readonly reason: string };

const MAX_BODY_BYTES = 4096;
/** How long a reason is allowed to be, unless a kind of resource has more to say. */
export const REASON_BYTES = 1024;
const TRIES = 6;
const TIMEOUT_MILLISECONDS = 2_000;
const LONGEST_WAIT = 1_500;

/** The body of the answer, never more than CloudFormation reads. */
export function answerBody(event: CustomResourceEvent, physicalId: string, outcome: Outcome, reasonBytes = REASON_BYTES): string {
  const common = {
    Status: outcome.status,
    PhysicalResourceId: (outcome.status === 'SUCCESS' ? outcome.physicalId : undefined) ?? physicalId,
    StackId: event.StackId,
    RequestId: event.RequestId,
    LogicalResourceId: event.LogicalResourceId,
  };
  const detail = outcome.status === 'SUCCESS' ? { Data: outcome.data } : { Reason: truncateUtf8(oneLine(outcome.reason), reasonBytes) || 'unknown failure' };
  const body = JSON.stringify({ ...common, ...detail });
  if (Buffer.byteLength(body) <= MAX_BODY_BYTES) return body;
  const Reason = 'the answer would be longer than the 4096 bytes that CloudFormation reads';
  return JSON.stringify({ ...common, Status: 'FAILED', Reason });
}

/** Sends the answer to the pre-signed address, again and again: a lost answer means an hour of waiting. */
export async function sendAnswer(address: string, body: string, seams: { readonly clock: Clock; readonly send: Send }): Promise<void> {
  let last = 'it could not be sent';
  for (let tries = 0; tries < TRIES; tries++) {
    if (tries > 0) await seams.clock.sleep(seams.clock.random() * Math.min(LONGEST_WAIT, 200 * 2 ** tries));
    try {
      // The address is signed for an empty content type.
      const { status } = await seams.send({
        method: 'PUT', url: new URL(address), headers: { 'content-type': '' }, body, timeoutMilliseconds: TIMEOUT_MILLISECONDS,
      });
      if (status >= 200 && status < 300) return;
      last = `it was answered with ${status}`;
    } catch {
      // What failed may quote the address, which is a secret.
      last = 'the connection failed';
    }
  }
  throw new Error(`CloudFormation could not be told the result after ${TRIES} tries: ${last}`);
}
