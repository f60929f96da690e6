import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { NetworkMode, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BuildCache, CodeBuildOptions, FargateService, ImageBuilder, ImageRepository, ImageRoute, ImageSource, ImageSourceDirectoryOptions,
  ImageTagMutability, LayerCompression, LifecycleRule, ScanGate, Severity,
} from '../../src';
import { appWith, folderOf } from '../helpers/build-context';
import { newCluster } from '../helpers/stack';

const BUILD = 'Custom::ContainerImageBuild';
const PROJECT = 'AWS::CodeBuild::Project';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- a template is read as it is
type Properties = { readonly [name: string]: any };

let app: App;
let stack: Stack;
let repository: ImageRepository;
beforeEach(() => {
  app = new App();
  stack = new Stack(app, 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  repository = new ImageRepository(stack, 'Repository');
});

function build(options: ImageSourceDirectoryOptions = {}, settings: CodeBuildOptions = {}, directory = appWith({ 'index.html': 'hello' })) {
  return repository.buildAndPushImage(directory, { builder: ImageBuilder.codeBuild(settings), ...options });
}

function all(type: string): Properties[] {
  return Object.values(Template.fromStack(stack).findResources(type)).map(({ Properties: properties }) => properties);
}

/** The statements of the policy of one role. */
function statements(role: string): Properties[] {
  return all('AWS::IAM::Policy').filter(({ Roles: [{ Ref }] }) => Ref.includes(role)).flatMap(({ PolicyDocument: { Statement } }) => Statement);
}

function actions(role: string): string[] {
  return statements(role).flatMap(({ Action }) => Action).sort();
}

describe('an image with a builder', () => {
  test('uses the build route, and nothing is built on the machine that runs cdk deploy', () => {
    const image = build();

    expect([image.route, image.routeReason]).toEqual([ImageRoute.BUILD, 'the image has a builder']);
    expect(image.platform).toBe('linux/amd64');
    expect(app.synth().getStackArtifact(stack.artifactId).assets.map(({ packaging }) => packaging)).not.toContain('container-image');
  });

  test('runs by the digest that the build returns', () => {
    const image = build();

    expect(JSON.stringify(stack.resolve(image.imageUri))).toMatch(/@sha256:.*"Fn::GetAtt":\["RepositoryImages\w+Build\w+","DigestHex"\]/);
  });

  test('is checked by the gate and the image check as on the copy route', () => {
    const image = repository.publish('web', ImageSource.directory(appWith({}), { builder: ImageBuilder.codeBuild() }), { scanGate: ScanGate.failOn(Severity.HIGH) });
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });

    const template = Template.fromStack(stack);
    template.hasResourceProperties('Custom::ImageScanGate', { Tag: { 'Fn::GetAtt': [Match.stringLikeRegexp('webBuild'), 'Tag'] } });
    template.resourceCountIs('Custom::ContainerImageCheck', 1);
  });

  test('gets a project for each CPU architecture, in privileged mode and with the same fixed commands', () => {
    build({ platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64], buildArgs: { SECRET_OF_THE_TEST: 'no' } });

    const projects = all(PROJECT);
    expect(projects.map(({ Environment: { Type, ComputeType: compute, PrivilegedMode } }) => [Type, compute, PrivilegedMode])).toEqual([
      ['LINUX_CONTAINER', 'BUILD_GENERAL1_MEDIUM', true], ['ARM_CONTAINER', 'BUILD_GENERAL1_MEDIUM', true],
    ]);
    expect(projects[0].Source).toEqual({ Type: 'NO_SOURCE', BuildSpec: projects[1].Source.BuildSpec });
    expect(projects[0].Source.BuildSpec).not.toContain('SECRET_OF_THE_TEST');
    expect(projects[0].TimeoutInMinutes).toBe(45);
    expect(all(BUILD)[0].Builds).toEqual([
      { Platform: 'linux/amd64', Project: { Ref: expect.stringContaining('Amd64') } }, { Platform: 'linux/arm64', Project: { Ref: expect.stringContaining('Arm64') } },
    ]);
  });

  test('shares project and function with other images of the repository that have the same settings', () => {
    build({}, { timeout: Duration.minutes(10), securityGroups: undefined });
    repository.publish('other', ImageSource.directory(appWith({}), { builder: ImageBuilder.codeBuild({ timeout: Duration.minutes(10) }) }));

    expect(all(PROJECT)).toHaveLength(1);
    expect(all(BUILD)).toHaveLength(2);
    expect(all('AWS::Lambda::Function')).toHaveLength(1);
  });

  test('has the same template on every synthesis', () => {
    const directory = appWith({ 'a.txt': 'a', 'b/c.txt': 'c' });
    const templates = [1, 2].map(() => {
      const own = new Stack(new App(), 'Stack');
      new ImageRepository(own, 'Repository').buildAndPushImage(directory, { builder: ImageBuilder.codeBuild() });
      return Template.fromStack(own).toJSON();
    });

    expect(templates[0]).toEqual(templates[1]);
  });

  test('can be used next to images of the other routes', () => {
    build();
    const copied = repository.publish('mirror', ImageSource.registry('nginx:1.27'));

    expect(copied.route).toBe(ImageRoute.COPY);
    Template.fromStack(stack).resourceCountIs('Custom::ContainerImageCopy', 1);
  });

  test('can be built in the stack that uses it', () => {
    const user = new Stack(app, 'User', { env: { account: '111122223333', region: 'eu-west-1' } });
    repository.buildAndPushImage(appWith({}), { builder: ImageBuilder.codeBuild(), scope: user });

    Template.fromStack(user).resourceCountIs(PROJECT, 1);
    Template.fromStack(stack).resourceCountIs(PROJECT, 0);
    expect(user.dependencies).toContain(stack);
  });

  test('can be built into an imported repository', () => {
    const imported = ImageRepository.fromRepositoryName(stack, 'Imported', 'team/web');
    imported.buildAndPushImage(appWith({}), { builder: ImageBuilder.codeBuild({ cache: BuildCache.registry() }) });

    expect(all(BUILD)).toHaveLength(1);
  });

  test('is built in development mode too', () => {
    app = new App({ context: { 'cdk-container-delivery:development': 'true' } });
    stack = new Stack(app, 'Stack');
    repository = new ImageRepository(stack, 'Repository');

    expect(build().route).toBe(ImageRoute.BUILD);
  });
});

describe('arguments', () => {
  const argumentsOf = () => all(BUILD)[0].Arguments;

  test('are the options of the build', () => {
    const directory = appWith({ 'docker/web.Dockerfile': 'FROM scratch\n' });
    build({ buildArgs: { B: '2', A: '$(rm) "1"' }, target: 'web', file: 'docker/web.Dockerfile', networkMode: NetworkMode.HOST, buildContexts: { base: 'docker-image://alpine' } }, {}, directory);

    expect(argumentsOf()).toEqual([
      '--build-arg', 'A=$(rm) "1"', '--build-arg', 'B=2', '--build-context', 'base=docker-image://alpine', '--target', 'web',
      '--network', 'host', '--allow', 'network.host', '--file', 'context/docker/web.Dockerfile', 'context',
    ]);
  });

  test('can be tokens', () => {
    const version = new CfnParameter(stack, 'Version');
    build({ buildArgs: { VERSION: version.valueAsString } });

    expect(argumentsOf()).toContainEqual({ 'Fn::Join': ['', ['VERSION=', { Ref: 'Version' }]] });
  });

  test('that do not invalidate the image, and those of the cache, are not part of the hash', () => {
    build({
      buildArgs: { TIME: 'now' }, invalidation: { buildArgs: false }, cacheFrom: [{ type: 'registry', params: { ref: 'r' } }], cacheTo: { type: 'inline' }, cacheDisabled: true,
    });

    expect(argumentsOf()).toEqual(['--file', 'context/Dockerfile', 'context']);
    expect(all(BUILD)[0].UncountedArguments).toEqual([
      '--build-arg', 'TIME=now', '--cache-from', 'type=registry,ref=r', '--cache-to', 'type=inline', '--no-cache',
    ]);
  });

  test('name a Dockerfile outside of the directory, and local build contexts, by their archives', () => {
    const root = folderOf({ 'app/index.html': 'hello', 'docker/web.Dockerfile': 'FROM scratch\n', 'base/file.txt': 'base' });
    build({ file: '../docker/web.Dockerfile', buildContexts: { base: '../base' } }, {}, `${root}/app`);

    expect(argumentsOf()).toEqual(['--build-context', 'base=context-1', '--file', 'dockerfile/web.Dockerfile', 'context']);
  });
});

describe('settings', () => {
  test('are passed to the project', () => {
    build({}, { computeType: ComputeType.LARGE, timeout: Duration.minutes(20), buildkitImage: 'example.com/buildkit:v1' });

    const [{ Environment: { ComputeType: compute, EnvironmentVariables }, TimeoutInMinutes }] = all(PROJECT);
    expect([compute, TimeoutInMinutes]).toEqual(['BUILD_GENERAL1_LARGE', 20]);
    expect(EnvironmentVariables).toContainEqual({ Name: 'BUILDKIT_IMAGE', Value: 'example.com/buildkit:v1', Type: 'PLAINTEXT' });
  });

  test('secrets are named by their ARN, in the template only there', () => {
    const secret = new Secret(stack, 'Npm');
    build({}, { secrets: { npm: secret } });

    expect(all(BUILD)[0].Secrets).toEqual([{ Id: 'npm', Arn: stack.resolve(secret.secretArn) }]);
    expect(actions('Amd64Role')).toContain('secretsmanager:GetSecretValue');
    expect(actions('BuildHandlerRole')).not.toContain('secretsmanager:GetSecretValue');
  });

  test('credentials of registries become variables that CodeBuild reads', () => {
    const secret = new Secret(stack, 'Hub');
    build({}, { registryCredentials: { 'ghcr.io': secret, 'docker.io': secret } });

    const variables = all(PROJECT)[0].Environment.EnvironmentVariables;
    expect(variables).toContainEqual({ Name: 'REGISTRIES', Value: '2', Type: 'PLAINTEXT' });
    expect(variables).toContainEqual({ Name: 'REGISTRY_HOST_1', Value: 'docker.io', Type: 'PLAINTEXT' });
    expect(variables).toContainEqual({ Name: 'REGISTRY_PASSWORD_2', Value: { 'Fn::Join': ['', [{ Ref: stack.resolve(secret.secretArn).Ref }, ':password']] }, Type: 'SECRETS_MANAGER' });
  });

  test('zstd compresses all layers', () => {
    build({}, { compression: LayerCompression.ZSTD });

    expect(all(BUILD)[0].OutputOptions).toBe(',compression=zstd,force-compression=true');
  });

  test('a local cache is a cache of the project', () => {
    build({}, { cache: BuildCache.local() });

    const [{ Cache, Source }] = all(PROJECT);
    expect(Cache).toEqual({ Type: 'LOCAL', Modes: ['LOCAL_CUSTOM_CACHE'] });
    expect(JSON.parse(Source.BuildSpec).cache.paths).toEqual(['/root/image-build-cache/**/*']);
    expect(all(BUILD)[0].Builds[0].Arguments).toEqual([
      '--cache-from', 'type=local,src=/root/image-build-cache', '--cache-to', 'type=local,dest=/tmp/image-build-cache,mode=max',
    ]);
  });

  test('a cache in the repository has its own tags, and needs the permission to read', () => {
    repository = new ImageRepository(stack, 'Cached', {
      imageTagMutability: ImageTagMutability.immutableExcept('cache-*'), lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(1) })],
    });
    repository.publish('web', ImageSource.directory(appWith({}), { builder: ImageBuilder.codeBuild({ cache: BuildCache.registry() }) }));

    expect(JSON.stringify(all(BUILD)[0].Builds[0].Arguments)).toMatch(/type=registry,ref=.*:cache-web-amd64,mode=max/);
    expect(actions('Amd64Role')).toContain('ecr:GetDownloadUrlForLayer');
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('cache'));
  });

  test('a cache in the repository without a rule for untagged images causes a warning', () => {
    repository = new ImageRepository(stack, 'Cached', { imageTagMutability: ImageTagMutability.immutableExcept('cache-*') });
    build({}, { cache: BuildCache.registry() });

    Annotations.fromStack(stack).hasWarning('/Stack/Cached', Match.stringLikeRegexp('leaves the cache of the build before it untagged'));
  });

  test('builds in a VPC wait for its routes, and get a security group', () => {
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    build({}, { vpc });

    const [{ VpcConfig }] = all(PROJECT);
    expect(VpcConfig).toMatchObject({ Subnets: [{ Ref: expect.stringContaining('PrivateSubnet1') }, { Ref: expect.stringContaining('PrivateSubnet2') }] });
    expect(VpcConfig.SecurityGroupIds).toHaveLength(1);
    const [{ DependsOn }] = Object.values(Template.fromStack(stack).findResources(BUILD));
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringContaining('PrivateSubnet1DefaultRoute'), expect.stringContaining('Amd64')]));
    const [{ DependsOn: before }] = Object.values(Template.fromStack(stack).findResources(PROJECT));
    expect(before).toEqual(expect.arrayContaining([expect.stringContaining('Amd64RoleDefaultPolicy')]));
  });

  test('builds use the security groups that you give', () => {
    const vpc = new Vpc(stack, 'Vpc', { maxAzs: 2 });
    const group = new SecurityGroup(stack, 'Group', { vpc });
    build({}, { vpc, securityGroups: [group] });

    expect(all(PROJECT)[0].VpcConfig.SecurityGroupIds).toEqual([stack.resolve(group.securityGroupId)]);
  });
});

describe('permissions', () => {
  test('a build can push to its repository, read its own source, and write its own log', () => {
    build();

    expect(actions('Amd64Role')).toEqual([
      'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:GetAuthorizationToken', 'ecr:InitiateLayerUpload', 'ecr:PutImage',
      'ecr:UploadLayerPart', 'logs:CreateLogStream', 'logs:PutLogEvents', 's3:GetBucketAcl', 's3:GetBucketLocation', 's3:GetObject', 's3:GetObjectVersion',
    ]);
    const objects = statements('Amd64Role').filter(({ Action }) => [Action].flat().includes('s3:GetObject')).map(({ Resource }) => JSON.stringify(Resource));
    expect(objects).toEqual([expect.stringMatching(/assets-111122223333-eu-west-1\/[0-9a-f]{64}\.zip"/)]);
    const wild = statements('Amd64Role').filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action);
    expect(wild).toEqual(['ecr:GetAuthorizationToken']);
  });

  test('the function can use its own projects and read their logs only', () => {
    build();

    const of = (service: string) => statements('BuildHandlerRole').filter(({ Action }) => [Action].flat().some(action => action.startsWith(service)));
    expect(of('codebuild:')).toEqual([expect.objectContaining({ Resource: { 'Fn::GetAtt': [expect.stringContaining('Amd64'), 'Arn'] } })]);
    expect(JSON.stringify(of('logs:').map(({ Resource }) => Resource))).toContain('Amd64Logs');
    expect(statements('BuildHandlerRole').filter(({ Resource }) => Resource === '*').flatMap(({ Action }) => Action)).toEqual(['ecr:GetAuthorizationToken']);
  });

  test('a permission for the publisher is given to the builds and to the function', () => {
    const image = build({ platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
    const base = new ImageRepository(stack, 'Base');
    base.grantPull(image.publisher);

    expect(['Amd64Role', 'Arm64Role', 'BuildHandlerRole'].map(role => JSON.stringify(statements(role)).includes('Base'))).toEqual([true, true, true]);
  });
});
