import { App, Stack } from 'aws-cdk-lib';
import { Grant, IRole, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { IImageRepository, ImageRepository } from '../../src';
import { Match, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const HERE = { account: '111122223333', region: 'eu-west-1' };
const ARN = `arn:aws:ecr:${HERE.region}:${HERE.account}:repository/web`;
const LOGIN = 'ecr:GetAuthorizationToken';
const READ = ['ecr:DescribeImages', 'ecr:DescribeRepositories'];
const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = ['ecr:BatchCheckLayerAvailability', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart'];

type Granting = (repository: IImageRepository, role: IRole) => Grant;
const GRANTS: [string, Granting, string[], boolean][] = [
  ['grantRead', (repository, role) => repository.grantRead(role), READ, false],
  ['grantPull', (repository, role) => repository.grantPull(role), PULL, true],
  ['grantPush', (repository, role) => repository.grantPush(role), PUSH, true],
  ['grantPullPush', (repository, role) => repository.grantPullPush(role), [...PULL, ...PUSH], true],
];

const newRole = (stack: Stack) => new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
const sorted = (actions: string | string[]) => [...new Set([actions].flat())].sort();

interface Statement {
  readonly Action: string | string[];
  readonly Resource: unknown;
  readonly Effect: string;
}

function identityStatements(stack: Stack): Statement[] {
  return Object.values(Template.fromStack(stack).findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
}

/** Push-actions may differ a bit between versions of CDK, so what must be there, and what must not, is said. */
function expectGranted(statements: Statement[], actions: string[], resource: unknown, login: boolean): void {
  const own = statements.filter(({ Action }) => Action !== LOGIN);
  expect(own).toHaveLength(1);
  expect(own[0].Resource).toEqual(resource);
  expect(sorted(own[0].Action)).toEqual(expect.arrayContaining(sorted(actions)));
  expect(sorted(own[0].Action).filter(action => /\*|Delete|Set|PutLifecycle/.test(action))).toEqual([]);
  expect(statements.filter(({ Action }) => Action === LOGIN).map(({ Resource }) => Resource)).toEqual(login ? ['*'] : []);
}

describe.each(GRANTS)('%s', (_, grant, actions, login) => {
  test('gives a role of the same account what it takes, on exactly this repository', () => {
    const stack = newStack();
    grant(new ImageRepository(stack, 'Repository'), newRole(stack));

    expectGranted(identityStatements(stack), actions, { 'Fn::GetAtt': [expect.stringMatching(/^Repository/), 'Arn'] }, login);
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { RepositoryPolicyText: Match.absent() });
  });

  test('gives a role the same on an imported repository', () => {
    const stack = newStack({ env: HERE });
    grant(ImageRepository.fromRepositoryArn(stack, 'Repository', ARN), newRole(stack));

    expectGranted(identityStatements(stack), actions, ARN, login);
  });

  test('lets a role of another account in by the policy of the repository too', () => {
    const app = new App();
    const [own, other] = [new Stack(app, 'Own', { env: HERE }), new Stack(app, 'Other', { env: { ...HERE, account: '444455556666' } })];
    grant(new ImageRepository(own, 'Repository', { repositoryName: 'web' }), newRole(other));

    const [{ Properties }] = Object.values(Template.fromStack(own).findResources('AWS::ECR::Repository'));
    const [statement, ...more] = Properties.RepositoryPolicyText.Statement;
    expect(more).toEqual([]);
    expect(sorted(statement.Action)).toEqual(expect.arrayContaining(sorted(actions)));
    expect(JSON.stringify(statement.Principal)).toContain('444455556666');
    // Not the whole account: CDK marks the role with a tag, because the role may not exist yet.
    expect(statement.Condition).toEqual({ StringEquals: { 'aws:PrincipalTag/aws-cdk:id': expect.stringMatching(/^Other_/) } });
    expectGranted(identityStatements(other), actions, expect.anything(), login);
  });

  test('names a role of another account that exists already, in the policy of the repository', () => {
    const stack = newStack({ env: HERE });
    const role = Role.fromRoleArn(stack, 'Role', 'arn:aws:iam::444455556666:role/puller');
    grant(new ImageRepository(stack, 'Repository'), role);

    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    expect(Properties.RepositoryPolicyText.Statement.map((each: { Principal: unknown }) => each.Principal)).toEqual([{ AWS: 'arn:aws:iam::444455556666:role/puller' }]);
  });
});

describe('grantLogin', () => {
  test.each<[string, (stack: Stack) => IImageRepository]>([
    ['a repository', stack => new ImageRepository(stack, 'Repository')], ['an imported one', stack => ImageRepository.fromRepositoryName(stack, 'Repository', 'web')],
  ])('lets somebody log in to the registry of %s, and do nothing else', (_, make) => {
    const stack = newStack();
    const user = new User(stack, 'User');
    make(stack).grantLogin(user).assertSuccess();

    expect(identityStatements(stack)).toEqual([{ Effect: 'Allow', Action: LOGIN, Resource: '*' }]);
  });

  test.each([undefined, null, 'arn:aws:iam::444455556666:role/puller', {}, { grantPrincipal: 'me' }, Role])('refuses what cannot log in: %p', grantee => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').grantLogin(wrong(grantee)))).toMatch(told('grantee'));
  });
});

test('what needs a right that the policy of the repository gives to the role of an account can wait for it', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  const waiting = newRole(stack);
  repository.grantPull(Role.fromRoleArn(stack, 'Existing', 'arn:aws:iam::123456789012:role/existing')).applyBefore(waiting);
  Template.fromStack(stack).hasResource('AWS::IAM::Role', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Repository')]) });
});
