import { IConstruct } from 'constructs';
import { checkInteger } from '../private/validation';

const DEFAULT_LINES = 20;
const MOST_LINES = 100;

/**
 * What the message of a failed run tells of the log of its containers.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export class FailureLogs {
  /**
   * The last lines, as many as fit into a message of CloudFormation.
   *
   * Whoever may read the events of the stack can read them: what is secret must not be logged.
   *
   * @param lines how many at the most, 1 to 100. `RunOnce` throws outside of that.
   */
  public static lastLines(lines: number = DEFAULT_LINES): FailureLogs {
    return new FailureLogs(lines);
  }

  /** Nothing of it. The function may not read the log then. */
  public static none(): FailureLogs {
    return new FailureLogs();
  }

  private constructor(private readonly lines?: number) {}

  /**
   * How many lines are told; undefined for none.
   *
   * @internal
   */
  public _lines(scope: IConstruct): number | undefined {
    const { lines } = this;
    if (lines !== undefined) {
      checkInteger(scope, { property: 'failureLogs.lines', value: lines, min: 1, max: MOST_LINES, fix: 'For no line at all give FailureLogs.none().' });
    }
    return lines;
  }
}
