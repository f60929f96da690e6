import { Duration } from 'aws-cdk-lib';
import {
  AccountPrincipal, AnyPrincipal, ArnPrincipal, Effect, OrganizationPrincipal, PolicyDocument, PolicyStatement, Role, StarPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  ImageEncryption, ImageTags, LifecycleRule, RegistryPolicy, RegistrySettings, RepositoryCreation, RepositoryCreationTemplate,
  RepositoryCreationTemplateOptions,
} from '../../src';
import { flatten, newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const ANY = [RepositoryCreation.PULL_THROUGH_CACHE];

function templates(...creationTemplates: RepositoryCreationTemplate[]) {
  const stack = newStack({ env: EUROPE });
  new RegistrySettings(stack, 'Settings', { creationTemplates });
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::RepositoryCreationTemplate')).map(({ Properties }) => Properties);
}

describe('repositories that ECR creates', () => {
  test('get what their template says, by prefix', () => {
    expect(templates(
      RepositoryCreationTemplate.forPrefix('docker-hub', { appliedFor: ANY, description: 'From Docker Hub' }),
      RepositoryCreationTemplate.forPrefix('team/web', {
        appliedFor: [RepositoryCreation.CREATE_ON_PUSH, RepositoryCreation.REPLICATION], tagMutability: ImageTags.immutableExcept('latest', 'pr-*'),
      }),
      RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.CREATE_ON_PUSH], tagMutability: ImageTags.immutable() }),
    )).toEqual([
      { Prefix: 'docker-hub', AppliedFor: ['PULL_THROUGH_CACHE'], Description: 'From Docker Hub' },
      {
        Prefix: 'team/web',
        AppliedFor: ['CREATE_ON_PUSH', 'REPLICATION'],
        ImageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
        ImageTagMutabilityExclusionFilters: ['latest', 'pr-*'].map(ImageTagMutabilityExclusionFilterValue => (
          { ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue }
        )),
      },
      { Prefix: 'ROOT', AppliedFor: ['CREATE_ON_PUSH'], ImageTagMutability: 'IMMUTABLE' },
    ]);
  });

  test('are encrypted with a key and tagged, in the name of a role', () => {
    const stack = newStack();
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/templates');
    const encryption = ImageEncryption.kms(Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1234'));
    expect(templates(RepositoryCreationTemplate.forAllOthers({
      appliedFor: ANY, role, encryption, resourceTags: { team: 'web', cost: '' }, tagMutability: ImageTags.mutableExcept('v*'),
    }))).toEqual([expect.objectContaining({
      ImageTagMutability: 'MUTABLE_WITH_EXCLUSION',
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: 'arn:aws:kms:eu-west-1:111122223333:key/1234' },
      ResourceTags: [{ Key: 'team', Value: 'web' }, { Key: 'cost', Value: '' }],
      CustomRoleArn: 'arn:aws:iam::111122223333:role/templates',
    })]);
  });

  test('get a policy', () => {
    const repositoryPolicy = new PolicyDocument({
      statements: [new PolicyStatement({ actions: ['ecr:BatchGetImage'], principals: [new AccountPrincipal('444455556666')] })],
    });
    const [{ RepositoryPolicy: text }] = templates(RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, repositoryPolicy }));
    expect(JSON.parse(flatten(text))).toEqual({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: { AWS: 'arn:${AWS::Partition}:iam::444455556666:root' } }],
    });
  });

  test('get lifecycle rules, which leave alone what this library has published', () => {
    const [{ LifecyclePolicy: text }] = templates(RepositoryCreationTemplate.forPrefix('quay', {
      appliedFor: ANY, lifecycle: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })],
    }));
    const { rules } = JSON.parse(text);

    expect(rules[0].selection.tagPatternList).toEqual([expect.stringMatching(/^live-/)]);
    expect(rules.at(-1)).toMatchObject({ selection: { tagStatus: 'untagged', countNumber: 7 }, action: { type: 'expire' } });
    expect(rules.map((rule: { rulePriority: number }) => rule.rulePriority)).toEqual(rules.map((_: unknown, at: number) => at + 1));
  });

  test('get no lifecycle policy when there are no rules', () => {
    expect(templates(RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, lifecycle: [] }))).toEqual([{ Prefix: 'ROOT', AppliedFor: ANY }]);
  });

  const policyWith = (statement: PolicyStatement): string => messageOf(() => templates(RepositoryCreationTemplate.forAllOthers({
    appliedFor: ANY, repositoryPolicy: new PolicyDocument({ statements: [statement] }),
  } as RepositoryCreationTemplateOptions)));
  const pull = { actions: ['ecr:BatchGetImage'] };

  test.each<[string, PolicyStatement]>([
    ['everybody', new PolicyStatement({ ...pull, principals: [new AnyPrincipal()] })],
    ['everybody, by a star', new PolicyStatement({ ...pull, principals: [new StarPrincipal()] })],
    ['everybody but one account', new PolicyStatement({ ...pull, notPrincipals: [new AccountPrincipal('444455556666')] })],
    ['everybody on some condition', new PolicyStatement({ ...pull, principals: [new AnyPrincipal()], conditions: { Bool: { 'aws:SecureTransport': 'true' } } })],
    ['everybody without an organization', new PolicyStatement({
      ...pull, principals: [new AnyPrincipal()], conditions: { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1234567890' } },
    })],
    ['everybody of organizations by half a name', new PolicyStatement({
      ...pull, principals: [new AnyPrincipal()], conditions: { StringLike: { 'aws:PrincipalOrgID': ['o-1234567890', 'o-*'] } },
    })],
    ['everybody of any organization', new PolicyStatement({ ...pull, principals: [new AnyPrincipal()], conditions: { StringLike: { 'aws:PrincipalOrgID': '*' } } })],
  ])('are not open to %s', (_, statement) => {
    expect(policyWith(statement)).toMatch(
      /^Stack\/Settings: 'creationTemplates.repositoryPolicy' must not be everybody, unless a condition names the organization or the accounts, got /,
    );
  });

  test.each<[string, PolicyStatement]>([
    ['an organization', new PolicyStatement({ ...pull, principals: [new OrganizationPrincipal('o-1234567890')] })],
    ['everybody of an organization', new PolicyStatement({ ...pull, principals: [new AnyPrincipal()], conditions: { StringEquals: { 'aws:principalorgid': 'o-1' } } })],
    ['nobody at all', new PolicyStatement({ ...pull, effect: Effect.DENY, principals: [new AnyPrincipal()] })],
  ])('may be open to %s', (_, statement) => {
    expect(policyWith(statement)).toBe('accepted');
  });
});

describe('the policy of the registry', () => {
  const statements = (...policy: RegistryPolicy[]) => {
    const stack = newStack({ env: EUROPE });
    new RegistrySettings(stack, 'Settings', { policy });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::RegistryPolicy'));
    return Properties.PolicyText.Statement.map((each: Record<string, unknown>) => ({ ...each, Resource: [each.Resource].flat().map(flatten) }));
  };
  const ARN = 'arn:${AWS::Partition}:ecr:eu-west-1:111122223333:repository';

  test('lets other accounts replicate, all repositories or those with a prefix', () => {
    const root = (account: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] });
    expect(statements(
      RegistryPolicy.allowReplicationFrom(['444455556666', '777788889999']),
      RegistryPolicy.allowReplicationFrom(['222233334444'], { repositoryPrefixes: ['prod/', 'shared-'] }),
    )).toEqual([
      {
        Effect: 'Allow', Action: ['ecr:CreateRepository', 'ecr:ReplicateImage'],
        Principal: { AWS: [root('444455556666'), root('777788889999')] }, Resource: [`${ARN}/*`],
      },
      {
        Effect: 'Allow', Action: ['ecr:CreateRepository', 'ecr:ReplicateImage'],
        Principal: { AWS: root('222233334444') }, Resource: [`${ARN}/prod/*`, `${ARN}/shared-*`],
      },
    ]);
  });

  test('lets principals of all kinds pull through a cache', () => {
    const principals = [new ArnPrincipal('arn:aws:iam::111122223333:role/a'), new OrganizationPrincipal('o-1234567890'), new AccountPrincipal('444455556666')];
    expect(statements(RegistryPolicy.allowPullThroughCache('quay', principals)).flatMap(({ Principal }: { Principal: unknown }) => Principal)).toHaveLength(3);
  });

  test('lets an organization pull through a cache', () => {
    expect(statements(RegistryPolicy.allowPullThroughCache('docker-hub', [new OrganizationPrincipal('o-1234567890')]))).toEqual([{
      Effect: 'Allow', Action: ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'], Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }, Resource: [`${ARN}/docker-hub/*`],
    }]);
  });
});
