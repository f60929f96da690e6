import { Aws, CfnParameter, Fn, Lazy, Stack } from 'aws-cdk-lib';
import {
  AccountPrincipal, AnyPrincipal, ArnPrincipal, OrganizationPrincipal, PolicyStatement, Role, ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { AwsSolutionsChecks } from 'cdk-nag';
import { DirectPushSynthesizer, ImageRepository, ImageRepositoryProps, ImageSource, PullService } from '../../src';
import { APP, newStack, Template } from '../helpers/stack';

const PULL = ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
const PUSH = [
  'ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:CompleteLayerUpload', 'ecr:InitiateLayerUpload', 'ecr:PutImage', 'ecr:UploadLayerPart',
];
const BUILDER = 'arn:aws:iam::111122223333:role/builder';
const OWN = { env: { account: '999988887777', region: 'eu-west-1' } };

const rootOf = (account: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, `:iam::${account}:root`]] });
const arn = (rest: string) => ({ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, rest]] });

/** The statements of the only repository of a stack. */
function statementsOf(stack: Stack): unknown[] {
  const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
  return repository.Properties.RepositoryPolicyText?.Statement ?? [];
}

function statements(props: ImageRepositoryProps, stack = newStack(OWN)): unknown[] {
  new ImageRepository(stack, 'Repository', props);
  return statementsOf(stack);
}

const allow = (action: string[], principal: unknown, condition?: object) => ({
  Effect: 'Allow', Action: action, Principal: principal, ...condition && { Condition: condition },
});

describe('a repository lets pull', () => {
  test('nobody, and has no policy, when nobody is named', () => {
    expect(statements({})).toEqual([]);
    expect(statements({ pullFrom: {}, pushFrom: { accounts: [] } })).toEqual([]);
  });

  test('accounts, with the three actions of a pull and no others', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333', '444455556666'] } }))
      .toEqual([allow(PULL, { AWS: [rootOf('111122223333'), rootOf('444455556666')] })]);
  });

  test('organizations, by a wildcard that holds for them alone', () => {
    expect(statements({ pullFrom: { organizations: ['o-a1b2c3d4e5', 'o-z9y8x7w6v5'] } }))
      .toEqual([allow(PULL, { AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': ['o-a1b2c3d4e5', 'o-z9y8x7w6v5'] } })]);
  });

  test.each(['', '/', '/*'])('organizational units and those below, with the path written with %j at its end', end => {
    const path = 'o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/ou-ab12-22222222';
    expect(statements({ pullFrom: { organizationalUnits: [path + end] } }))
      .toEqual([allow(PULL, { AWS: '*' }, { 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [`${path}/*`] } })]);
  });

  test('principals, each of them alone when it comes with a condition of its own', () => {
    const tagged = new AccountPrincipal('444455556666').withConditions({ StringEquals: { 'aws:PrincipalTag/team': 'web' } });
    expect(statements({ pullFrom: { accounts: ['111122223333'], principals: [new ArnPrincipal(BUILDER), tagged, new OrganizationPrincipal('o-a1b2c3d4e5')] } }))
      .toEqual([
        allow(PULL, { AWS: rootOf('111122223333') }),
        allow(PULL, { AWS: BUILDER }),
        allow(PULL, { AWS: rootOf('444455556666') }, { StringEquals: { 'aws:PrincipalTag/team': 'web' } }),
        allow(PULL, { AWS: '*' }, { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }),
      ]);
  });

  test('Lambda, for functions of the account and of the accounts beside it', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333'], services: [PullService.LAMBDA] } })).toEqual([
      allow(PULL, { AWS: rootOf('111122223333') }),
      allow(PULL, { Service: 'lambda.amazonaws.com' }, { StringLike: { 'aws:SourceArn': [
        arn(':lambda:eu-west-1:999988887777:function:*'), arn(':lambda:eu-west-1:111122223333:function:*'),
      ] } }),
    ]);
  });

  test('CodeBuild, for projects of the account, because others pull by their role', () => {
    expect(statements({ pullFrom: { accounts: ['111122223333'], services: [PullService.CODE_BUILD] } })[1])
      .toEqual(allow(PULL, { Service: 'codebuild.amazonaws.com' }, {
        StringEquals: { 'aws:SourceAccount': '999988887777' }, StringLike: { 'aws:SourceArn': arn(':codebuild:*:999988887777:project/*') },
      }));
  });

  test('services for the account of the stack, when that is only known at deployment', () => {
    const [lambda, codeBuild] = statements({ pullFrom: { services: [PullService.LAMBDA, PullService.CODE_BUILD] } }, newStack());
    expect(lambda).toMatchObject({ Condition: { StringLike: { 'aws:SourceArn': [{ 'Fn::Join': ['', [
      'arn:', { Ref: 'AWS::Partition' }, ':lambda:', { Ref: 'AWS::Region' }, ':', { Ref: 'AWS::AccountId' }, ':function:*',
    ]] }] } } });
    expect(codeBuild).toMatchObject({ Condition: { StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } } });
  });

  test('who is added later, beside those from before', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { accounts: ['111122223333'] } });
    repository.allowPullFrom({ accounts: ['444455556666'] });

    expect(statementsOf(stack)).toEqual([allow(PULL, { AWS: rootOf('111122223333') }), allow(PULL, { AWS: rootOf('444455556666') })]);
  });
});

describe('a repository lets push', () => {
  test('accounts and principals, with what docker push takes and no others', () => {
    expect(statements({ pushFrom: { accounts: ['111122223333'], principals: [new ArnPrincipal(BUILDER)] } }))
      .toEqual([allow(PUSH, { AWS: rootOf('111122223333') }), allow(PUSH, { AWS: BUILDER })]);
  });

  test('who is added later', () => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository').allowPushFrom({ principals: [new ArnPrincipal(BUILDER)] });

    expect(statementsOf(stack)).toEqual([allow(PUSH, { AWS: BUILDER })]);
  });

  test('and pull for the same principals, without anything that deletes images or changes the repository', () => {
    const principals = [new ArnPrincipal(BUILDER)];
    const actions = statements({ pullFrom: { principals }, pushFrom: { principals } }).flatMap(each => (each as { Action: string[] }).Action);

    expect([...new Set(actions)].sort()).toEqual([...new Set([...PULL, ...PUSH])].sort());
    expect(actions.filter(action => /Delete|Set|Lifecycle|Policy|\*/.test(action))).toEqual([]);
  });
});

describe('what is only known at deployment passes:', () => {
  const stack = newStack();
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  const list = (id: string) => new CfnParameter(stack, id, { type: 'CommaDelimitedList' }).valueAsList;
  const conditionOf = (statement: unknown) => (statement as { Condition: unknown }).Condition;

  test('an account, an organization and a unit', () => {
    const [account, organization, unit] = statements(
      { pullFrom: { accounts: [text('Account')], organizations: [text('Organization')], organizationalUnits: [text('Unit')] } }, stack,
    );
    expect(account).toEqual(allow(PULL, { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'Account' }, ':root']] } }));
    expect(conditionOf(organization)).toEqual({ StringEquals: { 'aws:PrincipalOrgID': [{ Ref: 'Organization' }] } });
    expect(conditionOf(unit)).toEqual({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [{ 'Fn::Join': ['', [{ Ref: 'Unit' }, '/*']] }] } });
  });

  test('whole lists of them', () => {
    const [accounts, organizations, units] = statementsOfLists();
    expect(accounts).toEqual(allow(PULL, { AWS: { Ref: 'Accounts' } }));
    expect(conditionOf(organizations)).toEqual({ StringEquals: { 'aws:PrincipalOrgID': { Ref: 'Organizations' } } });
    expect(conditionOf(units)).toEqual({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': { Ref: 'Units' } } });
  });

  function statementsOfLists(): unknown[] {
    const lists = newStack();
    const of = (id: string) => new CfnParameter(lists, id, { type: 'CommaDelimitedList' }).valueAsList;
    return statements({ pullFrom: { accounts: of('Accounts'), organizations: of('Organizations'), organizationalUnits: of('Units') } }, lists);
  }

  test('an account out of a list, for Lambda too', () => {
    const picked = newStack();
    const accounts = [Fn.select(0, new CfnParameter(picked, 'Accounts', { type: 'CommaDelimitedList' }).valueAsList)];
    expect(statements({ pullFrom: { accounts, services: [PullService.LAMBDA] } }, picked)).toHaveLength(2);
  });

  test('but not a list of unknown length for Lambda, which wants the name of each account', () => {
    const accounts = list('Lambda');
    expect(() => new ImageRepository(stack, 'Refused', { pullFrom: { accounts, services: [PullService.LAMBDA] } })).toThrow(
      "Stack/Refused: 'pullFrom.accounts' must be a list of known length when services pull too, got \"a token\". Pick the accounts out of the list",
    );
  });

  test('values and actions of statements that are made late', () => {
    const late = newStack();
    new ImageRepository(late, 'Repository').addToResourcePolicy(new PolicyStatement({
      actions: Lazy.list({ produce: () => ['ecr:BatchGetImage'] }),
      principals: [new AnyPrincipal()],
      conditions: { StringEquals: { 'aws:PrincipalOrgID': Lazy.string({ produce: () => 'o-a1b2c3d4e5' }) } },
    }));
    expect(statementsOf(late)).toHaveLength(1);
  });
});

describe('what CDK and this library add themselves is let through:', () => {
  test('a pull for a service, an organization, and a role of another account', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    repository.grantPull(new ServicePrincipal('lambda.amazonaws.com'));
    repository.grantPull(new OrganizationPrincipal('o-a1b2c3d4e5'));
    repository.grantPullPush(new AccountPrincipal('111122223333'));
    repository.grantRead(Role.fromRoleArn(stack, 'Role', BUILDER));

    expect(statementsOf(stack)).toHaveLength(4);
  });

  test('a push of the deployment on the direct road', () => {
    const base = newStack(OWN);
    const repository = new ImageRepository(base, 'Repository', { repositoryName: 'web' });
    const web = new Stack(base.node.scope, 'Web', { ...OWN, synthesizer: new DirectPushSynthesizer() });
    repository.publish('web', ImageSource.directory(APP), { scope: web });

    expect(JSON.stringify(statementsOf(base))).toContain('image-publishing-role');
  });

  test('but not a push for an organization', () => {
    const repository = new ImageRepository(newStack(), 'Repository');
    expect(() => repository.grantPush(new OrganizationPrincipal('o-a1b2c3d4e5')))
      .toThrow(/must name its principals one by one, because a wildcard is for pulling alone, whatever its condition, got "ecr:CompleteLayerUpload"/);
  });
});

describe('administration of another account', () => {
  const access = {
    principals: [new AccountPrincipal('111122223333')], actions: ['ecr:PutLifecyclePolicy'], reason: 'The platform team keeps our retention rules.',
  };

  test('is allowed in so many words, and the reason stands in the template', () => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository').allowAdministration(access);

    expect(statementsOf(stack)).toEqual([{ Effect: 'Allow', Action: 'ecr:PutLifecyclePolicy', Principal: { AWS: rootOf('111122223333') } }]);
    Template.fromStack(stack).hasResource('AWS::ECR::Repository', {
      Metadata: { 'cdk-container-delivery:administration': [{ actions: access.actions, reason: access.reason }] },
    });
  });

  test('does not grow into what nobody said', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    repository.allowAdministration(access);

    expect(() => repository.addToResourcePolicy(new PolicyStatement({ principals: access.principals, actions: ['ecr:DeleteRepository'] })))
      .toThrow(/must leave the administration of the repository to its own account, not to arn:…:iam::111122223333:root, got "ecr:DeleteRepository"/);
  });

  test('is never for everybody, with a condition or not', () => {
    const repository = new ImageRepository(newStack(), 'Repository');
    expect(() => repository.allowAdministration({ ...access, principals: [new OrganizationPrincipal('o-a1b2c3d4e5')] }))
      .toThrow("Stack/Repository: 'administration.principals' must name its principals one by one");
  });

  test('is nothing that the own account has to say', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    for (const principal of [new AccountPrincipal('999988887777'), new AccountPrincipal(Aws.ACCOUNT_ID), new Role(stack, 'Role', { assumedBy: new AnyPrincipal() })]) {
      repository.addToResourcePolicy(new PolicyStatement({ principals: [principal], actions: ['ecr:*'] }));
    }
    expect(statementsOf(stack)).toHaveLength(3);
  });
});

describe('cdk-nag, which takes every wildcard for an open repository,', () => {
  const findings = (props: ImageRepositoryProps) => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository', props);
    return new AwsSolutionsChecks(stack.node.root, {}).validateScope(stack.node.root).violations.map(({ ruleName }) => ruleName);
  };

  test.each<[string, ImageRepositoryProps]>([
    ['an organization', { pullFrom: { organizations: ['o-a1b2c3d4e5'] } }],
    ['a unit', { pullFrom: { organizationalUnits: ['o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/'] } }],
    ['accounts and services', { pullFrom: { accounts: ['111122223333'], services: [PullService.LAMBDA, PullService.CODE_BUILD] } }],
  ])('finds nothing that is not acknowledged when the repository lets pull %s', (_, props) => {
    expect(findings(props)).toEqual([]);
  });

  test('would find it without the acknowledgement, so the acknowledgement is needed', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    // Around our check, and with it around our acknowledgement.
    (repository.node.findChild('Resource') as ImageRepository).addToResourcePolicy(new PolicyStatement({
      principals: [new OrganizationPrincipal('o-a1b2c3d4e5')], actions: PULL,
    }));
    const { violations } = new AwsSolutionsChecks(stack.node.root, {}).validateScope(stack.node.root);
    expect(violations.map(({ ruleName }) => ruleName)).toEqual(['AwsSolutions-ECR1']);
  });
});

test('an imported repository has no policy that could be changed from here, so it has no such methods', () => {
  const imported = ImageRepository.fromRepositoryName(newStack(), 'Repository', 'web');
  expect(imported).not.toHaveProperty('allowPullFrom');
  expect(imported.addToResourcePolicy(new PolicyStatement({ principals: [new AnyPrincipal()], actions: ['ecr:*'] }))).toEqual({ statementAdded: false });
});
