import { App, Size, Stack } from 'aws-cdk-lib';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { Alarm, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { IVpc, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ICluster } from 'aws-cdk-lib/aws-ecs';
import { FileSystem } from 'aws-cdk-lib/aws-efs';
import { ApplicationListener, ApplicationLoadBalancer, NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { PublicHostedZone } from 'aws-cdk-lib/aws-route53';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { ScheduleExpression } from 'aws-cdk-lib/aws-scheduler';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import {
  AccessLogs, Deployment, Exposure, FargateService, FargateServiceProps, HttpRoute, ImageEncryption, ImageRepository, NetworkPort,
  ScheduledFargateTask, ServerIdentity, TaskVolume,
} from '../src';
import { messageOf } from './helpers/wrong-input';

const HERE = { region: 'eu-west-1', account: '111111111111' };
const image = ContainerImage.fromRegistry('nginx');

type Service = Partial<FargateServiceProps>;

function serve(stack: Stack, props: (cluster: ICluster) => Service): void {
  const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
  new FargateService(stack, 'Service', { cluster, containers: { web: { image, port: 80 } }, ...props(cluster) });
}

/** A resource of another stack, used in a place where AWS requires the same region or account. */
const CASES: [name: string, property: string, places: ('region' | 'account')[], use: (other: Stack, stack: Stack) => void][] = [
  ['a log bucket of a load balancer', 'exposure.accessLogs.bucket', ['region'], (other, stack) => {
    const accessLogs = AccessLogs.toBucket(new Bucket(other, 'Bucket', { bucketName: 'logs' }));
    serve(stack, () => ({ exposure: Exposure.publicHttp({ accessLogs }) }));
  }],
  ['a log bucket of a network load balancer', 'exposure.accessLogs.bucket', ['region'], (other, stack) => {
    const accessLogs = AccessLogs.toBucket(new Bucket(other, 'Bucket', { bucketName: 'logs' }));
    const ports = [NetworkPort.tls(443, Certificate.fromCertificateArn(stack, 'Certificate', 'arn:aws:acm:eu-west-1:111111111111:certificate/1'))];
    serve(stack, () => ({ exposure: Exposure.internalNetwork({ accessLogs, ports }) }));
  }],
  ['a certificate', 'exposure.identity.certificate', ['region', 'account'], (other, stack) => {
    const certificate = new Certificate(other, 'Certificate', { domainName: 'app.example.com' });
    serve(stack, () => ({ exposure: Exposure.publicHttps(ServerIdentity.certificate(certificate)) }));
  }],
  ['an imported certificate', 'exposure.identity.certificate', ['region', 'account'], ({ region, account }, stack) => {
    const certificate = Certificate.fromCertificateArn(stack, 'Certificate', `arn:aws:acm:${region}:${account}:certificate/1`);
    serve(stack, () => ({ exposure: Exposure.publicHttps(ServerIdentity.certificate(certificate)) }));
  }],
  ['a hosted zone', 'exposure.identity.hostedZone', ['account'], (other, stack) => {
    const zone = new PublicHostedZone(other, 'Zone', { zoneName: 'example.com' });
    serve(stack, () => ({ exposure: Exposure.publicHttps(ServerIdentity.domain('app.example.com', zone)) }));
  }],
  ['a cluster', 'cluster', ['region', 'account'], (other, stack) => {
    const vpc = new Vpc(other, 'Vpc');
    new FargateService(stack, 'Service', { cluster: new Cluster(other, 'Cluster', { vpc, clusterName: 'c' }), containers: { web: { image } } });
  }],
  ['a security group', 'securityGroups[0]', ['region'], (other, stack) => {
    const vpc = Vpc.fromVpcAttributes(stack, 'Shared', { vpcId: 'vpc-1', availabilityZones: ['a'], privateSubnetIds: ['subnet-1'] });
    const group = new SecurityGroup(other, 'Group', { vpc, securityGroupName: 'g' });
    new FargateService(stack, 'Service', { cluster: new Cluster(stack, 'Cluster', { vpc }), containers: { web: { image } }, securityGroups: [group] });
  }],
  ['a file system', 'containers.web.volumes./data.fileSystem', ['region'], (other, stack) => {
    const files = new FileSystem(other, 'Files', { vpc: new Vpc(other, 'Vpc') });
    serve(stack, () => ({ containers: { web: { image, volumes: { '/data': TaskVolume.efs('data', files) } } } }));
  }],
  ['a key of an EBS volume', 'containers.web.volumes./data.encryptionKey', ['region'], (other, stack) => {
    const encryptionKey = Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${other.region}:${other.account}:key/1`);
    serve(stack, () => ({ containers: { web: { image, volumes: { '/data': TaskVolume.managedEbs('data', { encryptionKey, size: Size.gibibytes(20) }) } } } }));
  }],
  ['a key of log groups', 'logEncryptionKey', ['region'], (other, stack) => {
    serve(stack, () => ({ logEncryptionKey: Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${other.region}:${other.account}:key/1`) }));
  }],
  ['a key of a repository', 'encryption', ['region'], (other, stack) => {
    const key = Key.fromKeyArn(stack, 'Key', `arn:aws:kms:${other.region}:${other.account}:key/1`);
    new ImageRepository(stack, 'Repository', { encryption: ImageEncryption.kms(key) });
  }],
  ['a log group', 'logGroup', ['account'], (other, stack) => {
    serve(stack, () => ({ logGroup: LogGroup.fromLogGroupArn(stack, 'Logs', `arn:aws:logs:${other.region}:${other.account}:log-group:web`) }));
  }],
  ['a task role', 'taskRole', ['account'], (other, stack) => {
    const taskRole = new Role(other, 'Role', { assumedBy: new ServicePrincipal('ecs-tasks.amazonaws.com'), roleName: 'r' });
    serve(stack, () => ({ taskRole }));
  }],
  ['an imported execution role', 'executionRole', ['account'], (other, stack) => {
    serve(stack, () => ({ executionRole: Role.fromRoleArn(stack, 'Role', `arn:aws:iam::${other.account}:role/r`) }));
  }],
  ['an alarm that rolls back', 'deployment.alarms[0]', ['region', 'account'], (other, stack) => {
    const alarm = new Alarm(other, 'Alarm', { alarmName: 'a', metric: new Metric({ namespace: 'n', metricName: 'm' }), threshold: 1, evaluationPeriods: 1 });
    serve(stack, () => ({ deployment: Deployment.rolling({ alarms: [alarm] }) }));
  }],
  ['an imported load balancer', 'exposure.loadBalancer', ['region', 'account'], ({ region, account }, stack) => {
    const loadBalancer = ApplicationLoadBalancer.fromApplicationLoadBalancerAttributes(stack, 'LoadBalancer', {
      loadBalancerArn: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/app/l/1`, securityGroupId: 'sg-1', vpc: new Vpc(stack, 'OfIt'),
    });
    serve(stack, () => ({
      cluster: new Cluster(stack, 'Other', { vpc: loadBalancer.vpc }), exposure: Exposure.onLoadBalancer(loadBalancer),
    }));
  }],
  ['an imported network load balancer', 'exposure.loadBalancer', ['region', 'account'], ({ region, account }, stack) => {
    const loadBalancer = NetworkLoadBalancer.fromNetworkLoadBalancerAttributes(stack, 'LoadBalancer', {
      loadBalancerArn: `arn:aws:elasticloadbalancing:${region}:${account}:loadbalancer/net/l/1`, loadBalancerSecurityGroups: ['sg-1'],
    });
    serve(stack, () => ({ exposure: Exposure.onNetworkLoadBalancer(loadBalancer) }));
  }],
  ['an imported listener', 'exposure.listener', ['region', 'account'], ({ region, account }, stack) => {
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Listener', {
      listenerArn: `arn:aws:elasticloadbalancing:${region}:${account}:listener/app/l/1/2`, securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'OfIt', 'sg-1'),
    });
    serve(stack, () => ({ exposure: Exposure.onListener(listener, HttpRoute.path('/a')) }));
  }],
  ['a web ACL', 'exposure.webAclArn', ['region'], ({ region, account }, stack) => {
    serve(stack, () => ({ exposure: Exposure.publicHttp({ webAclArn: `arn:aws:wafv2:${region}:${account}:regional/webacl/web/1` }) }));
  }],
  ['a dead-letter queue', 'deadLetterQueue', ['region'], (other, stack) => {
    new ScheduledFargateTask(stack, 'Task', {
      cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') }), containers: { web: { image } }, schedule: ScheduleExpression.cron({ hour: '3' }),
      deadLetterQueue: Queue.fromQueueArn(stack, 'Queue', `arn:aws:sqs:${other.region}:${other.account}:missed`),
    });
  }],
];

function told(use: (typeof CASES)[number][3], place: { readonly region: string; readonly account: string }): string {
  const app = new App();
  return messageOf(() => use(new Stack(app, 'Other', { env: place }), new Stack(app, 'Stack', { env: HERE })));
}

describe.each(CASES)('%s', (_, property, places, use) => {
  test('is accepted from the same region and account', () => {
    expect(told(use, HERE)).toBe('accepted');
  });

  test(`of another ${places.join(' or ')} is rejected`, () => {
    places.forEach(what => {
      const [here, there] = what === 'region' ? ['eu-west-1', 'us-east-1'] : ['111111111111', '222222222222'];
      expect(told(use, { ...HERE, [what]: there })).toContain(`'${property}' must be in ${here}, the ${what} of the stack, got "${there}"`);
    });
  });
});

test('a listener and a load balancer that are not looked up yet are accepted', () => {
  const stack = new Stack(new App(), 'Stack', { env: HERE });
  const listener = ApplicationListener.fromLookup(stack, 'Listener', { listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/l/1/2' });
  const loadBalancer = ApplicationLoadBalancer.fromLookup(stack, 'LoadBalancer', { loadBalancerTags: { team: 'web' } });
  expect(messageOf(() => serve(stack, () => ({ exposure: Exposure.onListener(listener, HttpRoute.path('/a')) })))).toBe('accepted');
  expect(messageOf(() => new FargateService(stack, 'Other', {
    cluster: Cluster.fromClusterAttributes(stack, 'OtherCluster', { clusterName: 'c', vpc: loadBalancer.vpc as IVpc }),
    containers: { web: { image, port: 80 } }, exposure: Exposure.onLoadBalancer(loadBalancer),
  }))).toBe('accepted');
});

test('a key is accepted in a stack whose region is a token', () => {
  const stack = new Stack(new App(), 'Stack');
  const key = Key.fromKeyArn(stack, 'Key', 'arn:aws:kms:us-east-1:111111111111:key/1');
  expect(messageOf(() => new ImageRepository(stack, 'Repository', { encryption: ImageEncryption.kms(key) }))).toBe('accepted');
});
