import { Tags } from 'aws-cdk-lib';
import { InstanceType, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Key } from 'aws-cdk-lib/aws-kms';
import { ContainerSecurity, Ec2Service, Exposure, FargateService, FargateServiceProps, ImageRepository } from '../../src';
import { APP, Match, newCluster, newPublicCluster, newStack, Template } from '../helpers/stack';
import { messageOf, told } from '../helpers/wrong-input';

const containers = { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 }, sidecar: { image: ContainerImage.fromRegistry('envoy') } };

/** A public service with two containers, on Fargate. */
function fargate(props: Partial<FargateServiceProps> = {}, stack = newStack()): Template {
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers, exposure: Exposure.publicHttp({ containerName: 'web' }), ...props });
  return Template.fromStack(stack);
}

/** The same on EC2. */
function ec2(stack = newStack()): Template {
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) });
  cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
  new Ec2Service(stack, 'Service', { cluster, containers, exposure: Exposure.publicHttp({ containerName: 'web' }) });
  return Template.fromStack(stack);
}

/** The properties of the only resource of a type. */
function propertiesOf(template: Template, type: string) {
  const resources = Object.values(template.findResources(type));
  expect(resources).toHaveLength(1);
  return resources[0].Properties;
}

const attributesOf = (template: Template): Record<string, string> => Object.fromEntries(
  propertiesOf(template, 'AWS::ElasticLoadBalancingV2::LoadBalancer').LoadBalancerAttributes.map(({ Key: key, Value: value }: Record<string, string>) => [key, value]),
);

// https://docs.aws.amazon.com/securityhub/latest/userguide/ecs-controls.html
describe.each<[string, () => Template]>([['Fargate', fargate], ['EC2', ec2]])('a service on %s with default settings passes', (_, synthesize) => {
  test('Security Hub ECS.2: its tasks have no public IP address', () => {
    expect(propertiesOf(synthesize(), 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp ?? 'DISABLED').toBe('DISABLED');
  });

  test('Security Hub ECS.3: its tasks do not share the process namespace of the host', () => {
    expect(propertiesOf(synthesize(), 'AWS::ECS::TaskDefinition').PidMode).toBeUndefined();
  });

  test('Security Hub ECS.4: no container is privileged', () => {
    for (const container of propertiesOf(synthesize(), 'AWS::ECS::TaskDefinition').ContainerDefinitions) {
      expect(container.Privileged ?? false).toBe(false);
    }
  });

  test('Security Hub ECS.9: every container writes to a log group, with a retention of a month', () => {
    const template = synthesize();
    const [logGroup] = Object.keys(template.findResources('AWS::Logs::LogGroup', { Properties: { RetentionInDays: 30 } }));

    expect(propertiesOf(template, 'AWS::ECS::TaskDefinition').ContainerDefinitions).toHaveLength(2);
    for (const container of propertiesOf(template, 'AWS::ECS::TaskDefinition').ContainerDefinitions) {
      expect(container.LogConfiguration).toMatchObject({ LogDriver: 'awslogs', Options: { 'awslogs-group': { Ref: logGroup } } });
    }
  });

  test('Security Hub ECS.17: its tasks have their own network, and not that of the host', () => {
    expect(propertiesOf(synthesize(), 'AWS::ECS::TaskDefinition').NetworkMode).toBe('awsvpc');
  });

  test('Security Hub EC2.18 and EC2.19: only its load balancer can reach its tasks, and only one port of the load balancer is public', () => {
    const template = synthesize();
    const open = Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
    const rules = Object.values(template.findResources('AWS::EC2::SecurityGroupIngress')).map(({ Properties }) => Properties);

    expect(open.filter(({ CidrIp }) => CidrIp !== undefined)).toEqual([expect.objectContaining({ CidrIp: '0.0.0.0/0', FromPort: 80, ToPort: 80 })]);
    expect(rules.filter(({ FromPort }) => FromPort === 80)).toEqual([
      expect.objectContaining({ SourceSecurityGroupId: expect.anything(), ToPort: 80 }),
    ]);
    expect(rules.filter(({ CidrIp }) => CidrIp !== undefined)).toEqual([]);
  });
});

describe('a service on Fargate with default settings passes', () => {
  test('Security Hub ECS.10: it runs on the latest platform version', () => {
    expect(propertiesOf(fargate(), 'AWS::ECS::Service').PlatformVersion ?? 'LATEST').toBe('LATEST');
  });

  test('Security Hub ELB.4: its load balancer drops invalid headers', () => {
    expect(attributesOf(fargate())['routing.http.drop_invalid_header_fields.enabled']).toBe('true');
  });

  test('Security Hub ELB.12: its load balancer has desync mitigation', () => {
    expect(attributesOf(fargate())['routing.http.desync_mitigation_mode'] ?? 'defensive').toBe('defensive');
  });

  test('Security Hub ELB.13: its load balancer is in two zones', () => {
    expect(propertiesOf(fargate(), 'AWS::ElasticLoadBalancingV2::LoadBalancer').Subnets).toHaveLength(2);
  });

  test('AwsSolutions-IAM4: no role has an AWS managed policy', () => {
    for (const { Properties } of Object.values(fargate().findResources('AWS::IAM::Role'))) {
      expect(Properties.ManagedPolicyArns).toBeUndefined();
    }
  });

  test('AwsSolutions-IAM5: the execution role can pull from its repository and write its logs, and the task role has no permissions', () => {
    const stack = newStack();
    const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
    const template = fargate({ containers: { web: { image, port: 80 } } }, stack);
    const [[, execution]] = Object.entries(template.findResources('AWS::IAM::Policy')).filter(([id]) => id.startsWith('ServiceTaskDefinitionExecutionRole'));
    const statements: { Action: string | string[]; Resource: unknown }[] = execution.Properties.PolicyDocument.Statement;

    expect(statements.map(({ Action }) => [Action].flat().sort())).toEqual(expect.arrayContaining([
      ['ecr:GetAuthorizationToken'], ['logs:CreateLogStream', 'logs:PutLogEvents'],
      ['ecr:BatchCheckLayerAvailability', 'ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer'],
    ]));
    expect(statements).toHaveLength(3);
    expect(statements.filter(({ Resource }) => Resource === '*').map(({ Action }) => Action)).toEqual(['ecr:GetAuthorizationToken']);
    expect(Object.keys(template.findResources('AWS::IAM::Policy')).filter(id => id.includes('TaskRole'))).toEqual([]);
  });

  test('Security Hub ECS.12, as far as possible: it creates no cluster without Container Insights', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc');
    const cluster = Cluster.fromClusterAttributes(stack, 'Theirs', { clusterName: 'theirs', vpc, securityGroups: [] });

    new FargateService(stack, 'Service', { cluster, containers });
    Template.fromStack(stack).resourceCountIs('AWS::ECS::Cluster', 0);
  });
});

describe('a service passes with the right options', () => {
  describe('with ContainerSecurity.hardened()', () => {
    const hardened = () => propertiesOf(
      fargate({ containers: { web: { ...containers.web, security: ContainerSecurity.hardened() } } }), 'AWS::ECS::TaskDefinition',
    ).ContainerDefinitions[0];

    test('Security Hub ECS.5: the root filesystem of the container is read-only, and /tmp is not', () => {
      expect(hardened()).toMatchObject({ ReadonlyRootFilesystem: true, LinuxParameters: { Tmpfs: [{ ContainerPath: '/tmp' }] } });
    });

    test('Security Hub ECS.20: its process is not root', () => {
      expect(hardened().User).toMatch(/^[1-9]\d*:[1-9]\d*$/);
    });
  });

  test('Security Hub ECS.13, ECS.14 and ECS.15: tags of the app reach service, cluster, task definition and tasks', () => {
    const stack = newStack();
    Tags.of(stack).add('team', 'web');
    const template = fargate({}, stack);

    for (const type of ['Service', 'Cluster', 'TaskDefinition']) {
      expect(propertiesOf(template, `AWS::ECS::${type}`).Tags).toContainEqual({ Key: 'team', Value: 'web' });
    }
    expect(propertiesOf(template, 'AWS::ECS::Service')).toMatchObject({ PropagateTags: 'SERVICE', EnableECSManagedTags: true });
  });

  test('AwsSolutions-EC23: an internal load balancer is open only to the addresses of the VPC', () => {
    const template = fargate({ exposure: Exposure.internalHttp({ containerName: 'web' }) });

    template.hasResourceProperties('AWS::ElasticLoadBalancingV2::LoadBalancer', { Scheme: 'internal' });
    const open = Object.values(template.findResources('AWS::EC2::SecurityGroup')).flatMap(({ Properties }) => Properties.SecurityGroupIngress ?? []);
    expect(open.map(({ CidrIp }) => CidrIp)).toEqual(['10.0.0.0/16']);
  });

  test('NIST 800-53 CloudWatchLogGroupEncrypted: its logs are encrypted with your key', () => {
    const stack = newStack();

    fargate({ logEncryptionKey: new Key(stack, 'Key') }, stack).hasResourceProperties('AWS::Logs::LogGroup', { KmsKeyId: Match.anyValue() });
  });
});

describe('a service does not pass, because of your options,', () => {
  test('Security Hub ECS.2 in public subnets, where tasks could not pull their images without a public IP address', () => {
    const stack = newStack();
    new FargateService(stack, 'Service', { cluster: newPublicCluster(stack), containers, vpcSubnets: { subnetType: SubnetType.PUBLIC } });

    expect(propertiesOf(Template.fromStack(stack), 'AWS::ECS::Service').NetworkConfiguration.AwsvpcConfiguration.AssignPublicIp).toBe('ENABLED');
  });

  test('Security Hub ELB.1 with Exposure.publicHttp(), which uses plain HTTP', () => {
    expect(propertiesOf(fargate(), 'AWS::ElasticLoadBalancingV2::Listener')).toMatchObject({ Protocol: 'HTTP', DefaultActions: [{ Type: 'forward' }] });
  });
});

// The environment of a task is visible to everybody who can read its task definition.
test.each(['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'ECS_ENGINE_AUTH_DATA'])('Security Hub ECS.8: %s is rejected as an environment variable', name => {
  const message = messageOf(() => fargate({ containers: { web: { ...containers.web, environment: { [name]: 'hunter2' } } } }));

  expect(message).toMatch(told(`containers.web.environment.${name}`));
  expect(message).not.toContain('hunter2');
});
