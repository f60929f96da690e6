import { App, CfnOutput, Duration, NestedStack, Stack } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { DockerImageFunction } from 'aws-cdk-lib/aws-lambda';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  AcceptedFinding, DirectPushSynthesizer, ExternalRegistry, FargateService, ImageRepository, ImageRoute, ImageSource, PublishOptions,
  ScanGate, Severity,
} from '../../src';
import { APP, flatten, imageOfTask, Match, newCluster, newStack, Template } from '../helpers/stack';

const GATE = 'Custom::ImageScanGate';
const BY_GATE = /@sha256:\$\{(?:Repository)?Images\w*ScanGate\w*\.DigestHex\}$/;
const scanGate = ScanGate.failOn(Severity.HIGH);

/** A copied image, in the stack of its repository. */
function copied(options: PublishOptions = { scanGate }) {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.publish('web', ImageSource.directory(APP), options) };
}

/** A directly pushed image, in another stack than its repository. */
function pushed(options: PublishOptions = { scanGate }) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const stack = new Stack(app, 'Web');
  return { stack, repository, image: repository.publish('web', ImageSource.directory(APP), { scope: stack, ...options }) };
}

/** The properties of the only scan gate. */
function gateOf(template: Template): Record<string, unknown> {
  return Object.values(template.findResources(GATE))[0].Properties;
}

describe.each([['copied', copied, ImageRoute.COPY], ['pushed directly', pushed, ImageRoute.DIRECT]] as const)('for an image that is %s', (_, published, route) => {
  test('every use of the image refers to the gate and waits for it: a service, a function, a string, another registry', () => {
    const { stack, image } = published();
    new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } } });
    new DockerImageFunction(stack, 'Function', { code: image.toLambdaCode() });
    new CfnOutput(stack, 'Uri', { value: image.imageUri });
    new CfnOutput(stack, 'Digest', { value: image.imageDigest });
    new CfnOutput(stack, 'Tag', { value: image.imageTag });
    image.publishTo(ExternalRegistry.oci({ host: 'r.example.com', credentials: new Secret(stack, 'Credentials') }), { name: 'web' });

    const template = Template.fromStack(stack);
    expect(image.route).toBe(route);
    expect(imageOfTask(template)).toMatch(BY_GATE);
    const [fn] = Object.values(template.findResources('AWS::Lambda::Function', { Properties: { PackageType: 'Image' } }));
    // The check asks for the image that passed the gate.
    expect(flatten(fn.Properties.Code.ImageUri)).toMatch(/@sha256:\$\{FunctionImageCheck\w*\.DigestHex\}$/);
    for (const { Properties } of Object.values(template.findResources('Custom::ContainerImageCheck'))) expect(`@${flatten(Properties.Version)}`).toMatch(BY_GATE);
    const { Uri, Digest, Tag } = template.findOutputs('*');
    expect(flatten(Uri.Value)).toMatch(BY_GATE);
    expect(flatten(Digest.Value)).toMatch(/^sha256:\$\{\w*ScanGate\w*\.DigestHex\}$/);
    expect(flatten(Tag.Value)).toMatch(/^\$\{\w*ScanGate\w*\.Tag\}$/);
    const [there] = Object.values(template.findResources('Custom::ContainerImageCopy', { Properties: { DestinationCredentials: Match.anyValue() } }));
    expect(flatten(there.Properties.Source)).toMatch(BY_GATE);
  });

  test('the gate runs again if the image changes, because its physical id changes', () => {
    const { stack } = published();
    const { Digest, Tag, Repository } = gateOf(Template.fromStack(stack));

    expect(flatten(Repository)).toMatch(/\.dkr\.ecr\..*\//);
    expect(Digest === undefined ? Tag : flatten(Digest)).toMatch(route === ImageRoute.DIRECT ? /^live-web\.[\w.-]+$/ : /^sha256:\$\{\w*Copy\w*\.DigestHex\}$/);
  });

  test('two images of one repository use the same function', () => {
    const { stack, repository } = published();
    repository.publish('worker', ImageSource.directory(APP, { target: 'worker' }), { scope: stack, scanGate });

    const template = Template.fromStack(stack);
    template.resourceCountIs(GATE, 2);
    template.resourcePropertiesCountIs('AWS::Lambda::Function', { Description: 'Stops deployments at the findings of image scans' }, 1);
  });

  test('without a gate, no scan is checked', () => {
    Template.fromStack(published({}).stack).resourceCountIs(GATE, 0);
  });
});

describe('a scan gate', () => {
  test('has the severity that fails the deployment, and waits 15 minutes by default', () => {
    const { stack } = copied();

    expect(gateOf(Template.fromStack(stack))).toMatchObject({
      SchemaVersion: '1', FailOn: 'HIGH', WaitMinutes: '15', PassedTagPrefix: expect.stringMatching(/^live-web\..*passed-$/), ServiceTimeout: '3600',
    });
  });

  test('has the accepted findings with date and reason, and the waiting time that you give', () => {
    const { stack } = copied({
      scanGate: ScanGate.failOn(Severity.CRITICAL, {
        accept: [AcceptedFinding.until('CVE-2025-1234', '2028-02-29', 'we do not parse XML')], waitAtMost: Duration.hours(0.5),
      }),
    });

    expect(gateOf(Template.fromStack(stack))).toMatchObject({
      FailOn: 'CRITICAL', WaitMinutes: '30', Accept: [{ Name: 'CVE-2025-1234', LastDay: '2028-02-29', Reason: 'we do not parse XML' }],
    });
  });

  test('can be combined with tags, several platforms and an imported repository', () => {
    const stack = newStack();
    const image = ImageRepository.fromRepositoryName(stack, 'Imported', 'team/web').buildAndPushImage(APP, {
      tags: ['v1'], platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64], scanGate,
    });
    new FargateTaskDefinition(stack, 'Task').addContainer('web', { image });

    expect(imageOfTask(Template.fromStack(stack))).toMatch(/ScanGate\w*\.DigestHex\}$/);
  });

  test('can be used for other images too', () => {
    const { stack, repository } = copied();
    repository.buildAndPushImage(APP, { scanGate });

    Template.fromStack(stack).resourceCountIs(GATE, 2);
  });

  test('of a nested stack reads the status of that stack and of its parent', () => {
    const around = newStack();
    const nested = new NestedStack(around, 'Nested');
    new ImageRepository(nested, 'Repository').buildAndPushImage(APP, { scanGate });

    const template = Template.fromStack(nested);
    const [statement] = Object.values(template.findResources('AWS::IAM::Policy'))
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement).filter(({ Action }) => Action === 'cloudformation:DescribeStacks');
    const [own, other] = statement.Resource;
    expect(own).toEqual({ Ref: 'AWS::StackId' });
    const [{ Properties }] = Object.values(Template.fromStack(around).findResources('AWS::CloudFormation::Stack'));
    expect(Properties.Parameters[other.Ref]).toEqual({ Ref: 'AWS::StackId' });
  });

  test('belongs to the stack that publishes the image', () => {
    const { stack, image } = copied();
    const other = new Stack(stack.node.root, 'Other');
    new CfnOutput(other, 'Image', { value: image.imageUri });

    expect(() => Template.fromStack(other)).toThrow("'image' must be published in the stack that uses it");
  });
});
