import { Clock, systemClock } from './clock';

// ECR takes 10 a second from all of an account and region together.
// https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html
const MANIFEST_WRITES = 8;
const PER_MILLISECONDS = 1000;
// Who is told to wait longer than this gives up, so nobody else needs to wait with him.
const LONGEST_QUIET = 20_000;

/** The pace of all requests to one host. */
export class HostPace {
  private quietUntil = -Infinity;
  private readonly writes: number[] = [];

  constructor(private readonly clock: Clock) {}

  /** The host has asked to be left alone: what one request has learned holds for all. */
  public holdBack(milliseconds: number): void {
    this.quietUntil = Math.max(this.quietUntil, this.clock.now() + milliseconds);
  }

  /** Waits until the host may be asked. */
  public async turn(signal?: AbortSignal): Promise<void> {
    const quiet = this.quietUntil - this.clock.now();
    if (quiet <= LONGEST_QUIET) await this.sleep(quiet, signal);
  }

  /** Waits for a place among the manifests that are written in one second. */
  public async manifestWrite(signal?: AbortSignal): Promise<void> {
    const now = this.clock.now();
    const place = this.writes.length < MANIFEST_WRITES ? now : Math.max(now, this.writes[0] + PER_MILLISECONDS);
    this.writes.push(place);
    if (this.writes.length > MANIFEST_WRITES) this.writes.shift();
    await this.sleep(place - now, signal);
  }

  private async sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    // Who is cancelled meanwhile hears of it from the request itself, in its own words.
    if (milliseconds > 0) await this.clock.sleep(milliseconds, signal).catch(() => undefined);
  }
}

/** The pace of several copies together, by host. */
export class Pacing {
  private readonly hosts = new Map<string, HostPace>();

  constructor(private readonly clock: Clock = systemClock) {}

  /** The pace of one exact host. */
  public of(host: string): HostPace {
    const pace = this.hosts.get(host) ?? new HostPace(this.clock);
    this.hosts.set(host, pace);
    return pace;
  }
}
