import { App, Stack } from 'aws-cdk-lib';
import { InstanceClass, InstanceSize, InstanceType, Port, SecurityGroup, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { Cluster, ContainerImage, CpuArchitecture, Secret as EcsSecret } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { Role } from 'aws-cdk-lib/aws-iam';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Credentials, DatabaseInstance, DatabaseInstanceEngine } from 'aws-cdk-lib/aws-rds';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import {
  ContainerOptions, DirectPushSynthesizer, ExpressService, ExpressServiceProps, FargateSize, ImageBuilder, ImageCheck, ImageRepository, ImageSource,
  OneOffFargateTask, Scaling, ScanGate, Severity, TaskVolume,
} from '../../src';
import { APP, BY_DIGEST, flatten, imageOfTask, Match, newCluster, newClusterAndVpc, newPublicCluster, newStack, Template } from '../helpers/stack';

const EXPRESS = 'AWS::ECS::ExpressGatewayService';
const NGINX = ContainerImage.fromRegistry('nginx');

function express(props: Partial<ExpressServiceProps> = {}, main: Partial<ContainerOptions> = {}, stack = newStack()) {
  const service = new ExpressService(stack, 'Service', { containers: { Main: { image: NGINX, port: 8080, ...main } }, ...props });
  const template = Template.fromStack(stack);
  const [resource] = Object.values(template.findResources(EXPRESS));
  const [{ Properties: task }] = Object.values(template.findResources('AWS::ECS::TaskDefinition'));
  return { stack, service, template, resource, properties: resource.Properties, task };
}

/** The logical IDs of all resources of a type. */
function idsOf(template: Template, type: string): string[] {
  return Object.keys(template.findResources(type));
}

describe('an ExpressService', () => {
  test('needs nothing but an image and a port: ECS uses the default cluster and the default VPC', () => {
    const { template, properties, task } = express();

    expect(Object.keys(properties).sort()).toEqual(['HealthCheckPath', 'InfrastructureRoleArn', 'TaskDefinitionArn']);
    expect(properties.HealthCheckPath).toBe('/');
    expect(task).toMatchObject({
      Cpu: '256', Memory: '512', NetworkMode: 'awsvpc', RequiresCompatibilities: ['FARGATE'],
      ContainerDefinitions: [{ Name: 'Main', Image: 'nginx', Essential: true, PortMappings: [{ ContainerPort: 8080, Name: 'main', Protocol: 'tcp' }] }],
    });
    for (const type of ['AWS::EC2::SecurityGroup', 'AWS::ElasticLoadBalancingV2::LoadBalancer', 'AWS::ECS::Service']) template.resourceCountIs(type, 0);
  });

  test('passes a task definition, and omits the properties that ECS rejects next to it', () => {
    const { properties } = express({ size: FargateSize.of(512, 1024), scaling: Scaling.between(1, 3).onCpu(50) });
    for (const name of ['PrimaryContainer', 'ExecutionRoleArn', 'TaskRoleArn', 'Cpu', 'Memory']) expect(properties).not.toHaveProperty(name);
  });

  test('lets ECS manage the load balancer with the managed policy of AWS, and waits for its roles', () => {
    const { template, resource } = express();
    const [id] = idsOf(template, EXPRESS).length === 1 ? Object.keys(template.findResources('AWS::IAM::Role', {
      Properties: { AssumeRolePolicyDocument: { Statement: [{ Principal: { Service: 'ecs.amazonaws.com' } }] } },
    })) : [];
    template.hasResourceProperties('AWS::IAM::Role', {
      ManagedPolicyArns: [{ 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices']] }],
    });
    expect(resource.Properties.InfrastructureRoleArn).toEqual({ 'Fn::GetAtt': [id, 'Arn'] });
    expect(resource.DependsOn).toEqual(expect.arrayContaining([id, expect.stringMatching(/ExecutionRole/)]));
  });

  test('uses your own infrastructure role unchanged', () => {
    const stack = newStack();
    const infrastructureRole = Role.fromRoleName(stack, 'Infrastructure', 'ecs-infrastructure');
    const { properties, template } = express({ infrastructureRole }, {}, stack);
    expect(flatten(properties.InfrastructureRoleArn)).toMatch(/:role\/ecs-infrastructure$/);
    expect(JSON.stringify(template.toJSON())).not.toContain('ExpressGatewayServices');
  });

  test('returns its URL with https, and its ARN', () => {
    const { stack, service } = express();
    expect(flatten(stack.resolve(service.endpoint))).toMatch(/^https:\/\/\$\{Service\w+\.Endpoint\}$/);
    expect(flatten(stack.resolve(service.serviceArn))).toMatch(/^\$\{Service\w+\.ServiceArn\}$/);
  });

  test('has environment, secrets and command from the options of its container, and can read only those secrets', () => {
    const stack = newStack();
    const secret = new Secret(stack, 'Secret');
    const { task, template } = express({}, {
      environment: { LEVEL: 'info' }, secrets: { PASSWORD: EcsSecret.fromSecretsManager(secret) }, command: ['serve'],
    }, stack);

    expect(task.ContainerDefinitions[0]).toMatchObject({ Command: ['serve'], Environment: [{ Name: 'LEVEL', Value: 'info' }], Secrets: [{ Name: 'PASSWORD' }] });
    template.hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'], Resource: { Ref: Match.stringLikeRegexp('^Secret') } })]) },
    });
  });

  test('keeps its logs for a month, or as long as you choose', () => {
    express().template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 30 });
    express({ logRetention: RetentionDays.ONE_WEEK }).template.hasResourceProperties('AWS::Logs::LogGroup', { RetentionInDays: 7 });
  });

  test('has the health check path that you choose, and a name', () => {
    expect(express({ healthCheckPath: '/health?deep=1', serviceName: 'web' }).properties).toMatchObject({ HealthCheckPath: '/health?deep=1', ServiceName: 'web' });
    expect(express({ healthCheckPath: 'HTTP:8080/ping' }).properties.HealthCheckPath).toBe('HTTP:8080/ping');
  });

  test('chooses a size that fits the containers, or uses yours', () => {
    expect(express({}, { memoryLimitMiB: 1500 }).task).toMatchObject({ Cpu: '256', Memory: '2048' });
    expect(express({ size: FargateSize.of(1024, 2048) }).task).toMatchObject({ Cpu: '1024', Memory: '2048' });
  });

  test('runs on the CPU architecture of its image', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP, { platform: Platform.LINUX_ARM64 }));
    expect(express({}, { image }, stack).task.RuntimePlatform).toMatchObject({ CpuArchitecture: 'ARM64' });
    expect(express({ cpuArchitecture: CpuArchitecture.ARM64 }).task.RuntimePlatform).toMatchObject({ CpuArchitecture: 'ARM64' });
  });

  test('grants permissions to the code in the containers', () => {
    const stack = newStack();
    const service = new ExpressService(stack, 'Service', { containers: { Main: { image: NGINX, port: 80 } } });
    new Bucket(stack, 'Bucket').grantRead(service);
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', { Roles: [{ Ref: Match.stringLikeRegexp('TaskRole') }] });
  });

  test('keeps its logical IDs between versions', () => {
    expect(Object.keys(express().template.toJSON().Resources).sort()).toEqual([
      'ServiceDBC79909', 'ServiceInfrastructureRole4C0A7FC5', 'ServiceLogs205D48C6', 'ServiceTaskDefinition55FA0F15',
      'ServiceTaskDefinitionExecutionRole5D3DB197', 'ServiceTaskDefinitionExecutionRoleDefaultPolicyE16C69DE', 'ServiceTaskDefinitionTaskRole3BD32B0F',
    ]);
  });
});

describe('the sidecars of an ExpressService', () => {
  const collector = { image: ContainerImage.fromRegistry('otel/opentelemetry-collector'), essential: false, port: 4317 };

  test('run next to the container that receives the requests', () => {
    const { task } = express({ containers: { Main: { image: NGINX, port: 8080 }, collector } });
    expect(task.ContainerDefinitions.map(({ Name, Essential }: { Name: string; Essential: boolean }) => [Name, Essential]))
      .toEqual(expect.arrayContaining([['Main', true], ['collector', false]]));
  });

  test('can be added later', () => {
    const stack = newStack();
    const service = new ExpressService(stack, 'Service', { containers: { Main: { image: NGINX, port: 8080 } } });
    service.addContainer('collector', collector);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::TaskDefinition', {
      ContainerDefinitions: Match.arrayWith([Match.objectLike({ Name: 'collector' })]),
    });
  });
});

describe('the network of an ExpressService', () => {
  test('uses public subnets of the VPC of its cluster, with a security group that a database can allow before the first task starts', () => {
    const stack = newStack();
    const cluster = newClusterAndVpc(stack);
    const database = new DatabaseInstance(stack, 'Database', {
      engine: DatabaseInstanceEngine.POSTGRES, vpc: cluster.vpc, credentials: Credentials.fromGeneratedSecret('app'),
      instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.MICRO),
    });
    const service = new ExpressService(stack, 'Service', { cluster, containers: { Main: { image: NGINX, port: 8080 } } });
    database.connections.allowDefaultPortFrom(service);
    service.executeAfter(database);

    const template = Template.fromStack(stack);
    const [{ Properties, DependsOn }] = Object.values(template.findResources(EXPRESS));
    expect(Properties.Cluster).toEqual({ Ref: expect.stringMatching(/^Cluster/) });
    expect(Properties.NetworkConfiguration.Subnets).toEqual([1, 2].map(index => ({ Ref: expect.stringMatching(`^VpcPublicSubnet${index}`) })));
    expect(Properties.NetworkConfiguration.SecurityGroups).toEqual([{ 'Fn::GetAtt': [expect.stringMatching(/^ServiceSecurityGroup/), 'GroupId'] }]);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', {
      SourceSecurityGroupId: { 'Fn::GetAtt': [Match.stringLikeRegexp('^ServiceSecurityGroup'), 'GroupId'] },
    });
    expect(DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^Database/), expect.stringMatching(/InternetGateway|VPCGW|DefaultRoute/)]));
  });

  test('uses private subnets if you select them', () => {
    const stack = newStack();
    const { properties } = express({ cluster: newCluster(stack), vpcSubnets: { subnetType: SubnetType.PRIVATE_WITH_EGRESS } }, {}, stack);
    expect(properties.NetworkConfiguration.Subnets).toEqual(['subnet-private1', 'subnet-private2']);
  });

  test('has the security groups that you give, also without a cluster', () => {
    const stack = newStack();
    const groups = ['sg-12345678', 'sg-87654321'].map(id => SecurityGroup.fromSecurityGroupId(stack, id, id));
    const { properties, service } = express({ securityGroups: groups }, {}, stack);
    expect(properties.NetworkConfiguration).toEqual({ SecurityGroups: ['sg-12345678', 'sg-87654321'] });
    expect(service.connections.securityGroups).toEqual(groups);
  });

  test('adds the Fargate capacity provider to a cluster of the app, and waits for it', () => {
    const stack = newStack();
    const { template, resource } = express({ cluster: newCluster(stack) }, {}, stack);
    template.hasResourceProperties('AWS::ECS::ClusterCapacityProviderAssociations', { CapacityProviders: Match.arrayWith(['FARGATE']) });
    expect(resource.DependsOn).toEqual(expect.arrayContaining(idsOf(template, 'AWS::ECS::ClusterCapacityProviderAssociations')));
  });

  test('can be that of an imported cluster', () => {
    const stack = newStack();
    const vpc = Vpc.fromVpcAttributes(stack, 'Vpc', {
      vpcId: 'vpc-12345678', availabilityZones: ['a', 'b'], publicSubnetIds: ['subnet-1', 'subnet-2'], publicSubnetRouteTableIds: ['rtb-1', 'rtb-2'],
    });
    const cluster = Cluster.fromClusterAttributes(stack, 'Cluster', { clusterName: 'default', vpc });
    expect(express({ cluster }, {}, stack).properties).toMatchObject({ Cluster: 'default', NetworkConfiguration: { Subnets: ['subnet-1', 'subnet-2'] } });
  });

  test('allows tasks to mount a file system', () => {
    const stack = newStack();
    const cluster = newClusterAndVpc(stack);
    const fileSystem = new FileSystem(stack, 'Files', { vpc: cluster.vpc });
    const { template } = express({ cluster }, { volumes: { '/data': TaskVolume.efs('data', fileSystem) } }, stack);
    template.hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 2049 });
  });

  test('can open connections to other resources', () => {
    const stack = newStack();
    const cluster = newPublicCluster(stack);
    const service = new ExpressService(stack, 'Service', { cluster, containers: { Main: { image: NGINX, port: 80 } } });
    service.connections.allowTo(SecurityGroup.fromSecurityGroupId(stack, 'Other', 'sg-12345678'), Port.tcp(6379));
    Template.fromStack(stack).hasResourceProperties('AWS::EC2::SecurityGroupIngress', { FromPort: 6379, GroupId: 'sg-12345678' });
  });
});

describe('the scaling of an ExpressService', () => {
  test.each<[Scaling, object]>([
    [Scaling.between(2, 10).onCpu(60), { AutoScalingMetric: 'AVERAGE_CPU', AutoScalingTargetValue: 60 }],
    [Scaling.between(2, 10).onMemory(70), { AutoScalingMetric: 'AVERAGE_MEMORY', AutoScalingTargetValue: 70 }],
    [Scaling.between(2, 10).onRequestsPerTarget(1000), { AutoScalingMetric: 'REQUEST_COUNT_PER_TARGET', AutoScalingTargetValue: 1000 }],
    [Scaling.between(2, 10), {}],
  ])('is the same as for a FargateService: %#', (scaling, policy) => {
    expect(express({ scaling }).properties.ScalingTarget).toEqual({ MinTaskCount: 2, MaxTaskCount: 10, ...policy });
  });

  test('can scale the service to zero', () => {
    expect(express({ scaling: Scaling.between(0, 0).onCpu(60) }).properties.ScalingTarget).toMatchObject({ MinTaskCount: 0, MaxTaskCount: 0 });
  });
});

describe('an image of an ExpressService', () => {
  test('is copied, runs by digest, and is checked before the service changes', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const { template, resource } = express({}, { image }, stack);
    expect(imageOfTask(template)).toMatch(BY_DIGEST);
    template.hasResourceProperties('Custom::ContainerImageCheck', { Runner: 'FARGATE', UsedBy: "the container 'Main' of Stack/Service", Architecture: 'X86_64' });
    expect(resource.DependsOn).toEqual(expect.arrayContaining(idsOf(template, 'Custom::ContainerImageCheck')));
  });

  test('that is pushed directly is checked if you ask for it', () => {
    const app = new App({ defaultStackSynthesizer: new DirectPushSynthesizer() });
    const repository = new ImageRepository(new Stack(app, 'Base'), 'Repository', { repositoryName: 'team/web' });
    const stack = new Stack(app, 'Stack');
    const image = repository.publish('web', ImageSource.directory(APP), { scope: stack });
    const { template } = express({ imageCheck: ImageCheck.beforeDeployment() }, { image }, stack);
    template.resourceCountIs('Custom::ContainerImageCheck', 1);
    expect(imageOfTask(template)).toMatch(/:live-web\.\w+\.pushed-\w+$/);
  });

  test('can be built remotely', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP, { builder: ImageBuilder.codeBuild() });
    const { template } = express({}, { image }, stack);
    template.resourceCountIs('Custom::ContainerImageBuild', 1);
  });

  test('must pass its scan gate before the service changes', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').publish('web', ImageSource.directory(APP), { scanGate: ScanGate.failOn(Severity.HIGH) });
    const { template } = express({}, { image }, stack);
    const [gate] = idsOf(template, 'Custom::ImageScanGate');
    expect(imageOfTask(template)).toContain(gate);
  });

  test('runs from the bootstrap repository in development mode, without a copy', () => {
    const stack = new Stack(new App({ context: { 'cdk-container-delivery:development': 'true' } }), 'Stack');
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const { template } = express({}, { image }, stack);
    template.resourceCountIs('Custom::ContainerImageCopy', 0);
    template.resourceCountIs('Custom::ContainerImageCheck', 0);
    expect(JSON.stringify(template.findResources('AWS::ECS::TaskDefinition'))).toContain('container-assets');
  });
});

test('an ExpressService starts after a one-off task such as a migration', () => {
  const stack = newStack();
  const cluster = newCluster(stack);
  const migration = new OneOffFargateTask(stack, 'Migration', { cluster, containers: { migrate: { image: NGINX } } });
  const service = new ExpressService(stack, 'Service', { cluster, containers: { Main: { image: NGINX, port: 80 } } });
  service.executeAfter(migration);
  const template = Template.fromStack(stack);
  const [{ DependsOn }] = Object.values(template.findResources(EXPRESS));
  expect(DependsOn).toEqual(expect.arrayContaining(idsOf(template, 'Custom::ContainerOneOffTask')));
});
