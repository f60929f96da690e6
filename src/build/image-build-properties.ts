/**
 * Properties of `Custom::ContainerImageBuild`. The construct renders them, the handler reads them.
 *
 * This file imports nothing, so neither side depends on the other. CloudFormation turns every scalar into a string, hence no numbers and
 * no booleans. A change of meaning needs a new `SchemaVersion`, because a rollback sends the properties of the previous template to the
 * handler of the new one.
 */
export interface ImageBuildProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The repository that receives the image: `host/repository`. */
  readonly Destination: string;

  /** The builds, one for each platform. Several are joined to one index, in this order. */
  readonly Builds: readonly PlatformBuildProperties[];

  /** The ZIP file with the archives of the source: `bucket/key`. The key contains a hash of the content. */
  readonly Source: string;

  /** The arguments of `docker buildx build` that determine the image. The last one is the build context. */
  readonly Arguments: readonly string[];

  /**
   * Arguments that do not affect whether an image that was built before is reused.
   *
   * @default - none
   */
  readonly UncountedArguments?: readonly string[];

  /**
   * Fields of `--output`, with a comma before each: `,compression=zstd`.
   *
   * @default - none
   */
  readonly OutputOptions?: string;

  /**
   * Flags of `docker buildx build` for attestations: `--provenance=mode=min`. They become referrers of the image.
   *
   * @default - none
   */
  readonly Attestations?: readonly string[];

  /**
   * The build secrets.
   *
   * @default - none
   */
  readonly Secrets?: readonly BuildSecretProperties[];

  /** The image is tagged with this prefix followed by the first 12 hex digits of its digest. */
  readonly LiveTagPrefix: string;

  /**
   * Additional tags, which must not exist or must already name this image.
   *
   * @default - none
   */
  readonly Tags?: readonly string[];

  /**
   * Additional tags that move from another image to this one.
   *
   * @default - none
   */
  readonly FloatingTags?: readonly string[];
}

/** The build for one platform. */
export interface PlatformBuildProperties {
  /** For example `linux/arm64`. */
  readonly Platform: string;
  /** The name of the CodeBuild project. */
  readonly Project: string;
  /**
   * Arguments for this platform that do not determine the image: its cache.
   *
   * @default - none
   */
  readonly Arguments?: readonly string[];
}

/** A build secret. */
export interface BuildSecretProperties {
  /** The ID in the Dockerfile: `RUN --mount=type=secret,id=npm`. */
  readonly Id: string;
  /** The ARN of the secret. CodeBuild reads the secret; this function has no permission to. */
  readonly Arn: string;
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface ImageBuildData {
  /** The digest of the image without `sha256:`, because the CDK recognizes a digest only by a literal prefix. */
  readonly DigestHex: string;

  /** The live tag: `LiveTagPrefix` and the first 12 hex digits of the digest. */
  readonly Tag: string;
}
