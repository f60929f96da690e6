/**
 * Properties of `Custom::ImageScanGate`, which the construct renders and the handler reads.
 *
 * Only types, so neither side depends on the other. CloudFormation turns every scalar into a string. A change of meaning needs a new
 * `SchemaVersion`.
 */
export interface ScanGateProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The repository that holds the image: `host/repository`. */
  readonly Repository: string;

  /** The live tag of the image. */
  readonly Tag: string;

  /**
   * The digest of the image, `sha256:…`.
   *
   * @default - the digest of the tag
   */
  readonly Digest?: string;

  /** The prefix of the tag for an image that passed. The first 12 hex digits of its digest follow. */
  readonly PassedTagPrefix: string;

  /** The lowest severity that fails a deployment. */
  readonly FailOn: string;

  /** The minutes to wait for the scan. */
  readonly WaitMinutes: string;

  /**
   * Findings that are accepted for some time.
   *
   * @default - none
   */
  readonly Accept?: readonly AcceptedFindingProperties[];
}

/** A finding that is accepted for some time. */
export interface AcceptedFindingProperties {
  /** The name of the finding in the scan. */
  readonly Name: string;
  /** The last day in UTC, `2027-06-30`. */
  readonly LastDay: string;
  readonly Reason: string;
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface ScanGateData {
  /** The digest of the image that passed, without `sha256:`, because the CDK recognizes a digest only by a literal prefix. */
  readonly DigestHex: string;

  /** The unchanged live tag. Resources that use it wait for the gate. */
  readonly Tag: string;
}
