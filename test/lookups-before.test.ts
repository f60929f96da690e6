import { Duration, Stack } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { AutoScalingGroup } from 'aws-cdk-lib/aws-autoscaling';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import * as ec2 from 'aws-cdk-lib/aws-ec2';
import { Repository } from 'aws-cdk-lib/aws-ecr';
import { AsgCapacityProvider, Cluster, ContainerImage, ICluster, ManagedInstancesCapacityProvider } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import * as eks from 'aws-cdk-lib/aws-eks-v2';
import * as elbv2 from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { HostedZone, IHostedZone } from 'aws-cdk-lib/aws-route53';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { StringParameter } from 'aws-cdk-lib/aws-ssm';
import {
  Deployment, Ec2Capacity, OneOffEc2Task, Ec2Service, Exposure, FargateService, FargateServiceProps, HttpRoute, ImageEncryption, ImageRepository,
  ImageSource, KubernetesCluster, KubernetesService, ManagedInstancesCapacity, ManagedInstancesService, NetworkPort, PullThroughCache,
  RegistrySettings, OneOffFargateTask, Scaling, ScheduledEc2Task, ScheduledFargateTask, ServerIdentity, TaskVolume,
} from '../src';
import { firstSynthesis } from './helpers/lookups';

const image = ContainerImage.fromRegistry('nginx');
const containers = { web: { image, port: 80 } };
const text = (stack: Stack, name: string) => StringParameter.valueFromLookup(stack, name);
const vpcOf = (stack: Stack): ec2.IVpc => (stack.node.tryFindChild('Vpc') ?? ec2.Vpc.fromLookup(stack, 'Vpc', { vpcId: 'vpc-0real' })) as ec2.IVpc;
const clusterOf = (stack: Stack) => (stack.node.tryFindChild('Cluster') ?? new Cluster(stack, 'Cluster', { vpc: vpcOf(stack) })) as Cluster;
const groupNamed = (stack: Stack, name: string) => ec2.SecurityGroup.fromLookupByName(stack, name, name, vpcOf(stack));
const machineImage = ec2.MachineImage.lookup({ name: 'our-image-*' });
const provider = (stack: Stack) => new AsgCapacityProvider(stack, 'Provider', {
  autoScalingGroup: new AutoScalingGroup(stack, 'Instances', { vpc: vpcOf(stack), instanceType: new ec2.InstanceType('t3.micro'), machineImage }),
});
const instances = (stack: Stack): ICluster => {
  const cluster = clusterOf(stack);
  cluster.addAsgCapacityProvider(provider(stack));
  return cluster;
};
const schedule = ScheduleExpression.rate(Duration.days(1));

const SELECTIONS: [string, (stack: Stack) => ec2.SubnetSelection | undefined][] = [
  ['nothing', () => undefined],
  ['a type', () => ({ subnetType: ec2.SubnetType.PRIVATE_ISOLATED })],
  ['a group', () => ({ subnetGroupName: 'App' })],
  ['zones', () => ({ availabilityZones: ['eu-west-1a'] })],
  ['networks', () => ({ subnetFilters: [ec2.SubnetFilter.byIds(['subnet-1'])] })],
  ['subnets by an id', stack => ({ subnets: [ec2.Subnet.fromSubnetId(stack, 'Subnet', text(stack, '/subnet'))] })],
];

const KINDS: [string, (stack: Stack, vpcSubnets?: ec2.SubnetSelection) => unknown][] = [
  ['a service on Fargate', (stack, vpcSubnets) => new FargateService(stack, 'It', { cluster: clusterOf(stack), containers, vpcSubnets })],
  ['a service on EC2', (stack, vpcSubnets) => new Ec2Service(stack, 'It', {
    cluster: clusterOf(stack), containers, vpcSubnets, capacity: Ec2Capacity.providers({ provider: provider(stack) }),
  })],
  ['a service on managed instances', (stack, vpcSubnets) => new ManagedInstancesService(stack, 'It', {
    cluster: clusterOf(stack), containers, vpcSubnets,
    capacity: ManagedInstancesCapacity.providers({
      provider: new ManagedInstancesCapacityProvider(stack, 'Managed', {
        subnets: vpcOf(stack).privateSubnets, securityGroups: [groupNamed(stack, 'instances')], infrastructureRole: Role.fromLookup(stack, 'Infra', { roleName: 'infra' }),
      }),
    }),
  })],
  ['a one-off task on Fargate', (stack, vpcSubnets) => new OneOffFargateTask(stack, 'It', { cluster: clusterOf(stack), containers, vpcSubnets })],
  ['a one-off task on EC2', (stack, vpcSubnets) => new OneOffEc2Task(stack, 'It', { cluster: instances(stack), containers, vpcSubnets })],
  ['a scheduled task on Fargate', (stack, vpcSubnets) => new ScheduledFargateTask(stack, 'It', { cluster: clusterOf(stack), containers, vpcSubnets, schedule })],
  ['a scheduled task on EC2', (stack, vpcSubnets) => new ScheduledEc2Task(stack, 'It', { cluster: instances(stack), containers, vpcSubnets, schedule })],
];

/** A Fargate service in a VPC that is looked up. */
function service(stack: Stack, props: Partial<FargateServiceProps>, id = 'Service'): FargateService {
  return new FargateService(stack, id, { cluster: clusterOf(stack), containers, ...props });
}

describe('before a pending lookup, an app is synthesized with', () => {
  test.each(KINDS.flatMap(([kind, make]) => SELECTIONS.map(([what, select]) => [kind, what, make, select] as const)))('%s in subnets that are selected by %s', (_kind, _what, make, select) => {
    expect(firstSynthesis(stackOf => make(stackOf('S'), select(stackOf('S')))).manifest.missing).toBeDefined();
  });

  test.each<[string, (stack: Stack) => ec2.SubnetSelection]>([
    ['zones', () => ({ availabilityZones: ['eu-west-1a'] })], ['a group', () => ({ subnetGroupName: 'Private' })],
  ])('a VPC of the app whose zones are not looked up yet, selected by %s', (_, select) => {
    const { manifest } = firstSynthesis(stackOf => {
      const stack = stackOf('S');
      new FargateService(stack, 'It', {
        cluster: new Cluster(stack, 'C', { vpc: new ec2.Vpc(stack, 'Own') }), containers, vpcSubnets: select(stack),
        exposure: Exposure.internalHttp({ vpcSubnets: select(stack) }).also('Network', Exposure.internalNetwork({ vpcSubnets: select(stack) }))
          .also('Fixed', Exposure.publicNetwork({ elasticIps: ['eipalloc-1', 'eipalloc-2'] })),
      });
    });
    expect(manifest.missing).toMatchObject([{ provider: 'availability-zones' }]);
  });

  const zone = (stack: Stack): IHostedZone => HostedZone.fromLookup(stack, 'Zone', { domainName: 'example.com' });
  const applicationLoadBalancer = (stack: Stack) => elbv2.ApplicationLoadBalancer.fromLookup(stack, 'Lb', { loadBalancerTags: { stage: stack.stackName } });
  const networkLoadBalancer = (stack: Stack) => elbv2.NetworkLoadBalancer.fromLookup(stack, 'Nlb', { loadBalancerTags: { stage: stack.stackName } });
  const listener = (stack: Stack) => elbv2.ApplicationListener.fromLookup(stack, 'Listener', {
    loadBalancerTags: { stage: stack.stackName }, listenerProtocol: elbv2.ApplicationProtocol.HTTPS,
  });
  const namespace = (stack: Stack) => PrivateDnsNamespace.fromPrivateDnsNamespaceAttributes(stack, 'Namespace', {
    namespaceId: text(stack, '/namespace/id'), namespaceName: text(stack, '/namespace/name'),
    namespaceArn: `arn:aws:servicediscovery:eu-west-1:111111111111:namespace/${text(stack, '/namespace/id')}`,
  });
  const GROUP = { subnetGroupName: 'Lb' };

  const EXPOSURES: [string, (stack: Stack) => Exposure][] = [
    ['public HTTP', stack => Exposure.publicHttp({ webAclArn: text(stack, '/waf/arn') })],
    ['internal HTTP in a group', () => Exposure.internalHttp({ vpcSubnets: GROUP })],
    ['internal HTTP, open to a client that is looked up', stack => Exposure.internalHttp({
      openTo: [groupNamed(stack, 'One'), groupNamed(stack, 'Two'), ec2.Peer.prefixList(ec2.PrefixList.fromLookup(stack, 'List', { prefixListName: 'x' }).prefixListId)],
    })],
    ['internal HTTP, open to the VPC', () => Exposure.internalHttp()],
    ['public HTTPS', stack => Exposure.publicHttps(ServerIdentity.domain('app.example.com', zone(stack)))],
    ['public HTTPS, with a certificate that is looked up', stack => Exposure.publicHttps(
      ServerIdentity.certificate(Certificate.fromCertificateArn(stack, 'Certificate', text(stack, '/certificate'))))],
    ['internal HTTPS, with a name that is looked up', stack => Exposure.internalHttps(
      ServerIdentity.domain(text(stack, '/domain'), zone(stack), { alternativeNames: [`www.${text(stack, '/domain')}`] }))],
    ['a listener, with a route that is looked up', stack => Exposure.onListener(listener(stack), HttpRoute.host(text(stack, '/host')))],
    ['a listener, with a part of a route that is looked up', stack => Exposure.onListener(listener(stack), HttpRoute.host(`api.${text(stack, '/zone')}`).andPath('/v1/*'))],
    ['a listener, with what takes HTTPS', stack => Exposure.onListener(listener(stack), HttpRoute.path('/'), { protocolVersion: elbv2.ApplicationProtocolVersion.GRPC })],
    ['an application load balancer', stack => Exposure.onLoadBalancer(applicationLoadBalancer(stack))],
    ['an application load balancer, with HTTPS', stack => Exposure.onLoadBalancer(applicationLoadBalancer(stack), {
      identity: ServerIdentity.domain('app.example.com', zone(stack)),
    })],
    ['a public network', stack => Exposure.publicNetwork({ elasticIps: ['eipalloc-1', 'eipalloc-2', text(stack, '/ip')] })],
    ['an internal network', () => Exposure.internalNetwork({ vpcSubnets: GROUP })],
    ['an internal network with a port more', () => Exposure.internalNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] })],
    ['a network load balancer', stack => Exposure.onNetworkLoadBalancer(networkLoadBalancer(stack))],
    ['Service Connect', stack => Exposure.serviceConnect({ namespace: namespace(stack), dnsName: text(stack, '/dns') })],
    ['Service Connect as a client', stack => Exposure.serviceConnectClient({ namespace: namespace(stack) })],
    ['Cloud Map', stack => Exposure.cloudMap({ namespace: namespace(stack), name: text(stack, '/dns') })],
    ['nothing', () => Exposure.none()],
    ['two ways', stack => Exposure.onLoadBalancer(applicationLoadBalancer(stack)).also('Network', Exposure.onNetworkLoadBalancer(networkLoadBalancer(stack)))],
  ];

  test.each(EXPOSURES)('a service exposed by %s', (_, exposure) => {
    const { manifest } = firstSynthesis(stackOf => service(stackOf('S'), { exposure: exposure(stackOf('S')) }));
    expect(manifest.missing?.length).toBeGreaterThan(0);
  });

  test.each(EXPOSURES)('two services in two stacks exposed by %s', (_, exposure) => {
    expect(() => firstSynthesis(stackOf => ['One', 'Two'].forEach(id => service(stackOf(id), { exposure: exposure(stackOf(id)) })))).not.toThrow();
  });

  test.each<[string, (stack: Stack) => Exposure]>([
    ['an application load balancer', stack => Exposure.onLoadBalancer(applicationLoadBalancer(stack))],
    ['a listener', stack => Exposure.onListener(listener(stack), HttpRoute.path('/'))],
    ['a network load balancer', stack => Exposure.onNetworkLoadBalancer(networkLoadBalancer(stack))],
  ])('a service on %s that is looked up, in a known VPC', (_, exposure) => {
    firstSynthesis(stackOf => {
      const stack = stackOf('S');
      const vpc = ec2.Vpc.fromVpcAttributes(stack, 'Known', {
        vpcId: 'vpc-0real', vpcCidrBlock: '10.0.0.0/16', availabilityZones: ['a', 'b'], privateSubnetIds: ['p1', 'p2'],
      });
      expect(service(stack, { cluster: new Cluster(stack, 'C', { vpc }), exposure: exposure(stack) })).toBeDefined();
    });
  });

  test('routes whose priorities are not known yet', () => {
    expect(() => firstSynthesis(stackOf => {
      const stack = stackOf('S');
      const shared = listener(stack);
      // As many routes as would collide by chance, if their hashes were taken as the real ones.
      for (let i = 0; i < 30; i++) {
        service(stack, { exposure: Exposure.onListener(shared, HttpRoute.host(`*.${text(stack, `/host/${i}`)}`)) }, `Service${i}`);
      }
    })).not.toThrow();
  });

  test.each<[string, (stack: Stack) => unknown]>([
    ['the version of an image', stack => service(stack, { containers: { web: { image: ContainerImage.fromRegistry(`nginx:${text(stack, '/version')}`), port: 80 } } })],
    ['an image of a registry', stack => new ImageRepository(stack, 'R').publish('web', ImageSource.registry(`nginx:${text(stack, '/version')}`))],
    ['a whole reference', stack => new ImageRepository(stack, 'R').publish('web', ImageSource.registry(text(stack, '/image')))],
    ['a tag', stack => new ImageRepository(stack, 'R').publish('web', ImageSource.registry('nginx'), { tags: [text(stack, '/tag')] })],
    ['an image of a repository', stack => new ImageRepository(stack, 'R').publish('web',
      ImageSource.ecr(Repository.fromLookup(stack, 'From', { repositoryName: 'team/web' }), text(stack, '/tag')))],
    ['a repository', stack => ImageRepository.fromRepositoryName(stack, 'R', text(stack, '/repository')).publish('web', ImageSource.registry('nginx'))],
    ['a repository by its ARN', stack => ImageRepository.fromRepositoryArn(stack, 'R',
      Repository.fromLookup(stack, 'From', { repositoryName: 'team/web' }).repositoryArn).publish('web', ImageSource.registry('nginx'))],
    ['pullFrom', stack => new ImageRepository(stack, 'R', {
      pullFrom: { accounts: [text(stack, '/account')], principals: [Role.fromLookup(stack, 'Role', { roleName: 'x' })] },
    })],
    ['a key', stack => new ImageRepository(stack, 'R', { encryption: ImageEncryption.kms(Key.fromLookup(stack, 'Key', { aliasName: 'alias/x' })) })],
    ['the key of logs', stack => service(stack, { logEncryptionKey: Key.fromLookup(stack, 'Key', { aliasName: 'alias/x' }) })],
    ['environment and command', stack => service(stack, { containers: { web: { image, port: 80, environment: { A: text(stack, '/a') }, command: [text(stack, '/b')] } } })],
    ['security groups', stack => service(stack, { securityGroups: [groupNamed(stack, 'One'), groupNamed(stack, 'Two')] })],
    ['a cluster', stack => service(stack, { cluster: Cluster.fromClusterAttributes(stack, 'Known', { clusterName: text(stack, '/cluster'), vpc: vpcOf(stack) }) })],
    ['a volume', stack => service(stack, {
      containers: {
        web: {
          image, port: 80, volumes: {
            '/data': TaskVolume.efs('data', FileSystem.fromFileSystemAttributes(stack, 'Files', {
              fileSystemId: text(stack, '/files'), securityGroup: groupNamed(stack, 'files'),
            })),
          },
        },
      },
    })],
    ['a redeployment', stack => service(stack, { deployment: Deployment.rolling({ redeployOn: [text(stack, '/version')] }) })],
    ['scaling', stack => service(stack, { scaling: Scaling.between(1, 2).onSchedule({ schedule: Schedule.expression(text(stack, '/schedule')), minTasks: 1 }) })],
    ['another registry', stack => new RegistrySettings(stack, 'Registry', {
      pullThroughCaches: [PullThroughCache.ecr({ prefix: 'base', account: text(stack, '/account'), region: 'eu-central-1' })],
    })],
    ['names in Kubernetes', stack => ['One', 'Two'].map(id => new KubernetesService(stack, id, {
      cluster: KubernetesCluster.eksV2(eks.Cluster.fromClusterAttributes(stack, `${id}Cluster`, {
        clusterName: text(stack, `/${id}`),
        kubectlProvider: eks.KubectlProvider.fromKubectlProviderAttributes(stack, `${id}Kubectl`, { serviceToken: 'arn:aws:lambda:eu-west-1:111111111111:function:kubectl' }),
      })),
      containers: { web: { image } }, serviceName: text(stack, '/name'), namespace: text(stack, '/namespace'),
    }))],
  ])('%s', (_, make) => {
    expect(() => firstSynthesis(stackOf => make(stackOf('S')))).not.toThrow();
  });
});
