import { Vpc, InstanceType } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { HttpNamespace, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { exposed, NGINX, openings } from './scene';
import { Deployment, Ec2Service, Exposure, ListeningPort, NetworkPort, ServiceConnectOptions } from '../../../../src';
import { Match, newStack, Template } from '../../../helpers/stack';

const SERVICE = 'AWS::ECS::Service';

describe('a whole service', () => {
  test('serves DNS over UDP and TCP on the same port', () => {
    const { template } = exposed(Exposure.publicNetwork({ ports: [NetworkPort.tcpUdp(53)] }), {
      containers: { dns: { image: NGINX, port: 53, additionalPorts: [ListeningPort.udp(53)] } },
    });
    template().hasResourceProperties('AWS::ElasticLoadBalancingV2::Listener', { Port: 53, Protocol: 'TCP_UDP' });
    expect(openings(template())).toEqual(expect.arrayContaining([
      'ServiceSecurityGroup <- ServiceExposureSecurityGroup tcp/53', 'ServiceSecurityGroup <- ServiceExposureSecurityGroup udp/53',
    ]));
  });

  test('receives logs over UDP, with a health check on another port', () => {
    exposed(Exposure.internalNetwork({ ports: [NetworkPort.udp(514)] }), {
      containers: { logs: { image: NGINX, port: 8080, additionalPorts: [ListeningPort.udp(514)] } },
    }).template().hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { Protocol: 'UDP', Port: 514, HealthCheckPort: '8080' });
  });

  test('runs on EC2 behind a network load balancer, and each task has its own IP address', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Cluster', { vpc: new Vpc(stack, 'Vpc', { maxAzs: 2 }) });
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    new Ec2Service(stack, 'Service', { cluster, containers: { web: { image: NGINX, port: 80 } }, exposure: Exposure.publicNetwork() });
    Template.fromStack(stack).hasResourceProperties('AWS::ElasticLoadBalancingV2::TargetGroup', { TargetType: 'ip', Protocol: 'TCP' });
  });

  test.each([
    ['BLUE_GREEN', Deployment.blueGreen({ testPort: 8080 })], ['LINEAR', Deployment.linear({ testPort: 8080 })], ['CANARY', Deployment.canary({ testPort: 8080 })],
  ])('is deployed with %s behind a network load balancer, with a test port', (strategy, deployment) => {
    const { template } = exposed(Exposure.publicNetwork(), { deployment });
    template().hasResourceProperties(SERVICE, {
      DeploymentConfiguration: Match.objectLike({ Strategy: strategy }),
      LoadBalancers: [Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: Match.anyValue() }) })],
    });
    template().hasResourceProperties('Custom::TrafficShiftListener', { Port: 8080, Traffic: 'TESTS' });
  });

  test.each([['BLUE_GREEN', Deployment.blueGreen()], ['LINEAR', Deployment.linear()], ['CANARY', Deployment.canary()]])(
    'is deployed as %s in Service Connect', (strategy, deployment) => {
      const stack = newStack();
      const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
      exposed(Exposure.serviceConnect({ namespace }), { deployment }, stack).template().hasResourceProperties(SERVICE, {
        DeploymentConfiguration: Match.objectLike({ Strategy: strategy }), ServiceConnectConfiguration: Match.objectLike({ Enabled: true }),
      });
    },
  );

  test('that only has Cloud Map or no exposure cannot be deployed with traffic shifting', () => {
    const stack = newStack();
    const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'internal', vpc: new Vpc(stack, 'Other') });
    expect(() => exposed(Exposure.cloudMap({ name: 'web', namespace }), { deployment: Deployment.blueGreen() }, stack))
      .toThrow('Use Exposure.serviceConnect(), or Deployment.rolling().');

    const other = newStack();
    const client = Exposure.serviceConnectClient({ namespace: new HttpNamespace(other, 'Namespace', { name: 'internal' }) });
    expect(() => exposed(client, { deployment: Deployment.canary() }, other)).toThrow('must have a load balancer or Service Connect');
  });

  test.each<[string, ListeningPort, ServiceConnectOptions, string]>([
    ['gRPC', ListeningPort.tcp(50051).grpc(), { containerPort: 50051 }, 'api-50051.internal:50051'],
    ['HTTP/2, under the name of the port', ListeningPort.tcp(8080, { name: 'admin' }).http2(), { containerPort: 8080 }, 'http://admin.internal:8080'],
  ])('tells Service Connect that a port speaks %s', (_, port, options, expected) => {
    const stack = newStack();
    const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
    const { endpoint } = exposed(Exposure.serviceConnect({ namespace, ...options }), {
      containers: { api: { image: NGINX, port: 80, additionalPorts: [port] } },
    }, stack);
    expect(endpoint()).toBe(expected);
  });
});
