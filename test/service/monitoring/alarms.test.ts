import { InstanceType, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerImage, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { alarmsOf } from './read-alarms';
import { BlueGreenExposure, scene, SharedExposure, TcpExposure } from './services';
import { AlarmThreshold, Deployment, Ec2Service, Exposure } from '../../../src';
import { Match, newStack, Template } from '../../helpers/stack';

const insights = { cluster: { containerInsightsV2: ContainerInsights.ENHANCED } };

describe('one call creates all alarms that a service can have:', () => {
  test('all of them behind its own load balancer', () => {
    const { service, action, stack } = scene({ exposure: Exposure.publicHttp() }, insights);

    const alarms = service.addAlarms(action);

    expect(Object.keys(alarmsOf(stack))).toEqual([
      'Cpu', 'Memory', 'Http5xx', 'LoadBalancer5xx', 'UnhealthyHosts', 'MissingTasks', 'FailedDeployments',
    ]);
    expect(alarms.all).toEqual([
      alarms.cpu, alarms.memory, alarms.http5xx, alarms.loadBalancer5xx, alarms.unhealthyHosts, alarms.missingTasks, alarms.failedDeployments,
    ]);
  });

  test('for a worker, those that need no load balancer', () => {
    const { service, action, stack } = scene();

    const alarms = service.addAlarms(action);

    expect(Object.keys(alarmsOf(stack))).toEqual(['Cpu', 'Memory', 'FailedDeployments']);
    expect(alarms.all).toEqual([alarms.cpu, alarms.memory, alarms.failedDeployments]);
    expect(alarms.ofLoadBalancer).toEqual([]);
    expect(alarms.http5xx).toBeUndefined();
  });

  test('behind a network load balancer, which knows no HTTP, an alarm for unhealthy tasks but none for errors', () => {
    const { service, action, stack } = scene({ exposure: new TcpExposure() });

    service.addAlarms(action);

    expect(Object.keys(alarmsOf(stack))).toEqual(['Cpu', 'Memory', 'UnhealthyHosts', 'FailedDeployments']);
    expect(alarmsOf(stack).UnhealthyHosts.looksAt).toBe('AWS/NetworkELB UnHealthyHostCount Maximum 60');
  });

  test('errors of its own load balancer, even if it is one of several exposures', () => {
    const { service, action, stack } = scene({ exposure: Exposure.internalNetwork().also('Web', Exposure.publicHttp()) });

    service.addAlarms(action);

    expect(Object.keys(alarmsOf(stack))).toEqual(['Cpu', 'Memory', 'Http5xx', 'LoadBalancer5xx', 'UnhealthyHosts', 'FailedDeployments']);
  });

  test('with two load balancers of its own, one alarm for the errors of both together', () => {
    const { service, action, stack } = scene({ exposure: Exposure.publicHttp().also('Inner', Exposure.internalHttp()) });

    service.addAlarms(action);

    const errors = '{AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum 300}';
    const requests = '{AWS/ApplicationELB RequestCount Sum 300}';
    const all = [errors, requests, errors, requests].map(each => `FILL(${each}, 0)`).join(', ');
    expect(alarmsOf(stack).LoadBalancer5xx.looksAt).toBe(
      `IF(SUM([${all}]) >= 10, 100 * SUM([FILL(${errors}, 0), FILL(${errors}, 0)]) / SUM([${all}]), 0)`,
    );
  });

  test('behind a shared load balancer, no alarm for its own errors, which can belong to other services', () => {
    const stack = newStack();
    const balancer = new ApplicationLoadBalancer(stack, 'Shared', { vpc: new Vpc(stack, 'Network') });
    const { service, action } = scene({ exposure: new SharedExposure(balancer.addListener('Listener', { port: 80 })) }, { stack });

    service.addAlarms(action);

    expect(Object.keys(alarmsOf(stack))).toEqual(['Cpu', 'Memory', 'Http5xx', 'UnhealthyHosts', 'FailedDeployments']);
  });

  test('the same on EC2 as on Fargate', () => {
    const stack = newStack();
    const cluster = new Cluster(stack, 'Instances', { vpc: new Vpc(stack, 'Network') });
    cluster.addCapacity('Capacity', { instanceType: new InstanceType('t3.small') });
    const { action } = scene({}, { stack });
    const service = new Ec2Service(stack, 'Tasks', { cluster, containers: { web: { image: ContainerImage.fromRegistry('nginx') } } });

    service.addAlarms(action);

    expect(alarmsOf(stack, 'Tasks')).toMatchObject({ Cpu: { looksAt: 'AWS/ECS CPUUtilization Average 60' }, FailedDeployments: {} });
  });
});

describe('each alarm', () => {
  test('notifies your action, has a description with service and cause, and stays OK without data', () => {
    const { service, action, stack, topic } = scene({ exposure: Exposure.publicHttp() }, insights);

    service.addAlarms(action, { responseTimeSeconds: AlarmThreshold.above(1.5) });

    const seen = Object.values(alarmsOf(stack));
    expect(seen).toHaveLength(8);
    for (const { description, missing, comparison, actions } of seen) {
      expect(description).toMatch(/^Stack\/Service: .+ above [\d.]+( %| s)?, in \d+ of \d+ periods of \d+ minutes?\.$/);
      expect(description.length).toBeLessThanOrEqual(1024);
      expect(missing).toBe('notBreaching');
      expect(comparison).toBe('GreaterThanThreshold');
      expect(actions).toEqual([stack.resolve(topic.topicArn)]);
    }
  });

  test('has a generated name, so that it can be replaced', () => {
    const { service, action, stack } = scene();
    service.addAlarms(action);

    Template.fromStack(stack).allResourcesProperties('AWS::CloudWatch::Alarm', Match.objectLike({ AlarmName: Match.absent() }));
  });

  const seen = (exposure: Exposure) => {
    const { service, action, stack } = scene({ exposure }, insights);
    service.addAlarms(action, { responseTimeSeconds: AlarmThreshold.above(2) });
    return alarmsOf(stack);
  };

  test('watches the right metric for a reasonable time', () => {
    const found = seen(Exposure.publicHttp());
    const row = (name: string) => [found[name].looksAt, found[name].threshold, found[name].periods];

    expect(row('Cpu')).toEqual(['AWS/ECS CPUUtilization Average 60', 90, '5 of 5']);
    expect(row('Memory')).toEqual(['AWS/ECS MemoryUtilization Average 60', 80, '5 of 5']);
    expect(row('Http5xx')).toEqual([
      'IF({AWS/ApplicationELB RequestCount Sum 300} >= 10, '
      + '100 * {AWS/ApplicationELB HTTPCode_Target_5XX_Count Sum 300} / {AWS/ApplicationELB RequestCount Sum 300}, 0)', 5, '1 of 1',
    ]);
    expect(row('ResponseTime')).toEqual(['AWS/ApplicationELB TargetResponseTime p95 60', 2, '5 of 5']);
    expect(row('UnhealthyHosts')).toEqual(['AWS/ApplicationELB UnHealthyHostCount Maximum 60', 0, '3 of 5']);
    expect(row('MissingTasks')).toEqual([
      '{ECS/ContainerInsights DesiredTaskCount Average 60} - FILL({ECS/ContainerInsights RunningTaskCount Average 60}, 0)', 0, '10 of 10',
    ]);
  });

  test('includes requests for which the load balancer found no task, because the metric of the load balancer does not', () => {
    const total = 'SUM([FILL({AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum 300}, 0), FILL({AWS/ApplicationELB RequestCount Sum 300}, 0)])';

    expect(seen(Exposure.publicHttp()).LoadBalancer5xx).toMatchObject({
      looksAt: `IF(${total} >= 10, 100 * {AWS/ApplicationELB HTTPCode_ELB_5XX_Count Sum 300} / ${total}, 0)`, threshold: 5, periods: '1 of 1',
    });
  });

  test('watches both target groups of a blue/green deployment, of which only one has tasks', () => {
    const { Http5xx, UnhealthyHosts, ResponseTime } = seen(new BlueGreenExposure());
    const sum = (metric: string) => `SUM([FILL({AWS/ApplicationELB ${metric}}, 0), FILL({AWS/ApplicationELB ${metric}}, 0)])`;

    expect(UnhealthyHosts.looksAt).toBe(sum('UnHealthyHostCount Maximum 60'));
    expect(Http5xx.looksAt).toBe(`IF(${sum('RequestCount Sum 300')} >= 10, 100 * ${sum('HTTPCode_Target_5XX_Count Sum 300')} / ${sum('RequestCount Sum 300')}, 0)`);
    expect(ResponseTime.looksAt).toBe('MAX([{AWS/ApplicationELB TargetResponseTime p95 60}, {AWS/ApplicationELB TargetResponseTime p95 60}])');
  });

  test('for both target groups names each of them', () => {
    const { service, action, stack } = scene({ exposure: new BlueGreenExposure() });
    service.addAlarms(action);
    const template = Template.fromStack(stack);
    const groups = Object.keys(template.findResources('AWS::ElasticLoadBalancingV2::TargetGroup'));

    for (const group of groups) {
      template.hasResourceProperties('AWS::CloudWatch::Alarm', {
        AlarmDescription: Match.stringLikeRegexp('unhealthy'),
        Metrics: Match.arrayWith([Match.objectLike({
          MetricStat: { Metric: { Dimensions: Match.arrayWith([{ Name: 'TargetGroup', Value: { 'Fn::GetAtt': [group, 'TargetGroupFullName'] } }]) } },
        })]),
      });
    }
    expect(groups).toHaveLength(2);
  });
});

test('a service with blue/green deployments has alarms on both of its target groups, which can roll a deployment back', () => {
  const { service, action, stack } = scene({ exposure: Exposure.publicHttp(), deployment: Deployment.blueGreen() }, insights);

  service.addRollbackAlarms(...service.addAlarms(action).ofLoadBalancer);
  service.addDashboard();

  expect(alarmsOf(stack).UnhealthyHosts.looksAt.match(/UnHealthyHostCount/g)).toHaveLength(2);
  expect(alarmsOf(stack).Http5xx.looksAt).toContain('SUM([FILL(');
  Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
    DeploymentConfiguration: { Strategy: 'BLUE_GREEN', Alarms: { Enable: true, AlarmNames: [Match.anyValue(), Match.anyValue(), Match.anyValue()] } },
  });
});
