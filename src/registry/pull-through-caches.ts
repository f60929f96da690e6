import { Stack, Token } from 'aws-cdk-lib';
import { AuthorizationToken, CfnPullThroughCacheRule } from 'aws-cdk-lib/aws-ecr';
import { CfnPolicy, Grant, IGrantable, IPrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { PullThroughCache } from './pull-through-cache';
import { prefixId, repositoriesArn, repositoriesUnder } from './registry-rules';
import { PULL_ACTIONS } from '../private/permissions';
import { GRANTEE } from '../private/rules';
import { checkValue } from '../private/shape';
import { reject } from '../private/validation';

// The first pull imports the image and creates the repository with the permissions of the principal that pulls.
const CACHED_PULL_ACTIONS = [...PULL_ACTIONS, 'ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'];

const NAME = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*';
const HOSTS = /^(?:public\.ecr\.aws|quay\.io|registry\.k8s\.io|ghcr\.io|(?:registry-1\.)?docker\.io|registry\.gitlab\.com|[^/]+\.azurecr\.(?:io|cn|us)|\d{12}\.dkr[.-]ecr[^/]+)\//;
const REPOSITORY = new RegExp(`^${NAME}$`);
const IMAGE = new RegExp(`^${NAME}(?::\\w[\\w.-]{0,127})?(?:@sha256:[0-9a-f]{64})?$`);

/** The caches of a registry, by their prefixes. */
export class PullThroughCaches extends Construct {
  private readonly upstreams = new Map<string, string | undefined>();
  private readonly rules = new Map<string, CfnPullThroughCacheRule>();

  constructor(scope: Construct, id: string, caches: PullThroughCache[]) {
    super(scope, id);
    for (const cache of caches) {
      const rule = cache._cacheRule(scope);
      const { ecrRepositoryPrefix: prefix } = rule;
      if (this.upstreams.has(prefix)) {
        reject(scope, { property: 'pullThroughCaches.prefix', must: 'be different for each cache', got: prefix, fix: 'Use another prefix for the second one.' });
      }
      this.upstreams.set(prefix, rule.upstreamRegistry);
      this.rules.set(prefix, new CfnPullThroughCacheRule(this, prefixId(prefix), rule));
    }
  }

  /** Returns the URI of an image in the cache. */
  public imageUri(scope: Construct, prefix: string, image: string): string {
    this.checkExists(scope, prefix);
    checkValue(scope, 'image', image, {
      kind: 'text', required: true, pattern: IMAGE, must: 'be an image without its registry', fix: 'Write it like "team/web:v1" or "team/web@sha256:…".',
    });
    checkUpstream(scope, image);
    if (this.upstreams.get(prefix) === 'docker-hub' && Token.isUnresolved(image)) {
      reject(scope, {
        property: 'image', must: 'be known at synthesis, because the official images of Docker Hub are in library/', got: 'a token',
        fix: 'Write the image as plain text, e.g. "nginx:1.27".',
      });
    }
    const { account, region, urlSuffix } = Stack.of(this);
    return `${account}.dkr.ecr.${region}.${urlSuffix}/${this.pathOf(prefix, image)}`;
  }

  /** Grants the permission to pull, including images that are not cached yet. */
  public grantPull(scope: Construct, grantee: IGrantable, prefix: string, repository?: string): Grant {
    checkValue(scope, 'grantee', grantee, GRANTEE);
    this.checkExists(scope, prefix);
    checkRepository(scope, prefix, repository);
    const names = repository === undefined ? repositoriesUnder(prefix) : this.pathOf(prefix, repository);
    AuthorizationToken.grantRead(grantee);
    const grant = Grant.addToPrincipal({ grantee, actions: CACHED_PULL_ACTIONS, resourceArns: [repositoriesArn(this, names)] });
    this.createBefore(grantee.grantPrincipal, prefix);
    return grant;
  }

  /** Creates the cache before the policy of a role. Services wait for that policy, so their tasks do not pull before the cache exists. */
  private createBefore(principal: IPrincipal, prefix: string): void {
    const rule = this.rules.get(prefix);
    const policies = Construct.isConstruct(principal) ? principal.node.children.map(({ node }) => node.defaultChild) : [];
    for (const policy of policies) {
      if (rule !== undefined && policy instanceof CfnPolicy && Stack.of(policy) === Stack.of(rule)) policy.addResourceDependency(rule);
    }
  }

  private pathOf(prefix: string, image: string): string {
    // Like Docker, adds `library/` for official images.
    const path = this.upstreams.get(prefix) === 'docker-hub' && !image.includes('/') ? `library/${image}` : image;
    return prefix === 'ROOT' ? path : `${prefix}/${path}`;
  }

  private checkExists(scope: Construct, prefix: string): void {
    if (!this.upstreams.has(prefix)) {
      reject(scope, { property: 'prefix', must: `be one of ${[...this.upstreams.keys()].join(', ')}`, got: prefix, fix: 'Add the cache to pullThroughCaches.' });
    }
  }
}

/** Rejects an image name with a host. Names can contain dots, so only the hosts that ECR caches are recognized. */
function checkUpstream(scope: Construct, image: string): void {
  const host = Token.isUnresolved(image) ? undefined : HOSTS.exec(image)?.[0];
  if (host !== undefined) {
    reject(scope, { property: 'image', must: 'be an image without its registry', got: image, fix: `Leave out "${host}". The cache knows its registry.` });
  }
}

function checkRepository(scope: Construct, prefix: string, repository?: string): void {
  const property = 'repository';
  const fix = 'Write it like "team/web", without tag or digest.';
  if (repository !== undefined) {
    checkValue(scope, property, repository, { kind: 'text', pattern: REPOSITORY, must: 'be the name of a repository without its registry', fix });
  } else if (prefix === 'ROOT') {
    reject(scope, {
      property, must: 'be given if the prefix is ROOT, because it would be every repository of the registry', got: repository, fix,
    });
  }
}
