import { App, Stack } from 'aws-cdk-lib';
import { DirectPushSynthesizer, ImageRepository, ImageSource, ManagedSigning, RegistrySettings } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';

test('whoever publishes an image can be allowed more, e.g. to have it signed', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP));
  new RegistrySettings(stack, 'Registry', { signing: [ManagedSigning.withNewProfile()] }).grantSign(image.publisher);

  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'signer:SignPayload', Effect: 'Allow' })]) },
    Roles: [{ Ref: Match.stringLikeRegexp('^RepositoryCopyHandlerRole') }],
  });
});

test('the copy waits for what its function is allowed', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP));
  new RegistrySettings(stack, 'Registry', { signing: [ManagedSigning.withNewProfile()] }).grantSign(image.publisher);

  Template.fromStack(stack).hasResource('Custom::ContainerImageCopy', {
    DependsOn: Match.arrayWith([Match.stringLikeRegexp('^RepositoryCopyHandlerRoleDefaultPolicy')]),
  });
});

test('an image that is pushed directly has no publisher in the app, and the message says who it is', () => {
  const app = new App();
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const image = repository.publish('web', ImageSource.directory(APP), { scope: new Stack(app, 'Web', { synthesizer: new DirectPushSynthesizer() }) });

  expect(() => image.publisher).toThrow(/^Web\/.+: 'publisher' must be asked of an image that is copied, got "direct"\. The CDK CLI pushes this one/);
});
