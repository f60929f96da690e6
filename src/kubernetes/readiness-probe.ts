import { IConstruct } from 'constructs';
import { checkPattern } from '../private/validation';

type Rule = (scope: IConstruct, port: number) => Record<string, unknown>;

/**
 * When a pod is ready: only then clients reach it, and only then an old pod stops.
 *
 * @see https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/
 */
export class ReadinessProbe {
  /** When something listens on the port of the container. */
  public static tcp(): ReadinessProbe {
    return new ReadinessProbe((_scope, port) => ({ tcpSocket: { port } }));
  }

  /**
   * When a path answers with a status from 200 to 399.
   *
   * @param path the path, e.g. "/health"
   */
  public static http(path: string): ReadinessProbe {
    return new ReadinessProbe((scope, port) => {
      checkPattern(scope, {
        property: 'readiness', value: path, pattern: /^\/\S{0,1023}$/, must: 'be a path that starts with "/"', fix: 'Give one such as "/health".',
      });
      return { httpGet: { path, port } };
    });
  }

  /** At once: what has no port, or says so in another way. */
  public static none(): ReadinessProbe {
    return new ReadinessProbe(() => ({}));
  }

  private constructor(private readonly rule: Rule) {}

  /** @internal */
  public _render(scope: IConstruct, port: number): Record<string, unknown> | undefined {
    const probe = this.rule(scope, port);
    return Object.keys(probe).length > 0 ? { ...probe, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 3 } : undefined;
  }
}
