import { App, Stack } from 'aws-cdk-lib';
import { DockerImageAsset, Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnTaskDefinition, ContainerDefinition, ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { FargateService, ImageRepository, ImageSource } from '../../../src';
import { dockerArchive } from '../../helpers/image-archive';
import { APP, newCluster, newStack, Template } from '../../helpers/stack';

const asset = (stack: Stack, platform?: Platform, id = 'Asset') => new DockerImageAsset(stack, id, { directory: APP, platform });
const published = (stack: Stack, source: ImageSource) => new ImageRepository(stack, 'Repository').publish('web', source);

/** All ways to run an image whose platform is known. */
const WAYS: [string, (stack: Stack, platform: Platform) => ContainerImage][] = [
  ['ContainerImage.fromAsset', (_, platform) => ContainerImage.fromAsset(APP, { platform })],
  ['ContainerImage.fromDockerImageAsset', (stack, platform) => ContainerImage.fromDockerImageAsset(asset(stack, platform))],
  ['ContainerImage.fromEcrRepository of an asset', (stack, platform) => {
    const { repository, imageTag } = asset(stack, platform);
    return ContainerImage.fromEcrRepository(repository, imageTag);
  }],
  ['ContainerImage.fromRegistry of an asset', (stack, platform) => ContainerImage.fromRegistry(asset(stack, platform).imageUri)],
  ['ContainerImage.fromTarball', (_, { platform }) => ContainerImage.fromTarball(dockerArchive({ architecture: platform.split('/')[1] }))],
  ['ImageSource.asset', (stack, platform) => published(stack, ImageSource.asset(asset(stack, platform)))],
  ['ImageSource.tarball', (stack, { platform }) => published(stack, ImageSource.tarball(dockerArchive({ architecture: platform.split('/')[1] })))],
  ['ImageSource.directory', (stack, platform) => published(stack, ImageSource.directory(APP, { platform }))],
  ['ImageSource.platforms', (stack, platform) => published(stack, ImageSource.platforms([
    ImageSource.directory(APP, { platform }), ImageSource.asset(asset(stack, Platform.custom('linux/s390x'))),
  ]))],
];

const service = (stack: Stack, containers: { [name: string]: ContainerImage }, cpuArchitecture?: CpuArchitecture) =>
  new FargateService(stack, 'Service', {
    cluster: newCluster(stack), cpuArchitecture, containers: Object.fromEntries(Object.entries(containers).map(([name, image]) => [name, { image }])),
  });

const architectureIn = (stack: Stack) =>
  Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition')).map(({ Properties }) => Properties.RuntimePlatform?.CpuArchitecture);

describe('an image for arm64 runs on ARM64 instead of the ECS default if it comes from', () => {
  test.each(WAYS)('%s', (_, image) => {
    const stack = newStack();
    service(stack, { web: image(stack, Platform.LINUX_ARM64) });

    expect(architectureIn(stack)).toEqual(['ARM64']);
  });
});

describe('an image for amd64 is rejected with CpuArchitecture.ARM64, if it comes from', () => {
  test.each(WAYS)('%s', (_, image) => {
    const stack = newStack();

    expect(() => service(stack, { web: image(stack, Platform.LINUX_AMD64) }, CpuArchitecture.ARM64)).toThrow(
      "Stack/Service: 'cpuArchitecture' must be one that all images are built for, got \"ARM64\".",
    );
  });
});

describe('a container for another architecture is rejected, with both names, if it comes from', () => {
  test.each(WAYS.slice(0, -1))('%s', (_, image) => {
    const stack = newStack();
    const containers = { web: ContainerImage.fromAsset(APP, { platform: Platform.LINUX_AMD64 }), proxy: image(stack, Platform.LINUX_ARM64) };

    expect(() => service(stack, containers)).toThrow(
      "Stack/Service: 'containers' must have images of one platform, because a task runs on one, got [\"web: linux/amd64\",\"proxy: linux/arm64\"].",
    );
  });

  test.each(WAYS)('%s, also when it is added later', (_, image) => {
    const stack = newStack();
    const web = service(stack, { web: ContainerImage.fromAsset(APP, { platform: Platform.LINUX_AMD64 }) });

    expect(() => web.addContainer('proxy', { image: image(stack, Platform.LINUX_ARM64) }))
      .toThrow(/'containers' must have images of one platform.*"web: linux\/amd64","proxy: linux\/arm64/);
  });
});

test.each(['linux/amd64/v2', 'linux/x86_64', 'linux/amd64/v1'])('a variant that runs on x86 processors is accepted: %s', platform => {
  const stack = newStack();
  service(stack, { web: ContainerImage.fromAsset(APP, { platform: Platform.custom(platform) }) });

  expect(architectureIn(stack)[0] ?? 'X86_64').toBe('X86_64');
});

describe('the architecture stays unknown for', () => {
  class Own extends ContainerImage {
    public bind(_scope: Construct, { taskDefinition }: ContainerDefinition) {
      taskDefinition.obtainExecutionRole();
      return { imageName: 'nginx' };
    }
  }

  test.each<[string, (stack: Stack) => ContainerImage]>([
    ['an asset without a platform', stack => ContainerImage.fromDockerImageAsset(asset(stack))],
    ['a directory without a platform', () => ContainerImage.fromAsset(APP)],
    ['a public image', () => ContainerImage.fromRegistry('nginx')],
    ['an image of another repository', stack => ContainerImage.fromEcrRepository(new ImageRepository(stack, 'Other'), 'v1')],
    ['a class of the user', () => new Own()],
    ['an object of the user that needs a real container', () => ({
      bind: (_: Construct, definition: ContainerDefinition) => {
        definition.taskDefinition.node.addMetadata('seen', true);
        return { imageName: 'nginx' };
      },
    })],
  ])('%s', (_, image) => {
    const stack = newStack();
    service(stack, { web: image(stack) }, CpuArchitecture.ARM64);

    expect(architectureIn(stack)).toEqual(['ARM64']);
  });
});

test('reading the platform of an image creates nothing: its asset exists once', () => {
  const stack = newStack();
  service(stack, { web: ContainerImage.fromTarball(dockerArchive()), proxy: ContainerImage.fromAsset(APP, { platform: Platform.LINUX_AMD64 }) });

  expect((stack.node.root as App).synth().getStackByName('Stack').assets.length).toBeLessThanOrEqual(1);
  expect(stack.node.findAll().filter(({ node }) => ['Tarball', 'AssetImage'].includes(node.id))).toHaveLength(2);
});

test('an archive with several images is rejected in ContainerImage.fromTarball, because it runs the last one', () => {
  const file = dockerArchive({ names: ['one:latest'], text: 'one' }, { names: ['two:latest'], text: 'two' });

  expect(() => service(newStack(), { web: ContainerImage.fromTarball(file) })).toThrow(
    "'containers' must have an archive with one image in ContainerImage.fromTarball, which runs the image that Docker loads last",
  );
});

describe('a Lambda function for x86 rejects an image for arm64 from', () => {
  test.each<[string, (stack: Stack) => ImageSource]>([
    ['ImageSource.asset', stack => ImageSource.asset(asset(stack, Platform.LINUX_ARM64))],
    ['ImageSource.tarball', () => ImageSource.tarball(dockerArchive({ architecture: 'arm64' }))],
  ])('%s', (_, source) => {
    const stack = newStack();
    const code = published(stack, source(stack)).toLambdaCode();

    expect(() => new DockerImageFunction(stack, 'Function', { code })).toThrow(
      "'architecture' must be one that the image is built for (linux/arm64), got \"x86_64\". Give the function architecture: Architecture.ARM_64",
    );
  });
});

describe('an image for arm64 in a container that is added to the L2 task definition', () => {
  const added = (prepare: (definition: FargateService['taskDefinition']) => void, cpuArchitecture?: CpuArchitecture) => {
    const stack = newStack();
    const { taskDefinition } = service(stack, { web: ContainerImage.fromRegistry('nginx') }, cpuArchitecture);
    prepare(taskDefinition);
    taskDefinition.addContainer('sidecar', { image: ContainerImage.fromAsset(APP, { platform: Platform.LINUX_ARM64 }) });
    return () => Template.fromStack(stack);
  };

  test('is rejected in a task for X86_64, the default', () => {
    expect(added(() => undefined)).toThrow("'taskDefinition.sidecar.image' must be built for linux/amd64, the platform of the task, got \"linux/arm64\".");
  });

  test('is accepted in a task for ARM64', () => {
    expect(added(() => undefined, CpuArchitecture.ARM64)).not.toThrow();
  });

  test('is accepted if an override sets the task to ARM64', () => {
    expect(added(({ node }) => (node.defaultChild as CfnTaskDefinition).addPropertyOverride('RuntimePlatform.CpuArchitecture', 'ARM64'))).not.toThrow();
  });
});

test.each(['arm64', 'aarch64', 'linux/arm64/v8', 'linux/arm64/8', 'Linux/AArch64'])('%s is an alias of linux/arm64', name => {
  const stack = newStack();
  service(stack, { web: ContainerImage.fromAsset(APP, { platform: Platform.custom(name) }) });
  expect(architectureIn(stack)).toEqual(['ARM64']);
});
