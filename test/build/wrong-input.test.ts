import * as fs from 'fs';
import * as path from 'path';
import { App, CfnParameter, Duration, Fn, Lazy, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { NetworkMode, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BuildCache, CodeBuildOptions, ImageSourceDirectoryOptions, ImageBuilder, ImageRepository, ImageRoute, ImageSource, PublishOptions,
} from '../../src';
import { appWith } from '../helpers/build-context';
import { messageOf } from '../helpers/wrong-input';

let stack: Stack;
let repository: ImageRepository;
let app: string;
beforeAll(() => { app = appWith({ 'base/file.txt': 'base' }); });
beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  repository = new ImageRepository(stack, 'Repository');
});

function build(options: ImageSourceDirectoryOptions & PublishOptions = {}, settings: unknown = {}, directory = app) {
  return repository.buildAndPushImage(directory, { builder: ImageBuilder.codeBuild(settings as CodeBuildOptions), ...options });
}

test.each<[string, () => unknown, string, string]>([
  ['SSH', () => build({ buildSsh: 'default' }), "'buildSsh' must be left out with a builder", 'Secrets Manager'],
  ['secrets of the own machine', () => build({ buildSecrets: { npm: 'src=token.txt' } }), "'buildSecrets' must be left out with a builder", 'secrets: { npm: secret }'],
  ['outputs that write files', () => build({ outputs: ['type=docker', 'type=local,dest=out'] }), "'outputs' must be left out with a builder", 'compression'],
  ['a network of containers', () => build({ networkMode: NetworkMode.fromContainer('x') }), "'networkMode' must be a mode that BuildKit supports", 'NetworkMode.HOST'],
  ['a build context that is nowhere', () => build({ buildContexts: { base: './nowhere' } }), "'buildContexts.base' must be a directory that exists", 'docker-image://'],
  ['a platform without a machine', () => build({ platform: Platform.custom('linux/s390x') }), "'platform' must be one that CodeBuild builds natively", 'Platform.LINUX_ARM64'],
  ['32-bit ARM', () => build({ platforms: [Platform.custom('linux/arm/v7'), Platform.LINUX_AMD64] }), "'platforms' must be one that CodeBuild builds natively", 'Platform.LINUX_ARM64'],
  ['Windows', () => build({ platform: Platform.custom('windows/amd64') }), "'platform' must be one that CodeBuild builds natively", 'leave the builder out'],
  ['platform and platforms', () => build({ platform: Platform.LINUX_AMD64, platforms: [Platform.LINUX_ARM64] }), "'platforms' must come without platform", 'platforms'],
  ['no platform', () => build({ platforms: [] }), "'platforms' must name a platform", 'Name one'],
  ['a platform twice', () => build({ platforms: [Platform.LINUX_ARM64, Platform.custom('linux/aarch64')] }), "'platforms' must name each platform once", 'Leave one out'],
  ['a missing Dockerfile', () => build({ file: 'Nowhere' }), "'file' must name a Dockerfile that exists", 'Create'],
  ['a missing directory', () => build({}, {}, '/nowhere/app'), "'directory' must be an existing directory", 'Create /nowhere/app'],
  ['a wrong builder', () => build({ builder: {} as never }), "'builder' must be an ImageBuilder", 'ImageBuilder.codeBuild()'],
  ['a wrong builder in a source', () => repository.publish('web', ImageSource.directory(app, { builder: {} as never })), "'builder' must be an ImageBuilder", 'Call'],
  ['no builder at all', () => repository.publish('web', ImageSource.directory(app, { builder: null as never })), "'builder' must be an ImageBuilder", 'Call'],
  ['a factory that is not called', () => build({ builder: ImageBuilder.codeBuild as never }), "'builder' must be an ImageBuilder", 'Call the factory'],
  ['another route', () => build({ route: ImageRoute.COPY }), "'route' must be ImageRoute.BUILD for the image 'app'", 'leave out the builder'],
  ['the direct route', () => build({ route: ImageRoute.DIRECT }), "'route' must be ImageRoute.BUILD", 'Leave the route out'],
  ['the build route without a builder', () => repository.buildAndPushImage(app, { route: ImageRoute.BUILD }), "'route' must be another one for the image 'app'", 'Give the build a builder'],
  ['a part of another source', () => repository.publish('web', ImageSource.platforms([
    ImageSource.directory(app, { builder: ImageBuilder.codeBuild() }), ImageSource.registry('nginx'),
  ])), "'builder' must be used in publish or buildAndPushImage", 'platforms: [Platform.LINUX_AMD64'],
  ['Lambda as a machine', () => build({}, { computeType: ComputeType.LAMBDA_2GB }), "'builder.computeType' must be a ComputeType that can run Docker", 'ComputeType.SMALL'],
  ['a long timeout', () => build({}, { timeout: Duration.hours(1) }), "'builder.timeout' must be a whole number from 5 to 55", 'CloudFormation waits for one hour'],
  ['a short timeout', () => build({}, { timeout: Duration.minutes(1) }), "'builder.timeout' must be a whole number from 5 to 55", 'Duration.minutes(5)'],
  ['subnets without a VPC', () => build({}, { subnetSelection: { subnetGroupName: 'App' } }), "'builder.subnetSelection' must come with vpc", 'Set vpc too'],
  ['security groups without a VPC', () => build({}, { securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-12345678')] }), "'builder.securityGroups' must come with vpc", 'Set vpc'],
  ['subnets that the VPC lacks', () => build({}, { vpc: new Vpc(stack, 'Vpc'), subnetSelection: { subnetGroupName: 'Nowhere' } }), "'builder.subnetSelection' must be in the VPC", 'Nowhere'],
  ['a wrong cache', () => build({}, { cache: 'registry' }), "'builder.cache' must be a BuildCache", 'BuildCache.registry()'],
  ['a cache whose tag cannot move', () => build({}, { cache: BuildCache.registry() }), "'builder.cache' must have tags that can move", "immutableExcept('cache-*')"],
  ['a secret as text', () => build({}, { secrets: { npm: 'password-canary' } }), "'builder.secrets.npm' must be a secret of Secrets Manager", 'Store'],
  ['a secret with a comma in its ID', () => build({}, { secrets: { 'npm,env=X': new Secret(stack, 'Secret') } }), "'builder.secrets' must have IDs of letters", 'npm'],
  ['a registry with https', () => build({}, { registryCredentials: { 'https://ghcr.io': new Secret(stack, 'Secret') } }), "'builder.registryCredentials' must name hosts", 'without https://'],
  ['an unknown compression', () => build({}, { compression: 'brotli' }), "'builder.compression' must be a LayerCompression", 'LayerCompression.ZSTD'],
  ['an image of BuildKit with options', () => build({}, { buildkitImage: 'moby/buildkit,network=host' }), "'builder.buildkitImage' must be the reference of an image", 'moby/buildkit'],
  ['another project in the same repository', () => {
    build({}, { computeType: ComputeType.LARGE });
    repository.publish('other', ImageSource.directory(app, { builder: ImageBuilder.codeBuild() }));
  }, "'builder.computeType' must be the same for all images of a repository", 'Use one ImageBuilder'],
])('rejects %s', (_, publish, rule, fix) => {
  const message = messageOf(publish);

  expect(message).toContain(rule);
  expect(message).toContain(fix);
  expect(message).not.toContain('password-canary');
});

test('reports a misspelled option', () => {
  build({}, { computType: ComputeType.LARGE });

  Annotations.fromStack(stack).hasWarning('*', Match.stringLikeRegexp('computeType'));
});

test.each(['ap-east-2', 'ca-west-1', 'mx-central-1'])('rejects the region %s, which has no CodeBuild', region => {
  const there = new ImageRepository(new Stack(new App(), 'There', { env: { account: '111122223333', region } }), 'Repository');

  expect(messageOf(() => there.buildAndPushImage(app, { builder: ImageBuilder.codeBuild() }))).toContain(`'builder' must be in a region with CodeBuild, got "${region}"`);
});

test('rejects a source that is too large before it reads or copies it', () => {
  const large = appWith({});
  fs.writeFileSync(path.join(large, 'model.bin'), '');
  fs.truncateSync(path.join(large, 'model.bin'), 6 * 2 ** 30);

  const message = messageOf(() => build({}, {}, large));
  fs.rmSync(path.join(large, 'model.bin'));
  expect(message).toContain("'directory' must have at most 5 GiB of files");
  expect(message).toContain('.dockerignore');
});

test.each<[string, ImageSourceDirectoryOptions, CodeBuildOptions | (() => CodeBuildOptions)]>([
  ['outputs that BuildKit has anyway', { outputs: ['type=docker'] }, {}],
  ['variants of an architecture', { platforms: [Platform.custom('linux/amd64/v3'), Platform.custom('linux/arm64/v8')] }, {}],
  ['one platform in a list', { platforms: [Platform.LINUX_ARM64] }, {}],
  ['no secrets of the own machine', { buildSecrets: {} }, {}],
  ['a timeout that is a token', {}, { timeout: Duration.minutes(Lazy.number({ produce: () => 10 })) }],
  ['an image of BuildKit that is a token', {}, () => ({ buildkitImage: new CfnParameter(stack, 'BuildKit').valueAsString })],
  ['a registry with a port', {}, () => ({ registryCredentials: { 'registry.example.com:5000': Secret.fromSecretNameV2(stack, 'Registry', 'registry') } })],
  ['a context that is a token', { buildContexts: { base: Fn.importValue('Base') } }, {}],
])('accepts %s', (_, options, settings) => {
  build(options, typeof settings === 'function' ? settings() : settings);

  Template.fromStack(stack).resourceCountIs('Custom::ContainerImageBuild', 1);
});
