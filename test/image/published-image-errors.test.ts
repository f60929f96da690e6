import * as path from 'path';
import { App, CfnParameter, Lazy, NestedStack, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { ImageRepository, ImageSource } from '../../src';
import { APP, newStack, Template } from '../helpers/stack';

describe('bad input fails at synthesis with path, property, rule, value and cure', () => {
  const repository = () => new ImageRepository(newStack(), 'Repository');

  test('a directory that does not exist', () => {
    expect(() => repository().buildAndPushImage('./no-such-app')).toThrow(
      "Stack/Repository/Images/no-such-app: 'directory' must be an existing directory, got \"./no-such-app\". "
      + `Create ${path.resolve('no-such-app')}, or give the path from the folder in which the CDK app runs.`,
    );
  });

  test('a file in place of a directory', () => {
    expect(() => repository().buildAndPushImage(path.join(APP, 'Dockerfile'))).toThrow("'directory' must be an existing directory");
  });

  test('a directory without a Dockerfile', () => {
    expect(() => repository().buildAndPushImage(__dirname)).toThrow(
      "Stack/Repository/Images/image: 'file' must name a Dockerfile inside the directory, got \"Dockerfile\". "
      + `Create ${path.join(__dirname, 'Dockerfile')}, or name another file with 'file'.`,
    );
  });

  test.each(['-v1', '.v1', 'v 1', 'v/1', '', 'v'.repeat(129), '\u00e41'])('the tag %j', tag => {
    expect(() => repository().buildAndPushImage(APP, { tags: [tag] })).toThrow(
      `Stack/Repository: 'tags' must be 1 to 128 letters, digits, "_", "." or "-" and not start with "." or "-", got ${JSON.stringify(tag)}.`,
    );
  });

  test('a tag that is kept for deployed images, and a tag that is named twice', () => {
    expect(() => repository().buildAndPushImage(APP, { tags: ['live-v1'] })).toThrow("'tags' must not start with \"live-\"");
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

  test('but not a digest that is only known at deployment', () => {
    const stack = newStack();
    const digest = new CfnParameter(stack, 'Digest').valueAsString;
    const source = ImageSource.ecr(Repository.fromRepositoryName(stack, 'Stage', 'stage'), digest);
    expect(() => new ImageRepository(stack, 'Repository').publish('web', source)).not.toThrow();
  });

  test.each(['', 'a b', 'a.b', '-a', 'a'.repeat(101)])('the id %j', id => {
    expect(() => repository().publish(id, ImageSource.directory(APP))).toThrow("Stack/Repository: 'id' must be 1 to 100 letters");
  });

  test('the same folder twice', () => {
    const used = repository();
    used.buildAndPushImage(APP);
    expect(() => used.buildAndPushImage(APP)).toThrow(
      "Stack/Repository: 'id' must be new in this repository, got \"app\". "
      + "Use the PublishedImage that you already have, or publish('another-id', ImageSource.directory(…)).",
    );
  });

  test('an image of another stack, which would deploy once and then never change', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const other = new Stack(App.of(stack) as App, 'Other');
    expect(() => new FargateTaskDefinition(other, 'Task').addContainer('web', { image })).toThrow(
      'Other/Task/web: \'image\' must be published in the stack that runs it, because a digest that another stack imports '
      + 'cannot change, got "an image of Stack/Repository". Import the repository into this stack with '
      + 'ImageRepository.fromRepositoryName, and publish the image there.',
    );
  });

  test('but not an image of the stack around a nested stack', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    new FargateTaskDefinition(new NestedStack(stack, 'Nested'), 'Task').addContainer('web', { image });
    expect(() => Template.fromStack(stack)).not.toThrow();
  });
});
