import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { Shape } from '../../private/shape';

/** Options of a restart policy. */
export interface ContainerRestartPolicyOnExitOptions {
  /**
   * Exit codes after which the container is not restarted, each 0 to 255, at most 50.
   *
   * @default - none
   */
  readonly ignoredExitCodes?: number[];

  /**
   * The minimum time that the container must run to be restarted, 60 to 1800 seconds.
   *
   * @default Duration.minutes(5)
   */
  readonly attemptPeriod?: Duration;
}

const CODES = 'Use a list of at most 50 exit codes such as [0], or leave it out.';

/** The rules of `ContainerRestartPolicyOnExitOptions`. */
export const CONTAINER_RESTART = new Shape<ContainerRestartPolicyOnExitOptions>('Write ContainerRestartPolicy.onExit({ ignoredExitCodes: [0] }).', {
  ignoredExitCodes: { kind: 'list', of: { kind: 'integer', min: 0, max: 255, fix: 'Use an exit code, 0 for success.' }, max: 50, fix: CODES },
  attemptPeriod: { kind: 'duration', unit: 'seconds', min: 60, max: 1800, fix: 'Use a value within these limits of ECS.' },
}, {
  enableRestartPolicy: 'Leave it out: the policy is enabled.',
  restartIgnoredExitCodes: 'Write ignoredExitCodes.',
  restartAttemptPeriod: 'Write attemptPeriod.',
});

/**
 * The restart policy of a container: ECS restarts it in the same task.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
 */
export class ContainerRestartPolicy {
  /**
   * Restart the container whenever it exits, even if it is essential. The task continues to run.
   *
   * @param options exceptions
   */
  public static onExit(options: ContainerRestartPolicyOnExitOptions = {}): ContainerRestartPolicy {
    return new ContainerRestartPolicy(options);
  }

  private constructor(private readonly options: ContainerRestartPolicyOnExitOptions) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    CONTAINER_RESTART.check(scope, property, this.options);
  }

  /** @internal */
  public _render(): { enabled: boolean; ignoredExitCodes?: number[]; restartAttemptPeriod?: number } {
    const { ignoredExitCodes, attemptPeriod } = this.options;
    return { enabled: true, ignoredExitCodes, restartAttemptPeriod: attemptPeriod?.toSeconds() };
  }
}
