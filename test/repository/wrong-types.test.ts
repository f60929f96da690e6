import { Aws, Duration, RemovalPolicy, Token } from 'aws-cdk-lib';
import { ImageEncryption, ImageRepository, ImageRepositoryProps, ImageTagMutability, LifecycleRule } from '../../src';
import { newStack } from '../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../helpers/wrong-input';

const ARN = 'arn:aws:ecr:eu-west-1:111122223333:repository/web';
const created = (props: unknown) => messageOf(() => new ImageRepository(newStack(), 'Repository', wrong<ImageRepositoryProps>(props)));

describe('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError:', () => {
  test.each<[string, unknown]>([
    ['props', null], ['props', 'web'], ['repositoryName', 1], ['repositoryName', null],
    ['emptyOnDelete', 'true'], ['emptyOnDelete', 1],
    ['removalPolicy', 'DESTROY'], ['removalPolicy', RemovalPolicy.SNAPSHOT], ['removalPolicy', null],
    ['imageTagMutability', 'IMMUTABLE'], ['imageTagMutability', null], ['imageTagMutability', ImageTagMutability.immutable], ['imageTagMutability', ImageEncryption.kms()],
    ['encryption', 'KMS'], ['encryption', null], ['encryption', ImageEncryption.aes256], ['encryption', ImageTagMutability.immutable()],
    ['encryption', ImageEncryption.kms(wrong('alias/aws/ecr'))], ['encryption', ImageEncryption.kmsDsse(wrong(null))],
    ['lifecycleRules', 'x'], ['lifecycleRules', {}], ['lifecycleRules', [null]], ['lifecycleRules', [undefined]], ['lifecycleRules', new Array(1)],
    ['lifecycleRules', [{ olderThan: 7 }]], ['lifecycleRules', [LifecycleRule.expireUntagged]],
  ])('a repository with wrong %s: %p', (property, value) => {
    expect(created(property === 'props' ? value : { [property]: value })).toMatch(told(property));
  });

  test('a removal policy that ECR does not have', () => {
    expect(created({ removalPolicy: RemovalPolicy.SNAPSHOT })).toBe(
      "Stack/Repository: 'removalPolicy' must be a RemovalPolicy that ECR supports, got \"snapshot\". Use RemovalPolicy.DESTROY or RemovalPolicy.RETAIN.",
    );
  });

  test.each([{}, { olderThan: 7 }, { olderThan: '7d' }, { olderThan: null }])('a lifecycle rule made of %j', options => {
    const rule = () => LifecycleRule.expireUntagged(wrong(options));
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [rule()] }))).toMatch(told('lifecycleRules.expireUntagged.olderThan'));
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository', { lifecycleRules: [] }).addLifecycleRule(rule()))).toMatch(told('lifecycleRules.expireUntagged.olderThan'));
  });

  test.each([undefined, null, 7, {}, LifecycleRule])('a lifecycle rule that is added: %p', rule => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').addLifecycleRule(wrong(rule)))).toMatch(told('lifecycleRules'));
  });

  test.each<[string, unknown]>([
    ['attributes', undefined], ['attributes', null], ['attributes', ARN], ['repositoryName', {}], ['repositoryName', { repositoryArn: ARN }],
    ['repositoryArn', { repositoryName: 'web' }], ['repositoryArn', { repositoryName: Aws.STACK_NAME, repositoryArn: 'web' }],
    ['repositoryArn', { repositoryName: Aws.STACK_NAME }],
  ])('an imported repository with wrong %s: %j', (property, attributes) => {
    expect(messageOf(() => ImageRepository.fromRepositoryAttributes(newStack(), 'Repository', wrong(attributes)))).toMatch(told(property));
  });
});

describe('valid values are accepted:', () => {
  test.each<[string, ImageRepositoryProps]>([
    ['every removal policy of ECR', { removalPolicy: RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE }],
    ['a repository that is deleted with its images', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true }],
    ['images that stay', { emptyOnDelete: false }],
    ['tokens', { removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: wrong(Token.asAny({ Ref: 'Empty' })) }],
    ['no rules at all', { lifecycleRules: [] }],
    ['one rule', { lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(1) })] }],
  ])('%s', (_, props) => {
    expect(created(props)).toBe('accepted');
  });

  test('a name and an ARN that are tokens', () => {
    const attributes = { repositoryName: Aws.STACK_NAME, repositoryArn: `arn:aws:ecr:${Aws.REGION}:111122223333:repository/${Aws.STACK_NAME}` };
    expect(messageOf(() => ImageRepository.fromRepositoryAttributes(newStack(), 'Repository', attributes))).toBe('accepted');
  });
});
