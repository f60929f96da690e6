import { App, Stack } from 'aws-cdk-lib';
import { DirectPushSynthesizer, ImageRepository, ImageSource, ManagedSigning, RegistrySettings } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';

test('the function that publishes an image can get more permissions, e.g. for signing', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP));
  new RegistrySettings(stack, 'Registry', { signing: [ManagedSigning.withNewProfile()] }).grantSign(image.publisher);

  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'signer:SignPayload', Effect: 'Allow' })]) },
    Roles: [{ Ref: Match.stringLikeRegexp('^RepositoryCopyHandlerRole') }],
  });
});

test('the copy waits for the permissions of its function', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP));
  new RegistrySettings(stack, 'Registry', { signing: [ManagedSigning.withNewProfile()] }).grantSign(image.publisher);

  Template.fromStack(stack).hasResource('Custom::ContainerImageCopy', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^RepositoryCopyHandlerRoleDefaultPolicy')]),
  });
});

test('a directly pushed image has no publisher in the app, and the message names the role that pushes it', () => {
  const app = new App();
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const image = repository.publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() }) });

  expect(() => image.publisher).toThrow(/^Web\/.+: 'publisher' must be asked of an image that is copied, got "direct"\. The CDK CLI pushes this one/);
});
