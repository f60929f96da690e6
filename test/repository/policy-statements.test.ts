import { Aws, Lazy } from 'aws-cdk-lib';
import {
  AccountPrincipal, AnyPrincipal, ArnPrincipal, CanonicalUserPrincipal, CompositePrincipal, Effect, OrganizationPrincipal, PolicyStatement,
  PolicyStatementProps, ServicePrincipal, StarPrincipal,
} from 'aws-cdk-lib/aws-iam';
import { ImageRepository } from '../../src';
import { newStack, Template } from '../helpers/stack';
import { messageOf, wrong } from '../helpers/wrong-input';

const OWN = { env: { account: '999988887777', region: 'eu-west-1' } };
const anybody = [new AnyPrincipal()];
const other = [new AccountPrincipal('111122223333')];
const own = [new AccountPrincipal('999988887777')];
const pull = ['ecr:BatchGetImage'];
const organization = { StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } };

const added = (props: PolicyStatementProps) =>
  messageOf(() => new ImageRepository(newStack(OWN), 'Repository').addToResourcePolicy(new PolicyStatement(props)));

const OPEN = 'must have a condition that is true for certain organizations or accounts only, because its principal is a wildcard, got "*". '
  + "Use pullFrom: { organizations: ['o-a1b2c3d4e5'] }, or list the principals.";
const WRITES = (action: string) => 'must list its principals, because a wildcard can only be allowed to pull, even with a condition, '
  + `got "${action}". List the accounts or roles, e.g. pushFrom: { accounts: ['111122223333'] }.`;
const ADMINISTERS = (action: string, principal: string) =>
  `must allow administration of the repository only to its own account, not to ${principal}, got "${action}". `
  + 'Remove the action, or give a reason: repository.allowAdministration({ principals, actions, reason }). If this is the account of the repository, give the stack an env.';
const FOREIGN = (action: string) => `must have actions that ECR supports for a repository, got "${action}". `;
const ROOT = 'arn:…:iam::111122223333:root';

describe('a statement is refused when it is added, with its name, the rule, the value and the fix:', () => {
  test.each<[string, PolicyStatementProps, string]>([
    ['everybody pulls', { principals: anybody, actions: pull }, OPEN],
    ['everybody pulls, by a star', { principals: [new StarPrincipal()], actions: pull }, OPEN],
    ['everybody pulls, by an ARN', { principals: [new ArnPrincipal('*')], actions: pull }, OPEN],
    ['everybody pulls, among others', { principals: [...other, new AnyPrincipal()], actions: pull }, OPEN],
    ['everybody pulls, inside a composite', { principals: [new CompositePrincipal(...other, new AnyPrincipal())], actions: pull }, OPEN],
    ['everybody pulls, by a token', { principals: [new ArnPrincipal(Lazy.string({ produce: () => '*' }))], actions: pull }, OPEN],
    ['everybody but one pulls', { notPrincipals: other, actions: pull }, OPEN],
    ['everybody describes', { principals: anybody, actions: ['ecr:Describe*'] }, OPEN],
    ['everybody pushes', { principals: anybody, actions: ['ecr:BatchGetImage', 'ecr:PutImage'] }, WRITES('ecr:PutImage')],
    ['an organization pushes', { principals: [new OrganizationPrincipal('o-a1b2c3d4e5')], actions: ['ecr:InitiateLayerUpload'] }, WRITES('ecr:InitiateLayerUpload')],
    ['an organization reads policies', { principals: anybody, actions: ['ecr:GetRepositoryPolicy'], conditions: organization }, WRITES('ecr:GetRepositoryPolicy')],
    ['an organization does everything', { principals: anybody, actions: ['ecr:*'], conditions: organization }, WRITES('ecr:*')],
    ['an organization does everything, by a star', { principals: anybody, actions: ['*'], conditions: organization }, WRITES('*')],
    ['an organization puts', { principals: anybody, actions: ['ecr:Put*'], conditions: organization }, WRITES('ecr:Put*')],
    ['an organization puts images, however it is spelt', { principals: anybody, actions: ['ECR:putIMAGE'], conditions: organization }, WRITES('ECR:putIMAGE')],
    ['an organization does all but one', { principals: anybody, notActions: ['ecr:DeleteRepository'], conditions: organization }, WRITES('*')],
    ['an unknown action is allowed to an organization', { principals: anybody, actions: ['ecr:EraseImage'], conditions: organization }, WRITES('ecr:EraseImage')],
    ['another account does everything', { principals: other, actions: ['ecr:*'] }, ADMINISTERS('ecr:*', ROOT)],
    ['another account does everything, by a star', { principals: other, actions: ['*'] }, ADMINISTERS('*', ROOT)],
    ['another account does all but pull', { principals: other, notActions: pull }, ADMINISTERS('*', ROOT)],
    ...['ecr:DeleteRepository', 'ecr:SetRepositoryPolicy', 'ecr:DeleteRepositoryPolicy', 'ecr:PutLifecyclePolicy', 'ecr:DeleteLifecyclePolicy',
      'ecr:BatchDeleteImage', 'ecr:PutImageTagMutability', 'ecr:TagResource', 'ecr:batchdeleteimage', 'ecr:*Delete*', 'ecr:Set*'].map((action): [string, PolicyStatementProps, string] => [
      `another account is allowed ${action}`, { principals: other, actions: ['ecr:PutImage', action] }, ADMINISTERS(action, ROOT),
    ]),
    ['another account next to the own one gets administration', { principals: [...own, ...other], actions: ['ecr:DeleteRepository'] }, ADMINISTERS('ecr:DeleteRepository', ROOT)],
    ['a role of another account administers', { principals: [new ArnPrincipal('arn:aws:iam::111122223333:role/r')], actions: ['ecr:BatchDeleteImage'] },
      ADMINISTERS('ecr:BatchDeleteImage', 'arn:aws:iam::111122223333:role/r')],
    ['an account administers that is named by its number', { principals: [new ArnPrincipal('111122223333')], actions: ['ecr:BatchDeleteImage'] },
      ADMINISTERS('ecr:BatchDeleteImage', '111122223333')],
    ['a service administers', { principals: [new ServicePrincipal('lambda.amazonaws.com')], actions: ['ecr:SetRepositoryPolicy'] },
      ADMINISTERS('ecr:SetRepositoryPolicy', 'lambda.amazonaws.com')],
    ['a user by a canonical id administers', { principals: [new CanonicalUserPrincipal('79a59d')], actions: ['ecr:DeleteRepository'] },
      ADMINISTERS('ecr:DeleteRepository', '79a59d')],
    ['a service can push without a condition', { principals: [new ServicePrincipal('codebuild.amazonaws.com')], actions: ['ecr:BatchGetImage', 'ecr:PutImage'] },
      'must have a condition on aws:SourceAccount or aws:SourceArn, because codebuild.amazonaws.com acts for all AWS accounts, got "ecr:PutImage". Add the condition'],
    ['another service is named', { principals: other, actions: ['s3:GetObject'] }, FOREIGN('s3:GetObject')],
    ['public ECR is named', { principals: other, actions: ['ecr-public:BatchGetImage'] }, FOREIGN('ecr-public:BatchGetImage')],
    ['nothing of a repository is matched', { principals: other, actions: ['ecr:CreatePull*'] }, FOREIGN('ecr:CreatePull*')],
    ['logging in is allowed', { principals: other, actions: ['ecr:GetAuthorizationToken'] },
      `${FOREIGN('ecr:GetAuthorizationToken')}Remove it. Only the policy of a role can allow the login.`],
    ['repositories are created', { principals: other, actions: ['ecr:CreateRepository'] }, FOREIGN('ecr:CreateRepository')],
    ['the registry is changed', { principals: own, actions: ['ecr:PutRegistryPolicy'] }, FOREIGN('ecr:PutRegistryPolicy')],
    ['something foreign is forbidden', { effect: Effect.DENY, principals: anybody, actions: ['s3:*'] }, FOREIGN('s3:*')],
    ['a resource is named', { principals: other, actions: pull, resources: ['*'] },
      'must have no resource, because the policy is attached to one repository, got ["*"]. Leave resources out.'],
    ['all but a resource is named', { principals: other, actions: pull, notResources: ['arn:aws:ecr:::repository/web'] }, 'must have no resource'],
    ['there is no principal', { actions: pull },
      "must have a principal, got undefined. Add a principal, e.g. principals: [new iam.AccountPrincipal('111122223333')]."],
    ['no action is named', { principals: other }, 'must have an action, got undefined. Use pullFrom and pushFrom'],
    ['a part of a principal is a wildcard', { principals: [new ArnPrincipal('arn:aws:iam::111122223333:role/*')], actions: pull },
      'must have complete principals, because IAM does not support wildcards in a part of a principal, got "arn:aws:iam::111122223333:role/*". List each principal'],
    ['the account of a principal is a wildcard', { principals: [new ArnPrincipal(`arn:${Aws.PARTITION}:iam::*:root`)], actions: pull },
      'must have complete principals, because IAM does not support wildcards in a part of a principal, got "arn:…:iam::*:root".'],
  ])('%s', (_, props, message) => {
    const told = added({ sid: 'Mine', ...props });
    expect(told).toMatch(/^Stack\/Repository: 'statement Mine' must /);
    expect(told).toContain(message);
  });

  test.each<[PolicyStatementProps, string]>([
    [{ principals: anybody, actions: pull }, 'statement (Allow ecr:BatchGetImage to *)'],
    [{ principals: anybody, actions: ['ecr:PutImage', 'ecr:A', 'ecr:B', 'ecr:C', 'ecr:D'] }, 'statement (Allow ecr:PutImage, ecr:A, ecr:B and 2 more to *)'],
    [{ actions: pull }, 'statement (Allow ecr:BatchGetImage to no principal)'],
    [{ notPrincipals: other, notActions: pull }, 'statement (Allow all but ecr:BatchGetImage to all but some)'],
    [{ sid: Lazy.string({ produce: () => 'Late' }), principals: anybody, actions: pull }, 'statement (Allow ecr:BatchGetImage to *)'],
  ])('a statement without a Sid is named by its content', (props, name) => {
    expect(added(props)).toContain(`Stack/Repository: '${name}' must`);
  });

  test.each<[string, object, string]>([
    ['a star', { Principal: '*', Action: 'ecr:BatchGetImage' }, OPEN],
    ['a list with a star', { Principal: { AWS: ['111122223333', '*'] }, Action: ['ecr:BatchGetImage'] }, OPEN],
    ['everybody but some', { NotPrincipal: { AWS: '111122223333' }, Action: 'ecr:BatchGetImage' }, OPEN],
    ['a star that pushes', { Principal: { AWS: '*' }, Action: 'ecr:PutImage', Condition: organization }, WRITES('ecr:PutImage')],
    ['another account', { Principal: { AWS: '111122223333' }, Action: '*' }, ADMINISTERS('*', '111122223333')],
    ['a resource', { Principal: { AWS: '999988887777' }, Action: 'ecr:*', Resource: '*' }, 'must have no resource'],
  ])('a statement from JSON, with %s', (_, json, message) => {
    const statement = PolicyStatement.fromJson({ Sid: 'Read', Effect: 'Allow', ...json });
    expect(messageOf(() => new ImageRepository(newStack(OWN), 'Repository').addToResourcePolicy(statement)))
      .toContain(`Stack/Repository: 'statement Read' ${message}`);
  });

  test.each([undefined, null, 7, 'Allow', {}, [], PolicyStatement, { Effect: 'Allow', Action: 'ecr:BatchGetImage', Principal: '*' }])('%p, which is no statement', statement => {
    expect(messageOf(() => new ImageRepository(newStack(), 'Repository').addToResourcePolicy(wrong(statement))))
      .toMatch(/^Stack\/Repository: 'statement' must be a PolicyStatement, got [^]+\. Use an iam\.PolicyStatement, e\.g\. new iam\.PolicyStatement/);
  });
});

describe('but not', () => {
  test.each<[string, PolicyStatementProps]>([
    ['a pull for another account', { principals: other, actions: pull }],
    ['a push for another account', { principals: other, actions: ['ecr:PutImage', 'ecr:UploadLayerPart'] }],
    ['reading for another account', { principals: other, actions: ['ecr:GetLifecyclePolicy', 'ecr:GetRepositoryPolicy', 'ecr:BatchG*'] }],
    ['a replication and an import', { principals: other, actions: ['ecr:ReplicateImage', 'ecr:BatchImportUpstreamImage'] }],
    ['a pull for a service without a condition, as CDK adds it', { principals: [new ServicePrincipal('codebuild.amazonaws.com')], actions: pull }],
    ['a pull for an organization', { principals: [new OrganizationPrincipal('o-a1b2c3d4e5')], actions: pull }],
    ['a listing for an organization', { principals: anybody, actions: ['ecr:List*', 'ecr:DescribeImages', 'ECR:batchgetimage'], conditions: organization }],
    ['everybody but one of an organization', { notPrincipals: other, actions: pull, conditions: organization }],
    ['administration by the own account', { principals: own, actions: ['ecr:*'] }],
    ['administration by the own account, by its number', { principals: [new ArnPrincipal('999988887777')], actions: ['ecr:DeleteRepository'] }],
    ['administration by a role of the own account', { principals: [new ArnPrincipal('arn:aws:iam::999988887777:role/admin')], actions: ['*'] }],
    ['everything but one for the own account', { principals: own, notActions: ['ecr:DeleteRepository'] }],
    ['a principal that is a token', { principals: [new ArnPrincipal(Aws.STACK_ID)], actions: ['ecr:*'] }],
    ['actions that are tokens', { principals: other, actions: [Aws.STACK_NAME] }],
    ['actions that are tokens, for an organization', { principals: anybody, actions: [Aws.STACK_NAME], conditions: organization }],
    ['a Deny for everybody', { effect: Effect.DENY, principals: anybody, actions: ['ecr:DeleteRepository'] }],
    ['a Deny of everything', { effect: Effect.DENY, principals: [new StarPrincipal()], actions: ['ecr:*'] }],
    ['a Deny of all but', { effect: Effect.DENY, notPrincipals: other, notActions: pull }],
    ['a Deny outside of an organization', { effect: Effect.DENY, principals: anybody, actions: ['*'], conditions: { StringNotEquals: { 'aws:PrincipalOrgID': 'o-a' } } }],
    ['an unknown action, for the own account', { principals: own, actions: ['ecr:EraseImage'] }],
  ])('%s', (_, props) => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository').addToResourcePolicy(new PolicyStatement(props));
    const [repository] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    expect(repository.Properties.RepositoryPolicyText.Statement).toHaveLength(1);
  });
});

describe('the final policy is checked again, so a statement cannot bypass the checks', () => {
  const synthesized = (change: (repository: ImageRepository) => void) => {
    const stack = newStack(OWN);
    change(new ImageRepository(stack, 'Repository'));
    return messageOf(() => Template.fromStack(stack));
  };

  test('by changing a statement after it was added', () => {
    expect(synthesized(repository => {
      const statement = new PolicyStatement({ sid: 'Grown', principals: other, actions: pull });
      repository.addToResourcePolicy(statement);
      statement.addAnyPrincipal();
    })).toContain(`[Stack/Repository] 'statement Grown' ${OPEN}`);
  });

  test('by adding an action after the statement was added', () => {
    expect(synthesized(repository => {
      const statement = new PolicyStatement({ sid: 'Grown', principals: other, actions: pull });
      repository.addToResourcePolicy(statement);
      statement.addActions('ecr:SetRepositoryPolicy');
    })).toContain(`[Stack/Repository] 'statement Grown' ${ADMINISTERS('ecr:SetRepositoryPolicy', ROOT)}`);
  });

  test('through the inner L2 repository', () => {
    expect(synthesized(repository => (repository.node.findChild('Resource') as ImageRepository).addToResourcePolicy(
      new PolicyStatement({ principals: anybody, actions: ['ecr:PutImage'] }),
    ))).toContain(`[Stack/Repository] 'statement (Allow ecr:PutImage to *)' ${WRITES('ecr:PutImage')}`);
  });

  test('with lazy values', () => {
    expect(synthesized(repository => repository.addToResourcePolicy(new PolicyStatement({
      sid: 'Late', principals: anybody, actions: pull, conditions: { StringLike: { 'aws:PrincipalOrgID': Lazy.string({ produce: () => 'o-*' }) } },
    })))).toContain(`[Stack/Repository] 'statement Late' ${OPEN}`);
  });

  test('with a question mark, which CDK itself rejects only if it is known early', () => {
    expect(synthesized(repository => repository.addToResourcePolicy(new PolicyStatement({
      sid: 'Late', principals: anybody, actions: [Lazy.string({ produce: () => 'ecr:P?tImage' })], conditions: organization,
    })))).toContain(`[Stack/Repository] 'statement Late' ${WRITES('ecr:P?tImage')}`);
  });

  test('by extending a statement that has a reason', () => {
    expect(synthesized(repository => {
      repository.allowAdministration({ principals: other, actions: ['ecr:BatchDeleteImage'], reason: 'Their pipeline cleans up after itself.' });
      (repository.node.findChild('Resource') as ImageRepository).addToResourcePolicy(
        new PolicyStatement({ principals: other, actions: ['ecr:BatchDeleteImage', 'ecr:DeleteRepository'] }),
      );
    })).toContain(ADMINISTERS('ecr:DeleteRepository', ROOT));
  });

  test('while a statement with a reason stays valid, even if CDK merges statements', () => {
    const stack = newStack(OWN);
    stack.node.setContext('@aws-cdk/aws-iam:minimizePolicies', true);
    const repository = new ImageRepository(stack, 'Repository', { pullFrom: { accounts: ['111122223333'] } });
    repository.allowAdministration({ principals: other, actions: ['ecr:BatchDeleteImage'], reason: 'Their pipeline cleans up after itself.' });
    repository.allowAdministration({ principals: other, actions: ['ecr:PutLifecyclePolicy'], reason: 'The platform team keeps our retention.' });

    const [resource] = Object.values(Template.fromStack(stack).findResources('AWS::ECR::Repository'));
    expect(resource.Properties.RepositoryPolicyText.Statement).toHaveLength(2);
    expect(resource.Metadata['cdk-container-delivery:administration']).toHaveLength(2);
  });
});

describe('the size of a repository policy', () => {
  // The length of one account in the text: "arn:aws:iam::111122223333:root", with quotation marks and comma.
  const accounts = (count: number) => Array.from({ length: count }, (_, index) => String(100_000_000_000 + index));
  const withAccounts = (count: number) => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository', { pullFrom: { accounts: accounts(count) } });
    return messageOf(() => Template.fromStack(stack));
  };
  const sizeOf = (count: number) => JSON.stringify({
    Statement: [{
      Action: ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
      Effect: 'Allow',
      Principal: { AWS: accounts(count).map(account => `arn:aws:iam::${account}:root`) },
    }],
    Version: '2012-10-17',
  }).length;

  test('can be up to 10240 characters, the limit of ECR, and one account more is rejected', () => {
    const most = accounts(1000).findIndex((_, count) => sizeOf(count + 1) > 10_240);
    expect(sizeOf(most)).toBeLessThanOrEqual(10_240);
    expect(withAccounts(most)).toBe('accepted');
    expect(withAccounts(most + 1)).toContain(
      `[Stack/Repository] 'policy' must have at most 10240 characters, the limit of ECR, got ${sizeOf(most + 1)}. Allow an organization instead of its accounts`,
    );
  });

  test('counts tokens with their minimum length, so that a policy that ECR accepts is never rejected', () => {
    const stack = newStack();
    const repository = new ImageRepository(stack, 'Repository');
    const roles = Array.from({ length: 280 }, (_, index) => new ArnPrincipal(`${Aws.STACK_ID}-${index}`));
    repository.allowPullFrom({ principals: roles });
    expect(messageOf(() => Template.fromStack(stack))).toBe('accepted');
  });
});
