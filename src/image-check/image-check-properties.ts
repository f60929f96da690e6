/** The type of the custom resource. Functions that also serve another resource recognize image checks by it. */
export const IMAGE_CHECK = 'Custom::ContainerImageCheck';

/**
 * Properties of `Custom::ContainerImageCheck`, which the construct renders and the handler reads.
 *
 * Shared by both, so neither depends on the other. CloudFormation turns every scalar into a string. A change of meaning needs a new
 * `SchemaVersion`.
 */
export interface ImageCheckProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The repository that holds the image: `host/repository`. */
  readonly Repository: string;

  /** The digest of the image, `sha256:…`, or its tag. */
  readonly Version: string;

  /** The kind of compute that runs the image. */
  readonly Runner: Runner;

  /** The user of the image, for messages: `the container 'web' of Stack/Service`. */
  readonly UsedBy: string;

  /**
   * The CPU architecture on which it must run, as AWS writes it: `X86_64`, `arm64`.
   *
   * @default - any
   */
  readonly Architecture?: string;
}

/** A kind of compute that runs images. */
export type Runner = 'EC2' | 'FARGATE' | 'LAMBDA';

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface ImageCheckData {
  /**
   * The digest of the image that runs, without `sha256:`, because the CDK recognizes a digest only by a literal prefix. Lambda does not
   * accept an index, so for Lambda it is the image of one platform.
   */
  readonly DigestHex: string;
}
