/**
 * Properties of `Custom::ImageScanGate`, as the construct renders them and the handler reads them.
 *
 * Types only, so that both sides can import them without pulling in each other. CloudFormation turns every scalar into a string.
 * A change of meaning needs a new `SchemaVersion`.
 */
export interface ScanGateProperties {
  /** Version of this contract. */
  readonly SchemaVersion: '1';

  /** The repository that holds the image: `host/repository`. */
  readonly Repository: string;

  /** The live tag of the image. */
  readonly Tag: string;

  /**
   * Digest of the image, `sha256:…`.
   *
   * @default - what the tag names
   */
  readonly Digest?: string;

  /** An image that has passed is tagged with this prefix followed by the first 12 hex digits of its digest. */
  readonly PassedTagPrefix: string;

  /** The least severity that stops a deployment. */
  readonly FailOn: string;

  /** How many minutes to wait for the scan. */
  readonly WaitMinutes: string;

  /**
   * Findings that may pass for some time.
   *
   * @default - none
   */
  readonly Accept?: readonly AcceptedFindingProperties[];
}

/** A finding that may pass for some time. */
export interface AcceptedFindingProperties {
  /** As the scan names it. */
  readonly Name: string;
  /** The last day in UTC, `2027-06-30`. */
  readonly LastDay: string;
  readonly Reason: string;
}

/** What the handler answers with (`Fn::GetAtt`). */
export interface ScanGateData {
  /** Digest of the image that has passed, without `sha256:`, because CDK recognises a digest only by a literal prefix. */
  readonly DigestHex: string;

  /** The live tag, just as it was given: who uses it waits for the gate. */
  readonly Tag: string;
}
