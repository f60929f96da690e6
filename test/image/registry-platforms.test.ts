import { Token } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Construct } from 'constructs';
import { ImageRepository, ImageSource, ImageSourceBindOptions, ImageSourceConfig } from '../../src';
import { newStack, Template } from '../helpers/stack';

/** The properties of the copy. */
function copied(source: ImageSource, stack = newStack()) {
  const image = new ImageRepository(stack, 'Repository').publish('mirror', source);
  const [copy] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
  return { image, platforms: copy.Properties.Platforms };
}

const mirrored = (...platforms: Platform[]) => copied(ImageSource.registry('nginx:1.27', { platforms }));

test('an image of a registry is mirrored with all its platforms by default', () => {
  const { image, platforms } = copied(ImageSource.registry('nginx:1.27'));
  expect([platforms, image.platforms]).toEqual([undefined, undefined]);
});

test('if you name platforms, only these are mirrored, and they are known at synthesis', () => {
  const { image, platforms } = mirrored(Platform.LINUX_AMD64, Platform.LINUX_ARM64);
  expect(platforms).toEqual(['linux/amd64', 'linux/arm64']);
  expect([image.platforms, image.platform]).toEqual([['linux/amd64', 'linux/arm64'], undefined]);
  expect(mirrored(Platform.LINUX_ARM64).image.platform).toBe('linux/arm64');
});

test('the order of the platforms and duplicates do not change the template', () => {
  expect(mirrored(Platform.LINUX_ARM64, Platform.LINUX_AMD64, Platform.LINUX_ARM64).platforms).toEqual(['linux/amd64', 'linux/arm64']);
});

test.each(['linux/arm/v7', 'windows/amd64', 'linux/amd64/v2', 'Linux/x86_64'])('%s is accepted', name => {
  expect(mirrored(Platform.custom(name)).platforms).toEqual([name]);
});

test('a platform that is a token is accepted', () => {
  expect(mirrored(Platform.custom(Token.asString({ Ref: 'Name' }))).platforms).toEqual([{ Ref: 'Name' }]);
});

test.each(['linux', 'linux/', '/amd64', 'linux/arm64/v8/x', 'linux arm64', ''])('%j is rejected as a platform', name => {
  expect(() => mirrored(Platform.custom(name))).toThrow("'platforms' must be platforms such as linux/arm64");
});

test('an empty list of platforms is rejected', () => {
  expect(() => mirrored()).toThrow('Write platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64], or leave it out for all of them.');
});

test('a text instead of the list is rejected, and the message asks for a Platform', () => {
  expect(() => copied(ImageSource.registry('nginx', { platforms: ['linux/arm64'] as unknown as Platform[] }))).toThrow('be a Platform');
});

test('an image with selected platforms cannot be joined with others', () => {
  const joined = ImageSource.platforms([ImageSource.registry('nginx', { platforms: [Platform.LINUX_ARM64] }), ImageSource.registry('httpd')]);
  expect(() => copied(joined)).toThrow('Leave out the option `platforms` of ImageSource.registry, or publish that image on its own.');
});

test('your own source can select platforms too', () => {
  class Own extends ImageSource {
    public bind(_scope: Construct, _options: ImageSourceBindOptions): ImageSourceConfig {
      return { reference: 'ghcr.io/team/web:v1', selectedPlatforms: ['linux/arm64'] };
    }
  }
  expect(copied(new Own()).platforms).toEqual(['linux/arm64']);
});
