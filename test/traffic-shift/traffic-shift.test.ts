import { Stack, Tags, Duration } from 'aws-cdk-lib';
import { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, SslPolicy, AlpnPolicy } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Deployment, Exposure, FargateService, HttpRoute, NetworkPort, ServerIdentity } from '../../src';
import { certificateIn, clusterOf, newRegionalStack, propertiesOf, sharedListener } from '../helpers/http-exposure';
import { Match, newStack, Template } from '../helpers/stack';

const RULE = 'Custom::TrafficShiftRule';
const LISTENER = 'Custom::TrafficShiftListener';

function serviceIn(stack: Stack, exposure: Exposure, deployment: Deployment, id = 'Service'): FargateService {
  return new FargateService(stack, id, {
    cluster: clusterOf(stack), containers: { web: { image: ContainerImage.fromRegistry('nginx'), port: 80 } }, exposure, deployment,
  });
}

/** The statements of the function, as actions and resources. */
function statements(stack: Stack): [string, unknown][] {
  const policies = Object.entries(Template.fromStack(stack).findResources('AWS::IAM::Policy')).filter(([id]) => id.includes('TrafficShiftRole'));
  return policies.flatMap(([, { Properties }]) => Properties.PolicyDocument.Statement as { Action: string | string[]; Resource: unknown }[])
    .flatMap(({ Action, Resource }) => [Action].flat().map((action): [string, unknown] => [action, Resource]));
}

const HTTP_STRATEGIES: [string, Deployment][] = [
  ['blue/green', Deployment.blueGreen()], ['linear', Deployment.linear()], ['canary', Deployment.canary()],
  ['rolling with the second target group', Deployment.rolling({ keepAlternateTargetGroup: true })],
];

describe.each(HTTP_STRATEGIES)('with a %s deployment', (_, deployment) => {
  test('CloudFormation manages no rule and no listener whose weights ECS changes', () => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.publicHttp(), deployment, 'Own');
    serviceIn(stack, Exposure.onListener(sharedListener(stack), HttpRoute.path('/a')), deployment, 'OnShared');
    serviceIn(stack, Exposure.publicNetwork({ ports: [NetworkPort.tcp(5432)] }), deployment, 'Network');

    const template = Template.fromStack(stack);
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::ListenerRule', 0);
    template.resourceCountIs(RULE, 2);
    template.resourceCountIs(LISTENER, 1);
    const groups = JSON.stringify(propertiesOf(stack, 'AWS::ElasticLoadBalancingV2::Listener'));
    expect(groups).not.toContain('Alternate');
  });

  test('the service waits for its rule or listener', () => {
    for (const exposure of [Exposure.publicHttp(), Exposure.publicNetwork()]) {
      const stack = newRegionalStack();
      serviceIn(stack, exposure, deployment);
      const [resource] = Object.keys({ ...Template.fromStack(stack).findResources(RULE), ...Template.fromStack(stack).findResources(LISTENER) });
      Template.fromStack(stack).hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([resource]) });
    }
  });
});

test('a rolling deployment that keeps the second target group does not allow ECS to shift traffic', () => {
  const stack = newRegionalStack();
  serviceIn(stack, Exposure.publicHttp(), Deployment.rolling({ keepAlternateTargetGroup: true }));
  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::ElasticLoadBalancingV2::TargetGroup', 2);
  template.hasResourceProperties(RULE, { Traffic: 'STAYS' });
  template.hasResourceProperties('AWS::ECS::Service', {
    LoadBalancers: [{ AdvancedConfiguration: Match.absent() }], DeploymentConfiguration: Match.objectLike({ Strategy: 'ROLLING' }),
  });
});

describe('changing between rolling and shifting deployments', () => {
  const KINDS: [string, (stack: Stack) => Exposure][] = [
    ['a load balancer of its own', () => Exposure.publicHttp()],
    ['a shared listener', stack => Exposure.onListener(sharedListener(stack), HttpRoute.path('/a'))],
    ['a network load balancer', () => Exposure.publicNetwork({ ports: [NetworkPort.tcp(443)] })],
  ];
  const resources = (make: (stack: Stack) => Exposure, deployment: Deployment) => {
    const stack = newRegionalStack();
    serviceIn(stack, make(stack), deployment);
    return Template.fromStack(stack).toJSON().Resources as { [id: string]: { Type: string; Properties: Record<string, unknown> } };
  };

  test.each(KINDS)('behind %s, with the second target group kept, changes the service and one property of the rule or listener', (_, make) => {
    const [from, to] = [Deployment.blueGreen(), Deployment.rolling({ keepAlternateTargetGroup: true })].map(each => resources(make, each));
    const changed = Object.keys({ ...from, ...to }).filter(id => JSON.stringify(from[id]) !== JSON.stringify(to[id]))
      .map(id => (from[id] ?? to[id]).Type);
    expect(changed.sort()).toEqual(['AWS::ECS::Service', 'AWS::IAM::Role', expect.stringMatching(/^Custom::TrafficShift/)]);
  });

  test.each(KINDS.slice(0, 2))('behind %s never has two rules with one priority or one logical ID with two types', (_, make) => {
    const templates = [Deployment.rolling(), Deployment.blueGreen(), Deployment.rolling({ keepAlternateTargetGroup: true })]
      .map(each => resources(make, each));
    for (const from of templates) {
      for (const to of templates) {
        expect(Object.keys(from).filter(id => to[id] !== undefined && to[id].Type !== from[id].Type)).toEqual([]);
        const rules = [from, to].map(each => Object.entries(each).filter(([, { Type }]) => /Rule$/.test(Type)));
        const clashes = rules[0].filter(([id, { Properties }]) =>
          rules[1].some(([other, { Properties: theirs }]) => other !== id && theirs.Priority === Properties.Priority));
        expect(clashes).toEqual([]);
      }
    }
  });
});

describe('the function', () => {
  test('can change rules of one load balancer only', () => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.onListener(sharedListener(stack), HttpRoute.path('/a')), Deployment.blueGreen());
    const below = {
      'Fn::Join': ['', [
        'arn:', { Ref: 'AWS::Partition' }, ':elasticloadbalancing:eu-west-1:111111111111:listener-rule/', { 'Fn::GetAtt': [expect.stringMatching(/^Shared/), 'LoadBalancerFullName'] }, '/*',
      ]],
    };
    const listener = { Ref: expect.stringMatching(/^SharedOn80/) };
    const own = { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':elasticloadbalancing:eu-west-1:111111111111:listener-rule/app/*']] };
    const elb = statements(stack).filter(([action]) => action.startsWith('elasticloadbalancing:')).map(([action, resource]) => [action.split(':')[1], resource]);
    expect(elb.sort()).toEqual([
      ['AddTags', below], ['CreateRule', listener], ['DeleteRule', below], ['DeleteRule', own], ['DescribeRules', '*'], ['DescribeTags', '*'], ['DescribeTargetHealth', '*'],
      ['ModifyRule', below], ['RemoveTags', below], ['SetRulePriorities', below],
    ]);
    expect(statements(stack).map(([action]) => action).filter(action => !action.startsWith('elasticloadbalancing:')).sort())
      .toEqual(['cloudformation:DescribeStacks', 'logs:CreateLogStream', 'logs:PutLogEvents']);
  });

  test('can change rules below an imported listener, whose load balancer is in its ARN', () => {
    const stack = newRegionalStack();
    clusterOf(stack);
    const listener = ApplicationListener.fromApplicationListenerAttributes(stack, 'Imported', {
      listenerArn: 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/0123/4567', securityGroup: SecurityGroup.fromSecurityGroupId(stack, 'Group', 'sg-1'),
    });
    serviceIn(stack, Exposure.onListener(listener, HttpRoute.path('/a')), Deployment.blueGreen());
    expect(JSON.stringify(statements(stack).find(([action]) => action === 'elasticloadbalancing:ModifyRule'))).toContain(':listener-rule/app/shared/0123/*');
  });

  test('can delete the resources of its stack, on any load balancer', () => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.publicHttp(), Deployment.blueGreen());
    Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
      PolicyDocument: {
        Statement: Match.arrayWith([Match.objectLike({
          Action: 'elasticloadbalancing:DeleteRule', Condition: { StringEquals: { 'aws:ResourceTag/cdk-container-delivery:stack': { Ref: 'AWS::StackId' } } },
        })]),
      },
    });
  });

  test('can change listeners of one network load balancer only', () => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.publicNetwork({ ports: [NetworkPort.tcp(80), NetworkPort.tcp(81)] }), Deployment.blueGreen({ testPort: 82 }));
    const elb = statements(stack).filter(([action]) => action.startsWith('elasticloadbalancing:'));
    expect(elb.map(([action]) => action.split(':')[1]).sort()).toEqual([
      'AddTags', 'CreateListener', 'DeleteListener', 'DeleteListener', 'DescribeListeners', 'DescribeTags', 'DescribeTargetHealth', 'ModifyListener', 'ModifyListenerAttributes', 'RemoveTags',
    ]);
    expect(JSON.stringify(elb.find(([action]) => action === 'elasticloadbalancing:ModifyListener'))).toMatch(/:listener\/.*LoadBalancerFullName.*\/\*/);
    Template.fromStack(stack).resourcePropertiesCountIs('AWS::Lambda::Function', { Description: 'Manages rules and listeners without their weights' }, 1);
  });
});

test('tags of the app, the stack and the service reach the rule, and those for other types do not', () => {
  const stack = newStack({ tags: { cost: 'stack' } });
  const service = serviceIn(stack, Exposure.publicHttp(), Deployment.blueGreen());
  Tags.of(stack.node.root).add('team', 'a');
  Tags.of(service).add('tier', 'web');
  Tags.of(service).add('only', 'tasks', { includeResourceTypes: ['AWS::ECS::TaskDefinition'] });
  Tags.of(service).add('rules', 'too', { includeResourceTypes: ['AWS::ElasticLoadBalancingV2::ListenerRule'] });
  Template.fromStack(stack).hasResourceProperties(RULE, {
    Tags: [{ Key: 'cost', Value: 'stack' }, { Key: 'rules', Value: 'too' }, { Key: 'team', Value: 'a' }, { Key: 'tier', Value: 'web' }],
  });
});

test('without tags, the property is left out', () => {
  const stack = newRegionalStack();
  serviceIn(stack, Exposure.publicHttp(), Deployment.blueGreen());
  Template.fromStack(stack).hasResourceProperties(RULE, { Tags: Match.absent() });
});

test('a listener has all settings of the port', () => {
  const stack = newRegionalStack();
  serviceIn(stack, Exposure.publicNetwork({
    ports: [
      NetworkPort.tls(443, certificateIn(stack), { sslPolicy: SslPolicy.TLS13_13, alpnPolicy: AlpnPolicy.HTTP2_ONLY }),
      NetworkPort.tcp(5432, { idleTimeout: Duration.minutes(10) }),
    ],
  }), Deployment.blueGreen());
  const template = Template.fromStack(stack);
  template.hasResourceProperties(LISTENER, {
    Port: 443, Protocol: 'TLS', Certificate: Match.stringLikeRegexp('certificate/Given'), SslPolicy: 'ELBSecurityPolicy-TLS13-1-3-2021-06', AlpnPolicy: 'HTTP2Only',
  });
  template.hasResourceProperties(LISTENER, { Port: 5432, Protocol: 'TCP', IdleTimeout: '600', Certificate: Match.absent(), SslPolicy: Match.absent() });
});

test('a new certificate changes the listener of an application load balancer, and not the rule', () => {
  const rule = (name: string) => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.publicHttps(ServerIdentity.certificate(certificateIn(stack, 'eu-west-1', name))), Deployment.blueGreen());
    return Template.fromStack(stack).findResources(RULE);
  };
  expect(rule('one')).toEqual(rule('two'));
});

test('a new port keeps the logical ID of the rule, so that the function can read the weights of the earlier rule', () => {
  const ids = (port: number) => {
    const stack = newRegionalStack();
    serviceIn(stack, Exposure.publicHttp({ port }), Deployment.blueGreen({ testPort: 9000 }));
    return Object.keys(Template.fromStack(stack).findResources(RULE));
  };
  expect(ids(80)).toEqual(ids(8080));
});
