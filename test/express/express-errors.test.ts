import { CfnParameter, Duration, Lazy, Size, Stack } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { SecurityGroup, Subnet, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, PidMode } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { ExpressService, ExpressServiceProps, FargateSize, ListeningPort, Scaling, TaskVolume } from '../../src';
import { existingVpc, newCluster, newClusterAndVpc, newStack, Template } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const image = ContainerImage.fromRegistry('nginx');

function said(props: object, stack = newStack()): string {
  return messageOf(() => {
    new ExpressService(stack, 'Service', wrong<ExpressServiceProps>({ containers: { Main: { image, port: 80 } }, ...props }));
    Template.fromStack(stack);
  });
}

const main = (options: object) => ({ containers: { Main: { image, port: 80, ...options } } });

describe('an ExpressService reports with path, property, rule, value and fix', () => {
  test.each([undefined, null, 'x', []])('the properties %j', props => {
    expect(messageOf(() => new ExpressService(newStack(), 'Service', wrong(props)))).toMatch(told('props'));
  });

  test.each<[string, object]>([
    ['containers', { containers: undefined }], ['containers', { containers: null }], ['containers', { containers: {} }], ['containers', { containers: { web: { image, port: 80 } } }],
    ['containers', { containers: { main: { image, port: 80 } } }], ['containers.Main', { containers: { Main: null } }],
    ['containers.Main.port', { containers: { Main: { image } } }], ['containers.Main.port', main({ port: 0 })], ['containers.Main.port', main({ port: '80' })],
    ['containers.Main.additionalPorts', main({ additionalPorts: [ListeningPort.tcp(9090)] })],
    ['containers.Main.volumes./data', main({ volumes: { '/data': TaskVolume.managedEbs('data', { size: Size.gibibytes(10) }) } })],
    ['containers.Main.memoryLimitMiB', main({ memoryLimitMiB: 1 })],
    ['containers.Main.sharedMemorySize', main({ sharedMemorySize: Size.mebibytes(64) })],
    ['healthCheckPath', { healthCheckPath: 'health' }], ['healthCheckPath', { healthCheckPath: '' }], ['healthCheckPath', { healthCheckPath: 1 }], ['healthCheckPath', { healthCheckPath: '/a b' }],
    ['size', { size: FargateSize }], ['size', { size: FargateSize.of(1, 1) }], ['size', { size: null }], ['pidMode', { pidMode: PidMode.HOST }],
    ['ephemeralStorage', { ephemeralStorage: Size.gibibytes(5) }], ['cpuArchitecture', { cpuArchitecture: 'ARM64' }],
    ['cluster', { cluster: null }], ['cluster', { cluster: 'default' }], ['cluster', { cluster: {} }],
    ['securityGroups', { securityGroups: [] }], ['securityGroups', { securityGroups: 'sg-1' }], ['securityGroups', { securityGroups: Array(6).fill({ securityGroupId: 'sg-1' }) }],
    ['vpcSubnets', { vpcSubnets: null }], ['vpcSubnets.subnetType', { vpcSubnets: { subnetType: SubnetType.PUBLIC } }], ['vpcSubnets.onePerAz', { vpcSubnets: { onePerAz: true } }],
    ['serviceName', { serviceName: 'my web' }], ['infrastructureRole', { infrastructureRole: 'arn:aws:iam::111122223333:role/x' }], ['infrastructureRole', { infrastructureRole: null }],
    ['taskRole', { taskRole: {} }], ['executionRole', { executionRole: {} }], ['imageCheck', { imageCheck: true }], ['logGroup', { logGroup: {} }],
  ])('wrong %s: %#', (property, props) => {
    expect(said(props)).toMatch(told(property));
  });

  test('one subnet, and subnets of one zone', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    const [one] = cluster.vpc.publicSubnets;
    expect(said({ cluster, vpcSubnets: { subnets: [one] } }, stack)).toMatch(told('vpcSubnets'));
  });

  test('a VPC without public subnets', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Private', {
      vpcId: 'vpc-1', availabilityZones: ['a', 'b'], privateSubnetIds: ['subnet-1', 'subnet-2'], privateSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    const message = said({ cluster: new Cluster(stack, 'Cluster', { vpc }) }, stack);
    expect(message).toMatch(told('vpcSubnets'));
    expect(message).toContain('SubnetType.PRIVATE_WITH_EGRESS');
  });

  test('a security group of another VPC', () => {
    const stack = newStack();
    const group = new SecurityGroup(stack, 'Group', { vpc: new Vpc(stack, 'Other') });
    expect(said({ cluster: newClusterAndVpc(stack), securityGroups: [group] }, stack)).toMatch(told('securityGroups'));
  });

  test('connections without a security group', () => {
    const service = new ExpressService(newStack(), 'Service', { containers: { Main: { image, port: 80 } } });
    expect(messageOf(() => service.connections)).toMatch(told('securityGroups'));
  });

  test('a sidecar with the name of the main container, or with an EBS volume', () => {
    const service = new ExpressService(newStack(), 'Service', { containers: { Main: { image, port: 80 } } });
    expect(messageOf(() => service.addContainer('Main', { image }))).toMatch(told('containers.Main'));
    const volumes = { '/data': TaskVolume.managedEbs('data', { size: Size.gibibytes(10) }) };
    expect(messageOf(() => service.addContainer('sidecar', { image, volumes }))).toMatch(told('containers.sidecar.volumes./data'));
  });
});

describe('scaling that Express Mode does not support is rejected with a fix that names FargateService:', () => {
  const queue = () => new Queue(newStack(), 'Queue');
  test.each<[string, () => Scaling]>([
    ['scaling', () => Scaling.between(1, 10).onCpu(60).onMemory(70)],
    ['scaling.onCpu.scaleInCooldown', () => Scaling.between(1, 10).onCpu(60, { scaleInCooldown: Duration.minutes(1) })],
    ['scaling.onMemory.disableScaleIn', () => Scaling.between(1, 10).onMemory(60, { disableScaleIn: true })],
    ['scaling.onRequestsPerTarget.scaleOutCooldown', () => Scaling.between(1, 10).onRequestsPerTarget(100, { scaleOutCooldown: Duration.minutes(1) })],
    ['scaling.onMetric', () => Scaling.between(1, 10).onMetric(queue().metricApproximateAgeOfOldestMessage(), 5)],
    ['scaling.onSchedule', () => Scaling.between(1, 10).onSchedule({ schedule: Schedule.cron({ hour: '8', minute: '0' }), minTasks: 2 })],
    ['scaling.onCpu', () => Scaling.between(1, 10).onCpu(60.5)],
    ['scaling.minTasks', () => Scaling.between(0, 10).onCpu(60)],
  ])('%s: %#', (property, scaling) => {
    const message = said({ scaling: scaling() });
    expect(message).toMatch(told(property));
    expect(message).toContain('FargateService');
  });

  test.each<[string, unknown]>([
    ['scaling', 'x'], ['scaling', null], ['scaling.minTasks', Scaling.between(5, 2).onCpu(60)], ['scaling.minTasks', Scaling.between(-1, 2)],
    ['scaling.onCpu', Scaling.between(1, 2).onCpu(101)],
  ])('wrong values are reported as for other services: %s, %#', (property, scaling) => {
    expect(said({ scaling })).toMatch(told(property));
  });
});

test.each([
  'exposure', 'deployment', 'circuitBreaker', 'capacity', 'assignPublicIp', 'platformVersion', 'enableExecuteCommand', 'healthCheckGracePeriod',
  'certificate', 'domainName', 'loadBalancer', 'deploymentController', 'executeCommand', 'serviceConnect',
])('%s, which a FargateService or the ECS patterns have, is reported with a fix that names FargateService', property => {
  const message = said({ [property]: {} });
  expect(message).toMatch(told(property));
  expect(message).toContain('FargateService');
});

test.each([
  ['desiredCount', 'Scaling.between'], ['cpu', 'FargateSize'], ['image', 'Main'], ['environment', 'Main'], ['instanceRole', 'taskRole'], ['primaryContainer', 'Main'], ['healthCheck', 'healthCheckPath'],
  // The properties of AWS::ECS::ExpressGatewayService, and of the L2 Fargate service.
  ['executionRoleArn', 'executionRole'], ['taskRoleArn', 'taskRole'], ['infrastructureRoleArn', 'infrastructureRole'], ['tags', 'Tags.of'], ['memory', 'FargateSize'],
  ['scalingTarget', 'Scaling.between'], ['taskDefinitionArn', 'containers'], ['networkConfiguration', 'vpcSubnets'], ['maxCapacity', 'Scaling.between'],
  ['propagateTags', 'Tags.of'], ['runtimePlatform', 'cpuArchitecture'], ['ephemeralStorageGiB', 'ephemeralStorage'], ['environmentVariables', 'Main'],
])('%s, as in App Runner or in CloudFormation, is reported with its replacement', (property, replacement) => {
  const message = said({ [property]: 1 });
  expect(message).toMatch(told(property));
  expect(message).toContain(replacement);
});

describe('tokens and options without an effect are accepted', () => {
  test('for path, port, name, limits and target', () => {
    const stack = newStack();
    const text = new CfnParameter(stack, 'Text').valueAsString;
    const count = new CfnParameter(stack, 'Count', { type: 'Number' }).valueAsNumber;
    expect(said({ ...main({ port: count }), healthCheckPath: text, serviceName: text, scaling: Scaling.between(count, count).onCpu(count) }, stack)).toBe('accepted');
  });

  test('for scaling options that are turned off', () => {
    expect(said({ scaling: Scaling.between(1, 3).onCpu(60, { highResolution: false, disableScaleIn: false, scaleInCooldown: undefined }) })).toBe('accepted');
  });

  test('for subnets and zones that are tokens', () => {
    const stack = new Stack();
    const subnets = ['One', 'Two'].map(id => Subnet.fromSubnetId(stack, id, Lazy.string({ produce: () => `subnet-${id}` })));
    expect(said({ cluster: new Cluster(stack, 'Cluster', { vpc: existingVpc(stack) }), vpcSubnets: { subnets } }, stack)).toBe('accepted');
    expect(said({ vpcSubnets: { subnets } }, newStack())).toBe('accepted');
  });
});
