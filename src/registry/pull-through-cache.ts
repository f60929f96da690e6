import { Stack } from 'aws-cdk-lib';
import { CfnPullThroughCacheRuleProps } from 'aws-cdk-lib/aws-ecr';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { CfnSecret, ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { checkCachePrefix, REPOSITORY_PREFIX } from './registry-rules';
import { isKnown } from '../private/lookups';
import { ACCOUNT, LOGIN_SERVER, REGION, ROLE, SECRET } from '../private/rules';
import { InstanceRule, Shape } from '../private/shape';
import { reject } from '../private/validation';

const CREDENTIALS = 'pullThroughCaches.credentials';
const SECRET_PREFIX = 'ecr-pullthroughcache/';

/** Options of a cache of a public registry. */
export interface PullThroughCacheOptions {
  /**
   * The prefix of the names of the cached repositories, before a `/`: 2 to 30 characters, or `ROOT` for no prefix.
   *
   * @default - the name of the registry: `ecr-public`, `quay`, `kubernetes`
   */
  readonly prefix?: string;
}

/** Options of `PullThroughCache.ecrPublic`. */
export interface PullThroughCacheEcrPublicOptions extends PullThroughCacheOptions {}

/** Options of `PullThroughCache.quay`. */
export interface PullThroughCacheQuayOptions extends PullThroughCacheOptions {}

/** Options of `PullThroughCache.kubernetes`. */
export interface PullThroughCacheKubernetesOptions extends PullThroughCacheOptions {}

/** Options of a cache of a registry that requires a user name and a token. */
export interface AuthenticatedCacheOptions {
  /**
   * A secret with a user name and an access token, as JSON: `{"username":"…","accessToken":"…"}`.
   *
   * ECR requires that the name of the secret starts with `ecr-pullthroughcache/`, that it is in the account and region of the
   * registry, and that it uses the default key of Secrets Manager. Import it by its complete ARN. The ARN of
   * `fromSecretNameV2`, without the random characters at its end, is not tested on AWS.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
   */
  readonly credentials: ISecret;

  /**
   * The prefix of the names of the cached repositories, before a `/`: 2 to 30 characters, or `ROOT` for no prefix.
   *
   * @default - the name of the registry: `docker-hub`, `github`, `gitlab`, `azure`
   */
  readonly prefix?: string;
}

/** Options of `PullThroughCache.dockerHub`. */
export interface PullThroughCacheDockerHubOptions extends AuthenticatedCacheOptions {}

/** Options of `PullThroughCache.gitHub`. */
export interface PullThroughCacheGitHubOptions extends AuthenticatedCacheOptions {}

/** Options of `PullThroughCache.gitLab`. */
export interface PullThroughCacheGitLabOptions extends AuthenticatedCacheOptions {}

/** Options of `PullThroughCache.azure`. */
export interface PullThroughCacheAzureOptions extends AuthenticatedCacheOptions {
  /** The login server, e.g. `team.azurecr.io`. */
  readonly loginServer: string;
}

/** Options of `PullThroughCache.ecr`. */
export interface PullThroughCacheEcrOptions {
  /**
   * The account of the other registry, 12 digits.
   *
   * @default - the account of this registry
   */
  readonly account?: string;

  /** The region of the other registry. */
  readonly region: string;

  /**
   * The role with which ECR reads the other registry. It must trust `pullthroughcache.ecr.amazonaws.com`.
   *
   * @default - no role, which is enough for a registry of the same account. For another account, it throws.
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
   */
  readonly role?: IRole;

  /**
   * The prefix of the repositories in the other registry, which is removed in this one. Throws if the prefix is `ROOT`.
   *
   * @default - no prefix
   */
  readonly upstreamPrefix?: string;

  /**
   * The prefix of the names of the cached repositories, before a `/`: 2 to 30 characters, or `ROOT` for no prefix.
   *
   * @default ecr
   */
  readonly prefix?: string;
}

const REPLACEMENTS = { ecrRepositoryPrefix: 'Write `prefix`.', repositoryPrefix: 'Write `prefix`.', upstreamRegistryUrl: 'The factory sets it. Leave it out.' };
const LOGIN = { credentialArn: 'Write `credentials`.', secret: 'Write `credentials`.', username: 'Store user and access token in a secret, and write `credentials`.' };

export const PUBLIC_CACHE = new Shape<PullThroughCacheOptions>('Write an object such as { prefix: "quay" }, or leave it out.', { prefix: REPOSITORY_PREFIX }, {
  ...REPLACEMENTS, credentials: 'This registry is public. Leave it out.',
});

const AUTHENTICATED_RULES = {
  credentials: {
    ...SECRET, same: ['region', 'account'], required: true, fix: 'Store {"username":"…","accessToken":"…"} there, and use secretsmanager.Secret.fromSecretCompleteArn(…).',
  },
  prefix: REPOSITORY_PREFIX,
} as const;

export const AUTHENTICATED_CACHE = new Shape<AuthenticatedCacheOptions>('Write { credentials }.', AUTHENTICATED_RULES, { ...REPLACEMENTS, ...LOGIN });

export const AZURE_CACHE = new Shape<PullThroughCacheAzureOptions>('Write { loginServer, credentials }.', { ...AUTHENTICATED_RULES, loginServer: LOGIN_SERVER }, {
  ...REPLACEMENTS, ...LOGIN, host: 'Write `loginServer`.',
});

export const ECR_CACHE = new Shape<PullThroughCacheEcrOptions>('Write an object such as { region: "us-east-1" }.', {
  account: ACCOUNT,
  region: { ...REGION, required: true },
  role: { ...ROLE, fix: 'Pass a role that trusts pullthroughcache.ecr.amazonaws.com and can read the other registry.' },
  upstreamPrefix: REPOSITORY_PREFIX,
  prefix: REPOSITORY_PREFIX,
}, { ...REPLACEMENTS, registryId: 'Write `account`.', customRoleArn: 'Write `role`.', upstreamRepositoryPrefix: 'Write `upstreamPrefix`.', credentials: 'ECR needs no credentials. For another account, write `role`.' });

/** A value that must be a cache. */
export const PULL_THROUGH_CACHE_RULE: InstanceRule = {
  kind: 'instance', must: 'be a PullThroughCache', methods: ['_cacheRule'], fix: 'Call the factory, e.g. PullThroughCache.ecrPublic().',
};

/**
 * A cache of another registry. ECR fetches an image from the other registry at the first pull, and stores it here.
 * ECR checks once a day whether a tag has a newer image. The settings throw for more than 50 caches.
 *
 * CloudFormation cannot change a cache. To change the credentials, use another prefix, or remove the cache in one deployment and add it in
 * the next. Cached images are kept.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache.html
 */
export class PullThroughCache {
  /**
   * Docker Hub, by default under `docker-hub/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice, and if ECR cannot read the secret because of its name, key, account
   * or region.
   *
   * @param options credentials and prefix
   */
  public static dockerHub(options: PullThroughCacheDockerHubOptions): PullThroughCache {
    return new PullThroughCache('docker-hub', options, AUTHENTICATED_CACHE, withCredentials(options, 'docker-hub', 'registry-1.docker.io'));
  }

  /**
   * The public registry of AWS, by default under `ecr-public/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice.
   *
   * @param options prefix
   */
  public static ecrPublic(options: PullThroughCacheEcrPublicOptions = {}): PullThroughCache {
    return new PullThroughCache('ecr-public', options, PUBLIC_CACHE, () => ({ upstreamRegistry: 'ecr-public', upstreamRegistryUrl: 'public.ecr.aws' }));
  }

  /**
   * The container registry of GitHub, by default under `github/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice, and if ECR cannot read the secret because of its name, key, account
   * or region.
   *
   * @param options credentials and prefix
   */
  public static gitHub(options: PullThroughCacheGitHubOptions): PullThroughCache {
    return new PullThroughCache('github', options, AUTHENTICATED_CACHE, withCredentials(options, 'github-container-registry', 'ghcr.io'));
  }

  /**
   * The container registry of gitlab.com, by default under `gitlab/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice, and if ECR cannot read the secret because of its name, key, account
   * or region.
   *
   * @param options credentials and prefix
   */
  public static gitLab(options: PullThroughCacheGitLabOptions): PullThroughCache {
    return new PullThroughCache('gitlab', options, AUTHENTICATED_CACHE, withCredentials(options, 'gitlab-container-registry', 'registry.gitlab.com'));
  }

  /**
   * Quay, by default under `quay/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice.
   *
   * @param options prefix
   */
  public static quay(options: PullThroughCacheQuayOptions = {}): PullThroughCache {
    return new PullThroughCache('quay', options, PUBLIC_CACHE, () => ({ upstreamRegistry: 'quay', upstreamRegistryUrl: 'quay.io' }));
  }

  /**
   * The registry of Kubernetes, by default under `kubernetes/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice.
   *
   * @param options prefix
   */
  public static kubernetes(options: PullThroughCacheKubernetesOptions = {}): PullThroughCache {
    return new PullThroughCache('kubernetes', options, PUBLIC_CACHE, () => ({ upstreamRegistry: 'k8s', upstreamRegistryUrl: 'registry.k8s.io' }));
  }

  /**
   * An Azure Container Registry, by default under `azure/`.
   *
   * Creating the settings throws if prefix or login server is malformed, if the prefix is used twice, and if ECR cannot read the secret because of
   * its name, key, account or region.
   *
   * @param options login server, credentials and prefix
   */
  public static azure(options: PullThroughCacheAzureOptions): PullThroughCache {
    return new PullThroughCache('azure', options, AZURE_CACHE, scope => (
      withCredentials(options, 'azure-container-registry', options.loginServer)(scope)
    ));
  }

  /**
   * Another private ECR registry, in another region or account, by default under `ecr/`.
   *
   * Creating the settings throws if prefix, account or region is malformed, if the prefix is used twice, if it is this registry, and if it
   * is in another account and there is no role.
   *
   * @param options account, region, role and prefixes
   */
  public static ecr(options: PullThroughCacheEcrOptions): PullThroughCache {
    return new PullThroughCache('ecr', options, ECR_CACHE, scope => upstreamEcr(scope, options));
  }

  private constructor(
    private readonly name: string,
    private readonly options: PullThroughCacheOptions,
    private readonly shape: Pick<Shape<never>, 'check'>,
    private readonly upstream: (scope: Construct) => Upstream,
  ) {}

  /** @internal */
  public _cacheRule(scope: Construct): CfnPullThroughCacheRuleProps & { readonly ecrRepositoryPrefix: string } {
    this.shape.check(scope, 'pullThroughCaches', this.options);
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

/**
 * Renders the cache of another ECR registry.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-private.html
 */
function upstreamEcr(scope: Construct, options: PullThroughCacheEcrOptions): Upstream {
  const stack = Stack.of(scope);
  const { account = stack.account, region, role, upstreamPrefix, prefix } = options;
  checkRole(scope, options, account);
  checkUpstreamPrefix(scope, upstreamPrefix, prefix);
  if (account === stack.account && region === stack.region) {
    reject(scope, { property: 'pullThroughCaches.region', must: 'be the region of another registry', got: region, fix: 'Pull from this registry directly.' });
  }
  return {
    upstreamRegistry: 'ecr',
    upstreamRegistryUrl: `${account}.dkr.ecr.${region}.${stack.urlSuffix}`,
    customRoleArn: role?.roleArn,
    upstreamRepositoryPrefix: upstreamPrefix,
  };
}

function checkRole(scope: Construct, { role }: PullThroughCacheEcrOptions, account: string): void {
  const property = 'pullThroughCaches.role';
  const fix = 'Pass a role that trusts pullthroughcache.ecr.amazonaws.com and can read the other registry.';
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
      property: 'pullThroughCaches.upstreamPrefix', must: 'be left out if the prefix is ROOT', got: upstreamPrefix, fix: 'Use a prefix, or leave out upstreamPrefix.',
    });
  }
}

/**
 * Checks the requirements of ECR for a secret.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-creating-secret.html
 */
function checkCacheCredentials(scope: IConstruct, secret: ISecret): void {
  checkName(scope, secret);
  if (secret.encryptionKey !== undefined) {
    reject(scope, {
      property: CREDENTIALS, must: 'be encrypted with the default key of Secrets Manager, because ECR reads no other', got: 'a secret with another key',
      fix: 'Leave encryptionKey out.',
    });
  }
}

function checkName(scope: IConstruct, secret: ISecret): void {
  const { defaultChild } = secret.node;
  // The name of a secret of this app is a token, so the name is read from its resource.
  const name: unknown = Stack.of(secret).resolve(defaultChild instanceof CfnSecret ? defaultChild.name : secret.secretName);
  if (typeof name === 'string' ? name.startsWith(SECRET_PREFIX) && name.length > SECRET_PREFIX.length : name !== undefined) return;
  reject(scope, {
    property: CREDENTIALS, must: `have a name that begins with "${SECRET_PREFIX}", because ECR reads no other secret`, got: name ?? 'a name made by CloudFormation',
    fix: `Name it, e.g. secretName: "${SECRET_PREFIX}docker-hub".`,
  });
}

/** The rule without its prefix. */
type Upstream = Omit<CfnPullThroughCacheRuleProps, 'ecrRepositoryPrefix'>;
