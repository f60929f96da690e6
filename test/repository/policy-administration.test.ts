import { Aws, Stack } from 'aws-cdk-lib';
import {
  AccountPrincipal, AnyPrincipal, OrganizationPrincipal, PolicyStatement, Role, ServicePrincipal,
} from 'aws-cdk-lib/aws-iam';
import { DirectPushSynthesizer, ImageRepository, ImageSource } from '../../src';
import { OWN, rootOf, statementsOf } from '../helpers/repository-policy';
import { APP, newStack, Template } from '../helpers/stack';

const BUILDER = 'arn:aws:iam::111122223333:role/builder';

describe('statements that CDK and this library add are accepted:', () => {
  test('a pull grant for a service, an organization, and a role of another account', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    repository.grantPull(new ServicePrincipal('lambda.amazonaws.com'));
    repository.grantPull(new OrganizationPrincipal('o-a1b2c3d4e5'));
    repository.grantPullPush(new AccountPrincipal('111122223333'));
    repository.grantRead(Role.fromRoleArn(stack, 'Role', BUILDER));

    expect(statementsOf(stack)).toHaveLength(4);
  });

  test('a push grant for deployments with direct push', () => {
    const base = newStack(OWN);
    const repository = new ImageRepository(base, 'Repository', { repositoryName: 'web' });
    const web = new Stack(base.node.scope, 'Web', { ...OWN, synthesizer: new DirectPushSynthesizer() });
    repository.publish('web', ImageSource.directory(APP), { scope: web });

    expect(JSON.stringify(statementsOf(base))).toContain('image-publishing-role');
  });

  test('but not a push grant for an organization', () => {
    const repository = new ImageRepository(newStack(), 'Repository');
    expect(() => repository.grantPush(new OrganizationPrincipal('o-a1b2c3d4e5')))
      .toThrow(/must list its principals, because a wildcard can only be allowed to pull, even with a condition, got "ecr:CompleteLayerUpload"/);
  });
});

describe('administration of another account', () => {
  const access = {
    principals: [new AccountPrincipal('111122223333')], actions: ['ecr:PutLifecyclePolicy'], reason: 'The platform team keeps our retention rules.',
  };

  test('is allowed with an explicit reason, which is in the template', () => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository').allowAdministration(access);

    expect(statementsOf(stack)).toEqual([{ Effect: 'Allow', Action: 'ecr:PutLifecyclePolicy', Principal: { AWS: rootOf('111122223333') } }]);
    Template.fromStack(stack).hasResource('AWS::ECR::Repository', {
      Metadata: { 'cdk-container-delivery:administration': [{ actions: access.actions, reason: access.reason }] },
    });
  });

  test('is not extended beyond what the reason was given for', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    repository.allowAdministration(access);

    expect(() => repository.addToResourcePolicy(new PolicyStatement({ principals: access.principals, actions: ['ecr:DeleteRepository'] })))
      .toThrow(/must allow administration of the repository only to its own account, not to arn:…:iam::111122223333:root, got "ecr:DeleteRepository"/);
  });

  test('is never allowed for everybody, with or without a condition', () => {
    const repository = new ImageRepository(newStack(), 'Repository');
    expect(() => repository.allowAdministration({ ...access, principals: [new OrganizationPrincipal('o-a1b2c3d4e5')] }))
      .toThrow("Stack/Repository: 'administration.principals' must list its principals");
  });

  test('needs no reason within the own account', () => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    for (const principal of [new AccountPrincipal('999988887777'), new AccountPrincipal(Aws.ACCOUNT_ID), new Role(stack, 'Role', { assumedBy: new AnyPrincipal() })]) {
      repository.addToResourcePolicy(new PolicyStatement({ principals: [principal], actions: ['ecr:*'] }));
    }
    expect(statementsOf(stack)).toHaveLength(3);
  });
});
