import { AccountPrincipal, AnyPrincipal, ArnPrincipal, OrganizationPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { ImageRepository, ImageRepositoryProps, PullService } from '../../src';
import { allow, arn, OWN, PULL, PUSH, rootOf, statements, statementsOf } from '../helpers/repository-policy';
import { newStack } from '../helpers/stack';

const BUILDER = 'arn:aws:iam::111122223333:role/builder';

describe('a repository with pullFrom', () => {
  test('has no policy if the list is empty', () => {
    expect(statements({})).toEqual([]);
    expect(statements({ pullFrom: {}, pushFrom: { accounts: [] } })).toEqual([]);
  });

  test('allows accounts, with exactly the three actions of a pull', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333', '444455556666'] } }))
      .toEqual([allow(PULL, { AWS: [rootOf('111122223333'), rootOf('444455556666')] })]);
  });

  test('allows organizations, by a wildcard principal with a condition', () => {
    expect(statements({ pullFrom: { organizations: ['o-a1b2c3d4e5', 'o-z9y8x7w6v5'] } }))
      .toEqual([allow(PULL, { AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', 'o-z9y8x7w6v5'] } })]);
  });

  test.each(['', '/', '/*'])('allows organizational units and those below them, with %j at the end of the path', end => {
    const path = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222';
    expect(statements({ pullFrom: { organizationalUnits: [path + end] } }))
      .toEqual([allow(PULL, { AWS: '*' }, { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [`${path}/*`] } })]);
  });

  test('allows principals, with a separate statement for each one with its own condition', () => {
    const tagged = new AccountPrincipal('444455556666').withConditions({ StringEquals: { 'aws:PrincipalTag/team': 'web' } });
    expect(statements({ pullFrom: { accounts: ['111122223333'], principals: [new ArnPrincipal(BUILDER), tagged, new OrganizationPrincipal('o-a1b2c3d4e5')] } }))
      .toEqual([
        allow(PULL, { AWS: rootOf('111122223333') }),
        allow(PULL, { AWS: BUILDER }),
        allow(PULL, { AWS: rootOf('444455556666') }, { StringEquals: { 'aws:PrincipalTag/team': 'web' } }),
        allow(PULL, { AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
      ]);
  });

  test('allows Lambda, for functions of the account and of the listed accounts', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333'], services: [PullService.AWS_LAMBDA] } })).toEqual([
      allow(PULL, { AWS: rootOf('111122223333') }),
      allow(PULL, { Service: 'lambda.amazonaws.com' }, {
        StringLike: {
          'aws:SourceArn': [
            arn(':lambda:eu-west-1:999988887777:function:*'), arn(':lambda:eu-west-1:111122223333:function:*'),
          ],
        },
      }),
    ]);
  });

  test('allows CodeBuild, for projects of the account, because other accounts pull with their role', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333'], services: [PullService.AWS_CODE_BUILD] } })[1])
      .toEqual(allow(PULL, { Service: 'codebuild.amazonaws.com' }, {
        StringEquals: { 'aws:SourceAccount': '999988887777' }, StringLike: { 'aws:SourceArn': arn(':codebuild:*:999988887777:project/*') },
      }));
  });

  test('allows services for the account of the stack if that is a token', () => {
    const [lambda, codeBuild] = statements({ pullFrom: { services: [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD] } }, newStack());
    expect(lambda).toMatchObject({
      Condition: {
        StringLike: {
          'aws:SourceArn': [{
            'Fn::Join': ['', [
              'arn:', { Ref: 'AWS::Partition' }, ':lambda:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':function:*',
            ]],
          }],
        },
      },
    });
    expect(codeBuild).toMatchObject({ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } });
  });

  test('allows principals that are added later too', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { accounts: ['111122223333'] } });
    repository.allowPullFrom({ accounts: ['444455556666'] });

    expect(statementsOf(stack)).toEqual([allow(PULL, { AWS: rootOf('111122223333') }), allow(PULL, { AWS: rootOf('444455556666') })]);
  });
});

describe('a repository with pushFrom', () => {
  test('allows accounts and principals, with exactly the actions of docker push', () => {
    expect(statements({ pushFrom: { accounts: ['111122223333'], principals: [new ArnPrincipal(BUILDER)] } }))
      .toEqual([allow(PUSH, { AWS: rootOf('111122223333') }), allow(PUSH, { AWS: BUILDER })]);
  });

  test('allows principals that are added later', () => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository').allowPushFrom({ principals: [new ArnPrincipal(BUILDER)] });

    expect(statementsOf(stack)).toEqual([allow(PUSH, { AWS: BUILDER })]);
  });

  test('and the same principals in pullFrom does not allow deleting images or changing the repository', () => {
    const principals = [new ArnPrincipal(BUILDER)];
    const actions = statements({ pullFrom: { principals }, pushFrom: { principals } }).flatMap(each => (each as { Action: string[] }).Action);

    expect([...new Set(actions)].sort()).toEqual([...new Set([...PULL, ...PUSH])].sort());
    expect(actions.filter(action => /Delete|Set|Lifecycle|Policy|\*/.test(action))).toEqual([]);
  });
});

describe('cdk-nag, which reports every wildcard as an open repository,', () => {
  const findings = (props: ImageRepositoryProps) => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository', props);
    return new AwsSolutionsChecks(stack.node.root, {}).validateScope(stack.node.root).violations.map(({ ruleName }) => ruleName);
  };

  test.each<[string, ImageRepositoryProps]>([
    ['an organization', { pullFrom: { organizations: ['o-a1b2c3d4e5'] } }],
    ['a unit', { pullFrom: { organizationalUnits: ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/'] } }],
    ['accounts and services', { pullFrom: { accounts: ['111122223333'], services: [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD] } }],
  ])('has no finding that is not acknowledged with pullFrom for %s', (_, props) => {
    expect(findings(props)).toEqual([]);
  });

  test('would have a finding without the acknowledgement, so the acknowledgement is needed', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    // Bypasses our check, and with it our acknowledgement.
    (repository.node.findChild('Resource') as ImageRepository).addToResourcePolicy(new PolicyStatement({
      principals: [new OrganizationPrincipal('o-a1b2c3d4e5')], actions: PULL,
    }));
    const { violations } = new AwsSolutionsChecks(stack.node.root, {}).validateScope(stack.node.root);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-ECR1']);
  });
});

test('an imported repository has no methods for its policy, because this app cannot change it', () => {
  const imported = ImageRepository.fromRepositoryName(newStack(), 'Repository', 'web');
  expect(imported).not.toHaveProperty('allowPullFrom');
  expect(imported.addToResourcePolicy(new PolicyStatement({ principals: [new AnyPrincipal()], actions: ['ecr:*'] }))).toEqual({ statementAdded: false });
});
