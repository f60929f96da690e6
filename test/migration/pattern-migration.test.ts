import { App, Duration, NestedStack, Stack, Stage } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { Peer, Port, SecurityGroup, SubnetType } from 'aws-cdk-lib/aws-ec2';
import { AwsLogDriver, DeploymentControllerType, FargateTaskDefinition, Secret } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancedFargateService, ApplicationLoadBalancedFargateServiceProps } from 'aws-cdk-lib/aws-ecs-patterns';
import { ApplicationProtocol, ApplicationProtocolVersion, IpAddressType } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Secret as StoredSecret } from 'aws-cdk-lib/aws-secretsmanager';
import { PrivateDnsNamespace } from 'aws-cdk-lib/aws-servicediscovery';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import {
  Exposure, FargateCapacity, FargateService, FargateServiceProps, HttpRedirect, Scaling, ServerIdentity, ServiceMigration, ServiceMigrationOptions,
} from '../../src';
import { alb, database, ENV, expectTakeover, FLAGS, implicitly, importedAlb, NGINX, roles, Shared, templates, web } from '../helpers/migrations';

interface PatternCase {
  readonly name: string;
  /** Of both programs. */
  readonly prepare?: (shared: Shared) => Record<string, never> | object;
  readonly old: (shared: Shared) => Partial<ApplicationLoadBalancedFargateServiceProps>;
  readonly then?: (pattern: ApplicationLoadBalancedFargateService, shared: Shared) => void;
  readonly now: (shared: Shared) => Partial<FargateServiceProps>;
  readonly thenNow?: (service: FargateService, shared: Shared) => void;
  readonly options?: ServiceMigrationOptions;
  readonly created?: string[];
  readonly where?: (app: App) => Construct;
}

const https = ({ certificate }: Shared) => ServerIdentity.certificate(certificate);
const METRIC = new Metric({ namespace: 'Shop', metricName: 'Orders' });

const PATTERNS: PatternCase[] = [
  { name: 'HTTP', old: () => ({}), now: () => ({ exposure: Exposure.publicHttp() }) },
  {
    name: 'names', old: () => ({ serviceName: 'shop', loadBalancerName: 'shop-web', taskImageOptions: { image: NGINX, family: 'shop' } }),
    now: () => ({ serviceName: 'shop', family: 'shop', exposure: Exposure.publicHttp({ loadBalancerName: 'shop-web' }) }),
  },
  {
    name: 'HTTPS with a certificate', old: ({ certificate }) => ({ certificate }),
    now: all => ({ exposure: Exposure.publicHttps(https(all), { redirect: HttpRedirect.none() }) }),
  },
  {
    name: 'HTTPS with a certificate and a redirect', old: ({ certificate }) => ({ certificate, redirectHTTP: true }),
    now: all => ({ exposure: Exposure.publicHttps(https(all)) }),
  },
  {
    name: 'a domain with a new certificate and a redirect',
    old: ({ zone: domainZone }) => ({ protocol: ApplicationProtocol.HTTPS, domainName: 'shop.example.com', domainZone, redirectHTTP: true }),
    now: ({ zone }) => ({ exposure: Exposure.publicHttps(ServerIdentity.domain('shop.example.com', zone)) }),
  },
  {
    name: 'a domain with an existing certificate', old: ({ certificate, zone: domainZone }) => ({ certificate, domainName: 'shop.example.com', domainZone }),
    now: ({ certificate, zone }) => ({
      exposure: Exposure.publicHttps(ServerIdentity.domain('shop.example.com', zone, { certificate }), { redirect: HttpRedirect.none() }),
    }),
  },
  { name: 'an internal load balancer', old: () => ({ publicLoadBalancer: false }), now: () => ({ exposure: Exposure.internalHttp({ openTo: [Peer.anyIpv4()] }) }) },
  {
    name: 'an internal load balancer with a name', old: () => ({ publicLoadBalancer: false, loadBalancerName: 'shop-web' }),
    now: () => ({ exposure: Exposure.internalHttp({ loadBalancerName: 'shop-web', openTo: [Peer.anyIpv4()] }) }),
  },
  {
    name: 'another port of listener and container', old: () => ({ taskImageOptions: { image: NGINX, containerPort: 8080 } }),
    now: () => ({ containers: { web: { image: NGINX, port: 8080 } }, exposure: Exposure.publicHttp() }),
  },
  {
    name: 'scaling on CPU, memory and requests', old: () => ({}),
    then: ({ service, targetGroup }) => {
      const tasks = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 9 });
      tasks.scaleOnCpuUtilization('OnCpu', { targetUtilizationPercent: 60 });
      tasks.scaleOnMemoryUtilization('OnMemory', { targetUtilizationPercent: 70 });
      tasks.scaleOnRequestCount('OnRequests', { requestsPerTarget: 1000, targetGroup });
    },
    now: () => ({ exposure: Exposure.publicHttp(), scaling: Scaling.between(2, 9).onCpu(60).onMemory(70).onRequestsPerTarget(1000) }),
    options: { cpuPolicy: 'OnCpu', memoryPolicy: 'OnMemory', requestsPolicy: 'OnRequests' },
  },
  {
    name: 'scaling on other metrics and a schedule', old: () => ({}),
    then: ({ service }, { stack }) => {
      const tasks = service.autoScaleTaskCount({ minCapacity: 2, maxCapacity: 9 });
      tasks.scaleToTrackCustomMetric('Orders', { metric: METRIC, targetValue: 5 });
      tasks.scaleToTrackCustomMetric('Backlog', { metric: new Queue(stack, 'Queue').metricApproximateNumberOfMessagesVisible(), targetValue: 5 });
      tasks.scaleOnSchedule('Morning', { schedule: Schedule.cron({ hour: '8', minute: '0' }), minCapacity: 4 });
    },
    now: ({ stack }) => ({
      exposure: Exposure.publicHttp(),
      scaling: Scaling.between(2, 9).onMetric(METRIC, 5, { name: 'orders' }).onQueueDepth(new Queue(stack, 'Queue'), { messagesPerTask: 5, name: 'backlog' })
        .onSchedule({ name: 'Morning', schedule: Schedule.cron({ hour: '8', minute: '0' }), minTasks: 4 }),
    }),
    options: { otherPolicies: { orders: 'Orders', backlog: 'Backlog' } },
  },
  {
    name: 'policies that the program adds to the ECS service', old: () => ({}),
    then: ({ service }) => service.autoScaleTaskCount({ maxCapacity: 9 }).scaleOnMetric('Steps', { metric: METRIC, scalingSteps: [{ upper: 1, change: -1 }, { lower: 5, change: 1 }] }),
    now: () => ({ exposure: Exposure.publicHttp() }),
    thenNow: ({ ecsService }) => ecsService.autoScaleTaskCount({ maxCapacity: 9 })
      .scaleOnMetric('Steps', { metric: METRIC, scalingSteps: [{ upper: 1, change: -1 }, { lower: 5, change: 1 }] }),
  },
  { name: 'a number of tasks', old: () => ({ desiredCount: 3 }), now: () => ({ desiredCount: 3, exposure: Exposure.publicHttp() }) },
  {
    name: 'the deployment controller ECS', old: () => ({ deploymentController: { type: DeploymentControllerType.ECS } }),
    now: () => ({ exposure: Exposure.publicHttp() }), options: { hasDeploymentController: true },
  },
  {
    name: 'an existing load balancer', old: all => ({ loadBalancer: alb(all) }), now: all => ({ exposure: Exposure.onLoadBalancer(alb(all), { openTo: implicitly(all) }) }),
  },
  {
    name: 'an imported load balancer', old: all => ({ loadBalancer: importedAlb(all) }), now: all => ({ exposure: Exposure.onLoadBalancer(importedAlb(all), { openTo: implicitly(all) }) }),
  },
  {
    name: 'a task definition of its own with a sidecar',
    old: ({ stack }) => {
      const taskDefinition = new FargateTaskDefinition(stack, 'Task', { cpu: 512, memoryLimitMiB: 1024 });
      taskDefinition.addContainer('app', { image: NGINX, portMappings: [{ containerPort: 80 }], logging: new AwsLogDriver({ streamPrefix: 'app' }) });
      taskDefinition.addContainer('agent', { image: NGINX, essential: false });
      return { taskDefinition, taskImageOptions: undefined };
    },
    now: () => ({ containers: { app: web, agent: { image: NGINX, essential: false } }, exposure: Exposure.publicHttp() }),
    options: { taskDefinition: 'Task', containerName: 'app' },
  },
  {
    name: 'roles of its own', old: all => ({ taskImageOptions: { image: NGINX, ...roles(all) } }), now: all => ({ ...roles(all), exposure: Exposure.publicHttp() }),
  },
  {
    name: 'secrets and environment',
    old: ({ stack }) => ({
      taskImageOptions: { image: NGINX, environment: { STAGE: 'one' }, secrets: { TOKEN: Secret.fromSecretsManager(new StoredSecret(stack, 'Secret')) } },
    }),
    now: ({ stack }) => ({
      containers: { web: { ...web, environment: { STAGE: 'one' }, secrets: { TOKEN: Secret.fromSecretsManager(new StoredSecret(stack, 'Secret')) } } },
      exposure: Exposure.publicHttp(),
    }),
  },
  {
    name: 'security groups of its own', old: ({ stack, vpc }) => ({ securityGroups: [new SecurityGroup(stack, 'Group', { vpc })] }),
    now: ({ stack, vpc }) => ({ securityGroups: [new SecurityGroup(stack, 'Group', { vpc })], exposure: Exposure.publicHttp() }),
  },
  {
    name: 'a database that lets the service in', old: () => ({}),
    then: ({ service }, all) => { database(all).allowDefaultPortFrom(service, 'Tasks'); },
    now: () => ({ exposure: Exposure.publicHttp() }), thenNow: (service, all) => { database(all).allowDefaultPortFrom(service, 'Tasks'); },
  },
  {
    name: 'a database that the service may connect to, without a description', old: () => ({}),
    then: ({ service }, all) => { service.connections.allowToDefaultPort(database(all)); },
    now: () => ({ exposure: Exposure.publicHttp() }), thenNow: (service, all) => { service.connections.allowToDefaultPort(database(all)); },
  },
  {
    name: 'clients of the load balancer only', old: () => ({ openListener: false }),
    then: ({ listener }) => listener.connections.allowFrom(Peer.ipv4('203.0.113.0/24'), Port.tcp(80)),
    now: () => ({ exposure: Exposure.publicHttp({ openTo: [Peer.ipv4('203.0.113.0/24')] }) }),
  },
  {
    name: 'a name in Cloud Map',
    old: ({ stack, vpc }) => ({ cloudMapOptions: { name: 'shop', cloudMapNamespace: new PrivateDnsNamespace(stack, 'Names', { name: 'internal', vpc }) } }),
    now: ({ stack, vpc }) => ({
      exposure: Exposure.publicHttp().also('Names', Exposure.cloudMap({ name: 'shop', namespace: new PrivateDnsNamespace(stack, 'Names', { name: 'internal', vpc }) })),
    }),
  },
  {
    name: 'HTTPS to the tasks and gRPC', old: ({ certificate }) => ({ certificate, targetProtocol: ApplicationProtocol.HTTPS, protocolVersion: ApplicationProtocolVersion.GRPC }),
    now: all => ({
      exposure: Exposure.publicHttps(https(all), {
        redirect: HttpRedirect.none(), targetProtocol: ApplicationProtocol.HTTPS, protocolVersion: ApplicationProtocolVersion.GRPC,
      }),
    }),
  },
  {
    name: 'Fargate Spot', old: () => ({ capacityProviderStrategies: [{ capacityProvider: 'FARGATE_SPOT', weight: 1 }] }),
    now: () => ({ capacity: FargateCapacity.spot(), exposure: Exposure.publicHttp() }),
  },
  {
    name: 'public tasks, commands and a dual-stack load balancer',
    old: () => ({ assignPublicIp: true, enableExecuteCommand: true, ipAddressType: IpAddressType.DUAL_STACK, idleTimeout: Duration.minutes(2) }),
    now: () => ({
      assignPublicIp: true, enableExecuteCommand: true,
      exposure: Exposure.publicHttp({ ipAddressType: IpAddressType.DUAL_STACK, idleTimeout: Duration.minutes(2) }),
    }),
  },
  {
    name: 'chosen subnets', old: () => ({ taskSubnets: { subnetType: SubnetType.PUBLIC } }),
    now: () => ({ vpcSubnets: { subnetType: SubnetType.PUBLIC }, assignPublicIp: false, exposure: Exposure.publicHttp() }),
  },
  {
    name: 'no logs', old: () => ({ taskImageOptions: { image: NGINX, enableLogging: false } }), now: () => ({ exposure: Exposure.publicHttp() }),
    created: ['AWS::IAM::Role', 'AWS::IAM::Policy', 'AWS::Logs::LogGroup'],
  },
  {
    name: 'a stage and a parent construct', old: () => ({}), now: () => ({ exposure: Exposure.publicHttp() }),
    where: app => new Construct(new Stack(new Stage(app, 'Prod', { env: ENV }), 'Shop'), 'Web'),
  },
  {
    name: 'a nested stack', old: () => ({}), now: () => ({ exposure: Exposure.publicHttp() }),
    where: app => new Construct(new NestedStack(new Stack(app, 'Shop', { env: ENV }), 'Nested'), 'Web'),
  },
];

// With the ID of the deployed construct, and with another one.
const eachPattern = PATTERNS.flatMap(each => Object.keys(FLAGS).map((flags, index) => [each.name, flags, ['Service', 'Web'][index], each] as const));

test.each(eachPattern)('aws-ecs-patterns with %s, %s: %s replaces only the task definition', (_, flags, id, each) => {
  const programs = templates(FLAGS[flags], all => {
    const pattern = new ApplicationLoadBalancedFargateService(all.scope, 'Service', {
      cluster: all.cluster, taskImageOptions: { image: NGINX }, ...each.old(all),
    });
    each.then?.(pattern, all);
  }, all => {
    const service = new FargateService(all.scope, id, { cluster: all.cluster, containers: { web }, ...each.now(all) });
    ServiceMigration.fromApplicationLoadBalancedFargateService(all.scope, 'Service', each.options).applyTo(service);
    // After the migration, because rules can be added at any time.
    each.thenNow?.(service, all);
  }, each.where);

  expectTakeover(programs, { created: each.created });
});

