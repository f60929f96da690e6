import { Stack } from 'aws-cdk-lib';
import { CfnPullThroughCacheRuleProps } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkCachePrefix } from './cache-prefix';
import { ACCOUNT, REGION } from './places';
import { EcrCacheOptions } from './pull-through-cache-options';
import { isObject } from '../private/check-types';
import { isKnown } from '../private/pending-lookup';
import { checkPattern, reject } from '../private/validation';

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
