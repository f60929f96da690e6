import { App, Stack } from 'aws-cdk-lib';
import { DirectPushSynthesizer, FargateService, ImageCheck, ImageRepository, ImageSource, PublishedImage } from '../../src';
import { APP, Template, newCluster, newStack } from '../helpers/stack';

interface Resource {
  readonly Type: string;
  readonly Properties?: unknown;
  readonly DependsOn?: readonly string[];
}

type Resources = Readonly<Record<string, Resource>>;

/** All resources that CloudFormation creates before a resource, without the resource itself. */
function longestChain(resources: Resources, id: string): string[] {
  const { Properties, DependsOn = [] } = resources[id];
  const references = [...JSON.stringify(Properties ?? {}).matchAll(/"(?:Ref":|Fn::GetAtt":\[)"(\w+)"/g)].map(([, name]) => name);
  const needed = [...new Set([...references, ...DependsOn])].filter(name => name in resources);
  const chains = needed.map(name => [...longestChain(resources, name), resources[name].Type]);
  return chains.reduce((longest, chain) => chain.length > longest.length ? chain : longest, []);
}

function counts(resources: Resources): Record<string, number> {
  const types = Object.values(resources).map(({ Type }) => Type);
  return Object.fromEntries([...new Set(types)].sort().map(type => [type, types.filter(each => each === type).length]));
}

function ofCopyRoute(images: number): Resources {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  for (let index = 0; index < images; index++) repository.publish(`web${index}`, ImageSource.directory(APP, { extraHash: `${index}` }));
  return Template.fromStack(stack).toJSON().Resources;
}

test('the copy route adds four resources per repository, one per stack and one per image', () => {
  const without = { 'AWS::ECR::Repository': 1 };
  const perRepository = { 'AWS::IAM::Policy': 1, 'AWS::IAM::Role': 1, 'AWS::Lambda::EventInvokeConfig': 1, 'AWS::Lambda::Function': 1 };
  const perStack = { 'AWS::Logs::LogGroup': 1 };

  expect(counts(ofCopyRoute(0))).toEqual(without);
  expect(counts(ofCopyRoute(1))).toEqual({ ...without, ...perRepository, ...perStack, 'Custom::ContainerImageCopy': 1 });
  expect(counts(ofCopyRoute(10))).toEqual({ ...without, ...perRepository, ...perStack, 'Custom::ContainerImageCopy': 10 });
});

test('two repositories of a stack share the log group of their copy functions', () => {
  const stack = newStack();
  for (const id of ['One', 'Other']) new ImageRepository(stack, id).buildAndPushImage(APP);

  const { 'AWS::Logs::LogGroup': logGroups, 'AWS::Lambda::Function': functions } = counts(Template.fromStack(stack).toJSON().Resources);
  expect({ logGroups, functions }).toEqual({ logGroups: 1, functions: 2 });
});

test('before the first copy, CloudFormation waits for three steps: role, function and policy', () => {
  const resources = ofCopyRoute(1);
  const [copy] = Object.keys(resources).filter(id => resources[id].Type === 'Custom::ContainerImageCopy');

  expect(longestChain(resources, copy)).toHaveLength(3);
  const [policy] = Object.keys(resources).filter(id => resources[id].Type === 'AWS::IAM::Policy');
  expect(longestChain(resources, policy)).toHaveLength(2);
  expect(resources[copy].DependsOn).toContain(policy);
});

test('a service in the stack of its image is checked by the copy function, without another function', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 8080 } } });

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Function', 1);
  const [[, { Properties: copy }]] = Object.entries(template.findResources('Custom::ContainerImageCopy'));
  const [[, { Properties: check }]] = Object.entries(template.findResources('Custom::ContainerImageCheck'));
  expect(check.ServiceToken).toEqual(copy.ServiceToken);
});

test('without image checks, there is no check resource and no permission to describe the stack', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 8080 } }, imageCheck: ImageCheck.none() });

  const template = Template.fromStack(stack);
  template.resourceCountIs('Custom::ContainerImageCheck', 0);
  expect(JSON.stringify(template.toJSON())).not.toContain('cloudformation:DescribeStacks');
});

test.each([[['Copied', 'Pushed']], [['Pushed', 'Copied']]])('the function that checks an image does not depend on the order of the program: %j', order => {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const stack = new Stack(app, 'Stack');
  const make: Record<string, () => PublishedImage> = {
    Copied: () => repository.publish('copied', ImageSource.registry('nginx:1.27'), { scope: stack }),
    Pushed: () => repository.publish('pushed', ImageSource.directory(APP), { scope: stack }),
  };
  const cluster = newCluster(stack);
  for (const id of order) {
    new FargateService(stack, id, { cluster, containers: { web: { image: make[id](), port: 8080 } }, imageCheck: ImageCheck.beforeDeployment() });
  }

  const found = Template.fromStack(stack).findResources('Custom::ContainerImageCheck');
  const checks = Object.entries(found).map(([id, { Properties }]) => [id, JSON.stringify(Properties.ServiceToken)]);
  expect(checks.sort()).toEqual([
    [expect.stringMatching(/^CopiedImageChecks/), expect.stringContaining('CopyHandler')], [expect.stringMatching(/^PushedImageChecks/), expect.stringContaining('ImageCheckHandler')],
  ]);
});
