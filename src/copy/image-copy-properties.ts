/**
 * Properties of `Custom::ContainerImageCopy`, as the construct renders them and the handler reads them.
 *
 * Types only, so that both sides can import them without pulling in each other. CloudFormation turns every
 * scalar into a string, hence no numbers and no booleans. A change of meaning needs a new `SchemaVersion`:
 * a rollback sends the properties of the previous template to the handler of the new one.
 */
export interface ImageCopyProperties {
  /** Version of this contract. */
  readonly SchemaVersion: '1';

  /** The image to copy: `host/repository:tag` or `host/repository@sha256:...`. */
  readonly Source: string;

  /**
   * Images of further platforms. They and `Source` are joined to one index, in this order.
   *
   * @default - the image is `Source` alone
   */
  readonly FurtherPlatforms?: readonly string[];

  /**
   * `true` when the tag of the source never means two things, as the content hash of a CDK asset. What was copied
   * from it is then remembered, and found again when the source is gone.
   *
   * @default - a source that is gone is an error
   */
  readonly SourceNeverMoves?: 'true';

  /**
   * `true` to bring signatures, attestations and whatever else refers to the image, too.
   *
   * @default - the image alone
   */
  readonly Referrers?: 'true';

  /**
   * ARN of the secret with user and password for the registry of the source.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly SourceCredentials?: string;

  /**
   * Host that gets user and password of the source in exchange for a token.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly SourceTokenHost?: string;

  /** The repository that receives it: `host/repository`. */
  readonly Destination: string;

  /**
   * ARN of the secret with user and password for the registry of the destination.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly DestinationCredentials?: string;

  /**
   * Host that gets user and password of the destination in exchange for a token.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly DestinationTokenHost?: string;

  /** The image is tagged with this prefix followed by the first 12 hex digits of its digest. */
  readonly LiveTagPrefix: string;

  /**
   * `true` when an image that the destination has already gets one more tag, `LiveTagPrefix`, `kept-` and the first 12 hex digits of the
   * digest: lifecycle rules count by the time of the first push, and know nothing of a rollback.
   *
   * @default - it gets no such tag
   */
  readonly KeepWhenThere?: 'true';

  /**
   * Further tags, which must not exist yet or already mean this very image.
   *
   * @default - none
   */
  readonly Tags?: readonly string[];

  /**
   * Further tags that may point to another image and are then moved to this one. The repository must let
   * them move: mutable tags, or an exclusion filter.
   *
   * @default - none
   */
  readonly FloatingTags?: readonly string[];
}

/** What the handler answers with (`Fn::GetAtt`). */
export interface ImageCopyData {
  /** Digest of the image without `sha256:`, because CDK recognises a digest only by a literal prefix. */
  readonly DigestHex: string;

  /** The live tag: `LiveTagPrefix` and the first 12 hex digits of the digest. */
  readonly Tag: string;
}
