import { Stack, Token } from 'aws-cdk-lib';
import { CfnPullThroughCacheRuleProps } from 'aws-cdk-lib/aws-ecr';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { ACCOUNT, checkCachePrefix, REGION } from './registry-rules';
import { checkSecret } from '../private/check-secret';
import { checkObject, isObject } from '../private/check-types';
import { isKnown } from '../private/lookups';
import { checkPattern, reject } from '../private/validation';

const CREDENTIALS = 'pullThroughCaches.credentials';

const PREFIX = 'ecr-pullthroughcache/';

const FIX = 'Store {"username":"…","accessToken":"…"} there, and give secretsmanager.Secret.fromSecretCompleteArn(…).';

/** What all options have in common. */
type AnyOptions = PullThroughCacheOptions | AuthenticatedCacheOptions | AzureCacheOptions | EcrCacheOptions;

/** What a rule says beside its prefix. */
type Upstream = Omit<CfnPullThroughCacheRuleProps, 'ecrRepositoryPrefix'>;

/**
 * A cache of another registry: an image that is pulled through this registry is fetched from the other one and kept here.
 * ECR looks for a newer image under the same tag once a day. A registry can have 50 caches; more throw.
 *
 * CloudFormation cannot change a cache, only make another one: with other credentials it needs another prefix, or a deployment
 * without it in between. What is cached stays.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export class PullThroughCache {
  /**
   * Docker Hub, by default under `docker-hub/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache,
   * and when ECR would not read the secret: by its name, key, account or region.
   *
   * @param options credentials and prefix
   */
  public static dockerHub(options: AuthenticatedCacheOptions): PullThroughCache {
    return new PullThroughCache('docker-hub', options, withCredentials(options, 'docker-hub', 'registry-1.docker.io'));
  }

  /**
   * The public registry of AWS, by default under `ecr-public/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache.
   *
   * @param options prefix
   */
  public static ecrPublic(options: PullThroughCacheOptions = {}): PullThroughCache {
    return new PullThroughCache('ecr-public', options, () => ({ upstreamRegistry: 'ecr-public', upstreamRegistryUrl: 'public.ecr.aws' }));
  }

  /**
   * The container registry of GitHub, by default under `github/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache,
   * and when ECR would not read the secret: by its name, key, account or region.
   *
   * @param options credentials and prefix
   */
  public static gitHub(options: AuthenticatedCacheOptions): PullThroughCache {
    return new PullThroughCache('github', options, withCredentials(options, 'github-container-registry', 'ghcr.io'));
  }

  /**
   * The container registry of gitlab.com, by default under `gitlab/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache,
   * and when ECR would not read the secret: by its name, key, account or region.
   *
   * @param options credentials and prefix
   */
  public static gitLab(options: AuthenticatedCacheOptions): PullThroughCache {
    return new PullThroughCache('gitlab', options, withCredentials(options, 'gitlab-container-registry', 'registry.gitlab.com'));
  }

  /**
   * Quay, by default under `quay/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache.
   *
   * @param options prefix
   */
  public static quay(options: PullThroughCacheOptions = {}): PullThroughCache {
    return new PullThroughCache('quay', options, () => ({ upstreamRegistry: 'quay', upstreamRegistryUrl: 'quay.io' }));
  }

  /**
   * The registry of Kubernetes, by default under `kubernetes/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another cache.
   *
   * @param options prefix
   */
  public static kubernetes(options: PullThroughCacheOptions = {}): PullThroughCache {
    return new PullThroughCache('kubernetes', options, () => ({ upstreamRegistry: 'k8s', upstreamRegistryUrl: 'registry.k8s.io' }));
  }

  /**
   * An Azure Container Registry, by default under `azure/`.
   *
   * Creating the settings throws when prefix or login server is malformed, when another cache has the prefix, and when ECR would not read
   * the secret: by its name, key, account or region.
   *
   * @param options login server, credentials and prefix
   */
  public static azure(options: AzureCacheOptions): PullThroughCache {
    return new PullThroughCache('azure', options, scope => {
      checkPattern(scope, {
        property: 'pullThroughCaches.loginServer', value: options.loginServer, pattern: /^[a-z0-9]+(-[a-z0-9]+)*\.azurecr\.(io|cn|us)$/,
        must: 'be like "team.azurecr.io"', fix: 'Give the name alone, without https:// and without a path.',
      });
      return withCredentials(options, 'azure-container-registry', options.loginServer)(scope);
    });
  }

  /**
   * Another private ECR registry, in another region or account, by default under `ecr/`.
   *
   * Creating the settings throws when prefix, account or region is malformed, when another cache has the prefix, when it is the registry
   * itself, and when it is of another account and there is no role.
   *
   * @param options where it is, role and prefixes
   */
  public static ecr(options: EcrCacheOptions): PullThroughCache {
    return new PullThroughCache('ecr', options, scope => upstreamEcr(scope, options));
  }

  private constructor(
    private readonly name: string,
    private readonly options: AnyOptions,
    private readonly upstream: (scope: Construct) => Upstream,
  ) {}

  /** @internal */
  public _cacheRule(scope: Construct): CfnPullThroughCacheRuleProps & { readonly ecrRepositoryPrefix: string } {
    checkObject(scope, 'pullThroughCaches.options', this.options, `Give the options of the cache of "${this.name}".`);
    const { prefix = this.name } = this.options;
    checkCachePrefix(scope, 'pullThroughCaches.prefix', prefix);
    return { ecrRepositoryPrefix: prefix, ...this.upstream(scope) };
  }
}

function withCredentials(options: AuthenticatedCacheOptions, upstreamRegistry: string, upstreamRegistryUrl: string) {
  return (scope: Construct): Upstream => {
    checkCacheCredentials(scope, options.credentials);
    return { upstreamRegistry, upstreamRegistryUrl, credentialArn: options.credentials.secretArn };
  };
}

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

/**
 * Another ECR registry as the source of a cache.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
 */
export function upstreamEcr(scope: Construct, options: EcrCacheOptions): Omit<CfnPullThroughCacheRuleProps, 'ecrRepositoryPrefix'> {
  const stack = Stack.of(scope);
  const { account = stack.account, region, role, upstreamPrefix, prefix } = options;
  checkPattern(scope, { property: 'pullThroughCaches.account', value: account, pattern: ACCOUNT, must: 'be an account of 12 digits', fix: 'Write it as a text: "111122223333".' });
  checkPattern(scope, { property: 'pullThroughCaches.region', value: region, pattern: REGION, must: 'be the name of a region', fix: 'Write it like "eu-central-1".' });
  checkRole(scope, options, account);
  checkUpstreamPrefix(scope, upstreamPrefix, prefix);
  if (account === stack.account && region === stack.region) {
    reject(scope, { property: 'pullThroughCaches.region', must: 'be that of another registry', got: region, fix: 'Pull from this registry directly.' });
  }
  return {
    upstreamRegistry: 'ecr',
    upstreamRegistryUrl: `${account}.dkr.ecr.${region}.${stack.urlSuffix}`,
    customRoleArn: role?.roleArn,
    upstreamRepositoryPrefix: upstreamPrefix,
  };
}

function checkRole(scope: Construct, { role }: EcrCacheOptions, account: string): void {
  const property = 'pullThroughCaches.role';
  const fix = 'Give a role that trusts pullthroughcache.ecr.amazonaws.com and may read the other registry.';
  if (role !== undefined && (!isObject(role) || typeof role.roleArn !== 'string')) {
    reject(scope, { property, must: 'be a role', got: role, fix });
  }
  const own = Stack.of(scope).account;
  if (role === undefined && account !== own && [account, own].every(isKnown)) {
    reject(scope, { property, must: 'be given for a registry of another account', got: role, fix });
  }
}

function checkUpstreamPrefix(scope: Construct, upstreamPrefix?: string, prefix?: string): void {
  if (upstreamPrefix === undefined) return;
  checkCachePrefix(scope, 'pullThroughCaches.upstreamPrefix', upstreamPrefix);
  if (prefix === 'ROOT') {
    reject(scope, {
      property: 'pullThroughCaches.upstreamPrefix', must: 'be left out where the prefix is ROOT', got: upstreamPrefix, fix: 'Give a prefix, or no upstreamPrefix.',
    });
  }
}

/**
 * A secret as ECR wants it.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
 */
export function checkCacheCredentials(scope: IConstruct, secret: ISecret): void {
  checkSecret(scope, CREDENTIALS, secret, FIX);
  checkName(scope, secret);
  if (secret.encryptionKey !== undefined) {
    reject(scope, {
      property: CREDENTIALS, must: 'be encrypted with the default key of Secrets Manager, because ECR reads no other', got: 'a secret with a key of its own',
      fix: 'Leave encryptionKey out.',
    });
  }
  checkSame(scope, 'account', secret.env.account);
  checkSame(scope, 'region', secret.env.region);
}

function checkName(scope: IConstruct, secret: ISecret): void {
  const { defaultChild } = secret.node;
  // The name of a secret that this app creates is a token; that of its resource is none, or nothing.
  const name: unknown = Stack.of(secret).resolve(defaultChild instanceof CfnSecret ? defaultChild.name : secret.secretName);
  if (typeof name === 'string' ? name.startsWith(PREFIX) && name.length > PREFIX.length : name !== undefined) return;
  reject(scope, {
    property: CREDENTIALS, must: `have a name that begins with "${PREFIX}", because ECR reads no other secret`, got: name ?? 'a name made by CloudFormation',
    fix: `Name it, e.g. secretName: "${PREFIX}docker-hub".`,
  });
}

function checkSame(scope: IConstruct, what: 'account' | 'region', got: string): void {
  const own = Stack.of(scope)[what];
  if (Token.isUnresolved(own) || Token.isUnresolved(got) || own === got) return;
  reject(scope, { property: CREDENTIALS, must: `be in the ${what} of the registry, ${own}`, got, fix: 'Replicate the secret, or create one there.' });
}
