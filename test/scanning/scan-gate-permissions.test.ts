import { ImageRepository, ImageSource, ScanGate, Severity } from '../../src';
import { ScanScene, basicScan } from '../helpers/scan-scene';
import { APP, newStack, Template } from '../helpers/stack';

interface Statement {
  readonly Action: string | readonly string[];
  readonly Resource: unknown;
}

/** The statements about the role of the function. */
function statementsOf(template: Template): readonly Statement[] {
  const [[role]] = Object.entries(template.findResources('AWS::IAM::Role')).filter(([id]) => /ScanGateHandlerRole/.test(id));
  return Object.values(template.findResources('AWS::IAM::Policy'))
    .filter(policy => JSON.stringify(policy.Properties.Roles).includes(`"${role}"`))
    .flatMap(({ Properties }): readonly Statement[] => Properties.PolicyDocument.Statement);
}

/** What the role of the function may do: actions by the resource that they are allowed on. */
function permissions(): Record<string, readonly string[]> {
  const stack = newStack();
  new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { scanGate: ScanGate.failOn(Severity.HIGH) });
  const statements = statementsOf(Template.fromStack(stack));
  return Object.fromEntries(statements.map(({ Action, Resource }) => [
    JSON.stringify(Resource).replace(/.*(Repository3A24F169|ScanGateHandlerLogs|ScanGateHandlerFunction|AWS::StackId).*/, '$1'), [Action].flat(),
  ]));
}

test('the function may look at scans of its repository, tag what has passed, ask how its stack is, log, call itself, and nothing else', () => {
  expect(permissions()).toEqual({
    'ScanGateHandlerLogs': ['logs:CreateLogStream', 'logs:PutLogEvents'],
    '"*"': ['inspector2:ListCoverage', 'inspector2:ListFindings'],
    'AWS::StackId': ['cloudformation:DescribeStacks'],
    'Repository3A24F169': ['ecr:BatchGetImage', 'ecr:DescribeImageScanFindings', 'ecr:PutImage', 'ecr:StartImageScan'],
    'ScanGateHandlerFunction': ['lambda:InvokeFunction'],
  });
});

test('every call that the function makes is allowed, and everything that it is allowed it uses', async () => {
  const scene = await ScanScene.open();
  scene.image('web', 'live-web.1');
  scene.cloud.started = basicScan();
  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  await scene.cloud.stop();

  const allowed = permissions();
  expect(scene.actions).toEqual([...allowed['AWS::StackId'], ...allowed.Repository3A24F169].sort());
});

test('two hundred images of one repository take no more permissions than one', () => {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  for (let at = 0; at < 200; at++) repository.publish(`web${at}`, ImageSource.registry('nginx:1.27'), { scanGate: ScanGate.failOn(Severity.HIGH) });

  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ImageScanGate', 200);
  template.resourceCountIs('AWS::IAM::ManagedPolicy', 0);
  expect(statementsOf(template)).toHaveLength(5);
});
