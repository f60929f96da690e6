import * as fs from 'fs';
import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { DirectPushSynthesizer, ImageCheck, ImageRepository, ImageRoute, ImageSource } from '../../src';
import { dockerArchive } from '../helpers/image-archive';
import { APP, liveTagsOf, Match, newStack, Template } from '../helpers/stack';

const BOTH = [Platform.LINUX_AMD64, Platform.LINUX_ARM64];

let stack: Stack;
let repository: ImageRepository;
beforeEach(() => {
  stack = newStack();
  repository = new ImageRepository(stack, 'Repository');
});

/** The platforms that are passed to Docker. */
function built(): unknown[] {
  const app = stack.node.root as App;
  const assembly = app.synth();
  const { dockerImages } = JSON.parse(fs.readFileSync(path.join(assembly.directory, 'Stack.assets.json'), 'utf8'));
  return Object.values<{ source: { platform: string } }>(dockerImages).map(({ source }) => source.platform);
}

describe('an image for several platforms', () => {
  test('is built once for each platform, and joined when it is published', () => {
    const image = repository.buildAndPushImage(APP, { platforms: BOTH });

    expect(built()).toEqual(['linux/amd64', 'linux/arm64']);
    expect(image.platforms).toEqual(['linux/amd64', 'linux/arm64']);
    expect(image.platform).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('Custom::ContainerImageCopy', 1);
    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', {
      Source: { 'Fn::Sub': Match.stringLikeRegexp('container-assets.*:[0-9a-f]{64}$') },
      FurtherPlatforms: [{ 'Fn::Sub': Match.stringLikeRegexp('container-assets.*:[0-9a-f]{64}$') }],
      LiveTagPrefix: Match.stringLikeRegexp(liveTagsOf('app-linux-amd64-linux-arm64').source),
    });
  });

  test('can consist of images that were built separately', () => {
    const tarball = dockerArchive();
    repository.publish('web', ImageSource.platforms([
      ImageSource.directory(APP, { platform: Platform.LINUX_ARM64 }), ImageSource.tarball(tarball), ImageSource.ecr(repository, 'v1'),
    ]));

    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { FurtherPlatforms: [Match.anyValue(), Match.anyValue()] });
  });

  test('uses the copy route, because the CDK CLI pushes one platform at a time', () => {
    const app = new App();
    const home = new Stack(app, 'Home');
    const user = new Stack(app, 'User', { synthesizer: new DirectPushSynthesizer() });
    const named = new ImageRepository(home, 'Repository', { repositoryName: 'team/web' });

    expect(named.buildAndPushImage(APP, { scope: user, platforms: BOTH }).route).toBe(ImageRoute.COPY);
    expect(() => named.publish('web', ImageSource.directory(APP, { platforms: BOTH }), { scope: user, route: ImageRoute.DIRECT }))
      .toThrow("'route' must be ImageRoute.COPY for the image 'web', because the image is for several platforms");
  });

  test('is rejected for Lambda, which supports one platform, if no check selects it', () => {
    const image = repository.buildAndPushImage(APP, { platforms: BOTH });

    expect(() => image.toLambdaCode({ imageCheck: ImageCheck.none() })).toThrow("'platforms' must be one platform, because Lambda does not support multi-platform images, got [\"linux/amd64\",\"linux/arm64\"]");
  });

  test.each([
    ['none', () => ImageSource.directory(APP, { platforms: [] }), 'must have at least 2 items, got ['],
    ['one', () => ImageSource.platforms([ImageSource.directory(APP)]), 'must have at least 2 items, got ['],
    ['the same twice', () => ImageSource.directory(APP, { platforms: [BOTH[0], BOTH[0]] }), 'must name each platform once, got "linux/amd64". The images 1 and 2 of 2 are both for it.'],
    ['the same twice, once with its variant', () => ImageSource.directory(APP, { platforms: [...BOTH, Platform.custom('linux/arm64/v8')] }), 'must name each platform once, got "linux/arm64". The images 2 and 3 of 3'],
    ['the same twice in an archive and by default', () => ImageSource.platforms([ImageSource.tarball(dockerArchive()), ImageSource.directory(APP)]), 'must name each platform once, got "linux/amd64"'],
    ['one more in platform', () => ImageSource.directory(APP, { platforms: BOTH, platform: BOTH[0] }), 'must come without platform, got "linux/amd64"'],
    ['a joined one', () => ImageSource.platforms([ImageSource.directory(APP, { platforms: BOTH }), ImageSource.ecr(repository, 'v1')]), 'must be images that can be read without credentials, and none that is joined already, got "source 1 of 2"'],
    ['one of a private registry', () => ImageSource.platforms([
      ImageSource.directory(APP),
      ImageSource.registry('ghcr.io/team/web:v1', { credentials: Secret.fromSecretNameV2(stack, 'Secret', 'ghcr') }),
    ]), 'must be images that can be read without credentials, and none that is joined already, got "source 2 of 2"'],
  ])('is rejected with %s', (_, source, message) => {
    expect(() => repository.publish('web', source())).toThrow(`'platforms' ${message}`);
  });
});

describe('the copy function receives', () => {
  test.each<[string, () => ImageSource, object]>([
    ['that the tag of a built image never means two things', () => ImageSource.directory(APP), { SourceNeverMoves: 'true', Referrers: Match.absent() }],
    ['to bring the signatures of a mirrored image', () => ImageSource.registry('nginx:1.27'), { SourceNeverMoves: Match.absent(), Referrers: 'true' }],
    ['to bring the signatures of a promoted image', () => ImageSource.ecr(repository, 'v1'), { SourceNeverMoves: Match.absent(), Referrers: 'true' }],
  ])('%s', (_, source, properties) => {
    repository.publish('web', source());

    Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', properties);
  });
});
