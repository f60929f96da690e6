import { IVpc, Peer, SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { NetworkLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { bound, exposed, openings, newCertificate } from './scene';
import { Deployment, Exposure, NetworkExposureOptions, NetworkPort, OnNetworkLoadBalancerOptions } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const LISTENER = 'Custom::TrafficShiftListener';
const group = (name: string) => ({ Ref: Match.stringLikeRegexp(`${name}[0-9A-F]{8}$`) });

describe('if a deployment shifts traffic between tasks', () => {
  test('each port of a network load balancer has a second target group, and ECS is allowed to shift between them', () => {
    const exposure = Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] });
    const { template, config } = bound(exposure, ['web:80/tcp'], { trafficShift: {} });

    template().resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 4);
    template().resourceCountIs(LISTENER, 2);
    for (const port of [80, 81]) {
      template().hasResourceProperties(LISTENER, {
        Port: port, Protocol: 'TCP', Traffic: 'SHIFTS', TargetGroups: [group(`ExposedPort${port}TargetGroup`), group(`ExposedPort${port}AlternateTargetGroup`)],
      });
    }
    template().hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [80, 81].map(port => ({
        ContainerName: 'web',
        ContainerPort: 80,
        TargetGroupArn: group(`ExposedPort${port}TargetGroup`),
        AdvancedConfiguration: {
          AlternateTargetGroupArn: group(`ExposedPort${port}AlternateTargetGroup`),
          ProductionListenerRule: group(`ExposedPort${port}WeightedListener`),
          TestListenerRule: Match.absent(),
          RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('TrafficShiftRole'), 'Arn'] },
        },
      })),
    });
    expect(config.networkTargetGroups).toHaveLength(4);
  });

  test('ECS has one role for it, which only ECS can assume', () => {
    const { template } = bound(Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] }), ['web:80/tcp'], { trafficShift: {} });
    const shifting = Object.values(template().findResources('AWS::IAM::Role')).filter(({ Properties }) =>
      JSON.stringify(Properties.ManagedPolicyArns ?? '').includes('AmazonECSInfrastructureRolePolicyForLoadBalancers'));
    expect(shifting).toHaveLength(1);
    expect(shifting[0].Properties.AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Service: 'ecs.amazonaws.com' });
  });

  test('the first port has a test port, open to the clients of the service, with the same certificate', () => {
    const stack = newStack();
    const exposure = Exposure.internalNetwork({ ports: [NetworkPort.tls(443, newCertificate(stack)), NetworkPort.tcp(81)] });
    const { template } = bound(exposure, ['web:80/tcp'], { trafficShift: { testPort: 9443 } }, stack);

    template().resourceCountIs(LISTENER, 3);
    template().hasResourceProperties(LISTENER, { Port: 9443, Protocol: 'TLS', Traffic: 'TESTS', Certificate: Match.anyValue(), SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06' });
    template().hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [
        Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: group('Exposed(Internal)?Port9443WeightedListener') }) }),
        Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: Match.absent() }) }),
      ],
    });
    expect(openings(template())).toContain('ExposedSecurityGroup <- 10.0.0.0/16 tcp/9443');
  });

  test('the test port cannot be a port of the clients', () => {
    expect(() => bound(Exposure.publicNetwork(), ['web:80/tcp'], { trafficShift: { testPort: 80 } }))
      .toThrow("Stack/Exposed: 'deployment.testPort' must differ from 'exposure.ports[0]', got 80. Use another port for one of them.");
  });

  test('the test listener stays when another port becomes the first, because two listeners cannot share its port', () => {
    const listeners = (ports: number[]) => {
      const exposure = Exposure.publicNetwork({ ports: ports.map(port => NetworkPort.tcp(port)) });
      const found = bound(exposure, ['web:80/tcp'], { trafficShift: { testPort: 9443 } }).template().findResources(LISTENER);
      return Object.fromEntries(Object.entries(found).map(([id, { Properties }]) => [id, Properties.Port]));
    };
    expect(listeners([443, 8443])).toEqual(listeners([8443, 443]));
    expect(Object.values(listeners([443, 8443])).sort()).toEqual([443, 8443, 9443]);
  });

  test('a test port can become a client port, and the other way round', () => {
    const ids = (port: number, testPort: number) => Object.keys(
      bound(Exposure.publicNetwork({ ports: [NetworkPort.tcp(port)] }), ['web:80/tcp'], { trafficShift: { testPort } }).template().findResources(LISTENER)).sort();
    expect(ids(443, 9443)).toEqual(ids(9443, 443));
  });

  test('the test port leads to the tasks of the first port', () => {
    const exposure = Exposure.publicNetwork({ ports: [NetworkPort.tcp(8443), NetworkPort.tcp(443)] });
    bound(exposure, ['web:80/tcp'], { trafficShift: { testPort: 9443 } }).template().hasResourceProperties(LISTENER, {
      Port: 9443,
      TargetGroups: [group('ExposedPort8443TargetGroup'), group('ExposedPort8443AlternateTargetGroup')],
    });
  });

  test('the test port is open only inside the VPC, unless you name other clients', () => {
    const opened = (options: NetworkExposureOptions, make: (options: NetworkExposureOptions) => Exposure = Exposure.publicNetwork) =>
      openings(bound(make(options), ['web:80/tcp'], { trafficShift: { testPort: 9443 } }).template()).filter(line => /^ExposedSecurityGroup <- .*9443/.test(line));
    const [office, testers] = [Peer.ipv4('203.0.113.0/24'), Peer.ipv4('198.51.100.0/24')];

    expect(opened({})).toEqual(['ExposedSecurityGroup <- 10.0.0.0/16 tcp/9443']);
    expect(opened({}, Exposure.internalNetwork)).toEqual(['ExposedSecurityGroup <- 10.0.0.0/16 tcp/9443']);
    expect(opened({ openTo: [office] })).toEqual(['ExposedSecurityGroup <- 203.0.113.0/24 tcp/9443']);
    expect(opened({ openTo: [office], testOpenTo: [testers] })).toEqual(['ExposedSecurityGroup <- 198.51.100.0/24 tcp/9443']);
    expect(opened({ testOpenTo: [] })).toEqual([]);
  });

  test('the test port of an existing load balancer is open only to the clients that you name', () => {
    const opened = (options: OnNetworkLoadBalancerOptions) => {
      const stack = newStack();
      const loadBalancer = new NetworkLoadBalancer(stack, 'Shared', {
        vpc: new Vpc(stack, 'Vpc'), securityGroups: [SecurityGroup.fromSecurityGroupId(stack, 'Door', 'sg-1')],
      });
      const cluster = new Cluster(stack, 'OfShared', { vpc: loadBalancer.vpc as IVpc });
      const deployment = Deployment.blueGreen({ testPort: 9443 });
      const { template } = exposed(Exposure.onNetworkLoadBalancer(loadBalancer, options), { cluster, deployment }, stack);
      return Object.values(template().findResources('AWS::EC2::SecurityGroupIngress'))
        .filter(({ Properties }) => Properties.FromPort === 9443).map(({ Properties }) => Properties.CidrIp);
    };
    expect(opened({})).toEqual([]);
    expect(opened({ openTo: [Peer.ipv4('10.0.0.0/8')] })).toEqual(['10.0.0.0/8']);
    expect(opened({ openTo: [Peer.ipv4('10.0.0.0/8')], testOpenTo: [Peer.ipv4('10.1.0.0/16')] })).toEqual(['10.1.0.0/16']);
  });

  test('Service Connect shifts traffic itself, and can route tests by a header of your choice', () => {
    const stack = newStack();
    const namespace = new HttpNamespace(stack, 'Namespace', { name: 'internal' });
    const { template } = bound(
      Exposure.serviceConnect({ namespace, testHeader: { name: 'x-test', value: 'new' } }), ['web:80/tcp'], { trafficShift: {} }, stack,
    );
    template().hasResourceProperties('AWS::ECS::Service', {
      ServiceConnectConfiguration: {
        Services: [{
          PortName: 'web-80-tcp', ClientAliases: [{ Port: 80, TestTrafficRules: { Header: { Name: 'x-test', Value: { Exact: 'new' } } } }],
        }],
      },
    });
  });
});
