import { CfnElement, Duration, Stack } from 'aws-cdk-lib';
import { Certificate, CertificateValidation } from 'aws-cdk-lib/aws-certificatemanager';
import { Port } from 'aws-cdk-lib/aws-ec2';
import {
  AppProtocol, AwsLogDriver, Cluster, ContainerImage, FargateService as L2Service, FargateServiceProps as L2Props, FargateTaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import {
  ApplicationLoadBalancer, ApplicationProtocol, ApplicationTargetGroup, ListenerAction, ListenerCondition, TargetType,
} from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import {
  Exposure, FargateService, FargateServiceProps, HttpRoute, ImageRepository, Scaling, ServerIdentity, ServiceConnectProtocol, ServiceMigration,
  ServiceMigrationOptions,
} from '../../src';
import { alb, database, ENV, expectTakeover, FLAGS, NGINX, Shared, templates, web } from '../helpers/migrations';
import { effectsOf } from '../helpers/replacements';
import { existingVpc, newStack } from '../helpers/stack';

const namespace = ({ stack, vpc }: Shared) => new PrivateDnsNamespace(stack, 'Names', { name: 'internal', vpc });

/** A program with the L2 constructs of aws-cdk: task definition and service. */
function l2(all: Shared, props: Partial<L2Props> = {}, appProtocol?: AppProtocol): L2Service {
  const taskDefinition = new FargateTaskDefinition(all.scope, 'TaskDef');
  taskDefinition.addContainer('app', {
    image: NGINX, portMappings: [{ containerPort: 80, name: 'app', appProtocol }], logging: new AwsLogDriver({ streamPrefix: 'app' }),
  });
  return new L2Service(all.scope, 'Service', { cluster: all.cluster, taskDefinition, ...props });
}

interface L2Case {
  readonly name: string;
  readonly old: (shared: Shared) => void;
  readonly now: (shared: Shared) => Partial<FargateServiceProps>;
  readonly then?: (service: FargateService, shared: Shared) => void;
  readonly options?: ServiceMigrationOptions;
}

const CASES: L2Case[] = [
  { name: 'no load balancer', old: all => l2(all), now: () => ({}) },
  { name: 'a name and a number of tasks', old: all => l2(all, { serviceName: 'shop', desiredCount: 3 }), now: () => ({ serviceName: 'shop', desiredCount: 3 }) },
  {
    name: 'its own load balancer, which the exposure replaces', old: all => {
      alb(all).addListener('Listener', { port: 80 }).addTargets('App', { port: 8080, protocol: ApplicationProtocol.HTTP, targets: [l2(all)] });
    },
    now: () => ({ exposure: Exposure.publicHttp() }),
    options: { loadBalancer: 'Alb', listener: 'Alb/Listener', targetGroup: 'Alb/Listener/AppGroup', targetGroupPort: 8080 },
  },
  {
    name: 'its own load balancer, which stays', old: all => {
      alb(all).addListener('Listener', { port: 80, open: false }).addTargets('App', { port: 80, targets: [l2(all)] });
    },
    now: all => ({ exposure: Exposure.onLoadBalancer(alb(all)) }),
    options: { listener: 'Alb/Listener', targetGroup: 'Alb/Listener/AppGroup' },
  },
  {
    name: 'a target group with a name', old: all => {
      const group = new ApplicationTargetGroup(all.scope, 'Group', { targetGroupName: 'shop', port: 80, targetType: TargetType.IP, vpc: all.vpc, targets: [l2(all)] });
      alb(all).addListener('Listener', { port: 80, open: false, defaultTargetGroups: [group] });
    },
    now: all => ({ exposure: Exposure.onLoadBalancer(alb(all)) }),
    options: { listener: 'Alb/Listener', targetGroup: 'Group', targetGroupName: 'shop' },
  },
  {
    name: 'a rule on a shared listener', old: all => {
      const listener = alb(all).addListener('Listener', { port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404) });
      listener.addTargets('Api', { port: 80, priority: 10, conditions: [ListenerCondition.pathPatterns(['/api/*'])], targets: [l2(all)] });
    },
    now: all => {
      const listener = alb(all).addListener('Listener', { port: 80, open: false, defaultAction: ListenerAction.fixedResponse(404) });
      return { exposure: Exposure.onListener(listener, HttpRoute.path('/api/*'), { priority: 10 }) };
    },
    options: { listenerRule: 'Alb/Listener/ApiRule', targetGroup: 'Alb/Listener/ApiGroup' },
  },
  {
    name: 'HTTPS with a redirect, a certificate and a DNS record', old: all => {
      const certificate = new Certificate(all.scope, 'Tls', { domainName: 'shop.example.com', validation: CertificateValidation.fromDns(all.zone) });
      alb(all).addListener('Https', { port: 443, certificates: [certificate] }).addTargets('App', { port: 80, targets: [l2(all)] });
      alb(all).addListener('Http', { port: 80, defaultAction: ListenerAction.redirect({ protocol: 'HTTPS', port: '443', permanent: true }) });
      new ARecord(all.scope, 'Alias', { zone: all.zone, recordName: 'shop', target: RecordTarget.fromAlias(new LoadBalancerTarget(alb(all))) });
    },
    now: ({ zone }) => ({ exposure: Exposure.publicHttps(ServerIdentity.domain('shop.example.com', zone)) }),
    options: {
      loadBalancer: 'Alb', listener: 'Alb/Https', redirectListener: 'Alb/Http', targetGroup: 'Alb/Https/AppGroup', certificate: 'Tls', dnsRecord: 'Alias',
    },
  },
  {
    name: 'scaling', old: all => {
      const tasks = l2(all).autoScaleTaskCount({ minCapacity: 2, maxCapacity: 9 });
      tasks.scaleOnCpuUtilization('CpuScaling', { targetUtilizationPercent: 60 });
      tasks.scaleOnMemoryUtilization('MemoryScaling', { targetUtilizationPercent: 60, scaleInCooldown: Duration.minutes(5) });
    },
    now: () => ({ scaling: Scaling.between(2, 9).onCpu(60).onMemory(60, { scaleInCooldown: Duration.minutes(5) }) }),
    options: { cpuPolicy: 'CpuScaling', memoryPolicy: 'MemoryScaling' },
  },
  {
    name: 'Service Connect over TCP', old: all => {
      l2(all).enableServiceConnect({ namespace: namespace(all).namespaceArn, services: [{ portMappingName: 'app' }] });
    },
    now: all => ({ exposure: Exposure.serviceConnect({ namespace: namespace(all), protocol: ServiceConnectProtocol.TCP }) }),
  },
  {
    name: 'Service Connect over HTTP', old: all => {
      l2(all, {}, AppProtocol.http).enableServiceConnect({ namespace: namespace(all).namespaceArn, services: [{ portMappingName: 'app' }] });
    },
    now: all => ({ exposure: Exposure.serviceConnect({ namespace: namespace(all) }) }),
  },
  {
    name: 'Cloud Map', old: all => { l2(all, { cloudMapOptions: { name: 'app', cloudMapNamespace: namespace(all) } }); },
    now: all => ({ exposure: Exposure.cloudMap({ name: 'app', namespace: namespace(all) }) }),
  },
  {
    name: 'a database and another service', old: all => {
      const service = l2(all);
      database(all).allowDefaultPortFrom(service);
      service.connections.allowFrom(database(all), Port.tcp(80));
    },
    now: () => ({}),
    then: (service, all) => {
      database(all).allowDefaultPortFrom(service);
      service.connections.allowFrom(database(all), Port.tcp(80));
    },
  },
];

const eachCase = CASES.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Web'][index], each] as const));

test.each(eachCase)('a service of aws-cdk with %s, %s: %s replaces only the task definition', (_, flags, id, { old, now, then, options }) => {
  const programs = templates(FLAGS[flags], old, all => {
    const service = new FargateService(all.scope, id, { cluster: all.cluster, containers: { app: web }, ...now(all) });
    ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef', containerName: 'app', ...options }).applyTo(service);
    then?.(service, all);
  });

  expectTakeover(programs);
});

test('the circuit breaker of aws-cdk without its feature flag needs hasDeploymentController, and without the option the service is replaced', () => {
  const old = (all: Shared) => { l2(all, { circuitBreaker: { rollback: true } }); };
  const now = (options: ServiceMigrationOptions) => (all: Shared) => {
    const service = new FargateService(all.scope, 'Service', { cluster: all.cluster, containers: { app: web } });
    ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef', containerName: 'app', ...options }).applyTo(service);
  };
  const { replaced } = effectsOf(...templates({}, old, now({})));

  expect(replaced).toContain('ServiceD69D759B');
  expectTakeover(templates({}, old, now({ hasDeploymentController: true })));
});

test('without a migration, service, load balancer and repository are replaced', () => {
  const [before, after] = templates({}, all => {
    alb(all).addListener('Listener', { port: 80 }).addTargets('App', { port: 80, targets: [l2(all)] });
  }, all => {
    new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { app: web }, exposure: Exposure.publicHttp() });
    new ImageRepository(all.scope, 'Repository');
  });
  const { deleted } = effectsOf(before, after);

  expect(deleted.map(id => before.Resources[id].Type)).toEqual(expect.arrayContaining(['AWS::ECS::Service', 'AWS::ElasticLoadBalancingV2::LoadBalancer']));
});

test('old logs are kept: the log group of the deployed service never expires, unless logRetention is given', () => {
  const retention = (options: ServiceMigrationOptions) => {
    const [, { Resources }] = templates({}, all => l2(all), all => {
      const service = new FargateService(all.scope, 'Service', { cluster: all.cluster, containers: { app: web } });
      ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef', containerName: 'app', ...options }).applyTo(service);
    });
    return Object.values(Resources).find(({ Type }) => Type === 'AWS::Logs::LogGroup')?.Properties?.RetentionInDays;
  };

  expect(retention({})).toBeUndefined();
  expect(retention({ logRetention: 90 })).toBe(90);
});

test('the number of running tasks stays, unless desiredCount is given', () => {
  const count = (props: Partial<FargateServiceProps>) => {
    const [, { Resources }] = templates({}, all => l2(all), all => {
      const service = new FargateService(all.scope, 'Service', { cluster: all.cluster, containers: { app: web }, ...props });
      ServiceMigration.fromFargateService(all.scope, 'Service').applyTo(service);
    });
    return Object.values(Resources).find(({ Type }) => Type === 'AWS::ECS::Service')?.Properties?.DesiredCount;
  };

  expect(count({})).toBeUndefined();
  expect(count({ desiredCount: 1 })).toBe(1);
});

test('a family name from the program is kept', () => {
  const [, { Resources }] = templates({}, all => l2(all), all => {
    const service = new FargateService(all.scope, 'Service', { cluster: all.cluster, containers: { app: web }, family: 'mine' });
    ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef' }).applyTo(service);
  });

  expect(Object.values(Resources).find(({ Type }) => Type === 'AWS::ECS::TaskDefinition')?.Properties?.Family).toBe('mine');
});

describe('a wrong migration', () => {
  const withService = (use: (service: FargateService, all: Shared) => void) => () => templates({}, () => undefined, all => {
    use(new FargateService(all.scope, 'Service', { cluster: all.cluster, containers: { app: web }, scaling: Scaling.between(1, 2).onCpu(50) }), all);
  });

  test.each(['loadBalancer', 'listener', 'redirectListener', 'listenerRule', 'targetGroup', 'certificate', 'dnsRecord'])(
    'a %s that the service cannot take over is reported', part => {
      expect(withService((service, { scope }) => ServiceMigration.fromFargateService(scope, 'Service', { [part]: 'Alb' }).applyTo(service)))
        .toThrow(`Shop/Service: '${part}' must be left out, because the service has none that could replace it`);
    });

  test('a policy that the service does not have is reported', () => {
    expect(withService((service, { scope }) => ServiceMigration.fromFargateService(scope, 'Service', { memoryPolicy: 'Memory' }).applyTo(service)))
      .toThrow("Shop/Service: 'scaling' must have the policy 'Memory', which takes over the deployed policy 'Memory', got [\"Cpu\"]");
  });

  test('a scope in another stack is reported', () => {
    expect(withService(service => ServiceMigration.fromFargateService(newStack(), 'Service').applyTo(service))).toThrow("'scope' must be in the stack of the service");
  });

  test('a load balancer of another stack is reported, because the deployed listener is there', () => {
    expect(() => templates({}, () => undefined, all => {
      const shared = new Stack(all.app, 'Other', { env: ENV });
      const vpc = existingVpc(shared);
      const loadBalancer = new ApplicationLoadBalancer(shared, 'Alb', { vpc, internetFacing: true });
      const service = new FargateService(all.scope, 'Web', {
        cluster: new Cluster(all.stack, 'Tasks', { vpc }), containers: { app: web }, exposure: Exposure.onLoadBalancer(loadBalancer),
      });
      ServiceMigration.fromApplicationLoadBalancedFargateService(all.scope, 'Service').applyTo(service);
    })).toThrow("Shop/Web: 'exposure' must be on a load balancer of the same stack");
  });

  test('a second service is reported', () => {
    expect(withService((service, { scope }) => {
      const migration = ServiceMigration.fromFargateService(scope, 'Service');
      migration.applyTo(service);
      migration.applyTo(service);
    })).toThrow("'service' must be the only one that takes over these resources");
  });

  test('a migration that failed has changed nothing, and can be applied to a corrected service', () => {
    const programs = templates({}, all => l2(all).autoScaleTaskCount({ maxCapacity: 2 }).scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: 50 }), all => {
      const migration = ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef', containerName: 'app', cpuPolicy: 'Cpu' });
      const common = { cluster: all.cluster, containers: { app: web } };
      const wrong = new FargateService(all.scope, 'Wrong', common);
      const idsIn = () => wrong.node.findAll().filter(CfnElement.isCfnElement).map(({ stack, logicalId }) => stack.resolve(logicalId) as string);
      const ids = idsIn();
      expect(() => migration.applyTo(wrong)).toThrow("'scaling' must have the policy 'Cpu'");
      expect(idsIn()).toEqual(ids);
      all.scope.node.tryRemoveChild('Wrong');
      migration.applyTo(new FargateService(all.scope, 'Web', { ...common, scaling: Scaling.between(1, 2).onCpu(50) }));
    });

    expectTakeover(programs);
  });

  test.each(['/Service', 'Service/', ''])('the path %p is reported', path => {
    expect(withService((service, { scope }) => ServiceMigration.fromFargateService(scope, 'Service', { taskDefinition: path }).applyTo(service)))
      .toThrow("'taskDefinition' must be a path of construct IDs");
  });

  test('a value that is not a service is reported', () => {
    expect(withService((_, { scope }) => ServiceMigration.fromFargateService(scope, 'Service').applyTo({} as FargateService)))
      .toThrow("'service' must be a service of this library");
  });
});

test('images of the library can be used together with a migration', () => {
  const [before, after] = templates(FLAGS['with the feature flags of a new app'], all => l2(all), all => {
    const service = new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { app: { image: ContainerImage.fromRegistry('httpd'), port: 80 } } });
    ServiceMigration.fromFargateService(all.scope, 'Service', { taskDefinition: 'TaskDef', containerName: 'app' }).applyTo(service);
  });

  expectTakeover([before, after]);
});
