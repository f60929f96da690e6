import { IncomingHttpHeaders } from 'node:http';
import { Fault, RequestKind } from './registry-faults';

/** A received request. */
export interface SeenRequest {
  readonly kind: RequestKind;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** Size of its body. */
  bytes: number;
  /** Its status; undefined if the connection broke before. */
  status?: number;
}

interface Scene {
  readonly kind: RequestKind;
  readonly fault?: Fault;
  readonly action?: () => void;
  skip: number;
  times: number;
}

/** The planned faults of requests. */
export class Script {
  private readonly scenes: Scene[] = [];

  /** Makes the nth request of a kind fail, and some after it. */
  public fail(kind: RequestKind, fault: Fault, nth: number, times: number): void {
    this.scenes.push({ kind, fault, skip: nth - 1, times });
  }

  /** Does something at the nth request of a kind. */
  public when(kind: RequestKind, action: () => void, nth: number): void {
    this.scenes.push({ kind, action, skip: nth - 1, times: 1 });
  }

  /** A request has arrived: runs its action, and returns its fault, if there is one. */
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
