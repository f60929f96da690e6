import { Aws, CfnCondition, CfnMapping, CfnParameter, Duration, Fn, Lazy, Stack } from 'aws-cdk-lib';
import {
  AccountPrincipal, AnyPrincipal, ArnPrincipal, OrganizationPrincipal, PrincipalWithConditions, Role, StarPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import {
  ImageEncryption, ImageTagMutability, LifecycleRule, PullService, PullThroughCache, RegistryPolicy, RegistrySettings, RegistrySettingsProps,
  RepositoryCreation, RepositoryCreationTemplate, RepositoryCreationTemplateOptions,
} from '../../src';
import { PULL_ACTIONS, PUSH_ACTIONS } from '../../src/private/permissions';
import { flatten, newStack, Template } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const ANY = [RepositoryCreation.PULL_THROUGH_CACHE];

function templates(...creationTemplates: RepositoryCreationTemplate[]) {
  const stack = newStack({ env: EUROPE });
  new RegistrySettings(stack, 'Settings', { creationTemplates });
  return Object.values(Template.fromStack(stack).findResources('AWS::ECR::RepositoryCreationTemplate')).map(({ Properties }) => Properties);
}

/** The mutability in a template without a tag option. */
const STEADY = {
  ImageTagMutability: 'MUTABLE_WITH_EXCLUSION',
  ImageTagMutabilityExclusionFilters: ['live-*', 'sha256-*'].map(ImageTagMutabilityExclusionFilterValue => (
    { ImageTagMutabilityExclusionFilterType: 'WILDCARD', ImageTagMutabilityExclusionFilterValue }
  )),
};

describe('repositories that ECR creates', () => {
  test('have mutable tags, as a cache needs it, except those of deployed images and their signatures', () => {
    expect(templates(RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY }))).toEqual([expect.objectContaining(STEADY)]);
  });

  test('get the settings of their template, by prefix', () => {
    expect(templates(
      RepositoryCreationTemplate.forPrefix('docker-hub', { appliedFor: ANY, description: 'From Docker Hub' }),
      RepositoryCreationTemplate.forPrefix('team/web', {
        appliedFor: [RepositoryCreation.CREATE_ON_PUSH, RepositoryCreation.REPLICATION], imageTagMutability: ImageTagMutability.immutableExcept('latest', 'pr-*'),
      }),
      RepositoryCreationTemplate.forAllOthers({
        appliedFor: [RepositoryCreation.CREATE_ON_PUSH], imageTagMutability: ImageTagMutability.immutable(),
      }),
    )).toEqual([
      { Prefix: 'docker-hub', AppliedFor: ['PULL_THROUGH_CACHE'], Description: 'From Docker Hub', ...STEADY },
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

  test('can be encrypted with a key and tagged, with a role', () => {
    const stack = newStack();
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::111122223333:role/templates');
    const encryption = ImageEncryption.kms(Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:eu-west-1:111122223333:key/1234'));
    expect(templates(RepositoryCreationTemplate.forAllOthers({
      appliedFor: ANY, role, encryption, resourceTags: { team: 'web', cost: '' }, imageTagMutability: ImageTagMutability.mutableExcept('v*'),
    }))).toEqual([expect.objectContaining({
      ImageTagMutability: 'MUTABLE_WITH_EXCLUSION',
      EncryptionConfiguration: { EncryptionType: 'KMS', KmsKey: 'arn:aws:kms:eu-west-1:111122223333:key/1234' },
      ResourceTags: [{ Key: 'team', Value: 'web' }, { Key: 'cost', Value: '' }],
      CustomRoleArn: 'arn:aws:iam::111122223333:role/templates',
    })]);
  });

  const policyOf = (options: Partial<RepositoryCreationTemplateOptions>): unknown => {
    const [{ RepositoryPolicy: text }] = templates(RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, ...options }));
    return text && JSON.parse(flatten(text)).Statement;
  };

  test('can be pulled from and pushed to by the principals of the template, like an ImageRepository', () => {
    expect(policyOf({
      pullFrom: { accounts: ['444455556666'], organizations: ['o-a1b2c3d4e5'], services: [PullService.AWS_LAMBDA] },
      pushFrom: { principals: [new ArnPrincipal('arn:aws:iam::444455556666:role/builder')] },
    })).toEqual([
      { Effect: 'Allow', Action: PULL_ACTIONS, Principal: { AWS: 'arn:${AWS::Partition}:iam::444455556666:root' } },
      { Effect: 'Allow', Action: PULL_ACTIONS, Principal: { AWS: '*' }, Condition: { StringEquals: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5'] } } },
      {
        Effect: 'Allow', Action: PULL_ACTIONS, Principal: { Service: 'lambda.amazonaws.com' },
        Condition: { StringLike: { 'aws:SourceArn': ['111122223333', '444455556666'].map(account => `arn:\${AWS::Partition}:lambda:eu-west-1:${account}:function:*`) } },
      },
      { Effect: 'Allow', Action: PUSH_ACTIONS, Principal: { AWS: 'arn:aws:iam::444455556666:role/builder' } },
    ]);
  });

  test.each([{}, { pullFrom: {} }, { pullFrom: { accounts: [] }, pushFrom: {} }])('get no policy without principals: %p', options => {
    expect(policyOf(options)).toBeUndefined();
  });

  test('can be pulled from by accounts that are lazy values or tokens', () => {
    expect(policyOf({ pullFrom: { accounts: Lazy.list({ produce: () => ['444455556666', '777788889999'] }) } }))
      .toEqual([{ Effect: 'Allow', Action: PULL_ACTIONS, Principal: { AWS: ['444455556666', '777788889999'] } }]);
    expect(policyOf({ pullFrom: { accounts: [Aws.STACK_NAME] } }))
      .toEqual([{ Effect: 'Allow', Action: PULL_ACTIONS, Principal: { AWS: 'arn:${AWS::Partition}:iam::${AWS::StackName}:root' } }]);
  });

  test('get lifecycle rules, which do not affect images that this library has published', () => {
    const [{ LifecyclePolicy: text }] = templates(RepositoryCreationTemplate.forPrefix('quay', {
      appliedFor: ANY, lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(7) })],
    }));
    const { rules } = JSON.parse(text);

    expect(rules[0].selection.tagPatternList).toEqual([expect.stringMatching(/^live-/)]);
    expect(rules.at(-1)).toMatchObject({ selection: { tagStatus: 'untagged', countNumber: 7 }, action: { type: 'expire' } });
    expect(rules.map((rule: { rulePriority: number }) => rule.rulePriority)).toEqual(rules.map((_: unknown, at: number) => at + 1));
  });

  test('get no lifecycle policy without rules', () => {
    expect(templates(RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, lifecycleRules: [] }))).toEqual([{ Prefix: 'ROOT', AppliedFor: ANY, ...STEADY }]);
  });

  const everybody = [new AnyPrincipal()];
  const pinned = new PrincipalWithConditions(new AnyPrincipal(), { StringEquals: { 'aws:principalorgid': 'o-1234567890' } });
  const half = new PrincipalWithConditions(new AnyPrincipal(), { StringLike: { 'aws:PrincipalOrgID': ['o-1234567890', 'o-*'] } });
  const some = new PrincipalWithConditions(new AnyPrincipal(), { Bool: { 'aws:SecureTransport': 'true' } });

  test.each<[string, Partial<RepositoryCreationTemplateOptions>, RegExp]>([
    ['pulled from by everybody', { pullFrom: { principals: everybody } }, /'pullFrom.principals' must have a condition/],
    ['pulled from by everybody, by a star', { pullFrom: { principals: [new StarPrincipal()] } }, /'pullFrom.principals' must have a condition/],
    ['pulled from by everybody on some condition', { pullFrom: { principals: [some] } }, /'pullFrom.principals' must have a condition/],
    ['pulled from by organizations of half a name', { pullFrom: { principals: [half] } }, /'pullFrom.principals' must have a condition/],
    ['pushed into by everybody', { pushFrom: { principals: everybody } }, /'pushFrom.principals' must list its principals/],
    ['pushed into by an organization', { pushFrom: { principals: [new OrganizationPrincipal('o-1234567890')] } }, /'pushFrom.principals' must list its principals/],
    ['named by half a principal', { pullFrom: { principals: [new ArnPrincipal('arn:aws:iam::444455556666:role/*')] } }, /'pullFrom.principals' must have complete/],
  ])('cannot be %s', (_, options, message) => {
    expect(messageOf(() => policyOf(options))).toMatch(message);
  });

  test.each<[string, Partial<RepositoryCreationTemplateOptions>]>([
    ['an organization', { pullFrom: { principals: [new OrganizationPrincipal('o-1234567890')] } }],
    ['everybody of an organization', { pullFrom: { principals: [pinned] } }],
  ])('can be pulled from by %s', (_, options) => {
    expect(messageOf(() => policyOf(options))).toBe('accepted');
  });

  test('cannot have more principals than ECR allows', () => {
    const accounts = Array.from({ length: 400 }, (_, at) => String(444455550000 + at));
    expect(messageOf(() => policyOf({ pullFrom: { accounts } }))).toMatch(/\[Stack\/Settings\] 'creationTemplates' must have at most 10240 characters/);
  });

  test('cannot be pulled from by a wildcard in a lazy value', () => {
    let name = 'whole';
    const late = new ArnPrincipal(Lazy.uncachedString({ produce: () => `arn:aws:iam::444455556666:role/${name}` }));
    const template = RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, pullFrom: { principals: [late] } });
    const stack = newStack({ env: EUROPE });
    new RegistrySettings(stack, 'Settings', { creationTemplates: [template] });
    name = '*';
    expect(messageOf(() => Template.fromStack(stack))).toMatch(/must have complete principals/);
  });
});

// Values that CloudFormation computes, but that are known at synthesis.
const COMPUTED: Array<[string, (stack: Stack, text: string) => string]> = [
  ['Fn::Sub', (_, text) => Fn.sub(text)],
  ['one branch of Fn::If', (stack, text) => {
    const condition = new CfnCondition(stack, 'Open', { expression: Fn.conditionEquals(Aws.STACK_NAME, 'open') });
    return Fn.conditionIf(condition.logicalId, text, '444455556666').toString();
  }],
  ['the default of a parameter', (stack, text) => new CfnParameter(stack, 'Who', { default: text }).valueAsString],
  ['the default of a list', (stack, text) => Fn.select(0, new CfnParameter(stack, 'Who', { type: 'CommaDelimitedList', default: text }).valueAsList)],
  ['a mapping', (stack, text) => new CfnMapping(stack, 'Map', { mapping: { all: { who: text } } }).findInMap('all', 'who')],
];

describe.each(COMPUTED)('a wildcard in %s is rejected', (_, compute) => {
  const settings = (of: (stack: Stack) => RegistrySettingsProps) => messageOf(() => {
    const stack = newStack({ env: EUROPE });
    new RegistrySettings(stack, 'Settings', of(stack));
    Template.fromStack(stack);
  });

  test('as a principal of a cache', () => {
    expect(settings(stack => ({ policy: [RegistryPolicy.allowPullThroughCache('quay', [new ArnPrincipal(compute(stack, '*'))])] })))
      .toMatch(/'policy\.principals' must not be everybody/);
  });

  test('as the organization of a cache', () => {
    expect(settings(stack => ({ policy: [RegistryPolicy.allowPullThroughCache('quay', [new OrganizationPrincipal(compute(stack, 'o-*'))])] })))
      .toMatch(/'policy\.principals' must not be everybody/);
  });

  test('as an account that replicates', () => {
    expect(settings(stack => ({ policy: [RegistryPolicy.allowReplicationFrom([compute(stack, '*')])] }))).toMatch(/'policy\.principals' must be complete principals/);
  });

  test('as a principal or an organization of a template', () => {
    for (const pullFrom of [
      (stack: Stack) => ({ principals: [new ArnPrincipal(compute(stack, '*'))] }), (stack: Stack) => ({ organizations: [compute(stack, 'o-*')] }),
    ]) {
      expect(settings(stack => ({ creationTemplates: [RepositoryCreationTemplate.forAllOthers({ appliedFor: ANY, pullFrom: pullFrom(stack) })] })))
        .toMatch(/must have a condition that is true for certain organizations or accounts only/);
    }
  });

  test('but a whole account is accepted', () => {
    expect(settings(stack => ({ policy: [RegistryPolicy.allowReplicationFrom([compute(stack, '444455556666')])] }))).toBe('accepted');
  });
});

describe('the policy of a registry', () => {
  const statements = (...policy: RegistryPolicy[]) => {
    const stack = newStack({ env: EUROPE });
    new RegistrySettings(stack, 'Settings', { policy });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::RegistryPolicy'));
    return Properties.PolicyText.Statement.map((each: Record<string, unknown>) => ({ ...each, Resource: [each.Resource].flat().map(flatten) }));
  };
  const ARN = 'arn:${AWS::Partition}:ecr:eu-west-1:111122223333:repository';

  test('allows other accounts to replicate all repositories, or those with a prefix', () => {
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

  test('allows principals of all kinds to pull through a cache', () => {
    const principals = [new ArnPrincipal('arn:aws:iam::111122223333:role/a'), new OrganizationPrincipal('o-1234567890'), new AccountPrincipal('444455556666')];
    expect(statements(RegistryPolicy.allowPullThroughCache('quay', principals)).flatMap(({ Principal }: { Principal: unknown }) => Principal)).toHaveLength(3);
  });

  test('allows an organization to pull through a cache', () => {
    expect(statements(RegistryPolicy.allowPullThroughCache('docker-hub', [new OrganizationPrincipal('o-1234567890')]))).toEqual([{
      Effect: 'Allow', Action: ['ecr:BatchImportUpstreamImage', 'ecr:CreateRepository'], Principal: { AWS: '*' },
      Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }, Resource: [`${ARN}/docker-hub/*`],
    }]);
  });

  test.each<[string, ArnPrincipal]>([
    ['everybody, in a lazy value', new ArnPrincipal(Lazy.string({ produce: () => '*' }))],
    ['a part of an account', new ArnPrincipal('arn:aws:iam::*:root')],
  ])('rejects %s', (_, principal) => {
    expect(() => statements(RegistryPolicy.allowPullThroughCache('quay', [principal]))).toThrow(/'policy\.principals' must (not be everybody|be complete principals)/);
  });
});

test('a pull-through cache is created after the templates, so that its first pull creates the repository with the template', () => {
  const stack = newStack();
  new RegistrySettings(stack, 'Settings', {
    pullThroughCaches: [PullThroughCache.ecrPublic()],
    creationTemplates: [RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE] })],
  });
  const template = Template.fromStack(stack);
  const [{ DependsOn }] = Object.values(template.findResources('AWS::ECR::PullThroughCacheRule'));
  expect(DependsOn).toEqual(Object.keys(template.findResources('AWS::ECR::RepositoryCreationTemplate')));
});
