import { IRole } from 'aws-cdk-lib/aws-iam';
import { ISecret } from 'aws-cdk-lib/aws-secretsmanager';

/** How images of a public registry are cached. */
export interface PullThroughCacheOptions {
  /**
   * What the names of the cached repositories begin with, before a `/`: 2 to 30 characters, or `ROOT` for no prefix at all.
   *
   * @default - the name of the registry: `ecr-public`, `quay`, `kubernetes`
   */
  readonly prefix?: string;
}

/** How images of a registry that wants a user and a token are cached. */
export interface AuthenticatedCacheOptions {
  /**
   * User and access token as JSON: `{"username":"…","accessToken":"…"}`.
   *
   * ECR wants the name of the secret to begin with `ecr-pullthroughcache/`, the secret to be in the account and region of the
   * registry, and its key to be the default one of Secrets Manager. Import it by its complete ARN: a rule with the ARN that
   * `fromSecretNameV2` makes, without the random letters at its end, has not been tried.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
   */
  readonly credentials: ISecret;

  /**
   * What the names of the cached repositories begin with, before a `/`: 2 to 30 characters, or `ROOT` for no prefix at all.
   *
   * @default - the name of the registry: `docker-hub`, `github`, `gitlab`, `azure`
   */
  readonly prefix?: string;
}

/** How images of an Azure Container Registry are cached. */
export interface AzureCacheOptions extends AuthenticatedCacheOptions {
  /** The login server, e.g. `team.azurecr.io`. */
  readonly loginServer: string;
}

/** How images of another ECR registry are cached. */
export interface EcrCacheOptions {
  /**
   * The account of the other registry, 12 digits.
   *
   * @default - the account of this registry
   */
  readonly account?: string;

  /** The region of the other registry. */
  readonly region: string;

  /**
   * The role that ECR reads the other registry with. It trusts `pullthroughcache.ecr.amazonaws.com`.
   *
   * @default - none, which is enough for a registry of the same account; throws for another one
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
   */
  readonly role?: IRole;

  /**
   * What the names of the repositories begin with in the other registry, and no longer in this one. Throws where the prefix is
   * `ROOT`.
   *
   * @default - nothing
   */
  readonly upstreamPrefix?: string;

  /**
   * What the names of the cached repositories begin with, before a `/`: 2 to 30 characters, or `ROOT` for no prefix at all.
   *
   * @default ecr
   */
  readonly prefix?: string;
}
