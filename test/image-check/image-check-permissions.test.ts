import { App, NestedStack, Stack } from 'aws-cdk-lib';
import { FargateService, ImageRepository } from '../../src';
import { ARM64, CheckScene } from '../helpers/check-scene';
import { APP, newCluster, newStack, Template } from '../helpers/stack';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The policy statements of the role of the function. */
function statementsOf(template: Template): readonly Statement[] {
  const [[role]] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => /(?:ImageCheck|Copy)Handler\w*Role/.test(id));
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(policy => JSON.stringify(policy.Properties.Roles).includes(`"${role}"`))
    .flatMap(({ Properties }): readonly Statement[] => Properties.PolicyDocument.Statement);
}

/** Several services in one stack, each with its own image in one repository. By default, the images are published by the same stack. */
function serve(stack: Stack, repository: ImageRepository, ids: readonly string[] = ['web'], scope = stack): void {
  const cluster = newCluster(stack);
  for (const id of ids) {
    const image = repository.buildAndPushImage(APP, { scope, target: id });
    new FargateService(stack, id, { cluster, containers: { web: { image } } });
  }
}

/** A stack that publishes images, and a nested stack that runs them. It needs a function that only checks. */
function twoStacks(): { readonly base: Stack; readonly web: Stack } {
  const base = newStack();
  return { base, web: new NestedStack(base, 'Web') };
}

/** The permissions of the role of the function: actions by resource. */
function permissions(): Record<string, readonly string[]> {
  const { base, web } = twoStacks();
  serve(web, new ImageRepository(base, 'Repository'), undefined, base);
  return Object.fromEntries(statementsOf(Template.fromStack(web)).map(({ Action, Resource }) => [
    JSON.stringify(Resource).replace(/.*(StackRepository|ContainerDeliveryLogs|AWS::StackId).*/, '$1'), [Action].flat(),
  ]));
}

test('a function that only checks can read manifests and configurations of its repository, describe its stack, log, and nothing else', () => {
  expect(permissions()).toEqual({
    'ContainerDeliveryLogs': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    'AWS::StackId': ['cloudformation:DescribeStacks'],
    'StackRepository': ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
  });
});

test('the function is allowed every call that it makes, and uses every permission that it has', async () => {
  const scene = await CheckScene.open();
  expect(await scene.deploy({ Version: scene.image(ARM64) })).toMatchObject({ Status: 'FAILED' });
  await scene.cloud.stop();

  const allowed = permissions();
  expect(scene.actions.filter(action => action !== 's3:GET')).toEqual([...allowed['AWS::StackId'], ...allowed.StackRepository].sort());
});

test('forty services of one repository share one function, and need no more permissions than one', () => {
  const { base, web } = twoStacks();
  serve(web, new ImageRepository(base, 'Repository'), Array.from({ length: 40 }, (_, at) => `web${at}`), base);

  const template = Template.fromStack(web);
  template.resourceCountIs('Custom::ContainerImageCheck', 40);
  template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: 'Looks at images before anything runs them' }, 1);
  expect(statementsOf(template)).toHaveLength(3);
});

test('two repositories have separate functions, each with access to its own repository only', () => {
  const { base, web } = twoStacks();
  const images = ['One', 'Two'].map(id => new ImageRepository(base, id).buildAndPushImage(APP));
  new FargateService(web, 'Service', { cluster: newCluster(web), containers: { one: { image: images[0] }, two: { image: images[1] } } });

  const policies = Object.values(Template.fromStack(web).findResources('AWS::IAM::Policy'))
    .filter(({ Properties }) => /ImageCheckHandler/.test(JSON.stringify(Properties.Roles)));
  const repositories = policies.map(policy => JSON.stringify(policy).match(/(?:One|Two)[0-9A-F]{8}Arn/g));
  expect(repositories).toEqual([[expect.stringContaining('One')], [expect.stringContaining('Two')]]);
});

test('a service in a stack of another account is allowed by the repository policy to read and nothing else', () => {
  const app = new App();
  const [base, web] = ['111122223333', '444455556666'].map(account => new Stack(app, `In-${account}`, { env: { account, region: 'eu-west-1' } }));
  serve(web, new ImageRepository(base, 'Repository', { repositoryName: 'team/web' }));

  const actions = ['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'];
  const [repository] = Object.values(Template.fromStack(base).findResources('AWS::ECR::Repository'));
  const statements: (Statement & { readonly Condition: object })[] = repository.Properties.RepositoryPolicyText.Statement;
  const letIn = statements.filter(({ Action }) => JSON.stringify(Action) === JSON.stringify(actions));
  expect(letIn).toEqual([expect.objectContaining({ Condition: { StringEquals: { 'aws:PrincipalTag/aws-cdk:id': expect.stringMatching(/^In-444455556666_/) } } })]);
  expect(statementsOf(Template.fromStack(web))).toContainEqual(expect.objectContaining({ Action: actions }));
});

test('in a nested stack, the function exists too, and describes that stack and its parent', () => {
  const around = newStack();
  const repository = new ImageRepository(around, 'Repository');
  const image = repository.buildAndPushImage(APP);
  const nested = new NestedStack(around, 'Nested');
  new FargateService(nested, 'Service', { cluster: newCluster(nested), containers: { web: { image } } });

  const template = Template.fromStack(nested);
  template.resourceCountIs('Custom::ContainerImageCheck', 1);
  const [{ Resource }] = statementsOf(template).filter(({ Action }) => Action === 'cloudformation:DescribeStacks');
  const [own, other] = Resource as { readonly Ref: string }[];
  expect(own).toEqual({ Ref: 'AWS::StackId' });
  const [{ Properties }] = Object.values(Template.fromStack(around).findResources('AWS::CloudFormation::Stack'));
  expect(Properties.Parameters[other.Ref]).toEqual({ Ref: 'AWS::StackId' });
  Template.fromStack(around).resourcePropertiesCountIs('AWS::Lambda::Function', { Description: 'Looks at images before anything runs them' }, 0);
});

test('the function that publishes an image checks it in the same stack, and gets only the permissions that it lacks', () => {
  const stack = newStack();
  serve(stack, new ImageRepository(stack, 'Repository'));

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Function', 1);
  const added = statementsOf(template).filter(({ Action }) => !/PutImage|GetAuthorizationToken|logs:|InvokeFunction|BatchCheckLayer/.test(JSON.stringify(Action)));
  expect(added.map(({ Action }) => Action)).toEqual([['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'], 'cloudformation:DescribeStacks']);
});
