import { App, Stack } from 'aws-cdk-lib';
import { Grant, IPrincipal, IRole, Role, ServicePrincipal, User } from 'aws-cdk-lib/aws-iam';
import { IImageRepository, ImageRepository, PullService } from '../../src';
import { arn, statementsOf } from '../helpers/repository-policy';
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

/** The push actions can differ a little between versions of CDK, so this checks for required and for forbidden actions. */
function expectGranted(statements: Statement[], actions: string[], resource: unknown, login: boolean): void {
  const own = statements.filter(({ Action }) => Action !== LOGIN);
  expect(own).toHaveLength(1);
  expect(own[0].Resource).toEqual(resource);
  expect(sorted(own[0].Action)).toEqual(expect.arrayContaining(sorted(actions)));
  expect(sorted(own[0].Action).filter(action => /\*|Delete|Set|PutLifecycle/.test(action))).toEqual([]);
  expect(statements.filter(({ Action }) => Action === LOGIN).map(({ Resource }) => Resource)).toEqual(login ? ['*'] : []);
}

describe.each(GRANTS)('%s', (_, grant, actions, login) => {
  test('gives a role of the same account the required actions on exactly this repository', () => {
    const stack = newStack();
    grant(new ImageRepository(stack, 'Repository'), newRole(stack));

    expectGranted(identityStatements(stack), actions, { 'Fn::GetAtt': [expect.stringMatching(/^Repository/), 'Arn'] }, login);
    Template.fromStack(stack).hasResourceProperties('AWS::ECR::Repository', { RepositoryPolicyText: Match.absent() });
  });

  test('gives a role the same actions on an imported repository', () => {
    const stack = newStack({ env: HERE });
    grant(ImageRepository.fromRepositoryArn(stack, 'Repository', ARN), newRole(stack));

    expectGranted(identityStatements(stack), actions, ARN, login);
  });

  test('also adds a role of another account to the repository policy', () => {
    const app = new App();
    const [own, other] = [new Stack(app, 'Own', { env: HERE }), new Stack(app, 'Other', { env: { ...HERE, account: '444455556666' } })];
    grant(new ImageRepository(own, 'Repository', { repositoryName: 'web' }), newRole(other));

    const [{ Properties }] = Object.values(Template.fromStack(own).findResources('AWS::ECR::Repository'));
    const [statement, ...more] = Properties.RepositoryPolicyText.Statement;
    expect(more).toEqual([]);
    expect(sorted(statement.Action)).toEqual(expect.arrayContaining(sorted(actions)));
    expect(JSON.stringify(statement.Principal)).toContain('444455556666');
    // Not the whole account: CDK identifies the role by a tag, because the role may not exist yet.
    expect(statement.Condition).toEqual({ StringEquals: { 'aws:PrincipalTag/aws-cdk:id': expect.stringMatching(/^Other_/) } });
    expectGranted(identityStatements(other), actions, expect.anything(), login);
  });

  test('names an existing role of another account in the repository policy', () => {
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
  ])('lets a user log in to the registry of %s, and nothing else', (_, make) => {
    const stack = newStack();
    const user = new User(stack, 'User');
    make(stack).grantLogin(user).assertSuccess();

    expect(identityStatements(stack)).toEqual([{ Effect: 'Allow', Action: LOGIN, Resource: '*' }]);
  });

  test.each([undefined, null, 'arn:aws:iam::444455556666:role/puller', {}, Role])('rejects %p, which is no principal', grantee => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').grantLogin(wrong(grantee)))).toMatch(told('grantee'));
  });
});

test('a resource can wait for a permission that the repository policy grants', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  const waiting = newRole(stack);
  repository.grantPull(Role.fromRoleArn(stack, 'Existing', 'arn:aws:iam::123456789012:role/existing')).applyBefore(waiting);
  Template.fromStack(stack).hasResource('AWS::IAM::Role', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Repository')]) });
});

describe('a pull grant for an AWS service', () => {
  const services = (stack: Stack) => statementsOf(stack).map(({ Principal, Condition }) => [Principal, Object.keys(Condition ?? {})]);
  const granted = (principal: IPrincipal, ...actions: string[]) => {
    const stack = newStack({ env: HERE });
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { services: [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD] } });
    if (actions.length > 0) repository.grant(principal, ...actions);
    else repository.grantPull(principal);
    return stack;
  };

  test.each(['lambda.amazonaws.com', 'codebuild.amazonaws.com', 'lambda'])('(%s) is covered by the existing statement, for resources of the account', service => {
    expect(services(granted(new ServicePrincipal(service)))).toEqual([
      [{ Service: 'lambda.amazonaws.com' }, ['StringLike']], [{ Service: 'codebuild.amazonaws.com' }, ['StringEquals', 'StringLike']],
    ]);
  });

  test('can allow fewer actions, under the same condition', () => {
    const statements = statementsOf(granted(new ServicePrincipal('lambda.amazonaws.com'), 'ecr:BatchGetImage'));

    expect(statements).toHaveLength(3);
    expect(statements[2]).toMatchObject({ Action: 'ecr:BatchGetImage', Condition: statements[0].Condition });
  });

  test('keeps your own condition, and adds none for a service that the library does not know', () => {
    const own = { StringEquals: { 'aws:SourceAccount': HERE.account } };

    expect(statementsOf(granted(new ServicePrincipal('lambda.amazonaws.com', { conditions: own })))[2].Condition).toEqual(own);
    expect(statementsOf(granted(new ServicePrincipal('lambda.amazonaws.com').withConditions(own)))[2].Condition).toEqual(own);
    expect(statementsOf(granted(new ServicePrincipal('sagemaker.amazonaws.com')))[2].Condition).toBeUndefined();
  });

  test('for given Lambda functions adds them to the existing statement', () => {
    const { account, region } = HERE;
    const conditions = { StringLike: { 'aws:SourceArn': `arn:aws:lambda:${region}:444455556666:function:web` } };
    const [{ Condition }, ...others] = statementsOf(granted(new ServicePrincipal('lambda.amazonaws.com', { conditions })));

    expect(others).toHaveLength(1);
    expect(Condition?.StringLike['aws:SourceArn']).toEqual([arn(`:lambda:${region}:${account}:function:*`), conditions.StringLike['aws:SourceArn']]);
  });

  test('for given CodeBuild projects allows only these, also in another account', () => {
    const conditions = { StringLike: { 'aws:SourceArn': `arn:aws:codebuild:${HERE.region}:444455556666:project/web` } };
    const statements = statementsOf(granted(new ServicePrincipal('codebuild.amazonaws.com', { conditions })));

    expect(statements[2]).toMatchObject({ Principal: { Service: 'codebuild.amazonaws.com' }, Condition: conditions });
  });

  test('adds only the one statement if a resource waits for the grant', () => {
    const stack = newStack({ env: HERE });
    const waiting = newRole(stack);
    new ImageRepository(stack, 'Repository').grantPull(new ServicePrincipal('lambda.amazonaws.com')).applyBefore(waiting);

    Template.fromStack(stack).hasResource('AWS::IAM::Role', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('^Repository')]) });
    expect(services(stack)).toHaveLength(1);
  });

  test('is not pulled into a statement when it is granted to push', () => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').grantPush(new ServicePrincipal('lambda.amazonaws.com'))))
      .toContain('must have a condition on aws:SourceAccount or aws:SourceArn');
  });
});
