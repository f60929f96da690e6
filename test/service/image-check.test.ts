import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { CfnTaskDefinition, Cluster, ContainerImage, CpuArchitecture } from 'aws-cdk-lib/aws-ecs';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import {
  DirectPushSynthesizer, Ec2Service, FargateService, FargateServiceProps, ImageCheck, ImageRepository, ImageSource, PublishedImage, PublishOptions,
  OneOffFargateTask, ScanGate, ScheduledFargateTask, Severity,
} from '../../src';
import { APP, BY_DIGEST, flatten, newCluster, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const CHECK = 'Custom::ContainerImageCheck';
const scanGate = ScanGate.failOn(Severity.HIGH);

/** A copied image, in the stack of its repository. */
function copied(options: PublishOptions = {}) {
  const stack = newStack();
  const repository = new ImageRepository(stack, 'Repository');
  return { stack, repository, image: repository.publish('web', ImageSource.directory(APP), options) };
}

/** A directly pushed image, in another stack than its repository. */
function pushed(options: PublishOptions = {}) {
  const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
  const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
  const stack = new Stack(app, 'Stack');
  return { stack, repository, image: repository.publish('web', ImageSource.directory(APP), { scope: stack, ...options }) };
}

function serve(stack: Stack, image: ContainerImage, props: Partial<FargateServiceProps> = {}): FargateService {
  return new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image } }, ...props });
}

/** The properties of all checks. */
function checksOf(stack: Stack): Record<string, unknown>[] {
  return Object.values(Template.fromStack(stack).findResources(CHECK)).map(({ Properties }) => Properties);
}

/** Whether the service waits for all checks, and the checks wait for nothing of the service. */
function expectToWait(stack: Stack): void {
  const template = Template.fromStack(stack);
  const checks = Object.keys(template.findResources(CHECK));
  expect(checks).not.toEqual([]);
  for (const { DependsOn } of Object.values(template.findResources('AWS::ECS::Service'))) expect(DependsOn).toEqual(expect.arrayContaining(checks));
  for (const type of ['AWS::ECS::TaskDefinition', 'AWS::ECS::Cluster', 'Custom::ContainerImageCopy']) {
    expect(JSON.stringify(template.findResources(type))).not.toMatch(/ImageChecks/);
  }
}

describe('before a service changes, the image check verifies', () => {
  test('each copied image, by the digest with which it runs', () => {
    const { stack, image } = copied();
    serve(stack, image);

    const [{ Version, Repository, ...rest }] = checksOf(stack);
    expect(`${flatten(Repository)}@${flatten(Version)}`).toMatch(BY_DIGEST);
    expect(rest).toMatchObject({
      SchemaVersion: '1', Runner: 'FARGATE', UsedBy: "the container 'web' of Stack/Service", Architecture: 'X86_64', ServiceTimeout: '3600',
    });
    expectToWait(stack);
  });

  test('each copied image that passes a gate, by the digest that passed, after the gate', () => {
    const { stack, image } = copied({ scanGate });
    serve(stack, image);

    expect(flatten(checksOf(stack)[0].Version)).toMatch(/^sha256:\$\{\w*ScanGate\w*\.DigestHex\}$/);
  });

  test('each directly pushed image that passes a gate, by the digest that passed, after the gate', () => {
    const { stack, image } = pushed({ scanGate });
    serve(stack, image);

    expect(flatten(checksOf(stack)[0].Version)).toMatch(/^sha256:\$\{\w*ScanGate\w*\.DigestHex\}$/);
    expectToWait(stack);
  });

  test('the images of all containers, also of those that are added later', () => {
    const { stack, repository, image } = copied();
    const service = serve(stack, image);
    service.addContainer('sidecar', { image: repository.buildAndPushImage(APP, { target: 'sidecar' }), essential: false });
    service.addContainer('proxy', { image: ContainerImage.fromRegistry('nginx') });

    expect(checksOf(stack).map(({ UsedBy }) => UsedBy)).toEqual(['web', 'sidecar'].map(name => `the container '${name}' of Stack/Service`));
    expectToWait(stack);
  });

  test('an image once for each service that runs it', () => {
    const { stack, image } = copied();
    const cluster = newCluster(stack);
    for (const id of ['One', 'Two']) new FargateService(stack, id, { cluster, containers: { web: { image } } });

    const template = Template.fromStack(stack);
    const dependencies = Object.values(template.findResources('AWS::ECS::Service')).map(({ DependsOn }) => DependsOn.filter((id: string) => /ImageChecks/.test(id)));
    expect(dependencies).toEqual([[expect.stringMatching(/^OneImageChecks/)], [expect.stringMatching(/^TwoImageChecks/)]]);
  });

  test('containers with any name', () => {
    const { stack, image } = copied();
    serve(stack, image, { containers: { Check: { image }, Resource: { image, essential: false }, constructor: { image, essential: false } } });

    expect(checksOf(stack)).toHaveLength(3);
  });
});

describe('no function is created', () => {
  test.each<[string, () => { stack: Stack; image: ContainerImage }]>([
    ['for public images', () => ({ stack: newStack(), image: ContainerImage.fromRegistry('nginx') })], ['for images that the CDK CLI pushes directly', pushed],
  ])('%s', (_, published) => {
    const { stack, image } = published();
    serve(stack, image);

    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('for a public image, whatever the option says', () => {
    const stack = newStack();
    serve(stack, ContainerImage.fromRegistry('nginx'), { imageCheck: ImageCheck.beforeDeployment() });

    Template.fromStack(stack).resourceCountIs('AWS::Lambda::Function', 0);
  });

  test('if the check is turned off', () => {
    const { stack, image } = copied();
    serve(stack, image, { imageCheck: ImageCheck.none() }).addContainer('sidecar', { image });

    const template = Template.fromStack(stack);
    template.resourceCountIs(CHECK, 0);
    template.resourceCountIs('AWS::Lambda::Function', 1);
  });
});

test('a directly pushed image is checked if you ask for it, by its tag', () => {
  const { stack, image } = pushed();
  serve(stack, image, { imageCheck: ImageCheck.beforeDeployment() });

  const [{ Repository, Version }] = checksOf(stack);
  expect([flatten(Repository), flatten(Version)]).toEqual([expect.stringMatching(/\.dkr\.ecr\..*\/\$\{Fn::ImportValue\}$/), expect.stringMatching(/^live-web\.[\w.-]+$/)]);
  expectToWait(stack);
});

describe('the expected architecture is that of the task:', () => {
  const arm = (repository: ImageRepository) => repository.buildAndPushImage(APP, { platform: Platform.LINUX_ARM64 });
  const mirrored = (repository: ImageRepository) => repository.publish('mirrored', ImageSource.registry('nginx:1.27'));

  test.each<[string, (repository: ImageRepository) => PublishedImage, object, string]>([
    ['the platform of the image', arm, {}, 'ARM64'], ['the Fargate default if the platform is unknown', mirrored, {}, 'X86_64'],
    ['the given architecture', mirrored, { cpuArchitecture: CpuArchitecture.ARM64 }, 'ARM64'],
  ])('%s', (_, imageIn, props, Architecture) => {
    const { stack, repository } = copied();
    serve(stack, imageIn(repository), props);

    expect(checksOf(stack)).toEqual([expect.objectContaining({ Architecture })]);
  });

  test.each<[string, object, unknown]>([
    ['an architecture that was overridden in the task definition', { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' }, 'ARM64'],
    ['an override without an operating system', { cpuArchitecture: 'ARM64' }, 'ARM64'], ['none of another system than Linux', { operatingSystemFamily: 'WINDOWS_SERVER_2022_CORE' }, undefined],
  ])('%s', (_, runtimePlatform, architecture) => {
    const { stack, repository } = copied();
    const { taskDefinition } = serve(stack, mirrored(repository));
    (taskDefinition.node.defaultChild as CfnTaskDefinition).runtimePlatform = runtimePlatform;

    expect(checksOf(stack)[0].Architecture).toBe(architecture);
  });

  test('a token', () => {
    const { stack, repository } = copied();
    const parameter = new CfnParameter(stack, 'Architecture', { default: 'ARM64' });
    serve(stack, mirrored(repository), { cpuArchitecture: CpuArchitecture.of(parameter.valueAsString) });

    expect(checksOf(stack)[0].Architecture).toEqual({ Ref: 'Architecture' });
  });

  test('on EC2 it is unknown unless you name it, so only the existence of the image is checked', () => {
    const { stack, repository } = copied();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    new Ec2Service(stack, 'Any', { cluster, containers: { web: { image: mirrored(repository) } } });
    new Ec2Service(stack, 'Arm', { cluster, containers: { web: { image: arm(repository) } } });

    expect(checksOf(stack).map(({ Runner, Architecture }) => [Runner, Architecture])).toEqual([['EC2', undefined], ['EC2', 'ARM64']]);
  });
});

test.each<unknown>([null, true, 'none', {}, [], ImageCheck.none, ImageCheck])('%p instead of a check is rejected with a message', imageCheck => {
  const { stack, image } = copied();
  const message = messageOf(() => serve(stack, image, { imageCheck: wrong(imageCheck) }));

  expect(message).toMatch(told('imageCheck'));
  expect(message).toContain('Make one with brackets, ImageCheck.beforeDeployment() or ImageCheck.none().');
});

test('a service in another stack than its image is rejected, with and without a check', () => {
  const { stack, image } = copied();
  const other = new Stack(stack.node.root, 'Other');
  serve(other, image);

  expect(() => Template.fromStack(other)).toThrow("'image' must be published in the stack that uses it");
});

describe.each<[string, string, (stack: Stack, props: { image: ContainerImage; imageCheck?: ImageCheck }) => void]>([
  ['a one-off task', 'Custom::ContainerOneOffTask', (stack, { image, imageCheck }) => {
    new OneOffFargateTask(stack, 'Task', { cluster: newCluster(stack), containers: { work: { image } }, imageCheck });
  }],
  ['a scheduled task', 'AWS::Scheduler::Schedule', (stack, { image, imageCheck }) => {
    const schedule = ScheduleExpression.rate(Duration.hours(1));
    new ScheduledFargateTask(stack, 'Task', { cluster: newCluster(stack), containers: { work: { image } }, schedule, imageCheck });
  }],
])('before %s runs', (_, type, make) => {
  test('each copied image is checked', () => {
    const { stack, image } = copied();
    make(stack, { image });
    const [runner] = Object.values(Template.fromStack(stack).findResources(type));

    expect(checksOf(stack)).toEqual([expect.objectContaining({ Runner: 'FARGATE', UsedBy: "the container 'work' of Stack/Task", Architecture: 'X86_64' })]);
    expect(runner.DependsOn).toEqual(expect.arrayContaining(Object.keys(Template.fromStack(stack).findResources(CHECK))));
  });

  test('nothing is checked if the check is turned off or the image is public', () => {
    const { stack, image } = copied();
    make(stack, { image, imageCheck: ImageCheck.none() });
    expect(checksOf(stack)).toEqual([]);
    const other = newStack();
    make(other, { image: ContainerImage.fromRegistry('nginx') });
    expect(checksOf(other)).toEqual([]);
  });

  test.each([true, 'none', {}])('an invalid check (%j) is rejected', value => {
    const { stack, image } = copied();
    expect(messageOf(() => make(stack, { image, imageCheck: wrong(value) }))).toMatch(told('imageCheck'));
  });
});
