import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { AcceptedFindingProperties, ScanGateProperties } from './scan-gate-properties';
import { endOfDay, SEVERITIES, Severity } from './severity';
import { checkValue, EnumRule, InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

const DEFAULT_MINUTES = 15;
// The findings of an enhanced scan come one by one, and have to be left two minutes to do so.
const LEAST_MINUTES = 5;
// CloudFormation waits an hour, and the last invocation has to be over by then.
const MOST_MINUTES = 50;

const WAIT_FIX = `Use a duration such as Duration.minutes(${DEFAULT_MINUTES}).`;

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

export const SCAN_GATE_OPTIONS = new Shape<ScanGateOptions>('Write an object such as { waitAtMost: Duration.minutes(20) }, or leave it out.', {
  accept: {
    kind: 'list', fix: 'Write accept: [AcceptedFinding.until(\'CVE-2025-1234\', \'2027-06-30\', \'we do not parse XML\')].', of: {
      kind: 'instance', must: 'be an AcceptedFinding', methods: ['_acceptance'],
      fix: 'Write AcceptedFinding.until(\'CVE-2025-1234\', \'2027-06-30\', \'we do not parse XML\').',
    },
  },
  waitAtMost: { kind: 'duration', unit: 'minutes', min: LEAST_MINUTES, max: MOST_MINUTES, fix: WAIT_FIX },
}, {
  timeout: 'Write `waitAtMost`.', wait: 'Write `waitAtMost`.', accepted: 'Write `accept`.', ignore: 'Write `accept`.', severity: 'Write it as the first argument of failOn.',
});

/**
 * The part of the custom resource that comes from the gate.
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
    SCAN_GATE_OPTIONS.check(scope, 'scanGate', this.options);
    const { accept = [], waitAtMost = Duration.minutes(DEFAULT_MINUTES) } = this.options;
    if (waitAtMost.isUnresolved()) {
      reject(scope, { property: 'scanGate.waitAtMost', must: 'be known at synthesis', got: 'a token', fix: WAIT_FIX });
    }
    const accepted = accept.map(each => each._acceptance(scope));
    checkAcceptedOnce(scope, accepted);
    return { FailOn: this.severity, WaitMinutes: String(waitAtMost.toMinutes()), ...(accepted.length > 0 && { Accept: accepted }) };
  }
}

/** A value that must be a scan gate. */
export const SCAN_GATE: InstanceRule = {
  kind: 'instance', must: 'be a ScanGate', methods: ['_demand'], fix: 'Call the factory, e.g. ScanGate.failOn(Severity.CRITICAL).',
};

function checkAcceptedOnce(scope: IConstruct, accepted: readonly AcceptedFindingProperties[]): void {
  const names = accepted.map(({ Name }) => Name).filter(name => !Token.isUnresolved(name)).map(name => name.toUpperCase());
  const twice = names.find((name, at) => names.indexOf(name) < at);
  if (twice !== undefined) {
    reject(scope, { property: 'scanGate.accept', must: 'name each finding once', got: twice, fix: 'Keep one of the two, with the correct day.' });
  }
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
    checkValue(scope, 'scanGate.accept.name', this.name, {
      kind: 'text', required: true, pattern: /^\S+$/, must: 'be the name of a finding',
      fix: 'Copy it from the message or from `aws ecr describe-image-scan-findings`, e.g. "CVE-2025-1234".',
    });
    checkValue(scope, 'scanGate.accept.reason', this.reason, {
      kind: 'text', required: true, pattern: new RegExp(`^(?=.*\\S).{1,${LONGEST_REASON}}$`), must: `be one line of 1 to ${LONGEST_REASON} characters`,
      fix: 'Write why the finding is acceptable, e.g. "we do not parse XML".',
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
