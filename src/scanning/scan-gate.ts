import { Duration, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import type { AcceptedFindingProperties, ScanGateProperties } from './scan-gate-properties';
import { endOfDay, SEVERITIES, Severity } from './severity';
import { checkValue, EnumRule, InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

const DEFAULT_MINUTES = 15;
// The findings of an enhanced scan arrive one by one, and must not change for two minutes.
const LEAST_MINUTES = 5;
// CloudFormation waits for one hour, and the last invocation must have ended by then.
const MOST_MINUTES = 50;

const WAIT_FIX = `Use a duration such as Duration.minutes(${DEFAULT_MINUTES}).`;

const LONGEST_REASON = 200;

/** Options of a `ScanGate`. */
export interface ScanGateFailOnOptions {
  /**
   * Findings that are accepted for a limited time, e.g. `AcceptedFinding.until('CVE-2025-1234', '2027-06-30', 'we do not parse XML')`.
   *
   * @default - none
   */
  readonly accept?: AcceptedFinding[];

  /**
   * The maximum time to wait for the scan, in whole minutes from 5 to 50. A scan that takes longer fails the deployment. An enhanced scan counts as
   * complete when its findings have not changed for two minutes.
   *
   * @default Duration.minutes(15)
   */
  readonly waitAtMost?: Duration;
}

export const SCAN_GATE_OPTIONS = new Shape<ScanGateFailOnOptions>('Write an object such as { waitAtMost: Duration.minutes(20) }, or leave it out.', {
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
 * The properties of the custom resource that the gate sets.
 *
 * @internal
 */
export type _GateDemand = Pick<ScanGateProperties, 'FailOn' | 'WaitMinutes' | 'Accept'>;

/**
 * A gate that fails a deployment because of findings in an ECR image scan, before a resource uses the image.
 *
 * The gate waits for the scan. For a multi-platform image, every platform must pass. A missing, failed or timed-out scan fails the gate. An image
 * that passed once passes again, so you can deploy an older version at any time. Use `repository.onFinding` for findings that are published later.
 *
 * In a CloudFormation rollback, every image passes. If the function cannot call `cloudformation:DescribeStacks` (for example because of a service
 * control policy), the gate evaluates the image. A directly pushed image must exist in the repository, because only its tag is known.
 *
 * The gate protects constructs that use the `PublishedImage`. The image is in the repository, with its tags, before it is scanned: a deployment that
 * uses a moving tag does not wait. CloudFormation updates resources that do not use the image at the same time, and rolls them back if the gate fails.
 *
 * The repository must scan images. An `ImageRepository` does; check the settings of an imported one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/image-scanning.html
 */
export class ScanGate {
  /**
   * Fail the deployment if the image has findings of this severity or worse. The message lists them.
   *
   * Publishing throws if the severity is invalid, if an accepted finding is malformed or repeated, and if the waiting time is not a whole number of
   * minutes from 5 to 50.
   *
   * @param severity the lowest severity that fails the deployment; `Severity.INFORMATIONAL` includes findings without a rating
   * @param options accepted findings, and the maximum waiting time
   * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_DescribeImageScanFindings.html
   */
  public static failOn(severity: Severity, options: ScanGateFailOnOptions = {}): ScanGate {
    return new ScanGate(severity, options);
  }

  private constructor(private readonly severity: Severity, private readonly options: ScanGateFailOnOptions) {}

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
 * A finding that a `ScanGate` accepts until a date, with the reason.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFinding.html
 */
export class AcceptedFinding {
  /**
   * Accept a finding up to and including a day.
   *
   * The day is in UTC, at the time of the deployment, not of the synthesis. Afterward, the finding fails deployments again. Name, day and reason are
   * visible in the template.
   *
   * Publishing throws if the name is not the name of a finding, if the day is not in the calendar, and if the reason is not one line of 1 to 200
   * characters.
   *
   * @param name the name of the finding in the scan, e.g. `CVE-2025-1234`; not case-sensitive
   * @param lastDay the last day, e.g. `2027-06-30`
   * @param reason why it is accepted, in 1 to 200 characters
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
