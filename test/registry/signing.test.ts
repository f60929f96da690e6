import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import { ManagedSigning, RegistrySettings } from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const OCI = { platform: Platform.NOTATION_OCI_SHA384_ECDSA };

test('images are signed with a profile that is created for it', () => {
  const stack = newStack();
  new RegistrySettings(stack, 'Settings', { signing: [ManagedSigning.withNewProfile()] });
  const template = Template.fromStack(stack);

  const [[profile, { Properties: { PlatformId } }], ...others] = Object.entries(template.findResources('AWS::Signer::SigningProfile'));
  expect([PlatformId, others]).toEqual(['Notation-OCI-SHA384-ECDSA', []]);
  const [signing] = Object.values(template.findResources('AWS::ECR::SigningConfiguration'));
  expect(signing.Properties).toEqual({ Rules: [{ SigningProfileArn: { 'Fn::GetAtt': [profile, 'Arn'] } }] });
});

test('rules without a profile share the created one, and other rules keep their own', () => {
  const stack = newStack();
  const own = new SigningProfile(stack, 'Own', OCI);
  new RegistrySettings(stack, 'Settings', {
    signing: [ManagedSigning.withNewProfile(['prod/*']), ManagedSigning.withProfile(own, ['billing', '*/shared']), ManagedSigning.withNewProfile(['team/*'])],
  });
  const template = Template.fromStack(stack);

  template.resourceCountIs('AWS::Signer::SigningProfile', 2);
  const [{ Properties: { Rules: rules } }] = Object.values(template.findResources('AWS::ECR::SigningConfiguration'));
  expect(rules[0].SigningProfileArn).toEqual(rules[2].SigningProfileArn);
  expect(rules[1]).toEqual({
    SigningProfileArn: { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] },
    RepositoryFilters: [{ Filter: 'billing', FilterType: 'WILDCARD_MATCH' }, { Filter: '*/shared', FilterType: 'WILDCARD_MATCH' }],
  });
});

test('an existing profile is used by its ARN', () => {
  const stack = newStack({ env: { account: '111122223333', region: 'eu-west-1' } });
  const profile = SigningProfile.fromSigningProfileAttributes(stack, 'Profile', { signingProfileName: 'images', signingProfileVersion: 'v1' });
  new RegistrySettings(stack, 'Settings', { signing: [ManagedSigning.withProfile(profile)] });

  const [{ Properties: { Rules: [{ SigningProfileArn }] } }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::SigningConfiguration'));
  expect(SigningProfileArn).toEqual({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':signer:eu-west-1:111122223333:/signing-profiles/images']] });
});

test('a grantee can sign with every profile of the settings when it pushes', () => {
  const stack = newStack();
  const settings = new RegistrySettings(stack, 'Settings', {
    signing: [ManagedSigning.withNewProfile(['prod/*']), ManagedSigning.withNewProfile(['team/*']), ManagedSigning.withProfile(new SigningProfile(stack, 'Own', OCI))],
  });
  settings.grantSign(new Role(stack, 'Pusher', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') }));

  const [{ Properties: { PolicyDocument: { Statement: statements } } }] = Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy'));
  expect(statements).toEqual([{
    Effect: 'Allow',
    Action: 'signer:SignPayload',
    Resource: [{ 'Fn::GetAtt': [expect.stringMatching(/^SettingsSigningProfile/), 'Arn'] }, { 'Fn::GetAtt': [expect.stringMatching(/^Own/), 'Arn'] }],
  }]);
});

test('a signing grant throws if nothing is signed', () => {
  const stack = newStack();
  const role = new Role(stack, 'Pusher', { assumedBy: new ServicePrincipal('codebuild.amazonaws.com') });
  expect(messageOf(() => new RegistrySettings(stack, 'Settings').grantSign(role))).toBe(
    "Stack/Settings: 'signing' must be among the settings, got undefined. Write signing: [ManagedSigning.withNewProfile()].",
  );
});
