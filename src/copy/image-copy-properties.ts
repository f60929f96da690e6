/**
 * Properties of `Custom::ContainerImageCopy`. The construct renders them, the handler reads them.
 *
 * This file imports nothing, so neither side depends on the other. CloudFormation turns every scalar into a string, hence no numbers and
 * no booleans. A change of meaning needs a new `SchemaVersion`, because a rollback sends the properties of the previous template to the
 * handler of the new one.
 */
export interface ImageCopyProperties {
  /** The version of this contract. */
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
   * `true` if the tag of the source never moves, such as the content hash of a CDK asset. The copy is then recorded, and found again
   * after the source was deleted.
   *
   * @default - a deleted source is an error
   */
  readonly SourceNeverMoves?: 'true';

  /**
   * `true` to copy signatures, attestations and all other referrers of the image.
   *
   * @default - the image alone
   */
  readonly Referrers?: 'true';

  /**
   * The platforms to copy, for example `linux/arm64`. The image then gets an index of only these.
   *
   * @default - all
   */
  readonly Platforms?: readonly string[];

  /**
   * The ARN of the secret with the user name and password for the registry of the source.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly SourceCredentials?: string;

  /**
   * The host that issues a token in exchange for the user name and password of the source.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly SourceTokenHost?: string;

  /**
   * The identity in another cloud for the registry of the source, as text (`formatIdentity`). Instead of `SourceCredentials`.
   *
   * @default - none
   */
  readonly SourceIdentity?: string;

  /** The repository that receives it: `host/repository`. */
  readonly Destination: string;

  /**
   * The ARN of the secret with the user name and password for the registry of the destination.
   *
   * @default - anonymous, or ECR's own credentials
   */
  readonly DestinationCredentials?: string;

  /**
   * The host that issues a token in exchange for the user name and password of the destination.
   *
   * @default - the registry's own, or the one known for it
   */
  readonly DestinationTokenHost?: string;

  /**
   * The identity in another cloud for the registry of the destination, as text (`formatIdentity`). Instead of `DestinationCredentials`.
   *
   * @default - none
   */
  readonly DestinationIdentity?: string;

  /** The image is tagged with this prefix followed by the first 12 hex digits of its digest. */
  readonly LiveTagPrefix: string;

  /**
   * `true` if an image that the destination already has gets an additional tag: `LiveTagPrefix`, `kept-` and the first 12 hex digits of
   * the digest. Lifecycle rules count from the first push, so they would expire an old image that is deployed again.
   *
   * @default - no such tag
   */
  readonly KeepWhenThere?: 'true';

  /**
   * Additional tags, which must not exist or must already name this image.
   *
   * @default - none
   */
  readonly Tags?: readonly string[];

  /**
   * Additional tags that move from another image to this one. The repository must allow it with mutable tags or an exclusion filter.
   *
   * @default - none
   */
  readonly FloatingTags?: readonly string[];
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface ImageCopyData {
  /** The digest of the image without `sha256:`, because the CDK recognizes a digest only by a literal prefix. */
  readonly DigestHex: string;

  /** The live tag: `LiveTagPrefix` and the first 12 hex digits of the digest. */
  readonly Tag: string;
}

// The construct and the function share these values. If they differed, lifecycle rules would not protect the tags that the function
// writes. A live tag ends in digits of a digest, so it can start with none of these.

/** The part after the prefix in the tag of an old version that was deployed again. Such versions never expire. */
export const KEPT_TAG = 'kept-';

/** The part after the prefix in the tag that records the source of a copy. */
export const SOURCE_TAG = 'source-';

/** The environment variable of the copy function that lists all allowed logins. The construct writes it, the function reads it. */
export const LOGINS_VARIABLE = 'REGISTRY_LOGINS';

/** A login: a secret or an identity, and the hosts that it may be used for. */
export interface RegistryLogin {
  /** Whether the function reads from the host or writes to it. */
  readonly side: 'source' | 'destination';
  /** The ARN of the secret with the user name and password, or an identity in another cloud as text. */
  readonly by: string;
  /** The host of the registry, with its port if it has one. */
  readonly host: string;
  /**
   * Another host that issues a token in exchange for the user name and password.
   *
   * @default - none
   */
  readonly tokenHost?: string;
}

const SEPARATOR = ',';

/** Formats a login. No field can contain a space or a comma, so different logins have different texts. */
export function formatLogin({ side, by, host, tokenHost }: RegistryLogin): string {
  return [side, by, host, ...tokenHost === undefined ? [] : [tokenHost]].join(' ');
}

/** The value of the environment variable. */
export function formatLogins(logins: readonly string[]): string {
  return logins.join(SEPARATOR);
}

/** Parses the value of the environment variable into formatted logins. Empty without a value. */
export function parseLogins(value = ''): ReadonlySet<string> {
  return new Set(value.split(SEPARATOR).filter(login => login !== ''));
}
