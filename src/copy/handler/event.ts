import { createHash } from 'node:crypto';
import { truncateUtf8 } from './text';

/** A CloudFormation custom resource event, as far as it is used. */
export interface CustomResourceEvent {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  readonly ResponseURL: string;
  readonly StackId: string;
  readonly RequestId: string;
  readonly LogicalResourceId: string;
  readonly PhysicalResourceId?: string;
  /** Always there in events of CloudFormation; who calls the function by hand may forget it. */
  readonly ResourceProperties?: Readonly<Record<string, unknown>>;
  readonly OldResourceProperties?: Readonly<Record<string, unknown>>;
  /** Added by this function when it calls itself to go on. */
  readonly Continuation?: Continuation;
}

/** How an event got into a further invocation. */
export interface Continuation {
  /** 1 for the second invocation. */
  readonly Hop: number;
}

/** The Lambda context, as far as it is used. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/**
 * The physical id: a function of the destination and of the resource, known before anything can fail.
 *
 * It changes only with the destination, for CloudFormation answers a new id with a Delete of the old one.
 */
export function physicalIdOf(event: CustomResourceEvent): string {
  const { PhysicalResourceId: current, ResourceProperties: now, OldResourceProperties: before } = event;
  if (current !== undefined && (event.RequestType === 'Delete' || now?.Destination === before?.Destination)) return current;
  const resource = createHash('sha256').update(`${event.StackId}|${event.LogicalResourceId}`).digest('hex').slice(0, 16);
  const destination = now?.Destination;
  const named = typeof destination === 'string' && destination !== '' ? destination : 'unknown-destination';
  return `${truncateUtf8(named, 512)}#${resource}`;
}
