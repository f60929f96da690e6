import { CfnPullThroughCacheRuleProps } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkCacheCredentials } from './cache-credentials';
import { checkCachePrefix } from './cache-prefix';
import { AuthenticatedCacheOptions, AzureCacheOptions, EcrCacheOptions, PullThroughCacheOptions } from './pull-through-cache-options';
import { upstreamEcr } from './upstream-ecr';
import { checkObject } from '../private/check-types';
import { checkPattern } from '../private/validation';

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
