import { App, Stack } from 'aws-cdk-lib';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster } from 'aws-cdk-lib/aws-ecs';
import { ApplicationListener, ApplicationLoadBalancer, ListenerAction, ListenerCondition } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Exposure, HttpRoute, OnListenerOptions } from '../../../../src';
import { priorityOf } from '../../../../src/service/exposure/rules/rule-priority';
import { exposed, newRegionalStack, propertiesOf, sharedListener } from '../../../helpers/http-exposure';
import { flatten, Match, Template } from '../../../helpers/stack';
import { messageOf } from '../../../helpers/wrong-input';

const RULE = 'AWS::ElasticLoadBalancingV2::ListenerRule';
const ARN = 'arn:aws:elasticloadbalancing:eu-west-1:111111111111:listener/app/shared/1/2';

function imported(stack: Stack, defaultPort?: number, id = 'Imported') {
  return ApplicationListener.fromApplicationListenerAttributes(stack, id, {
    listenerArn: ARN, securityGroup: SecurityGroup.fromSecurityGroupId(stack, `${id}Group`, 'sg-1'), defaultPort,
  });
}

/** Services with these routes on one listener, in this order. Returns their priorities. */
function priorities(routes: { [id: string]: HttpRoute }, options: { [id: string]: OnListenerOptions } = {}): { [id: string]: number } {
  const stack = newRegionalStack();
  const listener = sharedListener(stack);
  Object.entries(routes).forEach(([id, route]) => exposed(Exposure.onListener(listener, route, options[id]), { stack, id }));
  return Object.fromEntries(Object.entries(Template.fromStack(stack).findResources(RULE))
    .map(([id, { Properties }]) => [id.replace(/ExposureRule[0-9A-F]{8}$/, ''), Properties.Priority]));
}

const inOrder = (found: { [id: string]: number }) => Object.keys(found).sort((a, b) => found[a] - found[b]);

describe('a service on a shared listener', () => {
  test('gets the requests of its route, and creates no load balancer', () => {
    const stack = newRegionalStack();
    const listener = sharedListener(stack);
    const route = HttpRoute.host('app.example.com', '*.example.org').andPath('/api/*').andHeader('X-Version', '2').andMethod('GET');
    const { service } = exposed(Exposure.onListener(listener, route), { stack });

    const template = Template.fromStack(stack);
    template.hasResourceProperties(RULE, {
      ListenerArn: { Ref: Match.stringLikeRegexp('^SharedOn80') },
      Conditions: [
        { Field: 'host-header', HostHeaderConfig: { Values: ['app.example.com', '*.example.org'] } },
        { Field: 'path-pattern', PathPatternConfig: { Values: ['/api/*'] } },
        { Field: 'http-header', HttpHeaderConfig: { HttpHeaderName: 'X-Version', Values: ['2'] } },
        { Field: 'http-request-method', HttpRequestMethodConfig: { Values: ['GET'] } },
      ],
      Actions: [{ Type: 'forward', TargetGroupArn: { Ref: Match.stringLikeRegexp('ServiceGroup') } }],
    });
    template.resourceCountIs('AWS::ElasticLoadBalancingV2::LoadBalancer', 1);
    expect(service.loadBalancer).toBe(listener.loadBalancer);
  });

  test('can be selected by a query parameter or by the source IP', () => {
    const stack = newRegionalStack();
    exposed(Exposure.onListener(sharedListener(stack), HttpRoute.query('version', '1', '2').andSourceIp('10.0.0.0/8', '2001:db8::/32')), { stack });
    Template.fromStack(stack).hasResourceProperties(RULE, {
      Conditions: [
        { Field: 'query-string', QueryStringConfig: { Values: [{ Key: 'version', Value: '1' }, { Key: 'version', Value: '2' }] } },
        { Field: 'source-ip', SourceIpConfig: { Values: ['10.0.0.0/8', '2001:db8::/32'] } },
      ],
    });
  });

  test('starts after its target group is attached to the listener, as ECS requires', () => {
    const stack = newRegionalStack();
    exposed(Exposure.onListener(sharedListener(stack), HttpRoute.path('/api/*')), { stack });
    Template.fromStack(stack).hasResource('AWS::ECS::Service', { DependsOn: Match.arrayWith([Match.stringLikeRegexp('ExposureRule')]) });
  });

  test('has precedence over services with less specific routes', () => {
    expect(inOrder(priorities({
      Any: HttpRoute.path('/*'),
      Short: HttpRoute.path('/a/*'),
      Domain: HttpRoute.host('*.example.com'),
      Host: HttpRoute.host('app.example.com'),
      Long: HttpRoute.path('/a/b/*'),
      HostAndShort: HttpRoute.host('app.example.com').andPath('/a/*'),
      HostAndLong: HttpRoute.host('app.example.com').andPath('/a/b/*'),
      Subdomain: HttpRoute.host('*.app.example.com'),
      Exact: HttpRoute.path('/a/b/c'),
      HostAndHeader: HttpRoute.host('app.example.com').andHeader('X-Version', '2'),
    }))).toEqual(['HostAndLong', 'HostAndShort', 'HostAndHeader', 'Host', 'Subdomain', 'Domain', 'Exact', 'Long', 'Short', 'Any']);
  });

  test('keeps its priority when other services are added, removed or reordered', () => {
    const routes = { A: HttpRoute.path('/a/*'), B: HttpRoute.host('b.example.com'), C: HttpRoute.path('/c/*') };
    const all = priorities(routes);
    expect(priorities({ C: routes.C, B: routes.B, A: routes.A })).toEqual(all);
    expect(priorities({ B: routes.B })).toEqual({ B: all.B });
  });

  test('has the priority that you give', () => {
    expect(priorities({ A: HttpRoute.path('/a/*') }, { A: { priority: 7 } })).toEqual({ A: 7 });
  });

  test('cannot have the route of another service, however it is written', () => {
    expect(() => priorities({ One: HttpRoute.host('a.example.com').andPath('/x', '/y'), Two: HttpRoute.path('/y', '/x').andHost('A.example.com') })).toThrow(
      "Stack/Two/Exposure: 'exposure.route' must differ from the route of Stack/One/Exposure on the same listener, "
      + 'got "path /y or /x, host A.example.com". Give one of the two services another host or path.',
    );
    expect(() => priorities({ One: HttpRoute.path('/a'), Two: HttpRoute.path('/A') })).not.toThrow();
  });

  test('can have the route of another service on another listener', () => {
    const stack = newRegionalStack();
    const route = HttpRoute.path('/a/*');
    exposed(Exposure.onListener(sharedListener(stack), route), { stack, id: 'One' });
    exposed(Exposure.onListener(sharedListener(stack, { port: 8080 }), route), { stack, id: 'Two' });
    expect(propertiesOf(stack, RULE).map(({ Priority }) => Priority)).toHaveLength(2);
  });

  test('cannot have the priority of another service, and the message names a free one', () => {
    const routes = { One: HttpRoute.path('/a'), Two: HttpRoute.path('/b') };
    expect(() => priorities(routes, { One: { priority: 5 }, Two: { priority: 5 } })).toThrow(
      "Stack/Two/Exposure: 'exposure.priority' must differ from that of Stack/One/Exposure (path /a) on the same listener, got 5. Write priority: 6.",
    );
  });

  test('cannot have the generated priority of another service, and the priority in the message is accepted', () => {
    // There are 430 priorities for each length of path, so 431 routes must have a collision.
    const placed = new Map<number, string>();
    const met = Array.from({ length: 431 }, (_, index) => `/p${index + 100}`).map(path => {
      const priority = priorityOf(newRegionalStack(), HttpRoute.path(path));
      const other = placed.get(priority);
      placed.set(priority, path);
      return [other, path];
    });
    const [one, two] = met.find(([other]) => other !== undefined) as [string, string];

    const routes = { One: HttpRoute.path(one), Two: HttpRoute.path(two) };
    expect(() => priorities(routes)).toThrow(/'exposure\.priority' must differ from that of Stack\/One\/Exposure .* Write priority: \d+\.$/);
    const message = messageOf(() => priorities(routes));
    const priority = Number(/priority: (\d+)\.$/.exec(message)?.[1]);
    expect(priorities(routes, { Two: { priority } })).toMatchObject({ Two: priority });
  });

  test('needs a priority if a less specific route that overlaps would otherwise be evaluated first', () => {
    const seen = new Set<string>();
    for (let version = 0; seen.size < 2; version++) {
      const wide = HttpRoute.path('/p').andHeader('X-Version', `${version}`);
      const routes = { Wide: wide, Narrow: wide.andHeader('X-Beta', '1') };
      const message = messageOf(() => priorities(routes));
      const told = /^Stack\/Narrow\/Exposure: 'exposure\.priority' must be given, because .* overlaps with Stack\/Wide\/Exposure .* Write priority: (\d+)\.$/.exec(message);
      seen.add(told === null ? message : 'told');
      const found = priorities(routes, told === null ? {} : { Narrow: { priority: Number(told[1]) } });
      expect(found.Narrow).toBeLessThan(found.Wide);
    }
    expect([...seen].sort()).toEqual(['accepted', 'told']);
  });

  test('cannot have the priority of a rule that was added to the listener by hand', () => {
    const stack = newRegionalStack();
    const listener = sharedListener(stack);
    listener.addAction('Maintenance', { priority: 9, conditions: [ListenerCondition.pathPatterns(['/x'])], action: ListenerAction.fixedResponse(503) });
    exposed(Exposure.onListener(listener, HttpRoute.path('/y'), { priority: 9 }), { stack });
    expect(() => Template.fromStack(stack)).toThrow(
      /\[Stack\/Service\/Exposure\] 'exposure\.priority' must differ from that of Stack\/Shared\/On80\/MaintenanceRule\/Resource on the same listener, got 9\./,
    );
  });

  test('shares a listener that several stacks import, and collisions are found', () => {
    const app = new App();
    const [one, two] = ['One', 'Two'].map(id => new Stack(app, id, { env: { account: '111111111111', region: 'eu-west-1' } }));
    exposed(Exposure.onListener(imported(one, 443), HttpRoute.path('/a')), { stack: one });
    expect(() => exposed(Exposure.onListener(imported(two, 443), HttpRoute.path('/a')), { stack: two }))
      .toThrow("Two/Service/Exposure: 'exposure.route' must differ from the route of One/Service/Exposure on the same listener");
  });

  test('can be in another stack than the listener', () => {
    const app = new App();
    const [base, web] = ['Base', 'Web'].map(id => new Stack(app, id, { env: { account: '111111111111', region: 'eu-west-1' } }));
    const vpc = new Vpc(base, 'Vpc', { maxAzs: 2 });
    const loadBalancer = new ApplicationLoadBalancer(base, 'Shared', { vpc });
    const listener = loadBalancer.addListener('On80', { port: 80, defaultAction: ListenerAction.fixedResponse(404) });
    new Cluster(web, 'Cluster', { vpc });
    exposed(Exposure.onListener(listener, HttpRoute.path('/a')), { stack: web });

    Template.fromStack(web).resourceCountIs(RULE, 1);
    Template.fromStack(base).resourceCountIs(RULE, 0);
  });
});

describe('the endpoint of a service on a shared listener', () => {
  const endpointOn = (listener: (stack: Stack) => ReturnType<typeof imported>, route: HttpRoute) => {
    const stack = newRegionalStack();
    const { service } = exposed(Exposure.onListener(listener(stack), route), { stack });
    return flatten(stack.resolve(service.endpoint));
  };

  test.each<[string, number, HttpRoute, string]>([
    ['host', 443, HttpRoute.host('app.example.com'), 'https://app.example.com'],
    ['host and path', 443, HttpRoute.host('app.example.com').andPath('/api/*'), 'https://app.example.com/api/'],
    ['host and exact path', 80, HttpRoute.host('app.example.com').andPath('/health'), 'http://app.example.com/health'],
    ['first host without wildcards', 443, HttpRoute.host('*.example.com', 'app.example.com'), 'https://app.example.com'],
    ['host and port', 8080, HttpRoute.host('app.example.com').andPath('/*'), 'http://app.example.com:8080'],
  ])('is the %s of the route', (_what, port, route, endpoint) => {
    expect(endpointOn(stack => sharedListener(stack, { port }), route)).toBe(endpoint);
  });

  test('is the load balancer if the route has no host, or only hosts with wildcards', () => {
    expect(endpointOn(stack => sharedListener(stack), HttpRoute.path('/api/*'))).toMatch(/^http:\/\/\$\{Shared\w+\.DNSName\}\/api\/$/);
    expect(endpointOn(stack => sharedListener(stack), HttpRoute.host('*.example.com'))).toMatch(/^http:\/\/\$\{Shared\w+\.DNSName\}$/);
  });

  test('of an imported listener is the host of the route, if the port implies the protocol', () => {
    const host = HttpRoute.host('app.example.com');
    expect(endpointOn(stack => imported(stack, 443), host)).toBe('https://app.example.com');
    expect(endpointOn(stack => imported(stack, 80), host)).toBe('http://app.example.com');
    expect(() => endpointOn(stack => imported(stack), host)).toThrow("'exposure' must have an endpoint");
    expect(() => endpointOn(stack => imported(stack, 443), HttpRoute.path('/api/*'))).toThrow("'exposure' must have an endpoint");
  });
});
