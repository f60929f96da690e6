import { App, AppProps, CfnOutput, Stack, Stage } from 'aws-cdk-lib';
import { Annotations } from 'aws-cdk-lib/assertions';
import { DockerImageAsset } from 'aws-cdk-lib/aws-ecr-assets';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  DirectPushSynthesizer, ExternalRegistry, FargateService, ImageCheck, ImageRepository, ImageRoute, ImageSource, PublishOptions, ScanGate, Severity,
} from '../../src';
import { dockerArchive } from '../helpers/image-archive';
import { APP, Match, newCluster, Template } from '../helpers/stack';

const MODE = 'cdk-container-delivery:development';
const ON = { context: { [MODE]: 'true' } };
const BOTH = [{ platform: 'linux/amd64' }, { platform: 'linux/arm64' }] as never;

const BOOTSTRAP_IMAGE = { 'Fn::Sub': expect.stringMatching(/^\$\{AWS::AccountId\}\.dkr\.ecr\.\$\{AWS::Region\}\.\$\{AWS::URLSuffix\}\/cdk-hnb659fds-container-assets-.*:[a-f0-9]{64}$/) };

function scene(props: AppProps = ON) {
  const app = new App(props);
  const stack = new Stack(app, 'Stack');
  return { app, stack, repository: new ImageRepository(stack, 'Repository') };
}

/** A task that runs the image. */
function taskOf(stack: Stack, image: ReturnType<ImageRepository['publish']>) {
  new FargateTaskDefinition(stack, 'Task').addContainer('web', { image });
  const [task] = Object.values(Template.fromStack(stack).findResources('AWS::ECS::TaskDefinition'));
  return task.Properties.ContainerDefinitions[0].Image;
}

function resourcesOf(stack: Stack, type: string) {
  return Template.fromStack(stack).findResources(type);
}

describe('in development mode', () => {
  test.each<[string, (stack: Stack) => ImageSource]>([
    ['a directory', () => ImageSource.directory(APP)],
    ['an archive', () => ImageSource.tarball(dockerArchive())],
    ['an asset of the app', stack => ImageSource.asset(new DockerImageAsset(stack, 'Asset', { directory: APP }))],
  ])('the image of %s runs from the bootstrap repository, with a tag that the CDK CLI can replace', (_, source) => {
    const { stack, repository } = scene();
    const image = repository.publish('web', source(stack));

    expect([image.route, image.routeReason]).toEqual([ImageRoute.DEVELOPMENT, `development mode is on: the context value ${MODE} is true`]);
    expect(taskOf(stack, image)).toEqual(BOOTSTRAP_IMAGE);
    const { Resources: resources } = Template.fromStack(stack).toJSON() as { Resources: { [id: string]: { Type: string } } };
    expect(Object.values(resources).filter(({ Type }) => /Lambda|Custom/.test(Type))).toEqual([]);
  });

  test('an image that would be copied on request is not copied either', () => {
    expect(scene().repository.buildAndPushImage(APP, { route: ImageRoute.COPY }).route).toBe(ImageRoute.DEVELOPMENT);
  });

  test.each<[string, ImageSource, RegExp]>([
    ['of a registry', ImageSource.registry('nginx:1.27'), /not built by this app/],
    ['for several platforms', ImageSource.directory(APP, { platforms: BOTH }), /several platforms/],
  ])('an image %s is copied as usual', (_, source, reason) => {
    const { stack, repository } = scene();
    const image = repository.publish('web', source);

    expect([image.route, image.routeReason]).toEqual([ImageRoute.COPY, expect.stringMatching(reason)]);
    Annotations.fromStack(stack).hasNoWarning('*', Match.stringLikeRegexp('Development mode'));
  });

  test('no gate and no image check runs', () => {
    const { stack, repository } = scene();
    const image = repository.buildAndPushImage(APP, { scanGate: ScanGate.failOn(Severity.HIGH) });
    new FargateService(stack, 'Service', {
      cluster: newCluster(stack), containers: { web: { image } }, imageCheck: ImageCheck.beforeDeployment(),
    });

    expect(Object.keys(resourcesOf(stack, 'Custom::ImageScanGate'))).toEqual([]);
    expect(Object.keys(resourcesOf(stack, 'Custom::ContainerImageCheck'))).toEqual([]);
  });

  test('an image that is pushed directly is still pushed directly, without gate and check', () => {
    const app = new App({ ...ON, defaultStackSynthesizer: new DirectPushSynthesizer() });
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
    const web = new Stack(app, 'Web');
    const image = repository.buildAndPushImage(APP, { scope: web, scanGate: ScanGate.failOn(Severity.HIGH) });
    new DockerImageFunction(web, 'Function', { code: image.toLambdaCode({ imageCheck: ImageCheck.beforeDeployment() }) });

    expect(image.route).toBe(ImageRoute.DIRECT);
    expect(Object.keys(resourcesOf(web, 'Custom::ImageScanGate'))).toEqual([]);
    expect(Object.keys(resourcesOf(web, 'Custom::ContainerImageCheck'))).toEqual([]);
    Annotations.fromStack(web).hasWarning('/Web', Match.stringLikeRegexp('Development mode is on.*images that are pushed directly are off'));
    Annotations.fromStack(web).hasNoWarning('*', Match.stringLikeRegexp('bootstrap repository'));
    expect(() => image.imageDigest).toThrow(/development mode has neither, got "direct"/);
  });

  test('a Lambda function runs the image from the bootstrap repository', () => {
    const { stack, repository } = scene();
    new DockerImageFunction(stack, 'Function', { code: repository.buildAndPushImage(APP).toLambdaCode() });

    const [lambda] = Object.values(resourcesOf(stack, 'AWS::Lambda::Function'));
    expect(lambda.Properties.Code.ImageUri).toEqual(BOOTSTRAP_IMAGE);
  });

  test('one warning per stack lists everything that is turned off', () => {
    const { stack, repository } = scene();
    repository.buildAndPushImage(APP);
    repository.buildAndPushImage(APP, { target: 'other' });

    const warnings = Annotations.fromStack(stack).findWarning('*', Match.stringLikeRegexp('Development mode'));
    expect(warnings.map(({ id }) => id)).toEqual(['/Stack']);
    for (const off of ['copies', 'digests', 'tags', 'scan gates', 'image checks', 'Lifecycle rules', 'retention']) {
      expect(String(warnings[0].entry.data)).toContain(off);
    }
  });

  test('the execution role can pull from both repositories, so that tasks of the previous version can start again', () => {
    const { stack, repository } = scene();
    taskOf(stack, repository.buildAndPushImage(APP));

    const [policy] = Object.values(resourcesOf(stack, 'AWS::IAM::Policy'));
    const { Statement: statements } = policy.Properties.PolicyDocument;
    const pulls = statements.filter(({ Action }: { Action: unknown }) => JSON.stringify(Action).includes('BatchGetImage'));
    const resources = JSON.stringify(pulls.map(({ Resource }: { Resource: unknown }) => Resource));
    expect(resources).toContain('cdk-hnb659fds-container-assets');
    expect(resources).toContain('{"Fn::GetAtt":["Repository');
  });

  test.each<[string, (image: ReturnType<ImageRepository['publish']>) => unknown, RegExp]>([
    ['imageDigest', image => image.imageDigest, /'imageDigest' must be asked of an image that is copied or passes a scan gate, and development mode has neither, got "development"\. Use imageUri\.$/],
    ['publisher', image => image.publisher, /'publisher' must be asked of an image that is copied.*Ask for it only if \(image\.route !== ImageRoute\.DEVELOPMENT\)/],
    ['publishTo', image => image.publishTo(ExternalRegistry.oci({
      host: 'registry.example.com', credentials: Secret.fromSecretNameV2(image.repository, 'S', 's'),
    }), { name: 'team/web' } as never), /'publishTo' must be called for an image that is published.*Call it only if/],
  ])('%s throws, and the message says what to do', (_, use, message) => {
    const image = scene().repository.buildAndPushImage(APP);

    expect(() => use(image)).toThrow(message);
  });

  test('grants are for the repository that holds the image', () => {
    const { stack, repository } = scene();
    const role = new Role(stack, 'Role', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    const image = repository.buildAndPushImage(APP);
    image.repository.grantPull(role);
    new CfnOutput(stack, 'Image', { value: image.imageUri });

    expect(JSON.stringify(resourcesOf(stack, 'AWS::IAM::Policy'))).toContain('cdk-hnb659fds-container-assets');
    expect(Template.fromStack(stack).toJSON().Outputs.Image.Value).toEqual(BOOTSTRAP_IMAGE);
    expect(image.imageTag).toMatch(/^[a-f0-9]{64}$/);
  });
});

describe('a deployed stack', () => {
  const deployed = (context: object, use: (stack: Stack, image: ReturnType<ImageRepository['publish']>) => void, options: PublishOptions = {}) => {
    const { stack, repository } = scene({ context: { ...context } });
    use(stack, repository.publish('web', ImageSource.directory(APP), options));
    return resourcesOf(stack, 'AWS::ECR::Repository');
  };

  test.each<[string, (stack: Stack, image: ReturnType<ImageRepository['publish']>) => void, PublishOptions]>([
    ['a task', taskOf, {}],
    ['a function', (stack, image) => new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode() }), {}],
    ['tags', taskOf, { tags: ['v1'] }],
  ])('keeps its repository with policy and lifecycle rules if the mode is turned on and off: %s', (_, use, options) => {
    expect(deployed(ON.context, use, options)).toEqual(deployed({}, use, options));
  });

  test('keeps the exports that another stack imports until that stack is updated', () => {
    const exportsOf = (props: AppProps) => {
      const app = new App(props);
      const base = new Stack(app, 'Base');
      const repository = new ImageRepository(base, 'Repository');
      const web = new Stack(app, 'Web');
      taskOf(web, repository.buildAndPushImage(APP, { scope: web }));
      expect(web.dependencies).toContain(base);
      return Object.keys(Template.fromStack(base).toJSON().Outputs);
    };

    expect(exportsOf(ON).sort()).toEqual(exportsOf({}).sort());
  });
});

describe('the context value', () => {
  test.each([true, 'true'])('%j turns the mode on', value => {
    expect(scene({ context: { [MODE]: value } }).repository.buildAndPushImage(APP).route).toBe(ImageRoute.DEVELOPMENT);
  });

  test.each([false, 'false', undefined])('%j turns the mode off', value => {
    expect(scene({ context: { [MODE]: value } }).repository.buildAndPushImage(APP).route).toBe(ImageRoute.COPY);
  });

  test.each(['yes', 'TRUE', '', 1, 0, null, {}, ['true']])('%j is an error', value => {
    const { repository } = scene({ context: { [MODE]: value } });

    expect(() => repository.buildAndPushImage(APP)).toThrow(
      /^Stack\/Repository: 'context cdk-container-delivery:development' must be true or false, got .*\. Write -c cdk-container-delivery:development=true, or leave it out\.$/,
    );
  });

  test.each([false, 'false'])('%j at a stage or stack forbids the mode there, and nowhere else', value => {
    const app = new App(ON);
    const [production, development] = ['Production', 'Development'].map(id => new Stage(app, id));
    production.node.setContext(MODE, value);
    const [forbidden, allowed] = [production, development].map(stage => new ImageRepository(new Stack(stage, 'Stack'), 'Repository').buildAndPushImage(APP));
    const stack = new Stack(app, 'Stack');
    stack.node.setContext(MODE, value);

    expect([forbidden.route, allowed.route]).toEqual([ImageRoute.COPY, ImageRoute.DEVELOPMENT]);
    expect(new ImageRepository(stack, 'Repository').buildAndPushImage(APP).route).toBe(ImageRoute.COPY);
  });

  test.each([['the app has none', {}], ['a stage has forbidden it', ON]])('cannot be set by the program if %s', (_, props) => {
    const stage = new Stage(new App(props), 'Stage');
    if (props === ON) stage.node.setContext(MODE, false);
    const stack = new Stack(stage, 'Stack');
    stack.node.setContext(MODE, true);

    expect(() => new ImageRepository(stack, 'Repository').buildAndPushImage(APP)).toThrow(
      /'context cdk-container-delivery:development' must not be turned on by the program, got true\. Remove it, and turn development mode on for one command: cdk deploy --hotswap -c /,
    );
  });

  test('cannot be replaced by choosing a route in the program', () => {
    expect(() => scene().repository.buildAndPushImage(APP, { route: ImageRoute.DEVELOPMENT })).toThrow(
      /'route' must be ImageRoute\.DIRECT, ImageRoute\.COPY or ImageRoute\.BUILD, got "development"\. Use one of them, or leave it out\./,
    );
  });
});
