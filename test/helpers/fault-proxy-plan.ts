import { IncomingMessage } from 'node:http';
import { Fault } from './fault-proxy-faults';
import { RequestKind, TracedRequest, keyOf, kindOf } from './fault-proxy-trace';
import { Clock, systemClock } from '../../src/engine/clock';

/** The requests that fail, and how. */
export interface FaultRule {
  /** The request by its number in the run, by its kind, or by its key; `nth` counts requests of that kind or key, from 1. */
  readonly at: { readonly number: number } | { readonly kind: RequestKind; readonly nth?: number } | { readonly key: string; readonly nth?: number };
  readonly fault: Fault;
  /**
   * The total number of times: after the first time, the repetitions of that request (same key) fail.
   *
   * @default 1
   */
  readonly times?: number;
}

interface ArmedRule extends FaultRule {
  left: number;
  /** Set by the first time. */
  key?: string;
  seen: number;
}

/** Numbers the requests of a run, records them, and decides which of them fail. Several proxies can share one. */
export class FaultPlan {
  /** Every request of the run, in the order of arrival. */
  public trace: TracedRequest[] = [];
  public clock: Clock = systemClock;
  /** Called when a request or an answer is stalled, so that a fake clock can advance. */
  public onStall?: () => void;
  /** Called for every activity on the connection. */
  public onMove?: () => void;
  /** Called when a request arrives. */
  public onRequest?: (request: TracedRequest) => void;
  /** Called when the registry has completed a request, before its answer is passed on. */
  public onHandled?: (request: TracedRequest) => void;
  /** Called when the client has finished a request: answered completely, or aborted. */
  public onEnd?: (request: TracedRequest) => void;
  private rules: ArmedRule[] = [];
  private readonly counts = new Map<string, number>();

  /** Resets the state and sets the rules of the next run. */
  public begin(rules: readonly FaultRule[] = [], clock: Clock = this.clock): this {
    this.trace = [];
    this.counts.clear();
    this.rules = rules.map(rule => ({ ...rule, left: rule.times ?? 1, seen: 0 }));
    this.clock = clock;
    return this;
  }

  /** The number of faults that occurred. */
  public get fired(): number {
    return this.trace.filter(({ fault }) => fault !== undefined).length;
  }

  /** Records a request that arrives at a proxy, with its fault. */
  public note(at: string, url: URL, { method = '', headers }: IncomingMessage): TracedRequest {
    const kind = kindOf(method, url);
    const key = keyOf(at, kind, url);
    const nth = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, nth);
    const number = this.trace.length + 1;
    const fault = this.faultFor(number, kind, key);
    const request: TracedRequest = {
      number, at, method, kind, path: url.pathname, key, nth, time: this.clock.now(), headers, url: url.href, fault,
    };
    this.trace.push(request);
    this.onRequest?.(request);
    return request;
  }

  private faultFor(number: number, kind: RequestKind, key: string): Fault | undefined {
    const hits = this.rules.filter(rule => rule.key === undefined ? begins(rule, number, kind, key) : rule.key === key);
    const rule = hits.find(({ left }) => left > 0);
    if (rule === undefined) return undefined;
    rule.key = key;
    rule.left--;
    return rule.fault;
  }
}

function begins(rule: ArmedRule, number: number, kind: RequestKind, key: string): boolean {
  const { at } = rule;
  if ('number' in at) return at.number === number;
  if ('kind' in at ? at.kind !== kind : at.key !== key) return false;
  return ++rule.seen === (at.nth ?? 1);
}
