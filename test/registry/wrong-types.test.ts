import { Aws, Fn, Lazy, SecretValue, Token } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Platform, SigningProfile } from 'aws-cdk-lib/aws-signer';
import {
  BlobMounting, ImageEncryption, ImageTagMutability, ManagedSigning, PullThroughCache, RegistryPolicy, RegistryScanning, RegistrySettings,
  RegistrySettingsProps, ReplicationRule, RepositoryCreation, RepositoryCreationTemplate, RepositoryCreationTemplateOptions,
} from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../helpers/wrong-input';

const EUROPE = { account: '111122223333', region: 'eu-west-1' };
const elsewhere = newStack({ env: EUROPE });
const role = Role.fromRoleArn(elsewhere, 'Role', 'arn:aws:iam::111122223333:role/any');
const hub = Secret.fromSecretNameV2(elsewhere, 'Hub', 'ecr-pullthroughcache/hub');
const many = (length: number, make: (at: number) => string) => Array.from({ length }, (_, at) => make(at));

const created = (props: unknown) => messageOf(() => new RegistrySettings(newStack({ env: EUROPE }), 'Settings', wrong<RegistrySettingsProps>(props)));
const scan = (...names: unknown[]) => ({ scanning: RegistryScanning.enhanced({ onPush: wrong(names) }) });
const sign = (...names: unknown[]) => ({ signing: [ManagedSigning.withNewProfile(wrong(names))] });
const regions = (value: unknown, options?: unknown) => ({ replication: [ReplicationRule.toRegions(wrong(value), wrong(options))] });
const accounts = (value: unknown, where: unknown = ['us-east-1']) => ({ replication: [ReplicationRule.toAccounts(wrong(value), wrong(where))] });
const from = (value: unknown, options?: unknown) => ({ policy: [RegistryPolicy.allowReplicationFrom(wrong(value), wrong(options))] });
const through = (prefix: unknown, principals: unknown = [role]) => (
  { policy: [RegistryPolicy.allowPullThroughCache(wrong(prefix), wrong(principals))] }
);
const cached = (options: unknown) => ({ pullThroughCaches: [PullThroughCache.dockerHub(wrong(options))] });
const azure = (options: unknown) => ({ pullThroughCaches: [PullThroughCache.azure(wrong(options))] });
const upstream = (options: unknown) => ({ pullThroughCaches: [PullThroughCache.ecr(wrong(options))] });
const template = (options: object = {}, prefix: unknown = 'team') => {
  const all = wrong<RepositoryCreationTemplateOptions>({ appliedFor: ['REPLICATION'], ...options });
  return { creationTemplates: [RepositoryCreationTemplate.forPrefix(wrong(prefix), all)] };
};
const prefixes = (...repositoryPrefixes: unknown[]) => ({ repositoryPrefixes });

describe('a value that ECR would reject is rejected at synthesis, with path, property, rule, value and fix:', () => {
  test.each<[string, unknown]>([
    ['props', null], ['props', 'scanning'],
    // Scanning
    ['scanning', null], ['scanning', {}], ['scanning', 'BASIC'], ['scanning', RegistryScanning.basic], ['scanning', [RegistryScanning.basic()]],
    ['scanning', ImageTagMutability.immutable()], ['scanning', { scanning: RegistryScanning.enhanced(wrong(null)) }],
    ['scanning', { scanning: RegistryScanning.basic(wrong(['prod/*'])) }],
    ['scanning.continuous', { scanning: RegistryScanning.basic(wrong({ continuous: ['prod/*'] })) }],
    ['scanning.continuous', { scanning: RegistryScanning.enhanced({ continuous: ['prod/'] }) }],
    ['scanning.continuous', { scanning: RegistryScanning.enhanced({ continuous: wrong('prod/*') }) }],
    ['scanning.continuous', { scanning: RegistryScanning.enhanced({ continuous: wrong(null) }) }],
    ['scanning.onPush', { scanning: RegistryScanning.enhanced({ onPush: [] }) }],
    ['scanning.onPush', { scanning: RegistryScanning.enhanced({ continuous: [], onPush: [] }) }],
    ['scanning.onPush', scan('Prod/*')], ['scanning.onPush', scan('prod/')], ['scanning.onPush', scan('')],
    ['scanning.onPush', scan('a'.repeat(256))], ['scanning.onPush', scan('a', 'a')], ['scanning.onPush', scan(7)], ['scanning.onPush', scan(undefined)],
    ['scanning.onPush', scan(...many(101, at => `r${at}`))], ['scanning.onPush', { scanning: RegistryScanning.basic({ onPush: wrong('prod/*') }) }],
    ['scanning.onPush', { scanning: RegistryScanning.basic({ onPush: wrong(null) }) }],
    // Replication
    ['replication', []], ['replication', 'us-east-1'], ['replication', [ReplicationRule]],
    ['replication', many(11, at => `us-east-${at + 1}`).map(region => ReplicationRule.toRegions([region]))],
    ['replication', regions(['us-east-1', 'eu-west-1'])], ['replication', accounts(['111122223333'], ['eu-west-1'])],
    ['replication', { replication: [regions(many(20, at => `us-east-${at + 1}`)), regions(many(6, at => `us-west-${at + 1}`))].flatMap(each => each.replication) }],
    ['replication.regions', regions('us-east-1')], ['replication.regions', regions([])], ['replication.regions', regions(['US East'])],
    ['replication.regions', regions(['us-east-1', 'us-east-1'])], ['replication.regions', regions([undefined])],
    ['replication.accounts', accounts([444455556666])], ['replication.accounts', accounts(['4444'])], ['replication.accounts', accounts(null)],
    ['replication', regions(['us-east-1'], null)],
    ['replication.repositoryPrefixes', regions(['us-east-1'], prefixes('prod/*'))], ['replication.repositoryPrefixes', regions(['us-east-1'], prefixes('p'))],
    ['replication.repositoryPrefixes', regions(['us-east-1'], prefixes())], ['replication.repositoryPrefixes', regions(['us-east-1'], prefixes('Prod'))],
    // Signing
    ['signing', []], ['signing', [ManagedSigning.withNewProfile]], ['signing', many(11, String).map(() => ManagedSigning.withNewProfile())],
    ['signing.repositories', sign('a//b')], ['signing.repositories', sign()],
    ['signing.profile', { signing: [ManagedSigning.withProfile(wrong(undefined))] }], ['signing.profile', { signing: [ManagedSigning.withProfile(wrong('images'))] }],
    ['signing.profile', { signing: [ManagedSigning.withProfile(new SigningProfile(elsewhere, 'Lambda', { platform: Platform.AWS_LAMBDA_SHA384_ECDSA }))] }],
    // Blob mounting
    ['ignorePullsOfChecks', 'yes'], ['ignorePullsOfChecks', null],
    ['blobMounting', true], ['blobMounting', null], ['blobMounting', 'ENABLED'], ['blobMounting', BlobMounting.enabled],
    // Policy
    ['policy', []], ['policy', [new PolicyStatement()]], ['policy.accounts', from([])], ['policy.accounts', from('*')], ['policy.accounts', from(['*'])],
    ['policy', from(['444455556666'], 'prod')], ['policy.repositoryPrefixes', from(['444455556666'], prefixes('*'))],
    ['policy.principals', through('quay', [])], ['policy.principals', through('quay', role)], ['policy.principals', through('quay', ['*'])],
    ['policy.principals', through('quay', [new AnyPrincipal()])], ['policy.principals', through('quay', [null])],
    ['policy.prefix', through('quay/')], ['policy.prefix', through(undefined)], ['policy.prefix', through('*')],
    // Caches
    ['pullThroughCaches', []], ['pullThroughCaches', [PullThroughCache.quay]], ['pullThroughCaches', PullThroughCache.quay()],
    ['pullThroughCaches', many(51, at => `cache${at}`).map(prefix => PullThroughCache.quay({ prefix }))],
    ['pullThroughCaches', cached(undefined)], ['pullThroughCaches', azure(null)], ['pullThroughCaches', upstream('us-east-1')],
    ['pullThroughCaches.prefix', { pullThroughCaches: [PullThroughCache.quay(), PullThroughCache.quay()] }],
    ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: 'x' })], ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: 'a'.repeat(31) })],
    ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: 'Hub' })], ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: 'hub/' })],
    ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: null })], ['pullThroughCaches.prefix', cached({ credentials: hub, prefix: Aws.STACK_NAME })],
    ['pullThroughCaches.credentials', cached({})], ['pullThroughCaches.credentials', cached({ credentials: 'bob:password' })],
    ['pullThroughCaches.loginServer', azure({ credentials: hub, loginServer: 'https://team.azurecr.io' })], ['pullThroughCaches.loginServer', azure({ credentials: hub })],
    ['pullThroughCaches.region', upstream({})], ['pullThroughCaches.region', upstream({ region: 'eu-west-1' })],
    ['pullThroughCaches.account', upstream({ region: 'us-east-1', account: 444455556666 })],
    ['pullThroughCaches.role', upstream({ region: 'us-east-1', account: '444455556666' })], ['pullThroughCaches.role', upstream({ region: 'us-east-1', role: 'arn' })],
    ['pullThroughCaches.upstreamPrefix', upstream({ region: 'us-east-1', upstreamPrefix: '/' })],
    ['pullThroughCaches.upstreamPrefix', upstream({ region: 'us-east-1', prefix: 'ROOT', upstreamPrefix: 'prod' })],
    // Templates
    ['creationTemplates', []], ['creationTemplates', [RepositoryCreationTemplate]],
    ['creationTemplates.prefix', template({}, '')], ['creationTemplates.prefix', template({}, 'team/')], ['creationTemplates.prefix', template({}, 'a'.repeat(257))],
    ['creationTemplates.prefix', { creationTemplates: [template(), template()].flatMap(each => each.creationTemplates) }],
    ['creationTemplates', { creationTemplates: [RepositoryCreationTemplate.forAllOthers(wrong(undefined))] }],
    ['creationTemplates.appliedFor', template({ appliedFor: undefined })], ['creationTemplates.appliedFor', template({ appliedFor: [] })],
    ['creationTemplates.appliedFor', template({ appliedFor: ['PUSH'] })], ['creationTemplates.appliedFor', template({ appliedFor: RepositoryCreation.REPLICATION })],
    ['creationTemplates.description', template({ description: 'x'.repeat(257) })], ['creationTemplates.description', template({ description: 7 })],
    ['creationTemplates.imageTagMutability', template({ imageTagMutability: 'IMMUTABLE' })], ['creationTemplates.imageTagMutability', template({ imageTagMutability: ImageTagMutability.immutable })],
    ['creationTemplates.imageTagMutability', template({ imageTagMutability: null })], ['imageTagMutability.immutableExcept', template({ imageTagMutability: ImageTagMutability.immutableExcept() })],
    ['creationTemplates.encryption', template({ encryption: 'KMS', role })], ['creationTemplates.encryption', template({ encryption: null, role })],
    ['creationTemplates.role', template({ encryption: ImageEncryption.kms() })],
    ['creationTemplates.role', template({ resourceTags: { team: 'web' } })], ['creationTemplates.role', template({ role: 'arn:aws:iam::111122223333:role/any' })],
    ['creationTemplates.role', template({ role: Role.fromRoleArn(elsewhere, 'Path', 'arn:aws:iam::111122223333:role/team/any') })],
    ['creationTemplates.appliedFor', template({ appliedFor: [RepositoryCreation.REPLICATION, RepositoryCreation.REPLICATION] })],
    ['creationTemplates.resourceTags', template({ resourceTags: Object.fromEntries(many(51, at => `t${at}`).map(name => [name, ''])), role })],
    ['creationTemplates.resourceTags', template({ resourceTags: [], role })], ['creationTemplates.resourceTags.team', template({ resourceTags: { team: 7 }, role })],
    ['creationTemplates.resourceTags', template({ resourceTags: { ['x'.repeat(129)]: 'web' }, role })],
    ['creationTemplates.lifecycleRules', template({ lifecycleRules: null })], ['creationTemplates.lifecycleRules', template({ lifecycleRules: 'untagged' })], ['creationTemplates.lifecycleRules', template({ lifecycleRules: [{}] })],
    ['creationTemplates.pullFrom', template({ pullFrom: null })], ['creationTemplates.pullFrom', template({ pullFrom: ['444455556666'] })],
    ['creationTemplates.pullFrom.account', template({ pullFrom: { account: '444455556666' } })], ['creationTemplates.pullFrom.accounts', template({ pullFrom: { accounts: [444455556666] } })],
    ['creationTemplates.pullFrom.services', template({ pullFrom: { services: ['lambda.amazonaws.com'] } })],
    ['creationTemplates.pushFrom', template({ pushFrom: 'everybody' })], ['creationTemplates.pushFrom.organizations', template({ pushFrom: { organizations: ['o-a1b2c3d4e5'] } })],
    ['creationTemplates.pushFrom.principals', template({ pushFrom: { principals: [role.roleArn] } })],
  ])('%s: %p', (property, value) => {
    const isWhole = typeof value === 'object' && value !== null && [property.split('.')[0], 'creationTemplates'].some(name => name in value);
    const props = isWhole || property === 'props' ? value : { [property]: value };
    expect(created(props)).toMatch(told(property));
  });
});

describe('a secret that ECR could not read', () => {
  const refused = (make: (stack: ReturnType<typeof newStack>) => ISecret): string => {
    const stack = newStack({ env: EUROPE });
    return messageOf(() => new RegistrySettings(stack, 'Settings', cached({ credentials: make(stack) }) as RegistrySettingsProps));
  };
  const arn = (region: string, account: string, name: string) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}-AbCdEf`;

  test.each<[string, (stack: ReturnType<typeof newStack>) => ISecret, RegExp]>([
    ['has a name made by CloudFormation', stack => new Secret(stack, 'S'), /have a name that begins with "ecr-pullthroughcache\/".*, got "a name made by CloudFormation"/],
    ['has another name', stack => new Secret(stack, 'S', { secretName: 'docker-hub' }), /have a name that begins.*, got "docker-hub"/],
    ['is imported with another name', stack => Secret.fromSecretNameV2(stack, 'S', 'docker-hub'), /have a name that begins.*, got "docker-hub"/],
    ['has the prefix and nothing else', stack => Secret.fromSecretNameV2(stack, 'S', 'ecr-pullthroughcache/'), /have a name that begins/],
    ['is imported by the ARN of another', stack => Secret.fromSecretCompleteArn(stack, 'S', arn('eu-west-1', '111122223333', 'hub')), /have a name that begins/],
    ['is in another region', stack => Secret.fromSecretCompleteArn(stack, 'S', arn('us-east-1', '111122223333', 'ecr-pullthroughcache/hub')), /be in eu-west-1, the region of the stack, got "us-east-1"/],
    ['is in another account', stack => Secret.fromSecretCompleteArn(stack, 'S', arn('eu-west-1', '444455556666', 'ecr-pullthroughcache/hub')), /be in 111122223333, the account of the stack/],
    ['has its own key', stack => new Secret(stack, 'S', { secretName: 'ecr-pullthroughcache/hub', encryptionKey: new Key(stack, 'K') }), /be encrypted with the default key/],
  ])('%s', (_, make, message) => {
    expect(refused(make)).toMatch(told('pullThroughCaches.credentials'));
    expect(refused(make)).toMatch(message);
  });

  test('is explained with the format of ECR: user name and access token, not a password', () => {
    expect(created(cached({}))).toContain('Store {"username":"…","accessToken":"…"} there');
    expect(created(cached({}))).not.toContain('password');
  });

  test('is not shown if it is the password', () => {
    expect(created(cached({ credentials: 'password-canary' }))).not.toContain('canary');
    expect(created(cached({ credentials: SecretValue.unsafePlainText('password-canary') }))).not.toContain('canary');
  });
});

describe('a list that is a token', () => {
  const [fromCloudFormation, lazy] = [Fn.split(',', Aws.STACK_NAME), Lazy.list({ produce: () => ['prod', 'test'] })];
  const unsplit = Aws.STACK_NAME;

  test.each<[string, (list: unknown) => unknown]>([
    ['scanning.onPush', list => ({ scanning: RegistryScanning.basic({ onPush: wrong(list) }) })],
    ['scanning.continuous', list => ({ scanning: RegistryScanning.enhanced({ continuous: wrong(list) }) })],
    ['signing.repositories', list => ({ signing: [ManagedSigning.withNewProfile(wrong(list))] })],
    ['replication.regions', list => regions(list)], ['replication.accounts', list => accounts(list)],
    ['replication.repositoryPrefixes', list => regions(['us-east-1'], { repositoryPrefixes: list })],
    ['policy.repositoryPrefixes', list => from(['444455556666'], { repositoryPrefixes: list })],
  ])('is rejected if CloudFormation cannot convert it for ECR: %s', (property, props) => {
    for (const list of [fromCloudFormation, lazy]) {
      expect(created(props(list))).toMatch(told(property));
      expect(created(props(list))).toMatch(/must be a list that is known at synthesis, got "a token instead of a list"\. List the items\. Each item can be a token\.$/);
    }
    expect(created(props(unsplit))).toMatch(/must be a list, got "/);
  });

  test.each<[string, unknown, object]>([
    ['accounts that replicate', from(fromCloudFormation), {
      PolicyText: expect.objectContaining({ Statement: [expect.objectContaining({ Principal: { AWS: { 'Fn::Split': [',', { Ref: 'AWS::StackName' }] } } })] }),
    }],
    ['accounts that replicate, made at synthesis', from(Lazy.list({ produce: () => ['444455556666', '777788889999'] })), {
      PolicyText: expect.objectContaining({ Statement: [expect.objectContaining({ Principal: { AWS: ['444455556666', '777788889999'] } })] }),
    }],
    ['appliedFor of a template', template({ appliedFor: fromCloudFormation }), { AppliedFor: { 'Fn::Split': [',', { Ref: 'AWS::StackName' }] } }],
    ['appliedFor of a template, item by item', template({ appliedFor: [unsplit] }), { AppliedFor: [{ Ref: 'AWS::StackName' }] }],
  ])('is accepted if CloudFormation can convert it: %s', (_, props, expected) => {
    const stack = newStack({ env: EUROPE });
    new RegistrySettings(stack, 'Settings', wrong<RegistrySettingsProps>(props));
    expect(Object.values<{ Properties: object }>(Template.fromStack(stack).toJSON().Resources).map(({ Properties }) => Properties))
      .toEqual([expect.objectContaining(expected)]);
  });

  test.each([['policy.accounts', from(unsplit)], ['creationTemplates.appliedFor', template({ appliedFor: unsplit })]])('%s cannot be part of a text', (property, props) => {
    expect(created(props)).toMatch(told(property));
  });
});

describe('a grantee must be a role, a user or another principal:', () => {
  const grantees = [undefined, null, 'role', 7, {}, Role];

  test.each(grantees)('signing by %p', grantee => {
    const settings = new RegistrySettings(newStack(), 'Settings', { signing: [ManagedSigning.withNewProfile()] });
    expect(messageOf(() => settings.grantSign(wrong(grantee)))).toMatch(told('grantee'));
  });

  test.each(grantees)('pulling through a cache by %p', grantee => {
    const settings = new RegistrySettings(newStack(), 'Settings', { pullThroughCaches: [PullThroughCache.quay()] });
    expect(messageOf(() => settings.grantCachedPull(wrong(grantee), 'quay'))).toMatch(told('grantee'));
  });
});

describe('a value that ECR accepts is accepted:', () => {
  const lazy = Lazy.string({ produce: () => 'x' });
  test.each<[string, unknown]>([
    ['nothing', undefined], ['no setting', {}], ['settings that are explicitly undefined', { scanning: undefined, policy: undefined }],
    ['one hundred names', scan(...many(100, at => `r${at}`))], ['a name as long as can be', scan('a'.repeat(255))], ['stars in every place', scan('*', 'a*/b*c', '*-x')],
    ['a name that is a token', scan(lazy, Aws.STACK_NAME)],
    ['ten rules of replication', { replication: many(10, at => `us-east-${at + 1}`).map(region => ReplicationRule.toRegions([region])) }],
    ['the own account in another region', accounts(['111122223333'])], ['another account in the own region', accounts(['444455556666'], ['eu-west-1'])],
    ['a region that is a token', regions([lazy])], ['a prefix with any separator', regions(['us-east-1'], prefixes('team-', 'a.b/', 'c_d/e'))],
    ['the same prefix in upper parts', through('ROOT')], ['the region of a sovereign cloud', regions(['eusc-de-east-1'])],
    ['accounts that are tokens', from([Aws.STACK_NAME])], ['an account as a principal', through('a/b', [new AccountPrincipal('444455556666')])],
    ['a secret that is a token', cached({ credentials: Secret.fromSecretCompleteArn(elsewhere, 'Token', Token.asString({ Ref: 'SecretArn' })) })],
    ['prefixes as long as can be', cached({ credentials: hub, prefix: 'a'.repeat(30) })], ['fifty caches', { pullThroughCaches: many(50, at => `cache${at}`).map(prefix => PullThroughCache.quay({ prefix })) }],
    ['a login server of a sovereign cloud', azure({ credentials: hub, loginServer: 'team.azurecr.cn' })],
    ['an account that is a token', upstream({ region: 'us-east-1', account: Aws.STACK_NAME })],
    ['all for which ECR creates', template({ appliedFor: Object.values(RepositoryCreation) })], ['a prefix of one letter', template({}, 'a')],
    ['no tags, with a role', template({ role, resourceTags: {} })], ['the encryption of ECR, without a role', template({ encryption: ImageEncryption.aes256() })], ['a description that is a token', template({ description: lazy })],
    ['a value that is a token', template({ role, resourceTags: { team: lazy } })],
    ['five exceptions', template({ imageTagMutability: ImageTagMutability.immutableExcept('latest', 'v*', 'rc-*', 'a_b', 'X.y') })],
    ['a profile for an unknown platform', { signing: [ManagedSigning.withProfile(SigningProfile.fromSigningProfileAttributes(elsewhere, 'P', { signingProfileName: lazy, signingProfileVersion: 'v' }))] }],
  ])('%s', (_, props) => {
    const stack = newStack({ env: EUROPE });
    expect(messageOf(() => {
      new RegistrySettings(stack, 'Settings', wrong<RegistrySettingsProps>(props));
      Template.fromStack(stack);
    })).toBe('accepted');
  });
});
