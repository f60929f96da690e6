import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Architecture, DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { DirectPushSynthesizer, ImageCheck, ImageRepository, ImageSource, ToLambdaCodeOptions, PublishedImage } from '../../src';
import { APP, BY_DIGEST, flatten, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const CHECK = 'Custom::ContainerImageCheck';
const [AMD64, ARM64] = [Platform.LINUX_AMD64, Platform.LINUX_ARM64];

/** A copied image, in the stack of its repository. */
function copied(...platforms: Platform[]) {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.buildAndPushImage(APP, platforms.length > 1 ? { platforms } : { platform: platforms[0] }) };
}

/** A directly pushed image, in another stack than its repository. */
function pushed(platform?: Platform) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const stack = new Stack(app, 'Stack');
  return { stack, image: repository.buildAndPushImage(APP, { scope: stack, platform }) };
}

function newFunction(scope: Construct, image: PublishedImage, options?: ToLambdaCodeOptions, architecture?: Architecture): DockerImageFunction {
  return new DockerImageFunction(scope, 'Function', { code: image.toLambdaCode(options), architecture });
}

function imagesOf(template: Template): string[] {
  return Object.values(template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } })).map(({ Properties }) => flatten(Properties.Code.ImageUri));
}

describe('a Lambda function with a copied image', () => {
  test('waits for the image check, and uses the digest for its architecture', () => {
    const { stack, image } = copied();
    newFunction(stack, image);

    const template = Template.fromStack(stack);
    const [{ Properties: { Version, Repository, ...rest } }] = Object.values(template.findResources(CHECK));
    expect(`${flatten(Repository)}@${flatten(Version)}`).toMatch(BY_DIGEST);
    expect(rest).toMatchObject({ Runner: 'LAMBDA', UsedBy: 'the function Stack/Function', Architecture: 'x86_64' });
    expect(imagesOf(template)).toEqual([expect.stringMatching(/@sha256:\$\{FunctionImageCheck\w+\.DigestHex\}$/)]);
  });

  test('can have several platforms: the check selects the right one', () => {
    const { stack, image } = copied(AMD64, ARM64);
    newFunction(stack, image, {}, Architecture.ARM_64);

    Template.fromStack(stack).hasResourceProperties(CHECK, { Architecture: 'arm64' });
  });

  test('has its own check for each function, all made by one Lambda function', () => {
    const { stack, image } = copied(AMD64, ARM64);
    const code = image.toLambdaCode();
    for (const [id, architecture] of Object.entries({ Amd: Architecture.X86_64, Arm: Architecture.ARM_64 })) {
      new DockerImageFunction(stack, id, { code, architecture });
    }

    const template = Template.fromStack(stack);
    expect(Object.values(template.findResources(CHECK)).map(({ Properties }) => Properties.Architecture)).toEqual(['x86_64', 'arm64']);
    expect(new Set(Object.values(template.findResources(CHECK)).map(({ Properties }) => JSON.stringify(Properties.ServiceToken))).size).toBe(1);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: 'Looks at images before anything runs them' }, 0);
  });

  test('can be in a nested stack', () => {
    const { stack, image } = copied();
    const nested = new NestedStack(stack, 'Nested');
    newFunction(nested, image);

    Template.fromStack(nested).resourceCountIs(CHECK, 1);
    Template.fromStack(stack).resourceCountIs(CHECK, 0);
  });

  test('uses the image without a check if the check is turned off', () => {
    const { stack, image } = copied();
    newFunction(stack, image, { imageCheck: ImageCheck.none() });

    const template = Template.fromStack(stack);
    template.resourceCountIs(CHECK, 0);
    expect(imagesOf(template)).toEqual([expect.stringMatching(BY_DIGEST)]);
  });

  test('starts the image with the command that you give', () => {
    const { stack, image } = copied();
    newFunction(stack, image, { cmd: ['app.handler'], entrypoint: ['/run'], workingDirectory: '/app' });

    Template.fromStack(stack).hasResourceProperties('AWS::Lambda::Function', {
      ImageConfig: { Command: ['app.handler'], EntryPoint: ['/run'], WorkingDirectory: '/app' },
    });
  });
});

describe('a Lambda function with a directly pushed image', () => {
  test('needs no other function', () => {
    const { stack, image } = pushed();
    newFunction(stack, image);

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::Lambda::Function', 1);
    expect(imagesOf(template)).toEqual([expect.stringMatching(/:live-\w+\.[0-9a-f]{8}\.pushed-[0-9a-f]{20}$/)]);
  });

  test('has an image check if you ask for it, and then a digest', () => {
    const { stack, image } = pushed();
    newFunction(stack, image, { imageCheck: ImageCheck.beforeDeployment() });

    const template = Template.fromStack(stack);
    expect(imagesOf(template)).toEqual([expect.stringMatching(/@sha256:\$\{FunctionImageCheck\w+\.DigestHex\}$/)]);
    expect(flatten(Object.values(template.findResources(CHECK))[0].Properties.Version)).toMatch(/^live-\w+\.[0-9a-f]{8}\.pushed-[0-9a-f]{20}$/);
  });
});

describe('a wrong image is rejected at synthesis:', () => {
  test.each<[string, (platform: Platform) => { stack: Stack; image: PublishedImage }]>([['copied', copied], ['pushed directly', pushed]])('an arm64 image in an x86 function, and the other way round (%s)', (_, published) => {
    const arm = published(ARM64);
    expect(messageOf(() => newFunction(arm.stack, arm.image))).toBe(
      "Stack/Function: 'architecture' must be one that the image is built for (linux/arm64), got \"x86_64\". "
      + 'Give the function architecture: Architecture.ARM_64, or build the image for linux/amd64.',
    );
    const amd = published(AMD64);
    expect(messageOf(() => newFunction(amd.stack, amd.image, {}, Architecture.ARM_64))).toContain('Give the function architecture: Architecture.X86_64, or build');
  });

  test('an image for an architecture that Lambda does not have', () => {
    const { stack, image } = copied(Platform.custom('linux/s390x'));
    expect(messageOf(() => newFunction(stack, image))).toMatch(/got "x86_64"\. Build the image for linux\/amd64\.$/);
  });

  test('several platforms without a check that selects one', () => {
    const { image } = copied(AMD64, ARM64);
    const message = messageOf(() => image.toLambdaCode({ imageCheck: ImageCheck.none() }));

    expect(message).toMatch(/^Stack\/.*: 'platforms' must be one platform, because Lambda does not support multi-platform images, got \["linux\/amd64","linux\/arm64"\]\. /);
    expect(message).toContain('have the right one chosen: toLambdaCode({ imageCheck: ImageCheck.beforeDeployment() }).');
  });

  test.each<[string, Platform, Architecture | undefined]>([
    ['an arm64 image in an arm64 function', ARM64, Architecture.ARM_64], ['an arm64 image that names its variant', Platform.custom('linux/arm64/v8'), Architecture.ARM_64],
    ['an amd64 image in the usual function', AMD64, undefined], ['any image in a function with an unknown architecture', AMD64, Architecture.custom('riscv64')],
  ])('but %s is accepted', (_, platform, architecture) => {
    const { stack, image } = copied(platform);
    expect(messageOf(() => newFunction(stack, image, {}, architecture))).toBe('accepted');
  });

  test('and an image with an unknown platform is accepted', () => {
    const { stack, repository } = copied();
    const image = repository.publish('mirrored', ImageSource.registry('nginx:1.27'));
    expect(messageOf(() => newFunction(stack, image, {}, Architecture.ARM_64))).toBe('accepted');
  });
});

test.each<unknown>([null, 'x', []])('%j instead of the options is rejected with a message', options => {
  expect(messageOf(() => copied().image.toLambdaCode(wrong(options)))).toMatch(told('options'));
});

test.each<unknown>([null, true, 'none', {}, ImageCheck.none])('%p instead of a check is rejected with a message', imageCheck => {
  expect(messageOf(() => copied().image.toLambdaCode({ imageCheck: wrong(imageCheck) }))).toMatch(told('imageCheck'));
});
