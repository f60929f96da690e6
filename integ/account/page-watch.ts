import * as http from 'node:http';
import * as https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

/** The result of watching a page. */
export interface Watched {
  readonly asked: number;
  /** One line for each request without an answer of status 200. */
  readonly failures: readonly string[];
}

/** Requests a page repeatedly until it is stopped. */
export class PageWatch {
  private readonly failures: string[] = [];
  private asked = 0;
  private stopped = false;
  private readonly done: Promise<void>;

  /** @param interval in milliseconds, between an answer and the next request */
  constructor(url: string, interval = 1_000) {
    this.done = this.watch(url, interval);
  }

  public async stop(): Promise<Watched> {
    this.stopped = true;
    await this.done;
    return { asked: this.asked, failures: this.failures };
  }

  private async watch(url: string, interval: number): Promise<void> {
    do {
      this.asked++;
      const problem = await problemOf(url);
      if (problem !== undefined) this.failures.push(`${new Date().toISOString()} ${problem}`);
      await sleep(interval);
    } while (!this.stopped);
  }
}

/** Each request has its own connection, as a new client has. */
function problemOf(url: string): Promise<string | undefined> {
  const { get } = url.startsWith('https:') ? https : http;
  return new Promise(resolve => {
    // The runner has signed the certificates of the suite itself.
    const request = get(url, { agent: false, timeout: 5_000, rejectUnauthorized: false }, response => {
      response.on('error', error => resolve(error.message)).on('end', () => resolve(response.statusCode === 200 ? undefined : `status ${response.statusCode}`)).resume();
    });
    request.on('timeout', () => request.destroy(new Error('no answer in 5 s'))).on('error', error => resolve(error.message));
  });
}
