import { AccountPrincipal, ArnPrincipal, Conditions, PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { ImageRepository, PullService } from '../../src';
import { UNKNOWN } from '../../src/private/template/intrinsics';
import { isOwn } from '../../src/repository/access/access-statements';
import { isPinned, powerOf } from '../../src/repository/access/policy-terms';
import { OWN, arn, statementsOf } from '../helpers/repository-policy';
import { newStack } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

test('an action with an invalid character is rejected, even next to a star', () => {
  expect(['ecr:Put.Image*', 'ecr:Put-Image?', 'ecr:P(ut)?Image'].map(powerOf)).toEqual([undefined, undefined, undefined]);
});

test.each<[Conditions, boolean]>([
  [{ StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::111122223333:role/*' } }, true],
  [{ ArnLike: { 'aws:SourceArn': 'arn:aws:lambda:*:111122223333:function:*' } }, true],
  [{ ArnLike: { 'aws:SourceArn': UNKNOWN } }, true],
  [{ StringLike: { 'aws:SourceArn': 'arn:aws:lambda:*:111122223333:function:*' } }, false],
])('a condition on an ARN pins one account if no star can match across the account: %j %p', (condition, isHeld) => {
  expect(isPinned(condition)).toBe(isHeld);
});

test('a principal belongs to the account of the repository by its account ID or its ARN, whatever its name is', () => {
  const stack = newStack(OWN);
  const own = ['999988887777', 'arn:aws:iam::999988887777:root', 'arn:aws:iam::999988887777:role/111122223333', UNKNOWN];
  const others = ['111122223333', 'arn:aws:iam::111122223333:role/999988887777', 'lambda.amazonaws.com', '*'];
  expect(own.map(principal => isOwn(stack, principal))).toEqual([true, true, true, true]);
  expect(others.map(principal => isOwn(stack, principal))).toEqual([false, false, false, false]);
});

describe('a statement that is rejected', () => {
  const told = (actions: string[]) =>
    messageOf(() => new ImageRepository(newStack(OWN), 'Repository').addToResourcePolicy(new PolicyStatement({ principals: [new AccountPrincipal('111122223333')], actions })));

  test('is named with three of its actions', () => {
    expect(told(['ecr:A', 'ecr:B', 'ecr:C'])).toContain("'statement (Allow ecr:A, ecr:B, ecr:C to arn:…:iam::111122223333:root)' must");
  });

  test('says where the actions are listed if its action belongs to another service', () => {
    expect(told(['s3:GetObject'])).toMatch(/got "s3:GetObject"\. Use pullFrom and pushFrom, or use the actions for repositories in https:\/\/docs\.aws\.amazon\.com\/\S+\.html\.$/);
  });
});

describe('a pull grant for Lambda', () => {
  const functions = (account: string) => arn(`:lambda:eu-west-1:${account}:function:*`);
  const granted = (conditions?: Conditions) => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { accounts: ['111122223333'], services: [PullService.AWS_LAMBDA] } });
    repository.grantPull(new ServicePrincipal('lambda.amazonaws.com', { conditions }));
    return statementsOf(stack).slice(1).map(({ Condition }) => Condition);
  };
  const SHARED = { StringLike: { 'aws:SourceArn': [functions('999988887777'), functions('111122223333')] } };

  test('allows the functions of the account, and no others', () => {
    expect(granted()).toEqual([SHARED]);
  });

  const web = 'arn:aws:lambda:eu-west-1:444455556666:function:web';

  test.each<[string, Conditions]>([
    ['an operator', { StringLike: { 'aws:SourceArn': web }, StringEquals: { 'aws:SourceAccount': '444455556666' } }],
    ['a key', { StringLike: { 'aws:SourceArn': web, 'aws:SourceAccount': '444455556666' } }],
    ['a key instead', { StringLike: { 'aws:SourceAccount': '444455556666' } }],
  ])('keeps a condition with %s in addition to the known one', (_, conditions) => {
    expect(granted(conditions)).toEqual([SHARED, conditions]);
  });
});

test('a pull grant needs a principal', () => {
  const repository = new ImageRepository(newStack(), 'Repository');
  for (const nobody of [undefined, null, {}]) expect(messageOf(() => repository.grantPull(wrong(nobody)))).toMatch(/grantee|Principal/i);
  expect(() => repository.grantPull(new ArnPrincipal('arn:aws:iam::111122223333:role/r'))).not.toThrow();
});
