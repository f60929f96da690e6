import { App, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  BlobMounting, ExternalRegistry, FargateService, ImageRepository, ImageSource, PublishOptions, RegistrySettings, OneOffFargateTask,
  ScanGate, Severity,
} from '../src';
import { newCluster, Template } from './helpers/stack';

/** The places of the images of an app. */
interface Place {
  readonly stage: string;
  readonly repository: string;
  /** The stack of the repository. */
  readonly stack: 'Base' | 'Shop' | 'Nested';
  readonly publishedIn: 'the stack of the repository' | 'the stack that runs it';
}

const PLACES: Place[] = ['Beta', 'Prod'].flatMap(stage => ['One', 'Two'].flatMap(repository => [
  { stage, repository, stack: 'Base', publishedIn: 'the stack that runs it' },
  { stage, repository, stack: 'Shop', publishedIn: 'the stack that runs it' },
  { stage, repository, stack: 'Shop', publishedIn: 'the stack of the repository' },
  { stage, repository, stack: 'Nested', publishedIn: 'the stack that runs it' },
] as const));

/** The same service, function, task and settings, with an image from this place. */
function shop({ stage, repository: id, stack: of, publishedIn }: Place): Template {
  const app = new Stage(new App(), stage);
  const stack = new Stack(app, 'Shop', { stackName: 'shop' });
  const stacks = { Base: () => new Stack(app, 'Base', { stackName: 'base' }), Shop: () => stack, Nested: () => new NestedStack(stack, 'Nested') };
  const repository = new ImageRepository(stacks[of](), id, { repositoryName: 'team/shop' });
  const options: PublishOptions = { scope: publishedIn === 'the stack of the repository' ? undefined : stack, scanGate: ScanGate.failOn(Severity.HIGH) };
  const image = repository.publish('web', ImageSource.registry('nginx:1.27'), options);
  image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', credentials: new Secret(stack, 'Login') }), { name: 'web' });
  const cluster = newCluster(stack);
  new FargateService(stack, 'Service', { cluster, containers: { web: { image } } });
  new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } } });
  new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode() });
  new RegistrySettings(stack, 'Settings', { blobMounting: BlobMounting.enabled() });
  return Template.fromStack(stack);
}

test('the service token of a custom resource never changes under one logical ID, because CloudFormation would reject it', () => {
  const servedBy = new Map<string, Set<string>>();
  for (const { Resources } of PLACES.map(place => shop(place).toJSON())) {
    for (const [id, { Type, Properties }] of Object.entries<{ Type: string; Properties: { ServiceToken: unknown } }>(Resources)) {
      if (!/^Custom::(Container|Image|Registry)/.test(Type)) continue;
      const known = `${Type} ${id}`;
      servedBy.set(known, (servedBy.get(known) ?? new Set()).add(JSON.stringify(Properties.ServiceToken)));
    }
  }
  expect([...servedBy].filter(([, tokens]) => tokens.size > 1)).toEqual([]);
  expect(new Set([...servedBy.keys()].map(known => known.split(' ')[0]))).toEqual(new Set([
    'Custom::ContainerImageCheck', 'Custom::ContainerImageCopy', 'Custom::ContainerOneOffTask', 'Custom::ImageScanGate',
    'Custom::RegistryBlobMounting', 'Custom::RegistryBlobMountingBefore',
  ]));
});

test('the logical IDs of image checks do not depend on the name of the stage', () => {
  const [beta, prod] = ['Beta', 'Prod'].map(stage =>
    Object.keys(shop({ stage, repository: 'One', stack: 'Shop', publishedIn: 'the stack that runs it' }).findResources('Custom::ContainerImageCheck')));
  expect(beta).toEqual(prod);
});
