import * as path from 'path';
import { App, CfnOutput, CfnParameter, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { ImageRepository, ImageSource, PublishedImage } from '../../src';
import { APP, newStack, Template } from '../helpers/stack';

describe('bad input fails at synthesis with path, property, rule, value and fix', () => {
  const repository = () => new ImageRepository(newStack(), 'Repository');

  test('a directory that does not exist', () => {
    expect(() => repository().buildAndPushImage('./no-such-app')).toThrow(
      "Stack/Repository/Images/no-such-app: 'directory' must be an existing directory, got \"./no-such-app\". "
      + `Create ${path.resolve('no-such-app')}, or give the path from the folder in which the CDK app runs.`,
    );
  });

  test('a file instead of a directory', () => {
    expect(() => repository().buildAndPushImage(path.join(APP, 'Dockerfile'))).toThrow(
      new RegExp(`'directory' must be an existing directory, got ".+Dockerfile"\\. This is a file\\. Pass its folder, "${APP}", and name the Dockerfile with 'file'`),
    );
  });

  test('a directory without a Dockerfile', () => {
    expect(() => repository().buildAndPushImage(__dirname)).toThrow(
      "Stack/Repository/Images/image: 'file' must name a Dockerfile that exists, got \"Dockerfile\". "
      + `Create ${path.join(__dirname, 'Dockerfile')}, or name another file with 'file'.`,
    );
  });

  test.each(['-v1', '.v1', 'v 1', 'v/1', '', 'v'.repeat(129), '\u00e41'])('the tag %j', tag => {
    expect(() => repository().buildAndPushImage(APP, { tags: [tag] })).toThrow(
      `Stack/Repository: 'tags[0]' must be 1 to 128 letters, digits, "_", "." or "-" and not start with "." or "-", got ${JSON.stringify(tag)}.`,
    );
  });

  test('a tag that is reserved for deployed images, and a duplicate tag', () => {
    expect(() => repository().buildAndPushImage(APP, { tags: ['live-v1'] })).toThrow("'tags' must not start with \"live-\"");
    expect(() => repository().buildAndPushImage(APP, { tags: ['sha256-1.sig'] })).toThrow("'tags' must not start with \"sha256-\"");
    expect(() => repository().buildAndPushImage(APP, { tags: ['v1', 'v1'] })).toThrow("'tags' must name each tag once");
  });

  test.each(['v1', '1', '_x', 'v1.2.3-rc_1', 'v'.repeat(128), Lazy.string({ produce: () => 'v1' })])('but not the tag %j', tag => {
    expect(() => repository().buildAndPushImage(APP, { tags: [tag] })).not.toThrow();
  });

  test.each([`sha256:${'A'.repeat(64)}`, 'sha256:abc', 'sha512:abc', 'bad tag'])('the tag or digest %j', tagOrDigest => {
    const stack = newStack();
    const source = ImageSource.ecr(Repository.fromRepositoryName(stack, 'Stage', 'stage'), tagOrDigest);
    expect(() => new ImageRepository(stack, 'Repository').publish('web', source)).toThrow(
      "Stack/Repository/Images/web: 'tagOrDigest' must be a tag, or \"sha256:\" and 64 lower-case hexadecimal digits, got "
      + `${JSON.stringify(tagOrDigest)}. Copy it from \`aws ecr describe-images\`.`,
    );
  });

  test('but not a digest that is a token', () => {
    const stack = newStack();
    const digest = new CfnParameter(stack, 'Digest').valueAsString;
    const source = ImageSource.ecr(Repository.fromRepositoryName(stack, 'Stage', 'stage'), digest);
    expect(() => new ImageRepository(stack, 'Repository').publish('web', source)).not.toThrow();
  });

  test.each(['', 'a b', 'a.b', '-a', 'a'.repeat(81)])('the id %j', id => {
    expect(() => repository().publish(id, ImageSource.directory(APP))).toThrow("Stack/Repository: 'id' must be 1 to 80 letters");
  });

  test('the same folder twice', () => {
    const used = repository();
    used.buildAndPushImage(APP);
    expect(() => used.buildAndPushImage(APP)).toThrow(
      "Stack/Repository: 'id' must be new in this repository, got \"app\". "
      + 'buildAndPushImage makes the id from folder, file, target and platform. '
      + "Use the PublishedImage of the first call, or publish('another-id', ImageSource.directory(…)).",
    );
  });

  test.each<[string, (other: Stack, image: PublishedImage) => unknown]>([
    ['a container', (other, image) => new FargateTaskDefinition(other, 'User').addContainer('web', { image })],
    ['a Lambda function', (other, image) => new DockerImageFunction(other, 'User', { code: image.toLambdaCode() })],
    ['a string', (other, image) => new CfnOutput(other, 'User', { value: image.imageUri })],
  ])('an image of another stack, which would deploy once and then never change, in %s', (_, use) => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const app = App.of(stack) as App;
    use(new Stack(app, 'Other'), image);
    expect(() => app.synth()).toThrow(
      /Other\/User.*: 'image' must be published in the stack that uses it, because only that stack knows when it is there, got "an image of Stack"\. Publish it there, e\.g\. repository\.buildAndPushImage\('\.\/app', \{ scope: this \}\)\./,
    );
  });

  test('a Dockerfile outside of the directory that does not exist', () => {
    expect(() => repository().buildAndPushImage(path.join(APP, '..'), { file: '../Dockerfile' })).toThrow(
      `'file' must name a Dockerfile that exists, got "../Dockerfile". Create ${path.join(APP, '..', '..', 'Dockerfile')}, or name another file with 'file'.`,
    );
  });

  test('one tag for two images', () => {
    const used = repository();
    used.buildAndPushImage(APP, { tags: ['v1'] });
    expect(() => used.buildAndPushImage(APP, { target: 'other', tags: ['v1'] })).toThrow("'tags' must name one image each, got \"v1\".");
  });

  test('but not tags that are tokens', () => {
    const stack = newStack();
    const tags = new CfnParameter(stack, 'Tags', { type: 'CommaDelimitedList' }).valueAsList;
    expect(() => new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { tags })).not.toThrow();
  });

  test.each<[string, unknown, string]>([
    ['a factory that was not called', ImageSource.directory, "'source' must be an ImageSource, got \"a function that was not called\"."],
    ['a source that returns nothing useful', { bind: () => ({ reference: 'nginx' }) }, "'source.reference' must be an image"],
  ])('%s', (_, source, message) => {
    expect(() => repository().publish('web', source as ImageSource)).toThrow(message);
  });

  test('an undefined value from JavaScript', () => {
    const nothing = undefined as unknown as string;
    const stage = Repository.fromRepositoryName(newStack(), 'Stage', 'stage');
    expect(() => repository().buildAndPushImage(nothing)).toThrow("'directory' must be a path, got undefined.");
    expect(() => repository().publish(nothing, ImageSource.directory(APP))).toThrow("'id' must be 1 to 80 letters");
    expect(() => repository().publish('web', ImageSource.ecr(stage, nothing))).toThrow("'tagOrDigest' must be a tag");
    expect(() => repository().buildAndPushImage(APP, { tags: [nothing] })).toThrow("'tags[0]' must be 1 to 128 letters");
    expect(() => repository().buildAndPushImage(APP, { tags: 'v1' as unknown as string[] })).toThrow("'tags' must be a list, got \"v1\".");
  });

  test.each(['constructor', 'toString'])('the id %j, which is a property of every JavaScript object', id => {
    expect(() => repository().publish(id, ImageSource.directory(APP))).toThrow("'id' must be known at synthesis, and not a name");
  });

  test('but not an image of the parent of a nested stack', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    new FargateTaskDefinition(new NestedStack(stack, 'Nested'), 'Task').addContainer('web', { image });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
