import { Crash, CrashGate } from './cloudformation-crash';
import { TestRegistry } from './registry';
import { TestClock } from './registry-clock';
import { noSecret, passwordFor } from './registry-copy';
import { copyWork, serveImageCopy } from '../../src/copy/handler/copy-work';
import { Work, CustomResourceEvent } from '../../src/custom-resource/protocol';
import { Send, send } from '../../src/custom-resource/small-request';

/** The place of a crash. */
export type Death = 'at the start' | 'before the answer' | 'after the answer' | Crash;

/** One delivery of an event. */
export interface Run {
  readonly event: CustomResourceEvent;
  /** How it ended; Lambda treats everything but `done` as an error of the function. */
  end?: 'done' | 'died' | 'threw';
  /** The number of accepted responses. */
  answers: number;
}

/** The expected configuration of the test registry. */
export const PASSWORD = 'password-canary';

/** The real handler in a process that can crash at any point; after that it does nothing, and does not even fail. */
export class CopyFunction {
  public readonly logs: string[] = [];
  public readonly runs: Run[] = [];
  /** The places where the next processes crash, one after the other. */
  public deaths: Death[] = [];
  /** Does other work instead of copying. */
  public work?: Work;

  constructor(private readonly registry: TestRegistry) {}

  /** Processes one event; rejects if the process crashes. */
  public readonly handler = async (event: CustomResourceEvent): Promise<void> => {
    const run: Run = { event, answers: 0 };
    this.runs.push(run);
    const death = this.deaths.shift();
    let kill = () => {};
    const killed = new Promise<never>((_, reject) => {
      kill = () => {
        run.end = 'died';
        reject(new Error('the process died'));
      };
    });
    killed.catch(() => undefined);
    const gate = typeof death === 'object' ? await CrashGate.open(this.registry.origin, death, kill) : undefined;
    if (death === 'at the start') kill();
    try {
      await Promise.race([killed, isDead(run) ? never() : this.serve(event, run, death, gate?.origin ?? this.registry.origin, kill)]);
      run.end = 'done';
    } catch (error) {
      run.end ??= 'threw';
      throw error;
    } finally {
      gate?.close();
    }
  };

  private async serve(event: CustomResourceEvent, run: Run, death: Death | undefined, origin: string, kill: () => void): Promise<void> {
    const { host } = this.registry;
    const clock = new MortalClock(run);
    const sendResponse: Send = async request => {
      if (death === 'before the answer') kill();
      if (isDead(run)) return never();
      const response = await send(request);
      if (response.status === 200) run.answers++;
      if (death === 'after the answer') kill();
      return isDead(run) ? never() : response;
    };
    const log = (line: string) => {
      if (!isDead(run)) this.logs.push(line);
    };
    const work = this.work ?? copyWork({
      clock, secret: noSecret, credentials: passwordFor(host, `AWS:${PASSWORD}`), origins: () => ({ [host]: origin }),
    });
    await serveImageCopy(event, { getRemainingTimeInMillis: () => 900_000 }, work, { clock, send: sendResponse, log });
  }
}

function isDead({ end }: Run): boolean {
  return end === 'died';
}

async function never(): Promise<never> {
  return new Promise(() => undefined);
}

/** A crashed process never continues. */
class MortalClock extends TestClock {
  constructor(private readonly run: Run) {
    super();
  }

  public override async sleep(milliseconds: number): Promise<void> {
    await super.sleep(milliseconds);
    if (isDead(this.run)) await never();
  }
}
