import { Invoke } from './cloudformation';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';

const RETRIES = 2;

/** Lambda's asynchronous invocation: an event is delivered again after an error, sometimes without one, and sometimes late. */
export class AsyncInvocation {
  /** The number of additional deliveries of the next event, although it succeeded. */
  public duplicates = 0;
  /** Whether the additional deliveries run at the same time. */
  public atOnce = false;
  /** Whether the next event stays in the queue until CloudFormation has timed out. */
  public late = false;
  private readonly queue: CustomResourceEvent[] = [];

  constructor(private readonly handler: Invoke) {}

  /** Delivers an event until the function succeeds or all retries are used. */
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

  /** Takes the oldest late event, `undefined` if there is none. */
  public takeLate(): CustomResourceEvent | undefined {
    return this.queue.shift();
  }

  private async deliver(event: CustomResourceEvent): Promise<void> {
    for (let tries = 0; tries <= RETRIES; tries++) {
      try {
        // Every run gets its own copy.
        await this.handler(structuredClone(event));
        return;
      } catch {
        // Lambda delivers the same event again.
      }
    }
  }
}
