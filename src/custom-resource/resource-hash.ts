import { createHash } from 'node:crypto';
import { CustomResourceEvent } from './event';

/** Stands for a resource of a stack, the same for each of its events: known before anything can fail, so physical ids are made of it. */
export function resourceHash({ StackId, LogicalResourceId }: CustomResourceEvent): string {
  return createHash('sha256').update(`${StackId}|${LogicalResourceId}`).digest('hex').slice(0, 16);
}
