import { App, CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { Peer, SubnetType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { AlpnPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Bucket } from 'aws-cdk-lib/aws-s3';
import { bound, exposed, newCertificate, NGINX, openings, targetGroupAttributes } from './scene';
import { AccessLogs, ClientAddress, CrossZoneRouting, Exposure, FargateService, NetworkPort } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const TARGET_GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const LOAD_BALANCER = 'AWS::ElasticLoadBalancingV2::LoadBalancer';

test('the length of a list of Elastic IP addresses must be known', () => {
  const stack = newStack();
  const elasticIps = new CfnParameter(stack, 'Addresses', { type: 'List<String>' }).valueAsList;

  expect(() => new FargateService(stack, 'Service', {
    cluster: new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') }), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } },
    exposure: Exposure.publicNetwork({ elasticIps }),
  })).toThrow(/^Stack\/Service\S*: 'exposure.elasticIps' must be a list whose length is known at synthesis, got "a token"/);
});

describe('a service behind a network load balancer', () => {
  test('is public by default, on the port of its container, and its tasks accept traffic from the load balancer only', () => {
    const { template, endpoint } = exposed(Exposure.publicNetwork());

    template().hasResourceProperties(LOAD_BALANCER, { Type: 'network', Scheme: 'internet-facing', SecurityGroups: [Match.anyValue()] });
    template().hasResourceProperties(LISTENER, { Port: 80, Protocol: 'TCP' });
    template().hasResourceProperties(TARGET_GROUP, { Port: 80, Protocol: 'TCP', TargetType: 'ip' });
    template().hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [Match.objectLike({ ContainerName: 'web', ContainerPort: 80 })] });
    expect(openings(template())).toEqual([
      'ServiceExposureSecurityGroup <- 0.0.0.0/0 tcp/80',
      'ServiceSecurityGroup <- ServiceExposureSecurityGroup tcp/80',
    ]);
    expect(endpoint()).toMatch(/^\$\{ServiceExposureLoadBalancer\w+\.DNSName\}:80$/);
  });

  test('is reachable only from inside the VPC if it is internal', () => {
    const { template } = exposed(Exposure.internalNetwork({ ports: [NetworkPort.tcp(5432)] }));

    template().hasResourceProperties(LOAD_BALANCER, { Scheme: 'internal' });
    expect(openings(template())[0]).toMatch(/^ServiceExposureSecurityGroup <- 10\.0\.0\.0\/16 tcp\/5432$/);
    expect(openings(template())).toHaveLength(2);
  });

  test.each([
    ['public', Exposure.publicNetwork], ['internal', Exposure.internalNetwork],
  ] as const)('is open only to the clients that you name, if it is %s', (_, make) => {
    const { template } = exposed(make({ openTo: [Peer.ipv4('10.0.0.0/8'), Peer.ipv4('192.0.2.0/24')] }));
    expect(openings(template()).filter(each => each.startsWith('ServiceExposure'))).toEqual([
      'ServiceExposureSecurityGroup <- 10.0.0.0/8 tcp/80', 'ServiceExposureSecurityGroup <- 192.0.2.0/24 tcp/80',
    ]);
  });

  test('is open to another service, and to nobody if the list is empty', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc') });
    const client = new FargateService(stack, 'Client', { cluster, containers: { app: { image: NGINX } } });
    const { template } = exposed(Exposure.internalNetwork({ openTo: [client] }), { cluster }, stack);
    expect(openings(template())).toContain('ServiceExposureSecurityGroup <- ClientServiceSecurityGroup tcp/80');

    expect(openings(exposed(Exposure.publicNetwork({ openTo: [] })).template())).toEqual(['ServiceSecurityGroup <- ServiceExposureSecurityGroup tcp/80']);
  });

  test('terminates TLS with your certificate, with TLS 1.2 or newer', () => {
    const stack = newStack();
    const port = NetworkPort.tls(443, newCertificate(stack), { alpnPolicy: AlpnPolicy.HTTP2_PREFERRED });
    const { template, endpoint } = exposed(Exposure.publicNetwork({ ports: [port] }), {}, stack);

    template().hasResourceProperties(LISTENER, {
      Port: 443, Protocol: 'TLS', Certificates: [{ CertificateArn: Match.stringLikeRegexp('certificate/0') }],
      SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06', AlpnPolicy: ['HTTP2Preferred'],
    });
    template().hasResourceProperties(TARGET_GROUP, { Port: 443, Protocol: 'TCP' });
    expect(endpoint()).toMatch(/:443$/);
  });

  test('can have several ports, whose resources stay if the order changes', () => {
    const ids = (...numbers: number[]) => {
      const { template } = exposed(Exposure.publicNetwork({ ports: numbers.map(number => NetworkPort.tcp(number)) }));
      return Object.keys({ ...template().findResources(LISTENER), ...template().findResources(TARGET_GROUP) });
    };
    expect(ids(9000, 80, 443)).toEqual(expect.arrayContaining(ids(80, 443)));
    expect(ids(80, 443)).toHaveLength(4);
  });

  test('serves DNS over UDP and TCP on one port of your container', () => {
    const { template } = bound(Exposure.publicNetwork({ ports: [NetworkPort.tcpUdp(53)] }), ['dns:53/tcp', 'dns:53/udp', 'web:80/tcp']);

    template().hasResourceProperties(LISTENER, { Port: 53, Protocol: 'TCP_UDP' });
    template().hasResourceProperties(TARGET_GROUP, { Port: 53, Protocol: 'TCP_UDP', HealthCheckProtocol: 'TCP' });
    expect(openings(template())).toEqual([
      'ExposedSecurityGroup <- 0.0.0.0/0 tcp/53', 'ExposedSecurityGroup <- 0.0.0.0/0 udp/53',
      'ServiceSecurityGroup <- ExposedSecurityGroup tcp/53', 'ServiceSecurityGroup <- ExposedSecurityGroup udp/53',
    ]);
  });

  test('serves UDP, with a health check on the only TCP port of the container, which the load balancer can reach', () => {
    const { template } = bound(Exposure.publicNetwork({ ports: [NetworkPort.udp(514)] }), ['logs:5140/udp', 'logs:8080/tcp', 'web:80/tcp']);

    template().hasResourceProperties(LISTENER, { Port: 514, Protocol: 'UDP' });
    template().hasResourceProperties(TARGET_GROUP, { Port: 514, Protocol: 'UDP', HealthCheckProtocol: 'TCP', HealthCheckPort: '8080' });
    template().hasResourceProperties('AWS::ECS::Service', { LoadBalancers: [Match.objectLike({ ContainerName: 'logs', ContainerPort: 5140 })] });
    expect(openings(template())).toEqual([
      'ExposedSecurityGroup <- 0.0.0.0/0 udp/514', 'ServiceSecurityGroup <- ExposedSecurityGroup tcp/8080',
      'ServiceSecurityGroup <- ExposedSecurityGroup udp/5140',
    ]);
  });

  test('uses the container port with the number of the listener port, unless you name another', () => {
    const ports = ['web:80/tcp', 'web:9000/tcp', 'admin:81/tcp'];
    const target = (port: NetworkPort) => bound(Exposure.publicNetwork({ ports: [port] }), ports).template();

    const reached = (ContainerPort: number) => ({ LoadBalancers: [Match.objectLike({ ContainerPort })] });
    target(NetworkPort.tcp(9000)).hasResourceProperties('AWS::ECS::Service', reached(9000));
    target(NetworkPort.tcp(7, { containerName: 'admin' })).hasResourceProperties('AWS::ECS::Service', reached(81));
    target(NetworkPort.tcp(7, { containerPort: 80 })).hasResourceProperties('AWS::ECS::Service', reached(80));
  });

  test('needs about 20 seconds to become healthy, and about 30 seconds to become unhealthy', () => {
    exposed(Exposure.publicNetwork()).template().hasResourceProperties(TARGET_GROUP, {
      HealthCheckProtocol: 'TCP', HealthCheckIntervalSeconds: 10, HealthCheckTimeoutSeconds: 5, HealthyThresholdCount: 2, UnhealthyThresholdCount: 3,
    });
  });

  test('has the health check that you configure', () => {
    const healthCheck = {
      path: '/up', port: 80, interval: Duration.seconds(30), timeout: Duration.seconds(20), healthyThresholdCount: 4, unhealthyThresholdCount: 5,
    };
    exposed(Exposure.publicNetwork({ ports: [NetworkPort.tcp(80, { healthCheck })] })).template().hasResourceProperties(TARGET_GROUP, {
      HealthCheckProtocol: 'HTTP', HealthCheckPath: '/up', HealthCheckPort: '80', HealthCheckIntervalSeconds: 30, HealthCheckTimeoutSeconds: 20,
      HealthyThresholdCount: 4, UnhealthyThresholdCount: 5, Matcher: { HttpCode: '200-399' },
    });
  });

  test('gives connections 30 seconds to end, or as long as you say, and then closes them', () => {
    expect(targetGroupAttributes(exposed(Exposure.publicNetwork()).template())).toMatchObject({
      'deregistration_delay.timeout_seconds': '30', 'deregistration_delay.connection_termination.enabled': 'true',
    });
    const ports = [NetworkPort.tcp(80, { deregistrationDelay: Duration.minutes(10), idleTimeout: Duration.minutes(20) })];
    const { template } = exposed(Exposure.publicNetwork({ ports }));
    expect(targetGroupAttributes(template())['deregistration_delay.timeout_seconds']).toBe('600');
    template().hasResourceProperties(LISTENER, { ListenerAttributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '1200' }] });
  });

  test.each<[ClientAddress | undefined, object]>([
    [undefined, {}], [ClientAddress.HIDDEN, {}],
    [ClientAddress.PRESERVED, { 'preserve_client_ip.enabled': 'true' }], [ClientAddress.PROXY_PROTOCOL, { 'proxy_protocol_v2.enabled': 'true' }],
  ])('passes the client address to the tasks as you configure: %s', (clientAddress, expected) => {
    const { template } = exposed(Exposure.publicNetwork({ ports: [NetworkPort.tcp(80, { clientAddress })] }));
    const told = Object.entries(targetGroupAttributes(template())).filter(([key]) => /client_ip|proxy/.test(key));
    expect(Object.fromEntries(told)).toEqual(expected);
    expect(openings(template())).toContain('ServiceSecurityGroup <- ServiceExposureSecurityGroup tcp/80');
  });

  test.each<[string, CrossZoneRouting | undefined, string]>([
    ['any zone', undefined, 'true'], ['any zone', CrossZoneRouting.ANY_ZONE, 'true'], ['the same zone', CrossZoneRouting.SAME_ZONE, 'false'],
  ])('gets connections from %s', (_, crossZone, expected) => {
    exposed(Exposure.publicNetwork({ crossZone })).template().hasResourceProperties(LOAD_BALANCER, {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'load_balancing.cross_zone.enabled', Value: expected }]),
    });
  });

  test('has deletion protection if you ask for it', () => {
    exposed(Exposure.publicNetwork({ deletionProtection: true })).template().hasResourceProperties(LOAD_BALANCER, {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'deletion_protection.enabled', Value: 'true' }]),
    });
  });

  test('has your Elastic IPs, one for each subnet', () => {
    exposed(Exposure.publicNetwork({ elasticIps: ['eipalloc-0a', 'eipalloc-0b'] })).template().hasResourceProperties(LOAD_BALANCER, {
      SubnetMappings: [Match.objectLike({ AllocationId: 'eipalloc-0a' }), Match.objectLike({ AllocationId: 'eipalloc-0b' })], Subnets: Match.absent(),
    });
  });

  test('is in the subnets that you select', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Vpc', {
      maxAzs: 2,
      subnetConfiguration: [
        { name: 'Edge', subnetType: SubnetType.PUBLIC }, { name: 'App', subnetType: SubnetType.PRIVATE_WITH_EGRESS },
        { name: 'Inner', subnetType: SubnetType.PRIVATE_ISOLATED },
      ],
    });
    exposed(Exposure.internalNetwork({ vpcSubnets: { subnetGroupName: 'Inner' } }), { cluster: new Cluster(stack, 'Cluster', { vpc }) }, stack)
      .template().hasResourceProperties(LOAD_BALANCER, {
        Subnets: [{ Ref: Match.stringLikeRegexp('VpcInnerSubnet1') }, { Ref: Match.stringLikeRegexp('VpcInnerSubnet2') }],
      });
  });

  test('writes access logs of TLS connections to your bucket', () => {
    const stack = new Stack(new App(), 'Stack', { env: { region: 'eu-west-1', account: '111122223333' } });
    const accessLogs = AccessLogs.toBucket(new Bucket(stack, 'Bucket'), { prefix: 'network' });
    const { template } = exposed(Exposure.publicNetwork({ ports: [NetworkPort.tls(443, newCertificate(stack))], accessLogs }), {}, stack);
    template().hasResourceProperties(LOAD_BALANCER, {
      LoadBalancerAttributes: Match.arrayWith([{ Key: 'access_logs.s3.enabled', Value: 'true' }, { Key: 'access_logs.s3.prefix', Value: 'network' }]),
    });
    template().resourceCountIs('AWS::S3::BucketPolicy', 1);
  });

  test('passes its load balancer and target groups to scaling and monitoring', () => {
    const { config } = bound(Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] }), ['web:80/tcp']);
    expect(config.loadBalancers?.[0]).toBeDefined();
    expect(config.networkTargetGroups).toHaveLength(2);
    expect(config.applicationTargetGroups).toBeUndefined();
  });
});

test('a new container port keeps the target group, because a replacement would interrupt clients', () => {
  const groups = (containerPort: number) => bound(Exposure.publicNetwork({ ports: [NetworkPort.tcp(443, { containerPort })] }), ['web:80/tcp', 'web:8080/tcp'])
    .template().findResources('AWS::ElasticLoadBalancingV2::TargetGroup');
  expect(groups(80)).toEqual(groups(8080));
});
