import { App, Stack } from 'aws-cdk-lib';
import { CloudFormationStackArtifact } from 'aws-cdk-lib/cx-api';
import { DirectPushSynthesizer, FargateService, ImageRepository, ImageSource } from '../src';
import { exampleApp, examples } from './helpers/examples';
import { obstaclesToHotswap } from './helpers/hotswap';
import { APP, newCluster } from './helpers/stack';

const MODE = { 'cdk-container-delivery:development': 'true' };

function obstacles(app: App): string[] {
  return app.synth().stacksRecursively.flatMap(stack => obstaclesToHotswap(stack as CloudFormationStackArtifact));
}

/** A service with its image, as `cdk deploy` with this context synthesizes it. */
function service(context: { readonly [key: string]: string }, isDirect = false): App {
  const app = new App({ context: { ...context }, ...isDirect ? { defaultStackSynthesizer: new DirectPushSynthesizer() } : {} });
  const stack = new Stack(app, 'Web');
  const repository = new ImageRepository(isDirect ? new Stack(app, 'Base') : stack, 'Repository', { repositoryName: 'team/web' });
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: repository.buildAndPushImage(APP, { scope: stack }), port: 8080 } } });
  return app;
}

describe('`cdk deploy --hotswap` of a changed file', () => {
  test('is possible with direct push, and with copies in development mode only', () => {
    expect(obstacles(service({}, true))).toEqual([]);
    expect(obstacles(service(MODE, true))).toEqual([]);
    expect(obstacles(service(MODE))).toEqual([]);
    expect(obstacles(service({}))).toEqual([expect.stringMatching(/^Custom::ContainerImageCopy /)]);
  });

  test('is not possible for a task with a copied image next to it', () => {
    const app = new App({ context: { ...MODE } });
    const stack = new Stack(app, 'Web');
    const repository = new ImageRepository(stack, 'Repository');
    const [web, proxy] = [repository.buildAndPushImage(APP), repository.publish('proxy', ImageSource.registry('envoyproxy/envoy:v1.30.1'))];
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image: web, port: 8080 }, proxy: { image: proxy } } });

    expect(obstacles(app)).toEqual(['Custom::ContainerImageCopy DigestHex']);
  });
});

describe('an example in development mode', () => {
  // Tasks without a service, multi-platform images, services that start after another service, and Express Mode.
  const others: { readonly [name: string]: RegExp } = {
    express: /^no service runs |AWS::ECS::ExpressGatewayService/,
    lambda: /^Custom::ContainerImageCopy /,
    migration: /^no service runs |refers to MigrateTaskDefinition/,
    network: /refers to BrokerTaskDefinition/,
    scheduled: /^no service runs |refers to ReportTaskDefinition/,
  };

  beforeAll(() => { process.env.CDK_CONTEXT_JSON = JSON.stringify(MODE); });

  afterAll(() => { delete process.env.CDK_CONTEXT_JSON; });

  // Their programs publish to another registry, and development mode publishes nothing.
  const elsewhere = ['azure', 'google'];

  test.each(examples.filter(name => !elsewhere.includes(name)))('examples/%s has nothing else that prevents a hotswap of a changed file', name => {
    expect(obstacles(exampleApp(name)).filter(each => !others[name]?.test(each))).toEqual([]);
  });
});
