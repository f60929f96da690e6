import { Stack, Token } from 'aws-cdk-lib';
import { AuthorizationToken, CfnPullThroughCacheRule } from 'aws-cdk-lib/aws-ecr';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PullThroughCache } from './pull-through-cache';
import { checkSettings, prefixId, repositoriesArn, repositoriesUnder } from './registry-rules';
import { checkGrantee } from '../private/check-types';
import { PULL_ACTIONS } from '../private/permissions';
import { checkPattern, reject } from '../private/validation';

// Import and creation happen at the first pull, in the name of whoever pulls.
const CACHED_PULL_ACTIONS = [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'];

const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*';
const HOSTS = /^(?:public\.ecr\.aws|quay\.io|registry\.k8s\.io|ghcr\.io|(?:registry-1\.)?docker\.io|registry\.gitlab\.com|[^/]+\.azurecr\.io|[^/]+\.amazonaws\.com)\//;
const REPOSITORY = new RegExp(`^${NAME}$`);
const IMAGE = new RegExp(`^${NAME}(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/** The caches of a registry, by their prefixes. */
export class PullThroughCaches extends Construct {
  private readonly upstreams = new Map<string, string | undefined>();

  constructor(scope: Construct, id: string, caches: PullThroughCache[]) {
    super(scope, id);
    checkSettings(scope, {
      property: 'pullThroughCaches', value: caches, be: 'PullThroughCaches', method: '_cacheRule', max: 50, example: 'PullThroughCache.ecrPublic()',
    });
    for (const cache of caches) {
      const rule = cache._cacheRule(scope);
      const { ecrRepositoryPrefix: prefix } = rule;
      if (this.upstreams.has(prefix)) {
        reject(scope, { property: 'pullThroughCaches.prefix', must: 'differ from cache to cache', got: prefix, fix: 'Give the second one another prefix.' });
      }
      this.upstreams.set(prefix, rule.upstreamRegistry);
      new CfnPullThroughCacheRule(this, prefixId(prefix), rule);
    }
  }

  /** The address of an image in the cache. */
  public imageUri(scope: Construct, prefix: string, image: string): string {
    this.checkExists(scope, prefix);
    checkPattern(scope, {
      property: 'image', value: image, pattern: IMAGE, must: 'be an image without its registry', fix: 'Write it like "team/web:v1" or "team/web@sha256:…".',
    });
    checkUpstream(scope, image);
    if (this.upstreams.get(prefix) === 'docker-hub' && Token.isUnresolved(image)) {
      reject(scope, {
        property: 'image', must: 'be known at synthesis, because Docker Hub keeps its own images under library/', got: 'a token',
        fix: 'Write the image as plain text, e.g. "nginx:1.27".',
      });
    }
    const { account, region, urlSuffix } = Stack.of(this);
    return `${account}.dkr.ecr.${region}.${urlSuffix}/${this.pathOf(prefix, image)}`;
  }

  /** Lets somebody pull, also what is not in the cache yet. */
  public grantPull(scope: Construct, grantee: IGrantable, prefix: string, repository?: string): Grant {
    checkGrantee(scope, grantee, 'Give the role that pulls.');
    this.checkExists(scope, prefix);
    checkRepository(scope, prefix, repository);
    const names = repository === undefined ? repositoriesUnder(prefix) : this.pathOf(prefix, repository);
    AuthorizationToken.grantRead(grantee);
    return Grant.addToPrincipal({ grantee, actions: CACHED_PULL_ACTIONS, resourceArns: [repositoriesArn(this, names)] });
  }

  private pathOf(prefix: string, image: string): string {
    // As Docker does for its own images.
    const path = this.upstreams.get(prefix) === 'docker-hub' && !image.includes('/') ? `library/${image}` : image;
    return prefix === 'ROOT' ? path : `${prefix}/${path}`;
  }

  private checkExists(scope: Construct, prefix: string): void {
    if (!this.upstreams.has(prefix)) {
      reject(scope, { property: 'prefix', must: `be one of ${[...this.upstreams.keys()].join(', ')}`, got: prefix, fix: 'Add the cache to pullThroughCaches.' });
    }
  }
}

/** A name may have dots, so only the hosts are known that ECR caches. */
function checkUpstream(scope: Construct, image: string): void {
  const host = Token.isUnresolved(image) ? undefined : HOSTS.exec(image)?.[0];
  if (host !== undefined) {
    reject(scope, { property: 'image', must: 'be an image without its registry', got: image, fix: `Leave out "${host}": the cache knows it.` });
  }
}

function checkRepository(scope: Construct, prefix: string, repository?: string): void {
  const property = 'repository';
  const fix = 'Write it like "team/web", without tag or digest.';
  if (repository !== undefined) {
    checkPattern(scope, { property, value: repository, pattern: REPOSITORY, must: 'be the name of a repository without its registry', fix });
  } else if (prefix === 'ROOT') {
    reject(scope, {
      property, must: 'be given where the prefix is ROOT, because it would be every repository of the registry', got: repository, fix,
    });
  }
}
