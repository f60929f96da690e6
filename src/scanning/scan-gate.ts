import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { AcceptedFindingProperties, ScanGateProperties } from './scan-gate-properties';
import { endOfDay, SEVERITIES, Severity } from './severity';
import { checkList, checkObject } from '../private/check-types';
import { checkValue, EnumRule, hasMethods } from '../private/shape';
import { checkInteger, checkPattern, reject } from '../private/validation';

const DEFAULT_MINUTES = 15;
// The findings of an enhanced scan come one by one, and have to be left two minutes to do so.
const LEAST_MINUTES = 5;
// CloudFormation waits an hour, and the last invocation has to be over by then.
const MOST_MINUTES = 50;

const LONGEST_REASON = 200;

/** What a `ScanGate` lets pass, and how long it waits. */
export interface ScanGateOptions {
  /**
   * Findings that may pass for some time, e.g. `AcceptedFinding.until('CVE-2025-1234', '2027-06-30', 'we do not parse XML')`.
   *
   * @default - none
   */
  readonly accept?: AcceptedFinding[];

  /**
   * How long to wait for the scan, in whole minutes from 5 to 50. A scan that is not over by then stops the deployment. An
   * enhanced scan counts as over when its findings have not changed for two minutes.
   *
   * @default Duration.minutes(15)
   */
  readonly waitAtMost?: Duration;
}

/**
 * What a gate asks for, as its custom resource says it.
 *
 * @internal
 */
export type _GateDemand = Pick<ScanGateProperties, 'FailOn' | 'WaitMinutes' | 'Accept'>;

/**
 * Stops a deployment at the findings of ECR's scan, before anything uses the image.
 *
 * The gate waits for the scan of the image, of an image for several platforms the scan of each. No scan, or one that failed, is not
 * clean. An image that has passed once passes again, so that an older version can be deployed at any time. What becomes known later is
 * for `repository.onFinding`.
 *
 * What a rollback of CloudFormation brings back passes, whatever is found in it, as long as CloudFormation says that it rolls back: where
 * `cloudformation:DescribeStacks` is denied to the function (by a service control policy, for example), the gate judges. An image that was
 * pushed directly has to be readable in the repository for that, because only its tag is known.
 *
 * The gate is for what uses the `PublishedImage`. The image is in the repository before it is scanned, and its tags are set: whoever
 * deploys by a tag that moves does not wait. CloudFormation changes what does not use the image meanwhile, and takes it back when the gate
 * fails.
 *
 * The repository has to scan: an `ImageRepository` does, of an imported one see to it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class ScanGate {
  /**
   * The deployment fails when the image has findings of this severity or worse. The message names them.
   *
   * Publishing throws when the severity is none, when an accepted finding is malformed or named twice, and when the time to wait is not
   * a whole number of minutes from 5 to 50.
   *
   * @param severity the least severity that stops the deployment; `Severity.INFORMATIONAL` includes findings that nobody has rated yet
   * @param options findings that may pass for some time, and how long to wait for the scan
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
   */
  public static failOn(severity: Severity, options: ScanGateOptions = {}): ScanGate {
    return new ScanGate(severity, options);
  }

  private constructor(private readonly severity: Severity, private readonly options: ScanGateOptions) {}

  /** @internal */
  public _demand(scope: IConstruct): _GateDemand {
    checkValue(scope, 'scanGate.severity', this.severity, { ...SEVERITY, required: true });
    checkObject(scope, 'scanGate.options', this.options);
    const { accept = [], waitAtMost = Duration.minutes(DEFAULT_MINUTES) } = this.options;
    const accepted = this.accepted(scope, accept);
    return { FailOn: this.severity, WaitMinutes: String(minutesOf(scope, waitAtMost)), ...(accepted.length > 0 && { Accept: accepted }) };
  }

  private accepted(scope: IConstruct, accept: unknown): ScanGateProperties['Accept'] & object {
    const property = 'scanGate.accept';
    const fix = 'Write accept: [AcceptedFinding.until(\'CVE-2025-1234\', \'2027-06-30\', \'we do not parse XML\')].';
    checkList(scope, property, accept, fix);
    const rendered = accept.map(each => (
      isAccepted(each) ? each._acceptance(scope) : reject(scope, { property, must: 'be AcceptedFindings', got: each, fix })
    ));
    const names = rendered.map(({ Name }) => Name).filter(name => !Token.isUnresolved(name)).map(name => name.toUpperCase());
    const twice = names.find((name, at) => names.indexOf(name) < at);
    if (twice !== undefined) {
      reject(scope, { property, must: 'name each finding once', got: twice, fix: 'Keep the one with the day that you mean.' });
    }
    return rendered;
  }
}

/** What is given as a gate, with all that it asks for. */
export function checkScanGate(scope: IConstruct, gate: unknown): void {
  if (!isGate(gate)) {
    return reject(scope, { property: 'scanGate', must: 'be a ScanGate', got: gate, fix: 'Make one with brackets, e.g. ScanGate.failOn(Severity.CRITICAL).' });
  }
  gate._demand(scope);
}

function isGate(value: unknown): value is ScanGate {
  return hasMethods(value, '_demand');
}

function isAccepted(value: unknown): value is AcceptedFinding {
  return hasMethods(value, '_acceptance');
}

function minutesOf(scope: IConstruct, value: Duration): number {
  const property = 'scanGate.waitAtMost';
  const fix = `Use Duration.minutes(${DEFAULT_MINUTES}) or the like.`;
  if (!hasMethods(value, 'isUnresolved', 'toMinutes') || value.isUnresolved()) {
    return reject(scope, { property, must: 'be a Duration that is known at synthesis', got: value, fix });
  }
  const minutes = value.toMinutes({ integral: false });
  checkInteger(scope, { property, value: minutes, min: LEAST_MINUTES, max: MOST_MINUTES, fix });
  return minutes;
}

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

export const SEVERITY: EnumRule = {
  kind: 'enum', values: SEVERITIES, must: 'be a Severity',
  fix: 'Use Severity.CRITICAL, Severity.HIGH, Severity.MEDIUM, Severity.LOW or Severity.INFORMATIONAL.',
};
