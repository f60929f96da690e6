import { InstanceType, Peer } from 'aws-cdk-lib/aws-ec2';
import {
  AwsLogDriver, CfnService, Cluster, Ec2Service as L2Service, Ec2ServiceProps as L2Props, Ec2TaskDefinition, NetworkMode, PlacementStrategy,
} from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedEc2Service, ApplicationLoadBalancedEc2ServiceProps } from 'aws-cdk-lib/aws-ecs-patterns';
import {
  Ec2Placement, Ec2Service, Ec2ServiceProps, Exposure, HttpRedirect, HttpRoute, Scaling, ServerIdentity, ServiceMigration, ServiceMigrationOptions,
} from '../../src';
import { checkMigration } from '../../src/migration-check/check-migration';
import { Severity } from '../../src/migration-check/finding';
import { alb, database, expectTakeover, FLAGS, implicitly, NGINX, Shared, templates, web } from '../helpers/migrations';
import { effectsOf } from '../helpers/replacements';

/** The cluster with instances, as both programs create it. */
function cluster({ cluster: each }: Shared): Cluster {
  const own = each as Cluster;
  own.addCapacity('Instances', { instanceType: new InstanceType('t3.small') });
  return own;
}

function task({ scope }: Shared, networkMode = NetworkMode.AWS_VPC): Ec2TaskDefinition {
  const definition = new Ec2TaskDefinition(scope, 'Task', { networkMode });
  definition.addContainer('web', {
    image: NGINX, memoryReservationMiB: 256, portMappings: [{ containerPort: 80 }], logging: new AwsLogDriver({ streamPrefix: 'web' }),
  });
  return definition;
}

interface PatternCase {
  readonly name: string;
  readonly old: (shared: Shared) => Partial<ApplicationLoadBalancedEc2ServiceProps>;
  readonly then?: (pattern: ApplicationLoadBalancedEc2Service, shared: Shared) => void;
  readonly now: (shared: Shared) => Partial<Ec2ServiceProps>;
  readonly thenNow?: (service: Ec2Service, shared: Shared) => void;
  readonly options?: ServiceMigrationOptions;
}

const PATTERNS: PatternCase[] = [
  { name: 'HTTP', old: () => ({}), now: () => ({ exposure: Exposure.publicHttp() }) },
  {
    name: 'HTTPS and names', old: ({ certificate }) => ({ certificate, serviceName: 'shop', loadBalancerName: 'shop-web' }),
    now: ({ certificate }) => ({
      serviceName: 'shop', exposure: Exposure.publicHttps(ServerIdentity.certificate(certificate), { redirect: HttpRedirect.none(), loadBalancerName: 'shop-web' }),
    }),
  },
  { name: 'an internal load balancer', old: () => ({ publicLoadBalancer: false }), now: () => ({ exposure: Exposure.internalHttp({ openTo: [Peer.anyIpv4()] }) }) },
  {
    name: 'placement strategies', old: () => ({ placementStrategies: [PlacementStrategy.packedByMemory()] }),
    now: () => ({ exposure: Exposure.publicHttp(), placement: Ec2Placement.replicas({ strategies: [PlacementStrategy.packedByMemory()] }) }),
  },
  {
    name: 'scaling', old: () => ({}), then: ({ service }) => service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 9 }).scaleOnCpuUtilization('OnCpu', { targetUtilizationPercent: 60 }),
    now: () => ({ exposure: Exposure.publicHttp(), scaling: Scaling.between(2, 9).onCpu(60) }), options: { cpuPolicy: 'OnCpu' },
  },
  { name: 'an existing load balancer', old: all => ({ loadBalancer: alb(all) }), now: all => ({ exposure: Exposure.onLoadBalancer(alb(all), { openTo: implicitly(all) }) }) },
  {
    name: 'a database', old: () => ({}), then: ({ service }, all) => { database(all).allowDefaultPortFrom(service, 'Tasks'); },
    now: () => ({ exposure: Exposure.publicHttp() }), thenNow: (service, all) => { database(all).allowDefaultPortFrom(service, 'Tasks'); },
  },
];

const eachPattern = PATTERNS.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Web'][index], each] as const));

test.each(eachPattern)('an ApplicationLoadBalancedEc2Service in awsvpc mode with %s, %s: %s replaces only the task definition', (_, flags, id, each) => {
  const programs = templates(FLAGS[flags], all => {
    const pattern = new ApplicationLoadBalancedEc2Service(all.scope, 'Service', { cluster: cluster(all), taskDefinition: task(all), ...each.old(all) });
    each.then?.(pattern, all);
  }, all => {
    const service = new Ec2Service(all.scope, id, { cluster: cluster(all), containers: { web }, ...each.now(all) });
    ServiceMigration.fromApplicationLoadBalancedEc2Service(all.scope, 'Service', { taskDefinition: 'Task', ...each.options }).applyTo(service);
    each.thenNow?.(service, all);
  });

  expectTakeover(programs);
});

interface L2Case {
  readonly name: string;
  readonly old: (shared: Shared) => Partial<L2Props>;
  readonly then?: (service: L2Service, shared: Shared) => void;
  readonly now: (shared: Shared) => Partial<Ec2ServiceProps>;
  readonly options?: ServiceMigrationOptions;
  readonly mode?: NetworkMode;
  readonly created?: string[];
}

const SERVICES: L2Case[] = [
  { name: 'no clients', old: () => ({}), now: () => ({}) },
  { name: 'one task on each instance', old: () => ({ daemon: true }), now: () => ({ placement: Ec2Placement.daemon() }) },
  {
    name: 'a load balancer', old: () => ({}), then: (service, all) => { alb(all).addListener('Http', { port: 80 }).addTargets('Web', { port: 80, targets: [service] }); },
    now: () => ({ exposure: Exposure.publicHttp() }), options: { loadBalancer: 'Alb', listener: 'Alb/Http', targetGroup: 'Alb/Http/WebGroup' },
  },
  {
    name: 'the network mode bridge and no load balancer', old: () => ({ serviceName: 'worker' }), now: () => ({ serviceName: 'worker' }),
    mode: NetworkMode.BRIDGE, created: ['AWS::EC2::SecurityGroup'],
  },
];

const eachService = SERVICES.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Web'][index], each] as const));

test.each(eachService)('an Ec2Service of aws-cdk with %s, %s: %s replaces only the task definition', (_, flags, id, { old, then, now, options, mode, created }) => {
  const programs = templates(FLAGS[flags], all => {
    const service = new L2Service(all.scope, 'Service', { cluster: cluster(all), taskDefinition: task(all, mode), ...old(all) });
    then?.(service, all);
  }, all => {
    const service = new Ec2Service(all.scope, id, { cluster: cluster(all), containers: { web }, ...now(all) });
    ServiceMigration.fromEc2Service(all.scope, 'Service', { taskDefinition: 'Task', ...options }).applyTo(service);
  });

  expectTakeover(programs, { created });
});

test('the target group of a pattern in bridge mode cannot be taken over: it is replaced, and the check reports that', () => {
  const programs = templates({}, all => {
    new ApplicationLoadBalancedEc2Service(all.scope, 'Service', { cluster: cluster(all), memoryReservationMiB: 256, taskImageOptions: { image: NGINX } });
  }, all => {
    const service = new Ec2Service(all.scope, 'Web', { cluster: cluster(all), containers: { web }, exposure: Exposure.publicHttp() });
    ServiceMigration.fromApplicationLoadBalancedEc2Service(all.scope, 'Service').applyTo(service);
  });
  const [before] = programs;

  expect(effectsOf(...programs).replaced.map(id => before.Resources[id].Type)).toEqual(['AWS::ElasticLoadBalancingV2::TargetGroup', 'AWS::ECS::TaskDefinition']);
  expect(checkMigration(...programs).filter(({ severity }) => severity === Severity.LOSES)).toContainEqual(expect.objectContaining({
    what: expect.stringContaining('is replaced, because TargetType changes: the listener switches to a group without healthy tasks'),
  }));
});

test('a pattern in bridge mode keeps its load balancer while a new service takes over the requests in three deployments, and nothing is replaced', () => {
  const program = (route?: HttpRoute, oldTasks = 1) => (all: Shared) => {
    const own = cluster(all);
    const pattern = new ApplicationLoadBalancedEc2Service(all.scope, 'Service', { cluster: own, memoryReservationMiB: 256, taskImageOptions: { image: NGINX } });
    (pattern.service.node.defaultChild as CfnService).desiredCount = oldTasks;
    if (route !== undefined) new Ec2Service(all.scope, 'Web', { cluster: own, containers: { web }, exposure: Exposure.onListener(pattern.listener, route, { priority: 1 }) });
  };
  const steps = [program(), program(HttpRoute.header('X-Version', 'new')), program(HttpRoute.path('/*')), program(HttpRoute.path('/*'), 0)];

  steps.slice(1).forEach((step, index) => {
    const { replaced, deleted } = effectsOf(...templates({}, steps[index], step));
    expect({ replaced, deleted }).toEqual({ replaced: [], deleted: [] });
  });
});
