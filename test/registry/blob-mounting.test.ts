import { BlobMounting, ImageRepository, RegistrySettings } from '../../src';
import { APP, Match, newStack, Template } from '../helpers/stack';

function settings(blobMounting: BlobMounting): Template {
  const stack = newStack();
  new RegistrySettings(stack, 'Settings', { blobMounting });
  return Template.fromStack(stack);
}

test('blob mounting is enabled by a custom resource that remembers the original value', () => {
  const template = settings(BlobMounting.enabled());

  const [before] = Object.keys(template.findResources('Custom::RegistryBlobMountingBefore', { Properties: { SchemaVersion: '1', Step: 'Look' } }));
  template.hasResourceProperties('Custom::RegistryBlobMounting', {
    SchemaVersion: '1', Step: 'Enable', Before: { 'Fn::GetAtt': [before, 'Before'] }, OnRemoval: Match.absent(), ServiceTimeout: '600',
  });
});

test('the original value is restored only if you ask for it', () => {
  settings(BlobMounting.enabledUntilRemoved()).hasResourceProperties('Custom::RegistryBlobMounting', { OnRemoval: 'Restore' });
});

test('the function can read and write this account setting, write its log, and nothing else', () => {
  const [{ Properties: { PolicyDocument: { Statement: statements } } }] = Object.values(settings(BlobMounting.enabled()).findResources('AWS::IAM::Policy'));

  expect(statements).toEqual([
    { Effect: 'Allow', Action: ['logs:CreateLogStream', 'logs:PutLogEvents'], Resource: { 'Fn::GetAtt': [expect.stringMatching('Logs'), 'Arn'] } },
    {
      Effect: 'Allow', Action: ['ecr:GetAccountSetting', 'ecr:PutAccountSetting'], Resource: '*',
      Condition: { StringEquals: { 'ecr:AccountSetting': 'BLOB_MOUNTING' } },
    },
  ]);
});

test('an image that depends on the settings is copied after blob mounting is enabled', () => {
  const stack = newStack();
  const registry = new RegistrySettings(stack, 'Settings', { blobMounting: BlobMounting.enabled() });
  const repository = new ImageRepository(stack, 'Repository');
  repository.node.addDependency(registry);
  repository.buildAndPushImage(APP);

  const template = Template.fromStack(stack);
  const [enabled] = Object.keys(template.findResources('Custom::RegistryBlobMounting'));
  template.hasResource('Custom::ContainerImageCopy', { DependsOn: Match.arrayWith([enabled]) });
});

test('a second construct with the same options has the same template', () => {
  expect(settings(BlobMounting.enabled()).toJSON()).toEqual(settings(BlobMounting.enabled()).toJSON());
});
