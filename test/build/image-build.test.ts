import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Annotations, Match, Template } from 'aws-cdk-lib/assertions';
import { ComputeType } from 'aws-cdk-lib/aws-codebuild';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BuildCache, CodeBuildOptions, DirectorySourceOptions, ImageBuilder, ImageRepository, ImageRoute, ImageSource, ImageTagMutability, LayerCompression, LifecycleRule,
} from '../../src';
import { appWith } from '../helpers/build-context';

const BUILD = 'Custom::ContainerImageBuild';
const PROJECT = 'AWS::CodeBuild::Project';

let stack: Stack;
let repository: ImageRepository;
beforeEach(() => {
  stack = new Stack(new App(), 'Stack', { env: { account: '111122223333', region: 'eu-west-1' } });
  repository = new ImageRepository(stack, 'Repository');
});

function build(options: DirectorySourceOptions = {}, settings: CodeBuildOptions = {}, directory = appWith({ 'index.html': 'hello' })) {
  return repository.buildAndPushImage(directory, { builder: ImageBuilder.codeBuild(settings), ...options });
}

function properties(): { readonly [name: string]: unknown } {
  return Object.values(Template.fromStack(stack).findResources(BUILD))[0].Properties;
}

describe('an image with a builder', () => {
  test('takes the build route, and nothing is built where cdk deploy runs', () => {
    const image = build();

    expect([image.route, image.routeReason]).toEqual([ImageRoute.BUILD, 'the image has a builder']);
    expect(image.platform).toBe('linux/amd64');
    const assembly = App.of(stack)?.node.root as App;
    const manifest = assembly.synth().getStackArtifact(stack.artifactId).assets;
    expect(manifest.map(({ packaging }) => packaging)).not.toContain('container-image');
  });

  test('runs by the digest that the build returns', () => {
    const image = build();

    expect(stack.resolve(image.imageUri)).toEqual({ 'Fn::Join': ['', expect.arrayContaining([
      expect.stringContaining('@sha256:'), { 'Fn::GetAtt': [expect.stringMatching(/^RepositoryImages.*Build/), 'DigestHex'] },
    ])] });
  });

  test('gets one project for each CPU architecture, in privileged mode and with a fixed buildspec', () => {
    build({ platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });

    const projects = Object.values(Template.fromStack(stack).findResources(PROJECT)).map(({ Properties }) => Properties);
    expect(projects.map(({ Environment: { Type, ComputeType: compute, PrivilegedMode } }) => [Type, compute, PrivilegedMode])).toEqual([
      ['LINUX_CONTAINER', 'BUILD_GENERAL1_MEDIUM', true], ['ARM_CONTAINER', 'BUILD_GENERAL1_MEDIUM', true],
    ]);
    expect(projects[0].Source).toEqual({ Type: 'NO_SOURCE', BuildSpec: projects[1].Source.BuildSpec });
    expect(projects[0].TimeoutInMinutes).toBe(45);
    expect(properties().Builds).toEqual([
      { Platform: 'linux/amd64', Project: { Ref: expect.stringContaining('Amd64') } }, { Platform: 'linux/arm64', Project: { Ref: expect.stringContaining('Arm64') } },
    ]);
  });

  test('shares the project with other images of the repository that have the same settings', () => {
    const timeout = () => Duration.minutes(10);
    build({}, { timeout: timeout() });
    repository.publish('other', ImageSource.directory(appWith({}), { builder: ImageBuilder.codeBuild({ timeout: timeout() }) }));

    Template.fromStack(stack).resourceCountIs(PROJECT, 1);
  });
});
