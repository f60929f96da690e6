import { HttpNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { bound, openings, newCertificate } from './scene';
import { Exposure, NetworkPort } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const group = (name: string) => ({ Ref: Match.stringLikeRegexp(`${name}[0-9A-F]{8}$`) });

describe('when a deployment moves clients from the old version to the new one', () => {
  test('each port of a network load balancer has a second target group, and ECS may move them', () => {
    const exposure = Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] });
    const { template, config } = bound(exposure, ['web:80/tcp'], { trafficShift: {} });

    template().resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 4);
    template().resourceCountIs(LISTENER, 2);
    for (const port of [80, 81]) {
      template().hasResourceProperties(LISTENER, {
        Port: port,
        DefaultActions: [{
          Type: 'forward',
          ForwardConfig: {
            TargetGroups: [
              { TargetGroupArn: group(`ExposedPort${port}TargetGroup`), Weight: 1 },
              { TargetGroupArn: group(`ExposedPort${port}AlternateTargetGroup`), Weight: 0 },
            ],
          },
        }],
      });
    }
    template().hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [80, 81].map(port => ({
        ContainerName: 'web',
        ContainerPort: 80,
        TargetGroupArn: group(`ExposedPort${port}TargetGroup`),
        AdvancedConfiguration: {
          AlternateTargetGroupArn: group(`ExposedPort${port}AlternateTargetGroup`),
          ProductionListenerRule: group(`ExposedPort${port}Listener`),
          TestListenerRule: Match.absent(),
          RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('TrafficShiftRole'), 'Arn'] },
        },
      })),
    });
    expect(config.networkTargetGroups).toHaveLength(4);
  });

  test('the role of ECS is one, which only ECS can take', () => {
    const { template } = bound(Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] }), ['web:80/tcp'], { trafficShift: {} });
    const shifting = Object.values(template().findResources('AWS::IAM::Role')).filter(({ Properties }) =>
      JSON.stringify(Properties.ManagedPolicyArns ?? '').includes('AmazonECSInfrastructureRolePolicyForLoadBalancers'));
    expect(shifting).toHaveLength(1);
    expect(shifting[0].Properties.AssumeRolePolicyDocument.Statement[0].Principal).toEqual({ Service: 'ecs.amazonaws.com' });
  });

  test('the first port can be tested on a port of its own, by the clients of the service, with the same certificate', () => {
    const stack = newStack();
    const exposure = Exposure.internalNetwork({ ports: [NetworkPort.tls(443, newCertificate(stack)), NetworkPort.tcp(81)] });
    const { template } = bound(exposure, ['web:80/tcp'], { trafficShift: { testPort: 9443 } }, stack);

    template().resourceCountIs(LISTENER, 3);
    template().hasResourceProperties(LISTENER, { Port: 9443, Protocol: 'TLS', Certificates: [Match.anyValue()] });
    template().hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [
        Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: group('ExposedPort443TestListener') }) }),
        Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: Match.absent() }) }),
      ],
    });
    expect(openings(template())).toContain('ExposedSecurityGroup <- Vpc tcp/9443');
  });

  test('the port for tests is one that clients do not use', () => {
    expect(() => bound(Exposure.publicNetwork(), ['web:80/tcp'], { trafficShift: { testPort: 80 } }))
      .toThrow("Stack/Exposed: 'deployment.testPort' must differ from the ports of the load balancer that are taken, here by Stack/Exposed, got 80.");
  });

  test('Service Connect moves them by itself, and can be tested by a header of your choice', () => {
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
