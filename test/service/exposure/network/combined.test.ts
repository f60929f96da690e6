import { Stack } from 'aws-cdk-lib';
import { Vpc } from 'aws-cdk-lib/aws-ec2';
import { HttpNamespace, PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Construct } from 'constructs';
import { bound, exposed, openings } from './scene';
import { Exposure, ExposureBindOptions, ExposureConfig, NetworkPort } from '../../../../src';
import { Match, newStack } from '../../../helpers/stack';

const namespaceIn = (stack: Stack) => new HttpNamespace(stack, 'Namespace', { name: 'internal' });
const network = (port: number) => Exposure.internalNetwork({ ports: [NetworkPort.tcp(port)] });

function idsOf(make: (stack: Stack) => Exposure): string[] {
  const stack = newStack();
  const resources = exposed(make(stack), {}, stack).template().toJSON().Resources;
  return Object.keys(resources).filter(id => id.startsWith('ServiceExposure')).sort();
}

describe('a service with several exposures', () => {
  test('is reachable through each of them, and its endpoint is the first one that exists', () => {
    const stack = newStack();
    const mesh = Exposure.serviceConnect({ namespace: namespaceIn(stack) });
    const { template, endpoint } = exposed(Exposure.publicHttp().also('Mesh', mesh).also('Raw', network(9000)), {}, stack);

    template().resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 2);
    template().resourcePropertiesCountIs('AWS::ECS::Service', { ServiceConnectConfiguration: { Enabled: true } }, 1);
    expect(openings(template())).toContain('ServiceSecurityGroup <- ServiceExposureOthersRawSecurityGroup tcp/80');
    expect(endpoint()).toMatch(/^http:\/\/\$\{ServiceExposureLoadBalancer/);
  });

  test('has the endpoint of the second exposure if the first one has none', () => {
    const { endpoint } = exposed(Exposure.none().also('Raw', network(9000)));
    expect(endpoint()).toMatch(/:9000$/);
  });

  test('keeps its resources if an exposure is added, removed or moved', () => {
    const alone = idsOf(() => Exposure.publicHttp());
    const both = idsOf(() => Exposure.publicHttp().also('Raw', network(9000)));
    const all = idsOf(() => Exposure.publicHttp().also('More', network(9001)).also('Raw', network(9000)));
    const nested = idsOf(() => Exposure.publicHttp().also('Raw', network(9000)).also('More', network(9001)));

    expect(both).toEqual(expect.arrayContaining(alone));
    expect(all).toEqual(expect.arrayContaining(both));
    expect(nested).toEqual(all);
  });

  test('passes all load balancers and target groups to scaling and monitoring', () => {
    const stack = newStack();
    const exposure = Exposure.serviceConnect({ namespace: namespaceIn(stack) }).also('One', network(1)).also('Two', network(2)).also('Web', Exposure.publicHttp());
    const { config } = bound(exposure, ['web:80/tcp'], {}, stack);
    expect(config.networkTargetGroups).toHaveLength(2);
    expect(config.applicationTargetGroups).toHaveLength(1);
    const others = stack.node.findChild('Exposed').node.findChild('Others');
    const loadBalancers = others.node.findAll().filter(({ node }) => node.id === 'LoadBalancer');
    expect(loadBalancers).toHaveLength(3);
    expect(config.loadBalancers).toEqual(loadBalancers);
  });

  test('passes the deployment to each exposure', () => {
    const seen: ExposureBindOptions[] = [];
    class Spy extends Exposure {
      public bind(_scope: Construct, options: ExposureBindOptions): ExposureConfig {
        seen.push(options);
        return {};
      }
    }
    bound(new Spy().also('Other', new Spy()), ['web:80/tcp'], { trafficShift: { testPort: 81 } });
    expect(seen.map(({ trafficShift }) => trafficShift?.testPort)).toEqual([81, 81]);
  });

  test.each([
    ['network', network(1).also('Two', network(2))], ['application', Exposure.publicHttp().also('Two', Exposure.internalHttp())],
    ['both kinds of', Exposure.publicHttp().also('Two', network(2))],
  ])('has two %s load balancers, and ECS shifts traffic between their target groups', (_, exposure) => {
    const { template } = bound(exposure, ['web:80/tcp'], { trafficShift: { testPort: 9999 } });
    template().resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 4);
    template().hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [1, 2].map(() => Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: Match.anyValue() }) })),
    });
  });

  test.each<[string, (stack: Stack) => Exposure, string]>([
    ['two with one id', () => Exposure.none().also('Raw', network(1)).also('Raw', network(2)),
      "Stack/Exposed: 'exposure' must have a different ID for each call of also(), got \"Raw\". Choose another ID."],
    ['Service Connect twice', stack => {
      const namespace = namespaceIn(stack);
      return Exposure.serviceConnectClient({ namespace }).also('Mesh', Exposure.serviceConnect({ namespace }));
    }, "Stack/Exposed/Others/Mesh: 'exposure' must use Service Connect once, got \"a second time\". Keep Exposure.serviceConnect()"],
    ['Cloud Map twice', stack => {
      const namespace = new PrivateDnsNamespace(stack, 'Namespace', { name: 'internal', vpc: new Vpc(stack, 'Other') });
      return Exposure.cloudMap({ name: 'a', namespace }).also('B', Exposure.cloudMap({ name: 'b', namespace }));
    }, "Stack/Exposed/Others/B: 'exposure' must use Cloud Map once, because ECS registers a service once"],
    ['six target groups', () => Exposure.publicNetwork({ ports: [1, 2, 3, 4, 5].map(port => NetworkPort.tcp(port)) }).also('Web', Exposure.publicHttp()),
      "Stack/Exposed: 'exposure' must reach the service through at most 5 target groups, one for each port of a load balancer, got 6."],
  ])('cannot combine %s', (_, make, message) => {
    const stack = newStack();
    expect(() => bound(make(stack), ['web:80/tcp'], {}, stack)).toThrow(message);
  });
});
