import { Stack } from 'aws-cdk-lib';
import { AuthorizationToken, CfnPullThroughCacheRule } from 'aws-cdk-lib/aws-ecr';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { prefixId } from './cache-prefix';
import { checkSettings } from './check-settings';
import { repositoriesArn, repositoriesUnder } from './places';
import { PullThroughCache } from './pull-through-cache';
import { checkPattern, reject } from '../private/validation';

// Import and creation happen at the first pull, in the name of whoever pulls.
const PULL_ACTIONS = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository',
];

const IMAGE = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*)*(?::\w[\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$/;

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
        reject(scope, { property: 'pullThroughCaches.prefix', must: 'differ from cache to cache', got: prefix, cure: 'Give the second one another prefix.' });
      }
      this.upstreams.set(prefix, rule.upstreamRegistry);
      new CfnPullThroughCacheRule(this, prefixId(prefix), rule);
    }
  }

  /** The address of an image in the cache. */
  public imageUri(scope: Construct, prefix: string, image: string): string {
    this.checkExists(scope, prefix);
    checkPattern(scope, {
      property: 'image', value: image, pattern: IMAGE, must: 'be an image without its registry', cure: 'Write it like "team/web:v1" or "team/web@sha256:…".',
    });
    const { account, region, urlSuffix } = Stack.of(this);
    // As Docker does for its own images.
    const path = this.upstreams.get(prefix) === 'docker-hub' && !image.includes('/') ? `library/${image}` : image;
    return [`${account}.dkr.ecr.${region}.${urlSuffix}`, ...prefix === 'ROOT' ? [] : [prefix], path].join('/');
  }

  /** Lets somebody pull, also what is not in the cache yet. */
  public grantPull(scope: Construct, grantee: IGrantable, prefix: string): Grant {
    this.checkExists(scope, prefix);
    AuthorizationToken.grantRead(grantee);
    return Grant.addToPrincipal({ grantee, actions: PULL_ACTIONS, resourceArns: [repositoriesArn(this, repositoriesUnder(prefix))] });
  }

  private checkExists(scope: Construct, prefix: string): void {
    if (!this.upstreams.has(prefix)) {
      reject(scope, { property: 'prefix', must: `be one of ${[...this.upstreams.keys()].join(', ')}`, got: prefix, cure: 'Add the cache to pullThroughCaches.' });
    }
  }
}
