import { CfnResource, Duration } from 'aws-cdk-lib';
import { Peer, Port, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { AwsLogDriver, FargateService as L2Service, FargateTaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { NetworkLoadBalancedFargateService, NetworkLoadBalancedFargateServiceProps } from 'aws-cdk-lib/aws-ecs-patterns';
import { NetworkLoadBalancer, Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { ARecord, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { LoadBalancerTarget } from 'aws-cdk-lib/aws-route53-targets';
import { Construct } from 'constructs';
import {
  CrossZoneRouting, Exposure, FargateService, FargateServiceProps, NetworkPort, Scaling, ServiceMigration, ServiceMigrationOptions,
} from '../../src';
import { expectTakeover, FLAGS, NGINX, Shared, templates, web } from '../helpers/migrations';
import { effectsOf } from '../helpers/replacements';

interface NetworkCase {
  readonly name: string;
  readonly old: (shared: Shared) => Partial<NetworkLoadBalancedFargateServiceProps>;
  readonly then?: (pattern: NetworkLoadBalancedFargateService, shared: Shared) => void;
  readonly now: (shared: Shared) => Partial<FargateServiceProps>;
  readonly thenNow?: (service: FargateService, shared: Shared) => void;
  readonly options?: ServiceMigrationOptions;
  /** The port of the container. */
  readonly port?: number;
}

/** A load balancer of the program, with a security group. */
const nlb = ({ stack, vpc }: Shared): NetworkLoadBalancer => new NetworkLoadBalancer(stack, 'Nlb', {
  vpc, internetFacing: true, securityGroups: [new SecurityGroup(stack, 'NlbClients', { vpc, allowAllOutbound: false })],
});

const CASES: NetworkCase[] = [
  { name: 'a public load balancer', old: () => ({}), now: () => ({ exposure: Exposure.publicNetwork() }) },
  { name: 'an internal load balancer', old: () => ({ publicLoadBalancer: false }), now: () => ({ exposure: Exposure.internalNetwork({ openTo: [Peer.anyIpv4()] }) }) },
  {
    name: 'another port of listener and container', port: 8080,
    old: () => ({ listenerPort: 5432, taskImageOptions: { image: NGINX, containerPort: 8080 } }),
    now: () => ({ exposure: Exposure.publicNetwork({ ports: [NetworkPort.tcp(5432)], openTo: [Peer.anyIpv4()] }) }),
  },
  {
    name: 'a certificate', port: 8443, old: ({ certificate }) => ({ listenerCertificate: certificate, taskImageOptions: { image: NGINX, containerPort: 8443 } }),
    now: ({ certificate }) => ({ exposure: Exposure.publicNetwork({ ports: [NetworkPort.tls(443, certificate)] }) }),
  },
  {
    name: 'a task definition of its own', port: 8080, old: ({ stack }) => {
      const taskDefinition = new FargateTaskDefinition(stack, 'Task');
      taskDefinition.addContainer('web', { image: NGINX, portMappings: [{ containerPort: 8080 }], logging: new AwsLogDriver({ streamPrefix: 'web' }) });
      return { taskDefinition, taskImageOptions: undefined };
    },
    now: () => ({ exposure: Exposure.publicNetwork({ ports: [NetworkPort.tcp(80)] }) }), options: { taskDefinition: 'Task', targetGroupPort: 80 },
  },
  {
    name: 'a DNS record', old: ({ zone }) => ({ domainName: 'shop.example.com', domainZone: zone }), now: () => ({ exposure: Exposure.publicNetwork() }),
    thenNow: ({ loadBalancer }, { scope, zone }) => {
      // At the same path as in the pattern.
      new ARecord(scope.node.tryFindChild('Service') as Construct | undefined ?? new Construct(scope, 'Service'), 'DNS', {
        zone, recordName: 'shop.example.com', target: RecordTarget.fromAlias(new LoadBalancerTarget(loadBalancer as NetworkLoadBalancer)),
      });
    },
  },
  {
    name: 'scaling', old: () => ({}), then: ({ service }) => service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 9 }).scaleOnCpuUtilization('OnCpu', { targetUtilizationPercent: 60 }),
    now: () => ({ exposure: Exposure.publicNetwork(), scaling: Scaling.between(2, 9).onCpu(60) }), options: { cpuPolicy: 'OnCpu' },
  },
  {
    name: 'settings of its target group', old: () => ({}),
    then: ({ targetGroup }) => targetGroup.configureHealthCheck({ protocol: Protocol.HTTP, path: '/health', interval: Duration.seconds(20) }),
    now: () => ({ exposure: Exposure.publicNetwork({ crossZone: CrossZoneRouting.SAME_ZONE, ports: [NetworkPort.tcp(80, { healthCheck: { path: '/health' } })] }) }),
  },
];

/** Without its feature flag, aws-cdk creates load balancers without security groups. The group of the exposure is then created, but not used. */
const withoutGroup = 'without feature flags';
const UNUSED = ['AWS::EC2::SecurityGroup', 'AWS::EC2::SecurityGroupEgress', 'AWS::EC2::SecurityGroupIngress'];
const eachCase = CASES.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Web'][index], each] as const));

test.each(eachCase)('a NetworkLoadBalancedFargateService with %s, %s: %s replaces only the task definition', (_, flags, id, each) => {
  const { old, now, then, thenNow, options, port = 80 } = each;
  const hasGroup = flags !== withoutGroup;
  const programs = templates(FLAGS[flags], all => {
    const pattern = new NetworkLoadBalancedFargateService(all.scope, 'Service', { cluster: all.cluster, taskImageOptions: { image: NGINX }, ...old(all) });
    then?.(pattern, all);
    const { listener, loadBalancer, service } = pattern;
    // The pattern itself lets nobody in.
    if (hasGroup) loadBalancer.connections.allowFromAnyIpv4(Port.tcp((listener.node.defaultChild as CfnResource & { readonly port: number }).port));
    service.connections.allowFrom(hasGroup ? loadBalancer : Peer.anyIpv4(), Port.tcp(port));
  }, all => {
    const service = new FargateService(all.scope, id, { cluster: all.cluster, containers: { web: { ...web, port } }, ...now(all) });
    ServiceMigration.fromNetworkLoadBalancedFargateService(all.scope, 'Service', options).applyTo(service);
    thenNow?.(service, all);
    if (!hasGroup) service.connections.allowFrom(Peer.anyIpv4(), Port.tcp(port));
  });

  expectTakeover(programs, { created: hasGroup ? [] : UNUSED });
});

describe('the security groups of a deployed load balancer', () => {
  const groupsOf = (flags: string, options: ServiceMigrationOptions) => {
    const [, { Resources }] = templates(FLAGS[flags], () => undefined, all => {
      const service = new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { web }, exposure: Exposure.publicNetwork() });
      ServiceMigration.fromNetworkLoadBalancedFargateService(all.scope, 'Service', options).applyTo(service);
    });
    return Object.values(Resources).find(({ Type }) => Type === 'AWS::ElasticLoadBalancingV2::LoadBalancer')?.Properties?.SecurityGroups;
  };
  const [without, withFlags] = Object.keys(FLAGS);

  test('cannot be added or removed, so they are what aws-cdk created, or what the option says', () => {
    const created = [{ 'Fn::GetAtt': ['ServiceLBSecurityGroupF7435A5C', 'GroupId'] }];

    expect(groupsOf(without, {})).toBeUndefined();
    expect(groupsOf(withFlags, {})).toEqual(created);
    expect(groupsOf(without, { hasLoadBalancerSecurityGroup: true })).toEqual(created);
    expect(groupsOf(withFlags, { hasLoadBalancerSecurityGroup: false })).toBeUndefined();
  });
});

test.each(Object.keys(FLAGS))('a NetworkLoadBalancedFargateService on an existing load balancer, %s: only the task definition is replaced', flags => {
  const programs = templates(FLAGS[flags], all => {
    const loadBalancer = nlb(all);
    const { service } = new NetworkLoadBalancedFargateService(all.scope, 'Service', { cluster: all.cluster, taskImageOptions: { image: NGINX }, loadBalancer });
    service.connections.allowFrom(loadBalancer, Port.tcp(80));
  }, all => {
    const service = new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { web }, exposure: Exposure.onNetworkLoadBalancer(nlb(all)) });
    ServiceMigration.fromNetworkLoadBalancedFargateService(all.scope, 'Service').applyTo(service);
  });

  expectTakeover(programs);
});

test.each(Object.keys(FLAGS))('a service of aws-cdk behind a network load balancer, %s: only the task definition is replaced', flags => {
  const programs = templates(FLAGS[flags], all => {
    const taskDefinition = new FargateTaskDefinition(all.scope, 'TaskDef');
    taskDefinition.addContainer('web', { image: NGINX, portMappings: [{ containerPort: 80 }], logging: new AwsLogDriver({ streamPrefix: 'web' }) });
    const service = new L2Service(all.scope, 'Service', { cluster: all.cluster, taskDefinition });
    const loadBalancer = new NetworkLoadBalancer(all.scope, 'Nlb', { vpc: all.vpc, internetFacing: true, disableSecurityGroups: true });
    loadBalancer.addListener('Tls', { port: 443, certificates: [all.certificate] }).addTargets('Web', { port: 8443, targets: [service] });
    service.connections.allowFromAnyIpv4(Port.tcp(80));
  }, all => {
    const exposure = Exposure.publicNetwork({ ports: [NetworkPort.tls(443, all.certificate)] });
    const service = new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { web }, exposure });
    service.connections.allowFromAnyIpv4(Port.tcp(80));
    ServiceMigration.fromFargateService(all.scope, 'Service', {
      taskDefinition: 'TaskDef', loadBalancer: 'Nlb', hasLoadBalancerSecurityGroup: false, listener: 'Nlb/Tls', targetGroup: 'Nlb/Tls/WebGroup',
      targetGroupPort: 8443, targetGroupProtocol: Protocol.TLS,
    }).applyTo(service);
  });

  expectTakeover(programs, { created: UNUSED });
});

test('a target group whose protocol is not kept is replaced, and this test notices it', () => {
  const { replaced } = effectsOf(...templates({}, all => {
    new NetworkLoadBalancedFargateService(all.scope, 'Service', { cluster: all.cluster, taskImageOptions: { image: NGINX }, listenerCertificate: all.certificate });
  }, all => {
    const exposure = Exposure.publicNetwork({ ports: [NetworkPort.tls(443, all.certificate)] });
    const service = new FargateService(all.scope, 'Web', { cluster: all.cluster, containers: { web: { ...web, port: 443 } }, exposure });
    ServiceMigration.fromNetworkLoadBalancedFargateService(all.scope, 'Service', { targetGroupProtocol: Protocol.TCP }).applyTo(service);
  }));

  expect(replaced).toContain('ServiceLBPublicListenerECSGroup0CC8688C');
});
