import { IConstruct } from 'constructs';
import { checkValue } from '../private/shape';

const DEFAULT_LINES = 20;
const MAX_LINES = 100;

/**
 * The log lines in the error message of a failed one-off task.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-responses.html
 */
export class FailureLogs {
  /**
   * The last log lines, as many as CloudFormation accepts in a message.
   *
   * Everyone who can read the stack events can read them, so do not log secrets.
   *
   * @param lines the maximum number of lines, 1 to 100. The task throws for other numbers.
   */
  public static lastLines(lines: number = DEFAULT_LINES): FailureLogs {
    return new FailureLogs(lines);
  }

  /** No log lines. The function then has no permission to read the log. */
  public static none(): FailureLogs {
    return new FailureLogs();
  }

  private constructor(private readonly lines?: number) {}

  /**
   * The maximum number of lines, or undefined for none.
   *
   * @internal
   */
  public _lines(scope: IConstruct): number | undefined {
    checkValue(scope, 'failureLogs.lines', this.lines, { kind: 'integer', min: 1, max: MAX_LINES, fix: 'Use FailureLogs.none() for no lines.' });
    return this.lines;
  }
}
