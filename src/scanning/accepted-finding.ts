import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { endOfDay } from './calendar-date';
import type { AcceptedFindingProperties } from './scan-gate-properties';
import { checkPattern, reject } from '../private/validation';

const LONGEST_REASON = 200;

/**
 * A finding that a `ScanGate` lets pass until some day, and why.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
 */
export class AcceptedFinding {
  /**
   * A finding is accepted up to and including a day.
   *
   * The day counts in UTC when the deployment runs, not when the app is synthesized. After it the finding stops deployments again.
   * All three are in the template, for everybody to read.
   *
   * Publishing throws when the name is not that of a finding, when the day is none of the calendar, and when the reason is not one line
   * of 1 to 200 characters.
   *
   * @param name the name of the finding as the scan writes it, e.g. `CVE-2025-1234`; capital letters make no difference
   * @param lastDay the last day, e.g. `2027-06-30`
   * @param reason why it may pass, in 1 to 200 characters
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PackageVulnerabilityDetails.html
   */
  public static until(name: string, lastDay: string, reason: string): AcceptedFinding {
    return new AcceptedFinding(name, lastDay, reason);
  }

  private constructor(private readonly name: string, private readonly lastDay: string, private readonly reason: string) {}

  /** @internal */
  public _acceptance(scope: IConstruct): AcceptedFindingProperties {
    checkPattern(scope, {
      property: 'scanGate.accept.name', value: this.name, pattern: /^[A-Za-z0-9][A-Za-z0-9._:-]{2,127}$/, must: 'be the name of a finding',
      fix: 'Copy it from the message or from `aws ecr describe-image-scan-findings`, e.g. "CVE-2025-1234".',
    });
    checkPattern(scope, {
      property: 'scanGate.accept.reason', value: this.reason, pattern: new RegExp(`^(?=.*\\S).{1,${LONGEST_REASON}}$`), must: `be one line of 1 to ${LONGEST_REASON} characters`,
      fix: 'Say why the finding may pass, e.g. "we do not parse XML".',
    });
    if (!Token.isUnresolved(this.lastDay) && (typeof this.lastDay !== 'string' || endOfDay(this.lastDay) === undefined)) {
      reject(scope, {
        property: 'scanGate.accept.lastDay', must: 'be a day of the calendar', got: this.lastDay, fix: 'Write it as year, month and day: "2027-06-30".',
      });
    }
    return { Name: this.name, LastDay: this.lastDay, Reason: this.reason };
  }
}
