import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { CfnOutput } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ContainerImage, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService } from 'aws-cdk-lib/aws-ecs-patterns';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { ImageRepository, ImageSource } from '../../src';
import { APP, BY_DIGEST, flatten, imageOfTask, liveTagsOf, Match, newCluster, newStack, Template } from '../helpers/stack';

const COPY = 'Custom::ContainerImageCopy';

function newImage() {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.buildAndPushImage(APP) };
}

describe('the image runs unchanged in', () => {
  test('a plain Fargate task definition', () => {
    const { stack, image } = newImage();
    new FargateTaskDefinition(stack, 'Task').addContainer('web', { image });

    expect(imageOfTask(Template.fromStack(stack))).toMatch(BY_DIGEST);
  });

  test('ecs_patterns.ApplicationLoadBalancedFargateService', () => {
    const { stack, image } = newImage();
    new ApplicationLoadBalancedFargateService(stack, 'Service', { cluster: newCluster(stack), taskImageOptions: { image } });

    expect(imageOfTask(Template.fromStack(stack))).toMatch(BY_DIGEST);
  });

  test('a Lambda function, which is then allowed to pull it', () => {
    const { stack, image } = newImage();
    new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode({ cmd: ['app.handler'] }) });

    const template = Template.fromStack(stack);
    const [fn] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }));
    expect(flatten(fn.Properties.Code.ImageUri)).toMatch(/\$\{Repository[0-9A-F]{8}\}@sha256:\$\{FunctionImageCheck\w+\.DigestHex\}$/);
    expect(fn.Properties.ImageConfig).toEqual({ Command: ['app.handler'] });
    template.hasResourceProperties('AWS::ECR::Repository', {
      RepositoryPolicyText: { Statement: [Match.objectLike({ Principal: { Service: 'lambda.amazonaws.com' } })] },
    });
  });

  test('any construct that takes a string, such as a Kubernetes manifest', () => {
    const { stack, image } = newImage();
    new CfnOutput(stack, 'Image', { value: image.imageUri });
    new CfnOutput(stack, 'Tag', { value: image.imageTag });

    const outputs = Template.fromStack(stack).findOutputs('*');
    expect(flatten(outputs.Image.Value)).toMatch(BY_DIGEST);
    expect(flatten(outputs.Tag.Value)).toMatch(/^\$\{RepositoryImages\w+\.Tag\}$/);
  });

  test('L2 constructs that recognize a digest by its prefix "sha256:"', () => {
    const { stack, repository, image } = newImage();
    new FargateTaskDefinition(stack, 'Task')
      .addContainer('web', { image: ContainerImage.fromEcrRepository(repository, image.imageDigest) });

    expect(imageOfTask(Template.fromStack(stack))).toMatch(BY_DIGEST);
  });
});

describe('publishing an image', () => {
  test('builds it into the bootstrap repository and copies it from there to your repository', () => {
    const { stack } = newImage();

    const copies = Object.values(Template.fromStack(stack).findResources(COPY));
    expect(copies).toHaveLength(1);
    const { Source, Destination, LiveTagPrefix, ServiceTimeout } = copies[0].Properties;
    expect(flatten(Source)).toBe('${Fn::Sub}');
    expect(Source['Fn::Sub']).toMatch(/^\$\{AWS::AccountId\}\.dkr\.ecr\..*\/cdk-hnb659fds-container-assets-.*:[a-f0-9]{64}$/);
    expect(flatten(Destination)).toMatch(/\.dkr\.ecr\..*\/\$\{Repository3A24F169\}$/);
    expect({ LiveTagPrefix, ServiceTimeout }).toEqual({ LiveTagPrefix: expect.stringMatching(liveTagsOf('app')), ServiceTimeout: '3600' });
  });

  test('allows the task to pull before a service can start it, in any construct', () => {
    const { stack, image } = newImage();
    new ApplicationLoadBalancedFargateService(stack, 'Service', { cluster: newCluster(stack), taskImageOptions: { image } });

    Template.fromStack(stack).hasResource('AWS::ECS::TaskDefinition', {
      DependsOn: [Match.stringLikeRegexp('ExecutionRoleDefaultPolicy')],
    });
  });

  test('uses one function for all images of a repository, with a pinned runtime', () => {
    const { stack, repository } = newImage();
    repository.buildAndPushImage(APP, { target: 'other' });

    const template = Template.fromStack(stack);
    template.resourceCountIs(COPY, 2);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    template.hasResourceProperties('AWS::Lambda::Function', { Runtime: 'nodejs24.x', Handler: 'index.handler', Timeout: 900 });
  });

  test('keeps two targets, files or platforms of one folder separate', () => {
    const { stack, repository } = newImage();
    repository.buildAndPushImage(APP, { target: 'other' });
    repository.buildAndPushImage(APP, { file: 'Dockerfile.worker' });
    repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 });

    const copies = Object.values(Template.fromStack(stack).findResources(COPY));
    expect(copies.map(copy => copy.Properties.LiveTagPrefix))
      .toEqual(['app', 'app-other', 'app-Dockerfile-worker', 'app-linux-arm64'].map(id => expect.stringMatching(liveTagsOf(id))));
    expect(new Set(copies.map(copy => copy.Properties.Source['Fn::Sub'])).size).toBe(4);
  });

  test('adds the tags that you give', () => {
    const stack = newStack();
    new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { tags: ['v1.2.3', 'stable'] });

    Template.fromStack(stack).hasResourceProperties(COPY, { Tags: ['v1.2.3', 'stable'] });
  });

  test('passes build options to Docker unchanged', () => {
    const stack = newStack();
    const build = { buildArgs: { VERSION: '1' }, target: 'other', cacheDisabled: true };
    new ImageRepository(stack, 'Repository').buildAndPushImage(APP, build);
    const reference = new DockerImageAsset(stack, 'Reference', { directory: APP, platform: Platform.LINUX_AMD64, ...build });

    const [copy] = Object.values(Template.fromStack(stack).findResources(COPY));
    expect(copy.Properties.Source['Fn::Sub']).toContain(`:${reference.imageTag}`);
  });

  test('builds for linux/amd64 on every machine by default', () => {
    const { image, repository } = newImage();

    expect(image.platform).toBe('linux/amd64');
    expect(repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 }).platform).toBe('linux/arm64');
  });

  test('accepts an image asset of the app', () => {
    const stack = newStack();
    const asset = new DockerImageAsset(stack, 'Asset', { directory: APP });
    new ImageRepository(stack, 'Repository').publish('web', ImageSource.asset(asset));

    Template.fromStack(stack).hasResourceProperties(COPY, { Source: stack.resolve(asset.imageUri), LiveTagPrefix: Match.stringLikeRegexp(liveTagsOf('web').source) });
  });

  test('promotes an image of another repository, by digest or tag, and can read exactly that repository', () => {
    const stack = newStack();
    const stage = Repository.fromRepositoryArn(stack, 'Stage', 'arn:aws:ecr:eu-west-1:111122223333:repository/stage');
    const digest = `sha256:${'a'.repeat(64)}`;
    const repository = new ImageRepository(stack, 'Repository');
    repository.publish('web', ImageSource.ecr(stage, digest));
    repository.publish('worker', ImageSource.ecr(stage, 'v1'));

    const template = Template.fromStack(stack);
    const sources = Object.values(template.findResources(COPY)).map(copy => flatten(copy.Properties.Source));
    expect(sources).toEqual([expect.stringMatching(`/stage@${digest}$`), expect.stringMatching('/stage:v1$')]);
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({ Resource: 'arn:aws:ecr:eu-west-1:111122223333:repository/stage' })]),
      },
    });
  });

  test('copies one source to two repositories', () => {
    const stack = newStack();
    const source = ImageSource.directory(APP);
    new ImageRepository(stack, 'One').publish('web', source);
    new ImageRepository(stack, 'Two').publish('web', source);

    Template.fromStack(stack).resourceCountIs(COPY, 2);
  });

  test('accepts a folder whose name is no valid tag', () => {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'context-'));
    const context = path.join(folder, '\u30a2\u30d7\u30ea');
    fs.cpSync(APP, context, { recursive: true });
    const stack = newStack();
    new ImageRepository(stack, 'Repository').buildAndPushImage(context);

    Template.fromStack(stack).hasResourceProperties(COPY, { LiveTagPrefix: Match.stringLikeRegexp(liveTagsOf('image').source) });
    fs.rmSync(folder, { recursive: true });
  });
});
