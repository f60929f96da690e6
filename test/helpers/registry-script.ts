import { IncomingHttpHeaders } from 'node:http';
import { Fault, RequestKind } from './registry-faults';

/** A request that arrived. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Bytes of its body. */
  bytes: number;
  /** What it was answered with; nothing when the connection broke before. */
  status?: number;
}

interface Scene {
  readonly kind: RequestKind;
  readonly fault?: Fault;
  readonly action?: () => void;
  skip: number;
  times: number;
}

/** What shall happen to which requests. */
export class Script {
  private readonly scenes: Scene[] = [];

  /** Lets the nth request of a kind fail, and some after it. */
  public fail(kind: RequestKind, fault: Fault, nth: number, times: number): void {
    this.scenes.push({ kind, fault, skip: nth - 1, times });
  }

  /** Does something at the nth request of a kind. */
  public when(kind: RequestKind, action: () => void, nth: number): void {
    this.scenes.push({ kind, action, skip: nth - 1, times: 1 });
  }

  /** A request has come: does what is to be done, and answers with the fault, if it is to have one. */
  public next(kind: RequestKind): Fault | undefined {
    for (const scene of this.scenes.filter(each => each.kind === kind && each.times > 0)) {
      if (scene.skip > 0) {
        scene.skip--;
        continue;
      }
      scene.times--;
      scene.action?.();
      if (scene.fault !== undefined) return scene.fault;
    }
    return undefined;
  }
}
