import { AnyPrincipal, ArnPrincipal, OrganizationPrincipal, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { AdministrationAccess, ImageRepository, ImageRepositoryProps, PullAccess, PullService, PushAccess } from '../../src';
import { newStack } from '../helpers/stack';
import { messageOf, toldIn as told, wrong } from '../helpers/wrong-input';

const created = (props: object) => messageOf(() => new ImageRepository(newStack(), 'Repository', wrong<ImageRepositoryProps>(props)));
const role = new ArnPrincipal('arn:aws:iam::111122223333:role/builder');
const functionOf = () => LambdaFunction.fromFunctionArn(newStack(), 'Function', 'arn:aws:lambda:eu-west-1:111122223333:function:web');

const ACCOUNTS: unknown[] = ['111122223333', 111122223333, {}, [111122223333], ['1111-2222-3333'], ['11112222333'], ['*'], [''], [null], [undefined], new Array(1), ['o-a1b2c3d4e5'], [() => '1']];
const PRINCIPALS: unknown[] = ['*', role, ['arn:aws:iam::111122223333:role/builder'], [null], [ArnPrincipal], [{}], [{ policyFragment: null }], new Array(1)];

describe('wrong types from JavaScript are reported with path, property, rule, value and fix, never with a TypeError:', () => {
  test.each<[string, unknown]>([
    ['pullFrom', null], ['pullFrom', '111122223333'], ['pullFrom', ['111122223333']], ['pullFrom', 7],
    ['pullFrom.account', { account: '111122223333' }], ['pullFrom.Accounts', { Accounts: ['111122223333'] }],
    ...ACCOUNTS.map((accounts): [string, unknown] => ['pullFrom.accounts', { accounts }]),
    ...['o-a1b2c3d4e5', ['o-A1B2C3D4E5'], ['o-*'], ['*'], ['a1b2c3d4e5'], ['o-short'], ['111122223333'], [7]]
      .map((organizations): [string, unknown] => ['pullFrom.organizations', { organizations }]),
    ...['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/', ['ou-ab12-11111111'], ['o-a1b2c3d4e5'], ['o-a1b2c3d4e5/*'],
      ['*/r-ab12/ou-ab12-11111111/'], ['o-a1b2c3d4e5/r-ab12/ou-ab12-*'], ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111*'], ['/'], [{}]].map((organizationalUnits): [string, unknown] => ['pullFrom.organizationalUnits', { organizationalUnits }]),
    ...['lambda', ['lambda'], PullService.AWS_LAMBDA, [PullService], [undefined], ['lambda.amazonaws.com']]
      .map((services): [string, unknown] => ['pullFrom.services', { services }]),
    ...PRINCIPALS.map((principals): [string, unknown] => ['pullFrom.principals', { principals }]),
    ['pullFrom.principals', { principals: [functionOf()] }],
    ['pullFrom.principals', { principals: [new AnyPrincipal()] }],
    ['pullFrom.principals', { principals: [role, new StarPrincipal()] }],
    ['pullFrom.principals', { principals: [new AnyPrincipal().withConditions({ StringNotEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })] }],
    ['pullFrom.principals', { principals: [new ArnPrincipal('arn:aws:iam::111122223333:role/*')] }],
  ])('%s of a repository: %j', (property, pullFrom) => {
    expect(created({ pullFrom })).toMatch(told(property));
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').allowPullFrom(wrong<PullAccess>(pullFrom)))).toMatch(told(property));
  });

  test.each<[string, unknown]>([
    ['pushFrom', null], ['pushFrom', '111122223333'], ['pushFrom', ['111122223333']],
    ['pushFrom.roles', { roles: [role] }],
    ['pushFrom.organizations', { organizations: ['o-a1b2c3d4e5'] }], ['pushFrom.organizations', { organizations: [] }],
    ['pushFrom.organizationalUnits', { organizationalUnits: ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/'] }],
    ['pushFrom.services', { services: [PullService.AWS_CODE_BUILD] }],
    ...ACCOUNTS.map((accounts): [string, unknown] => ['pushFrom.accounts', { accounts }]),
    ...PRINCIPALS.map((principals): [string, unknown] => ['pushFrom.principals', { principals }]),
    ['pushFrom.principals', { principals: [new AnyPrincipal()] }],
    ['pushFrom.principals', { principals: [new OrganizationPrincipal('o-a1b2c3d4e5')] }],
  ])('%s of a repository: %j', (property, pushFrom) => {
    expect(created({ pushFrom })).toMatch(told(property));
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').allowPushFrom(wrong<PushAccess>(pushFrom)))).toMatch(told(property));
  });

  const access = { principals: [role], actions: ['ecr:BatchDeleteImage'], reason: 'Their pipeline cleans up after itself.' };

  test.each<[string, unknown]>([
    ['administration', undefined], ['administration.principals', role], ['administration', 'ecr:*'],
    ['administration.action', { ...access, action: 'ecr:*' }],
    ...[undefined, null, role, ['*']].map((principals): [string, unknown] => ['administration.principals', { ...access, principals }]),
    ...[undefined, null, 'ecr:*', ['s3:GetObject'], [null], ['*']].map((actions): [string, unknown] => ['administration.actions', { ...access, actions }]),
    ...[undefined, null, '', 'yes', '                         ', 7, true].map((reason): [string, unknown] => ['administration.reason', { ...access, reason }]),
    ['administration.principals', { ...access, principals: [new AnyPrincipal()] }],
    ['administration.principals', { ...access, actions: ['ecr:CreateRepository'] }],
  ])('%s: %j', (property, administration) => {
    const repository = new ImageRepository(newStack(), 'Repository');
    expect(messageOf(() => repository.allowAdministration(wrong<AdministrationAccess>(administration)))).toMatch(told(property));
  });

  test('an organization in pushFrom is rejected with the reason and the fix', () => {
    expect(created({ pushFrom: { organizations: ['o-a1b2c3d4e5'] } })).toBe(
      "Stack/Repository: 'pushFrom.organizations' must be a property that exists here, got \"organizations\". Only `pullFrom` has organizations, because "
      + 'their statements need a wildcard. List the accounts or roles that push, e.g. pushFrom: { accounts: [\'111122223333\'] }.',
    );
  });
});
