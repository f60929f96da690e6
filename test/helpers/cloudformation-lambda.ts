import { Invoke } from './cloudformation';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

const RETRIES = 2;

/** Lambda's asynchronous invocation: an event comes again after an error, now and then without one, and sometimes late. */
export class AsyncInvocation {
  /** How many further times the next event is delivered although all went well. */
  public duplicates = 0;
  /** Whether these further deliveries run at the same time. */
  public atOnce = false;
  /** Whether the next event stays in the queue until CloudFormation has lost its patience. */
  public late = false;
  private readonly queue: CustomResourceEvent[] = [];

  constructor(private readonly handler: Invoke) {}

  /** Delivers an event until the function is through with it. */
  public readonly invoke: Invoke = async event => {
    const { duplicates, atOnce, late } = this;
    Object.assign(this, { duplicates: 0, atOnce: false, late: false });
    if (late) {
      this.queue.push(event);
      return;
    }
    const deliveries = Array.from({ length: 1 + duplicates }, () => async () => this.deliver(event));
    if (atOnce) {
      await Promise.all(deliveries.map(async deliver => deliver()));
      return;
    }
    for (const deliver of deliveries) await deliver();
  };

  /** Takes the oldest event that is late, `undefined` if there is none. */
  public takeLate(): CustomResourceEvent | undefined {
    return this.queue.shift();
  }

  private async deliver(event: CustomResourceEvent): Promise<void> {
    for (let tries = 0; tries <= RETRIES; tries++) {
      try {
        // Every run gets a copy of its own.
        await this.handler(structuredClone(event));
        return;
      } catch {
        // Lambda delivers the same event again.
      }
    }
  }
}
