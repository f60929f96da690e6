import { AccountPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ImageRepository } from '../../src';
import { Power, powerOf } from '../../src/repository/access/policy-terms';
import { newStack } from '../helpers/stack';

// The operations of ECR in botocore 1.x. Some have a repository in their input, others do not. ListImageReferrers has no action: see below.
const OF_A_REPOSITORY = `BatchCheckLayerAvailability BatchDeleteImage BatchGetImage BatchGetRepositoryScanningConfiguration CompleteLayerUpload
  DeleteLifecyclePolicy DeleteRepository DeleteRepositoryPolicy DescribeImageReplicationStatus DescribeImageScanFindings DescribeImageSigningStatus
  DescribeImages DescribeRepositories GetDownloadUrlForLayer GetLifecyclePolicy GetLifecyclePolicyPreview GetRepositoryPolicy InitiateLayerUpload
  ListImages ListTagsForResource PutImage PutImageScanningConfiguration PutImageTagMutability PutLifecyclePolicy
  SetRepositoryPolicy StartImageScan StartLifecyclePolicyPreview TagResource UntagResource UpdateImageStorageClass UploadLayerPart`.split(/\s+/);
const OF_THE_REGISTRY = `CreatePullThroughCacheRule CreateRepository CreateRepositoryCreationTemplate DeletePullThroughCacheRule DeleteRegistryPolicy
  DeleteRepositoryCreationTemplate DeleteSigningConfiguration DeregisterPullTimeUpdateExclusion DescribePullThroughCacheRules DescribeRegistry
  DescribeRepositoryCreationTemplates GetAccountSetting GetAuthorizationToken GetRegistryPolicy GetRegistryScanningConfiguration
  GetSigningConfiguration ListPullTimeUpdateExclusions PutAccountSetting PutRegistryPolicy PutRegistryScanningConfiguration
  PutReplicationConfiguration PutSigningConfiguration RegisterPullTimeUpdateExclusion UpdatePullThroughCacheRule UpdateRepositoryCreationTemplate
  ValidatePullThroughCacheRule`.split(/\s+/);

test.each(OF_A_REPOSITORY)('ecr:%s is valid in a repository policy, by name and by pattern, in upper and lower case', name => {
  expect(powerOf(`ecr:${name}`)).toBeDefined();
  expect(powerOf(`ecr:${name.slice(0, -1)}?`)).toBe(powerOf(`ecr:${name.toUpperCase()}`));
});

test.each(OF_THE_REGISTRY)('ecr:%s is invalid in a repository policy', name => {
  expect(powerOf(`ecr:${name}`)).toBeUndefined();
});

test.each(['ecr:ListImageReferrers', 'ecr:listimagereferrers'])('%s is invalid, because ECR has no such action, and the message names the action that allows the operation', action => {
  const stack = newStack();
  expect(powerOf(action)).toBeUndefined();
  expect(() => new ImageRepository(stack, 'Repository').addToResourcePolicy(
    new PolicyStatement({ principals: [new AccountPrincipal('222233334444')], actions: ['ecr:BatchGetImage', action] }),
  )).toThrow('Write ecr:BatchGetImage, which allows the operation.');
});

test.each(OF_A_REPOSITORY.filter(name => /^(?:Put(?!Image$)|Delete|BatchDelete|Set|Start(?!ImageScan$)|Tag|Untag|Update)/.test(name)))('ecr:%s counts as administration', name => {
  expect(powerOf(`ecr:${name}`)).toBe(Power.ADMINISTER);
});

test('starting an image scan does not count as administration, because a scan gate of another account does it', () => {
  expect(powerOf('ecr:StartImageScan')).toBe(Power.WRITE);
});

test('a pattern counts as the most powerful action that it matches', () => {
  expect(['ecr:*', '*', 'ecr:Put*', 'ecr:PutI*e', 'ecr:Batch*', 'ecr:BatchG*', 'ecr:Describe*', 'ecr:Upload*', 'ecr:Nothing*', 's3:*'].map(powerOf)).toEqual([
    Power.ADMINISTER, Power.ADMINISTER, Power.ADMINISTER, Power.WRITE, Power.ADMINISTER, Power.READ, Power.PULL, Power.WRITE, undefined, undefined,
  ]);
});

test('a pattern of many stars is fast', () => {
  expect(powerOf(`ecr:${'*'.repeat(60)}z`)).toBeUndefined();
  expect(powerOf(`ecr:${'*'.repeat(60)}`)).toBe(powerOf('ecr:*'));
});
