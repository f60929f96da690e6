/**
 * Properties of `Custom::ContainerImageCheck`, as the construct renders them and the handler reads them.
 *
 * Types only, so that both sides can import them without pulling in each other. CloudFormation turns every scalar into a string.
 * A change of meaning needs a new `SchemaVersion`.
 */
export interface ImageCheckProperties {
  /** Version of this contract. */
  readonly SchemaVersion: '1';

  /** The repository that holds the image: `host/repository`. */
  readonly Repository: string;

  /** The digest of the image, `sha256:…`, or its tag. */
  readonly Version: string;

  /** What runs the image. */
  readonly Runner: Runner;

  /** Who runs the image, for people: `the container 'web' of Stack/Service`. */
  readonly UsedBy: string;

  /**
   * The CPU architecture on which it is to run, as AWS writes it: `X86_64`, `arm64`.
   *
   * @default - any
   */
  readonly Architecture?: string;
}

/** What can run an image. */
export type Runner = 'EC2' | 'FARGATE' | 'LAMBDA';

/** What the handler answers with (`Fn::GetAtt`). */
export interface ImageCheckData {
  /**
   * Digest of the image that runs, without `sha256:`, because CDK recognises a digest only by a literal prefix. For Lambda, which takes no
   * index, it is the image of one platform.
   */
  readonly DigestHex: string;
}
