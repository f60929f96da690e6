import { Duration } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkDuration } from './checks/duration-checks';
import { checkList, checkObject } from '../../private/check-types';
import { checkInteger, reject } from '../../private/validation';

/** When a container is not started again. */
export interface ContainerRestartOptions {
  /**
   * Exit codes after which the container stays as it is, each 0 to 255, at most 50.
   *
   * @default - none
   */
  readonly ignoredExitCodes?: number[];

  /**
   * How long the container has to have run to be started again, 60 to 1800 seconds: one that stops earlier stays as it is.
   *
   * @default Duration.minutes(5)
   */
  readonly attemptPeriod?: Duration;
}

const MAX_CODES = 50;

/**
 * Whether a container is started again in the same task.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-restart-policy.html
 */
export class ContainerRestartPolicy {
  /**
   * Whenever it stops, an essential container too: the task goes on.
   *
   * @param options when it is not
   */
  public static onExit(options: ContainerRestartOptions = {}): ContainerRestartPolicy {
    return new ContainerRestartPolicy(options);
  }

  private constructor(private readonly options: ContainerRestartOptions) {}

  /** @internal */
  public _check(scope: IConstruct, property: string): void {
    checkObject(scope, property, this.options, 'Give options in brackets, or nothing: ContainerRestartPolicy.onExit().');
    const { ignoredExitCodes = [], attemptPeriod } = this.options;
    checkList(scope, `${property}.ignoredExitCodes`, ignoredExitCodes, 'Give a list of exit codes such as [0], or leave it out.');
    if (ignoredExitCodes.length > MAX_CODES) {
      reject(scope, {
        property: `${property}.ignoredExitCodes`, must: `have at most ${MAX_CODES} codes`, got: ignoredExitCodes.length, fix: 'Keep those that happen.',
      });
    }
    ignoredExitCodes.forEach(value => checkInteger(scope, {
      property: `${property}.ignoredExitCodes`, value, min: 0, max: 255, fix: 'Give what processes exit with, 0 for success.',
    }));
    checkDuration(scope, `${property}.attemptPeriod`, attemptPeriod, { min: 60, max: 1800 });
  }

  /** @internal */
  public _render(): { enabled: boolean; ignoredExitCodes?: number[]; restartAttemptPeriod?: number } {
    const { ignoredExitCodes, attemptPeriod } = this.options;
    return { enabled: true, ignoredExitCodes, restartAttemptPeriod: attemptPeriod?.toSeconds() };
  }
}
