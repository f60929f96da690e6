import { App, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { AwsSolutionsChecks, HIPAASecurityChecks, NagPack, NIST80053R5Checks, PCIDSS321Checks, ServerlessChecks } from 'cdk-nag';
import { ImageEncryption, ImageRepository, ImageRepositoryProps, ImageTagMutability } from '../../src';
import { newStack, Template } from '../helpers/stack';

/** The properties of a repository in the template. */
function propertiesOf(props: ImageRepositoryProps = {}, stack = newStack()) {
  new ImageRepository(stack, 'Repository', props);
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'))[0].Properties;
}

// https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html. ECR.4 is about public repositories, which are not created here.
describe('a repository with default settings passes', () => {
  test('Security Hub ECR.1: images are scanned when they are pushed', () => {
    expect(propertiesOf().ImageScanningConfiguration).toEqual({ ScanOnPush: true });
  });

  test('Security Hub ECR.2: tags are immutable, without exceptions', () => {
    expect(propertiesOf().ImageTagMutability).toBe('IMMUTABLE');
    expect(propertiesOf().ImageTagMutabilityExclusionFilters).toBeUndefined();
  });

  test('Security Hub ECR.3: it has a lifecycle policy with at least one rule', () => {
    expect(JSON.parse(propertiesOf().LifecyclePolicy.LifecyclePolicyText).rules.length).toBeGreaterThan(0);
  });

  test('AwsSolutions-ECR1: it has no policy, so only its account has access', () => {
    expect(propertiesOf().RepositoryPolicyText).toBeUndefined();
  });
});

describe('a repository passes with the right options', () => {
  test('Security Hub ECR.5: images are encrypted with a customer managed key', () => {
    const stack = newStack();

    expect(propertiesOf({ encryption: ImageEncryption.kms(new Key(stack, 'Key')) }, stack).EncryptionConfiguration)
      .toEqual({ EncryptionType: 'KMS', KmsKey: { 'Fn::GetAtt': [expect.stringMatching(/^Key/), 'Arn'] } });
  });
});

describe('a repository does not pass, because of your options,', () => {
  test.each<[string, ImageTagMutability]>([
    ['IMMUTABLE_WITH_EXCLUSION', ImageTagMutability.immutableExcept('latest')], ['MUTABLE_WITH_EXCLUSION', ImageTagMutability.mutableExcept('v*')],
  ])('Security Hub ECR.2 with %s, because the control requires another value', (value, imageTagMutability) => {
    expect(propertiesOf({ imageTagMutability }).ImageTagMutability).toBe(value);
  });
});

type Pack = [string, new (scope: App) => NagPack];
const PACKS: Pack[] = [
  ['AwsSolutions', AwsSolutionsChecks], ['NIST 800-53 rev 5', NIST80053R5Checks], ['HIPAA', HIPAASecurityChecks], ['PCI DSS 3.2.1', PCIDSS321Checks],
  ['Serverless', ServerlessChecks],
];

describe('cdk-nag', () => {
  const findings = (Checks: Pack[1], app: App) => new Checks(app).validateScope(app).violations.map(({ ruleName }) => ruleName);

  test.each(PACKS)('%s has no finding for a repository with default settings, nor for one with all settings', (_, Checks) => {
    const app = new App();
    const stack = new Stack(app, 'Stack');
    new ImageRepository(stack, 'Default');
    new ImageRepository(stack, 'Loose', { imageTagMutability: ImageTagMutability.mutableExcept('v*'), removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true });
    new ImageRepository(stack, 'Strict', {
      repositoryName: 'strict', encryption: ImageEncryption.kms(new Key(stack, 'Key', { enableKeyRotation: true })), imageTagMutability: ImageTagMutability.immutable(),
    });

    expect(findings(Checks, app)).toEqual([]);
  });

  test('has a finding for a repository that is open to everybody', () => {
    const app = new App();
    new Repository(new Stack(app, 'Stack'), 'Open')
      .addToResourcePolicy(new PolicyStatement({ principals: [new AnyPrincipal()], actions: ['ecr:BatchGetImage'] }));

    expect(findings(AwsSolutionsChecks, app)).toEqual(['AwsSolutions-ECR1']);
  });
});
