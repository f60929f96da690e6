import { Stack } from 'aws-cdk-lib';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Exposure, HttpRedirect, ServerIdentity, TrafficShift } from '../../../../src';
import { certificateIn, clusterOf, exposed, newRegionalStack } from '../../../helpers/http-exposure';
import { Template } from '../../../helpers/stack';

const PORTS = [80, 443, 8080];

interface Shape {
  readonly name: string;
  readonly make: (stack: Stack) => Exposure;
  readonly shift?: TrafficShift;
}

const identityIn = (stack: Stack) => ServerIdentity.certificate(certificateIn(stack));

/** Every kind of HTTP exposure, with every deployment that leaves a port free for tests. */
function withShifts(name: string, taken: number[], make: Shape['make']): Shape[] {
  const testPorts = PORTS.filter(port => !taken.includes(port));
  return [
    { name, make }, { name: `${name}, blue/green`, make, shift: {} },
    ...testPorts.map(testPort => ({ name: `${name}, tests on ${testPort}`, make, shift: { testPort } })),
  ];
}

const OWN = PORTS.flatMap(port => [
  ...withShifts(`HTTP ${port}`, [port], () => Exposure.publicHttp({ port })),
  ...withShifts(`HTTPS ${port}`, [port], stack => Exposure.publicHttps(identityIn(stack), { port, redirect: HttpRedirect.none() })),
  ...PORTS.filter(other => other !== port).flatMap(from => withShifts(`HTTPS ${port} from ${from}`, [port, from], stack =>
    Exposure.publicHttps(identityIn(stack), { port, redirect: HttpRedirect.fromPort(from) }))),
]);

const SHARED = PORTS.flatMap(port => [
  ...withShifts(`HTTP ${port}`, [port], stack => Exposure.onLoadBalancer(sharedIn(stack), { port })),
  ...withShifts(`HTTPS ${port}`, [port], stack => Exposure.onLoadBalancer(sharedIn(stack), { port, identity: identityIn(stack) })),
]);

function sharedIn(stack: Stack): ApplicationLoadBalancer {
  return new ApplicationLoadBalancer(stack, 'Shared', { vpc: clusterOf(stack).vpc });
}

type Resources = { [id: string]: { Type: string; Properties: Record<string, unknown> } };

function resourcesOf({ make, shift }: Shape): Resources {
  const stack = newRegionalStack();
  exposed(make(stack), { stack, shift });
  return Template.fromStack(stack).toJSON().Resources;
}

/** What can exist only once on a load balancer: a port, and a priority on a port. */
function wantedBy({ Type, Properties }: Resources[string]): string | undefined {
  switch (Type) {
    case 'AWS::ElasticLoadBalancingV2::Listener': return JSON.stringify([Properties.LoadBalancerArn, Properties.Port]);
    case 'AWS::ElasticLoadBalancingV2::ListenerRule': case 'Custom::TrafficShiftRule': return JSON.stringify([Properties.ListenerArn, Properties.Priority]);
    default: return undefined;
  }
}

/**
 * CloudFormation first creates and updates resources, in an order of its choice, and deletes last; a rollback does the same in reverse. So at any
 * time each resource can be in its old or its new state. No two resources can use the same port or priority, whether in their old or new state.
 */
function clashes(from: Resources, to: Resources): string[] {
  const owners = new Map<string, Set<string>>();
  for (const [id, resource] of [...Object.entries(from), ...Object.entries(to)]) {
    const wanted = wantedBy(resource);
    if (wanted !== undefined) {
      owners.set(wanted, (owners.get(wanted) ?? new Set()).add(id));
    }
  }
  return [...owners].filter(([, ids]) => ids.size > 1).map(([wanted, ids]) => `${wanted}: ${[...ids].join(', ')}`);
}

describe.each([['its own', OWN], ['a load balancer that exists', SHARED]])('a service behind %s changes from each kind of exposure to each other', (_, shapes) => {
  const made = shapes.map(shape => ({ ...shape, resources: resourcesOf(shape) }));

  test('and two listeners never use the same port at any time, nor two rules the same priority', () => {
    const found = made.flatMap(from => made.flatMap(to =>
      clashes(from.resources, to.resources).map(clash => `${from.name} -> ${to.name}: ${clash}`)));
    expect(found).toEqual([]);
    expect(made.length).toBeGreaterThan(20);
  });

  test('and keeps its target group', () => {
    const groups = made.map(({ resources }) => Object.keys(resources).filter(id =>
      resources[id].Type === 'AWS::ElasticLoadBalancingV2::TargetGroup' && id.includes('ServiceGroup')));
    expect(new Set(groups.map(ids => ids.join())).size).toBe(1);
    expect(groups[0]).toHaveLength(1);
  });

  test('and has one listener for each port, whose logical ID depends only on the port', () => {
    for (const { resources } of made) {
      Object.entries(resources).filter(([, { Type }]) => Type === 'AWS::ElasticLoadBalancingV2::Listener')
        .forEach(([id, { Properties }]) => expect(id).toMatch(new RegExp(`Port${Properties.Port as number}[0-9A-F]{8}$`)));
    }
  });
});

test.each<[string, (stack: Stack) => Exposure, (stack: Stack) => Exposure]>([
  ['HTTP', () => Exposure.publicHttp(), () => Exposure.internalHttp()],
  ['HTTPS', stack => Exposure.publicHttps(identityIn(stack)), stack => Exposure.internalHttps(identityIn(stack))],
])('with %s, a service changes from public to internal and back: everything of its load balancer is created next to the old one', (_, before, after) => {
  const [one, other] = [before, after].map(make => resourcesOf({ name: '', make }));
  const common = Object.keys(one).filter(id => id in other && one[id].Type.startsWith('AWS::ElasticLoadBalancingV2::'));

  expect(common).toEqual([]);
  expect(clashes(one, other)).toEqual([]);
});
