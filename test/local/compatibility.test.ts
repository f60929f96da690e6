import { RECORDED, Template, compatibilityOf } from '../../local/compatibility';
import { RESOURCE_TYPES } from '../../local/resource-types';

const check = (Resources: Template['Resources']) => compatibilityOf(new Map([['Stack', { Resources }]]));

test('a type that the emulator does not know is named with the paths of its constructs', () => {
  const { unsupported } = check({
    One: { Type: 'AWS::Budgets::Budget', Metadata: { 'aws:cdk:path': 'Stack/Cost/Resource' } },
    Two: { Type: 'AWS::Budgets::Budget' },
    Bucket: { Type: 'AWS::S3::Bucket' },
    Copy: { Type: 'Custom::ContainerImageCopy' },
  });

  expect([...unsupported]).toEqual([['AWS::Budgets::Budget', ['Stack/Cost', 'Stack/Two']]]);
});

test('a remote build is not supported, because its environment is not part of the command', () => {
  expect([...check({ Builder: { Type: 'AWS::CodeBuild::Project' } }).unsupported.keys()]).toEqual(['AWS::CodeBuild::Project']);
});

test.each(['Custom::S3AutoDeleteObjects', 'Custom::VpcRestrictDefaultSG'])('%s is not supported, because its function needs the AWS SDK', type => {
  const { unsupported } = check({ Custom: { Type: type, Metadata: { 'aws:cdk:path': 'Stack/Bucket/AutoDeleteObjectsCustomResource/Default' } } });
  expect([...unsupported]).toEqual([[type, ['Stack/Bucket/AutoDeleteObjectsCustomResource']]]);
});

test('a feature without effect on the local cloud is reported once, with the number of resources', () => {
  const { notes } = check({
    Role: { Type: 'AWS::IAM::Role' },
    Policy: { Type: 'AWS::IAM::Policy' },
    Vpc: { Type: 'AWS::EC2::VPC' },
    Bucket: { Type: 'AWS::S3::Bucket' },
  });

  expect(notes).toEqual([expect.stringMatching(/^IAM: .* \(2 resources\)$/), expect.stringMatching(/^Network: .* \(1 resource\)$/)]);
});

test.each<[string, string, Record<string, unknown>, Record<string, unknown>]>([
  ['health checks', 'AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ HealthCheck: {} }] }, { ContainerDefinitions: [{}] }],
  ['dependencies', 'AWS::ECS::TaskDefinition', { ContainerDefinitions: [{}, { DependsOn: [] }] }, {}],
  ['FireLens', 'AWS::ECS::TaskDefinition', { ContainerDefinitions: [{ FirelensConfiguration: {} }] }, { ContainerDefinitions: { 'Fn::If': [] } }],
  ['Service Connect', 'AWS::ECS::Service', { ServiceConnectConfiguration: {} }, {}],
  ['canary', 'AWS::ECS::Service', { DeploymentConfiguration: { Strategy: 'CANARY' } }, { DeploymentConfiguration: { Strategy: 'ROLLING' } }],
  ['HTTPS', 'AWS::ElasticLoadBalancingV2::Listener', { Protocol: 'HTTPS' }, { Protocol: 'HTTP' }],
])('%s is reported if the property is used, and only then', (word, Type, used, unused) => {
  expect(check({ It: { Type, Properties: used } }).notes).toEqual([expect.stringMatching(new RegExp(word, 'i'))]);
  expect(check({ It: { Type, Properties: unused } }).notes).toEqual([]);
});

test('every note about a type is about one that the emulator deploys', () => {
  for (const [pattern] of RECORDED) expect(RESOURCE_TYPES.filter(type => pattern.test(type))).not.toEqual([]);
});
