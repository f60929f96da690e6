import * as path from 'path';
import { App, Stack } from 'aws-cdk-lib';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { AsgCapacityProvider, CfnService, Cluster, EcsOptimizedImage } from 'aws-cdk-lib/aws-ecs';
import {
  AccessLogs, Deployment, Ec2Capacity, Ec2Service, Exposure, FargateService, ImageRepository, ImageSource, NetworkPort, OneOffFargateTask, Scaling,
} from '../../../src';
import { Match, Template } from '../../helpers/stack';

type Resources = Record<string, { readonly Type: string; readonly Properties?: Readonly<Record<string, unknown>> }>;

interface Flag {
  readonly recommendedValue: unknown;
  readonly introducedIn: { readonly v2?: string };
}

/** The properties whose change replaces a resource, from the CloudFormation registry. */
const CREATE_ONLY: Readonly<Record<string, readonly string[]>> = {
  'AWS::ApplicationAutoScaling::ScalableTarget': ['ResourceId', 'ServiceNamespace', 'ScalableDimension'],
  'AWS::EC2::SecurityGroup': ['GroupDescription', 'GroupName', 'VpcId'],
  'AWS::ECR::Repository': ['EncryptionConfiguration', 'RepositoryName'],
  'AWS::ECS::Service': ['Cluster', 'DeploymentController', 'LaunchType', 'Role', 'SchedulingStrategy', 'ServiceName'],
  'AWS::ECS::TaskDefinition': [
    'TaskRoleArn', 'IpcMode', 'InferenceAccelerators', 'Memory', 'PlacementConstraints', 'Cpu', 'RequiresCompatibilities', 'NetworkMode', 'PidMode',
    'ExecutionRoleArn', 'RuntimePlatform', 'ProxyConfiguration', 'Volumes', 'ContainerDefinitions', 'Family', 'EphemeralStorage', 'EnableFaultInjection',
  ],
  'AWS::ElasticLoadBalancingV2::Listener': ['LoadBalancerArn'],
  'AWS::ElasticLoadBalancingV2::LoadBalancer': ['Type', 'Scheme', 'Name'],
  'AWS::ElasticLoadBalancingV2::TargetGroup': ['IpAddressType', 'Port', 'ProtocolVersion', 'Name', 'VpcId', 'TargetType', 'Protocol'],
  'AWS::IAM::Role': ['Path', 'RoleName'],
  'AWS::Lambda::Function': ['FunctionName', 'PackageType', 'TenancyConfig'],
  'AWS::Logs::LogGroup': ['LogGroupName'],
  'AWS::S3::Bucket': ['BucketName', 'ObjectLockEnabled', 'BucketNamePrefix', 'BucketNamespace'],
};

/** All feature flags of this aws-cdk-lib, with the recommended values. */
function recommended(): Record<string, unknown> {
  const file = path.join(path.dirname(require.resolve('aws-cdk-lib/package.json')), 'cx-api', 'lib', 'features.js');
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- aws-cdk-lib does not export the list
  const { FLAGS } = require(file) as { FLAGS: Record<string, Flag> };
  return Object.fromEntries(Object.entries(FLAGS).filter(([, { introducedIn }]) => introducedIn.v2 !== undefined)
    .map(([name, flag]) => [name, flag.recommendedValue]));
}

function resources(context: Record<string, unknown>): Resources {
  const stack = new Stack(new App({ context }), 'Stack', { env: { account: '111111111111', region: 'eu-west-1' } });
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2, natGateways: 1 }) });
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry('nginx:1.27'));
  const containers = { web: { image, port: 80 } };
  new FargateService(stack, 'Http', {
    cluster, containers, exposure: Exposure.publicHttp({ accessLogs: AccessLogs.ownBucket() }), scaling: Scaling.between(1, 4).onCpu(50),
  });
  new FargateService(stack, 'Shift', { cluster, containers, exposure: Exposure.publicHttp(), deployment: Deployment.blueGreen({ testPort: 8080 }) });
  new FargateService(stack, 'Network', { cluster, containers, exposure: Exposure.publicNetwork({ ports: [NetworkPort.tcp(81)] }) });
  new FargateService(stack, 'Worker', { cluster, containers: { web: { image } }, enableExecuteCommand: true });
  const autoScalingGroup = new AutoScalingGroup(stack, 'Group', {
    vpc: cluster.vpc, instanceType: new InstanceType('t3.small'), machineImage: EcsOptimizedImage.amazonLinux2023(), requireImdsv2: true,
  });
  const provider = new AsgCapacityProvider(stack, 'Provider', { autoScalingGroup });
  new Ec2Service(stack, 'Instances', {
    cluster, containers: { web: { image, memoryLimitMiB: 128 } }, capacity: Ec2Capacity.providers({ provider, weight: 1 }),
  });
  new OneOffFargateTask(stack, 'Migrate', { cluster, containers: { migrate: { image } } });
  const all: Resources = Template.fromStack(stack).toJSON().Resources;
  // Resources of the user
  return Object.fromEntries(Object.entries(all).filter(([id]) => !/^(Vpc|Cluster|Group|Provider|Custom(Vpc|S3))/.test(id)));
}

test('no feature flag of aws-cdk-lib adds, removes or replaces a resource of this library when it is enabled later', () => {
  const [before, after] = [resources({}), resources(recommended())];
  expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
  const replaced = Object.entries(before).flatMap(([id, { Type, Properties = {} }]) => (CREATE_ONLY[Type] ?? [])
    .filter(name => JSON.stringify(Properties[name]) !== JSON.stringify(after[id].Properties?.[name])).map(name => `${id}: ${name}`));
  expect(replaced).toEqual([]);
  const types = new Set(Object.values(before).map(({ Type }) => Type));
  expect(Object.keys(CREATE_ONLY).filter(type => !types.has(type))).toEqual([]);
});

test.each([{}, { '@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker': true }])('a service never has a deployment controller in the template, with context %j', context => {
  const services = Object.values(resources(context)).filter(({ Type }) => Type === 'AWS::ECS::Service');
  expect(services).toHaveLength(5);
  for (const { Properties } of services) expect(Properties).not.toHaveProperty('DeploymentController');
});

test('a deployment controller that you set on the L1 resource stays', () => {
  const stack = new Stack(new App(), 'Stack');
  const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry('nginx:1.27'));
  const service = new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') }), containers: { web: { image } } });
  (service.ecsService.node.defaultChild as CfnService).deploymentController = { type: 'ECS' };
  Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', { DeploymentController: { Type: 'ECS' }, DeploymentConfiguration: Match.anyValue() });
});
