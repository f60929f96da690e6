import { App, Stack } from 'aws-cdk-lib';
import { ImageRepository, ImageSource, ScanGate, Severity } from '../../src';
import { ScanScene, basicScan } from '../helpers/scan-scene';
import { APP, newStack, Template } from '../helpers/stack';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The policy statements of the role of the function. */
function statementsOf(template: Template): readonly Statement[] {
  const [[role]] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => /ScanGateHandler\w*Role/.test(id));
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(policy => JSON.stringify(policy.Properties.Roles).includes(`"${role}"`))
    .flatMap(({ Properties }): readonly Statement[] => Properties.PolicyDocument.Statement);
}

/** The permissions of the role of the function: actions by resource. */
function permissions(): Record<string, readonly string[]> {
  const stack = newStack();
  new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { scanGate: ScanGate.failOn(Severity.HIGH) });
  const statements = statementsOf(Template.fromStack(stack));
  return Object.fromEntries(statements.map(({ Action, Resource }) => [
    JSON.stringify(Resource).replace(/.*(Repository3A24F169|ContainerDeliveryLogs|ScanGateHandlerFunction|AWS::StackId).*/, '$1'), [Action].flat(),
  ]));
}

test('the function can read scans of its repository, tag images that passed, describe its stack, log, invoke itself, and nothing else', () => {
  expect(permissions()).toEqual({
    'ContainerDeliveryLogs': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    '"*"': ['inspector2:ListCoverage', 'inspector2:ListFindings'],
    'AWS::StackId': ['cloudformation:DescribeStacks'],
    'Repository3A24F169': ['ecr:BatchGetImage', 'ecr:DescribeImageScanFindings', 'ecr:PutImage', 'ecr:StartImageScan'],
    'ScanGateHandlerFunction': ['lambda:InvokeFunction'],
  });
});

test('the function is allowed every call that it makes, and uses every permission that it has', async () => {
  const scene = await ScanScene.open();
  scene.image('web', 'live-web.1');
  scene.cloud.started = basicScan();
  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  await scene.cloud.stop();

  const allowed = permissions();
  expect(scene.actions).toEqual([...allowed['AWS::StackId'], ...allowed.Repository3A24F169].sort());
});

test('two hundred images of one repository need no more permissions than one', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  for (let at = 0; at < 200; at++) repository.publish(`web${at}`, ImageSource.registry('nginx:1.27'), { scanGate: ScanGate.failOn(Severity.HIGH) });

  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ImageScanGate', 200);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  expect(statementsOf(template)).toHaveLength(5);
});

test('a gate in a stack of another account is allowed by the repository policy to do its work and nothing else', () => {
  const app = new App();
  const [base, web] = ['111122223333', '444455556666'].map(account => new Stack(app, `In-${account}`, { env: { account, region: 'eu-west-1' } }));
  new ImageRepository(base, 'Repository', { repositoryName: 'team/web' }).buildAndPushImage(APP, { scope: web, scanGate: ScanGate.failOn(Severity.HIGH) });

  const actions = ['ecr:BatchGetImage', 'ecr:DescribeImageScanFindings', 'ecr:PutImage', 'ecr:StartImageScan'];
  const [repository] = Object.values(Template.fromStack(base).findResources('AWS::ECR::Repository'));
  const statements: (Statement & { readonly Condition: object })[] = repository.Properties.RepositoryPolicyText.Statement;
  const [letIn, ...more] = statements.filter(({ Action }) => Action.includes('ecr:DescribeImageScanFindings'));
  expect(more).toEqual([]);
  expect(letIn).toMatchObject({ Action: actions, Condition: { StringEquals: { 'aws:PrincipalTag/aws-cdk:id': expect.stringMatching(/^In-444455556666_/) } } });
  expect(statementsOf(Template.fromStack(web))).toContainEqual(expect.objectContaining({ Action: actions }));
});
