import { Stack } from 'aws-cdk-lib';
import { Exposure, HttpRoute, ServerIdentity } from '../../../../src';
import { certificateIn, exposed, newRegionalStack, propertiesOf, sharedListener } from '../../../helpers/http-exposure';
import { Match, Template } from '../../../helpers/stack';

const RULE = 'Custom::TrafficShiftRule';
const LISTENER = 'AWS::ElasticLoadBalancingV2::Listener';
const GROUP = 'AWS::ElasticLoadBalancingV2::TargetGroup';
const ref = (pattern: string) => ({ Ref: Match.stringLikeRegexp(pattern) });

/** Each kind of HTTP exposure, with the listener that its clients use. */
const KINDS: [string, (stack: Stack) => Exposure, number][] = [
  ['public HTTP', () => Exposure.publicHttp(), 80],
  ['internal HTTP', () => Exposure.internalHttp(), 80],
  ['public HTTPS', stack => Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack))), 443],
  ['internal HTTPS', stack => Exposure.internalHttps(ServerIdentity.certificate(certificateIn(stack))), 443],
  ['a load balancer that exists', stack => Exposure.onLoadBalancer(sharedListener(stack).loadBalancer, { port: 8080 }), 8080],
  ['a shared listener', stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*')), 80],
];

describe('if a deployment shifts traffic,', () => {
  test.each(KINDS)('a service behind %s has two target groups, and a rule with which ECS shifts traffic', (_kind, make) => {
    const stack = newRegionalStack();
    exposed(make(stack), { stack, shift: {} });

    const template = Template.fromStack(stack);
    template.resourceCountIs(GROUP, 2);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0);
    template.hasResourceProperties(RULE, {
      Traffic: 'SHIFTS', TargetGroups: [ref('ServiceGroup'), ref('AlternateGroup')], UsedBy: 'Stack/Service/Service',
      Conditions: [{ Field: 'path-pattern', PathPatternConfig: { Values: [Match.anyValue()] } }],
    });
    template.hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [{
        ContainerName: 'web', ContainerPort: 80, TargetGroupArn: ref('ServiceGroup'),
        AdvancedConfiguration: {
          AlternateTargetGroupArn: ref('AlternateGroup'), ProductionListenerRule: ref('Exposure(Internal)?ProductionRule'), TestListenerRule: Match.absent(),
          RoleArn: { 'Fn::GetAtt': [Match.stringLikeRegexp('TrafficShiftRole'), 'Arn'] },
        },
      }],
    });
    const [one, other] = propertiesOf(stack, GROUP);
    expect(one).toEqual(other);
  });

  test.each(KINDS.slice(0, 5))('a service behind %s has a test listener with the same protocol', (_kind, make, port) => {
    const stack = newRegionalStack();
    exposed(make(stack), { stack, shift: { testPort: 9443 } });

    const listeners = propertiesOf(stack, LISTENER);
    const [production, test] = [port, 9443].map(wanted => listeners.find(({ Port, DefaultActions: [{ Type }] }) => Port === wanted && Type === 'forward'));
    expect({ ...test, Port: port }).toEqual(production);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
      LoadBalancers: [Match.objectLike({ AdvancedConfiguration: Match.objectLike({ TestListenerRule: ref('Exposure(Internal)?TestRule') }) })],
    });
    Template.fromStack(stack).resourceCountIs(RULE, 2);
  });

  test('a shared listener has a test listener next to it, with the same route', () => {
    const stack = newRegionalStack();
    const [listener, testListener] = [sharedListener(stack), sharedListener(stack, { port: 8080 })];
    exposed(Exposure.onListener(listener, HttpRoute.path('/api/*'), { testListener }), { stack, shift: { testPort: 8080 } });

    const rules = propertiesOf(stack, RULE);
    expect(rules.map(({ ListenerArn: { Ref } }) => Ref.replace(/[0-9A-F]{8}$/, '')).sort()).toEqual(['SharedOn80', 'SharedOn8080']);
    const [one, other] = rules.map(({ Conditions, TargetGroups }) => ({ Conditions, TargetGroups }));
    expect(one).toEqual(other);
    expect(rules.map(({ Traffic }) => Traffic).sort()).toEqual(['SHIFTS', 'TESTS']);
  });

  test('several services can shift their traffic on one listener', () => {
    const stack = newRegionalStack();
    const listener = sharedListener(stack);
    ['a', 'b'].forEach(id => exposed(Exposure.onListener(listener, HttpRoute.path(`/${id}/*`)), { stack, id, shift: {} }));
    Template.fromStack(stack).resourceCountIs(GROUP, 4);
    expect(new Set(propertiesOf(stack, RULE).map(({ Priority }) => Priority)).size).toBe(2);
  });

  test('the role of ECS has the managed policy of AWS for it', () => {
    Template.fromStack(exposed(Exposure.publicHttp(), { shift: {} }).stack).hasResourceProperties('AWS::IAM::Role', {
      AssumeRolePolicyDocument: { Statement: [Match.objectLike({ Principal: { Service: 'ecs.amazonaws.com' } })] },
      ManagedPolicyArns: [{ 'Fn::Join': ['', Match.arrayWith([Match.stringLikeRegexp('AmazonECSInfrastructureRolePolicyForLoadBalancers')])] }],
    });
  });

  test('monitoring and scaling receive both target groups', () => {
    let seen: unknown[] = [];
    const watching = (exposure: Exposure) => Object.assign(Object.create(exposure) as Exposure, {
      bind: (...args: Parameters<Exposure['bind']>) => {
        const config = exposure.bind(...args);
        seen = (config.applicationTargetGroups ?? []).map(({ node, firstLoadBalancerFullName }) => [node.id, typeof firstLoadBalancerFullName]);
        return config;
      },
    });
    exposed(watching(Exposure.publicHttp()), { shift: {} });
    expect(seen).toEqual([['ServiceGroup', 'string'], ['AlternateGroup', 'string']]);
    exposed(watching(Exposure.publicHttp()));
    expect(seen).toEqual([['ServiceGroup', 'string']]);
  });

  test('a test port needs a test listener if the load balancer is shared', () => {
    const stack = newRegionalStack();
    expect(() => exposed(Exposure.onListener(sharedListener(stack), HttpRoute.path('/a')), { stack, shift: { testPort: 8080 } })).toThrow(
      "Stack/Service/Exposure: 'exposure.testListener' must be given, because the deployment has a test port and the service "
      + 'shares its load balancer, got undefined. Write Exposure.onListener(listener, route, { testListener }), or leave the test port out.',
    );
  });

  test('a test port cannot be a port of the clients', () => {
    expect(() => exposed(Exposure.publicHttp(), { shift: { testPort: 80 } }))
      .toThrow("'deployment.testPort' must differ from 'exposure.port', got 80. Use another port for one of them.");
    const stack = newRegionalStack();
    expect(() => exposed(Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack))), { stack, shift: { testPort: 80 } }))
      .toThrow("'deployment.testPort' must differ from 'exposure.redirect', got 80.");
  });
});

test('if a deployment does not shift traffic, there is one target group and no rule', () => {
  const { stack } = exposed(Exposure.publicHttp());
  const template = Template.fromStack(stack);
  template.resourceCountIs(GROUP, 1);
  template.resourceCountIs(RULE, 0);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0);
});
