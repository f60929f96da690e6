import { CustomResourceEvent, InvocationContext } from '../custom-resource/event';
import { send } from '../custom-resource/small-request';
import { systemClock } from '../engine/clock';
import { serveBlobMounting } from './handler/serve-blob-mounting';

const seams = { clock: systemClock, environment: process.env, send, log: (line: string) => console.log(line) };

/** Enables the mounting of blobs in the registry, and remembers what it was before. */
export async function handler(event: CustomResourceEvent, context: InvocationContext): Promise<void> {
  await serveBlobMounting(event, context, seams);
}
