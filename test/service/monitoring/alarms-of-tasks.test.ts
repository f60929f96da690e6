import { Annotations } from 'aws-cdk-lib/assertions';
import { Alarm } from 'aws-cdk-lib/aws-cloudwatch';
import { SecurityGroup, Vpc } from 'aws-cdk-lib/aws-ec2';
import { Cluster, ContainerInsights } from 'aws-cdk-lib/aws-ecs';
import { alarmsOf } from './read-alarms';
import { scene } from './services';
import { AlarmThreshold, CircuitBreaker, Deployment, Exposure } from '../../../src';
import { Match, newStack, Template } from '../../helpers/stack';

const insights = { cluster: { containerInsightsV2: ContainerInsights.ENHANCED } };

describe('a failed deployment', () => {
  test('triggers an alarm through EventBridge, which counts only the ECS events of this service', () => {
    const { service, action, stack } = scene();
    service.addAlarms(action);
    const template = Template.fromStack(stack);
    const [ecsService] = Object.keys(template.findResources('AWS::ECS::Service'));
    const [rule] = Object.keys(template.findResources('AWS::Events::Rule'));

    template.hasResourceProperties('AWS::Events::Rule', {
      State: 'ENABLED',
      EventPattern: {
        'source': ['aws.ecs'], 'detail-type': ['ECS Deployment State Change'],
        'resources': [{ Ref: ecsService }], 'detail': { eventName: ['SERVICE_DEPLOYMENT_FAILED'] },
      },
      Targets: Match.absent(),
    });
    expect(alarmsOf(stack).FailedDeployments).toMatchObject({
      looksAt: 'MAX([{AWS/Events MatchedEvents Sum 300}, {AWS/Events TriggeredRules Sum 300}])', threshold: 0, periods: '1 of 1',
    });
    expect(JSON.stringify(template.findResources('AWS::CloudWatch::Alarm'))).toContain(`{"Name":"RuleName","Value":{"Ref":"${rule}"}}`);
  });
});

describe('a deployment without a circuit breaker', () => {
  const deployment = Deployment.rolling({ circuitBreaker: CircuitBreaker.none() });

  test('has no alarm for failed deployments, because ECS never reports one', () => {
    const { service, action, stack } = scene({ deployment });

    expect(service.addAlarms(action).failedDeployments).toBeUndefined();
    Template.fromStack(stack).resourceCountIs('AWS::Events::Rule', 0);
  });

  test('rejects an explicit alarm for failed deployments', () => {
    const { service, action } = scene({ deployment });

    expect(() => service.addAlarms(action, { failedDeployments: AlarmThreshold.above(0) }))
      .toThrow("'failedDeployments' must be left out, because the service has no circuit breaker, without which no deployment fails");
  });
});

describe('tasks that do not start', () => {
  const INFO = /unknown whether the cluster has Container Insights/;

  test.each([ContainerInsights.ENABLED, ContainerInsights.ENHANCED])('trigger an alarm if the cluster has Container Insights: %s', containerInsightsV2 => {
    const { service, action, stack } = scene({}, { cluster: { containerInsightsV2 } });

    expect(service.addAlarms(action).missingTasks).toBeDefined();
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp(INFO.source))).toEqual([]);
  });

  test('have no alarm if Container Insights is unknown, and an info message says so', () => {
    const { service, action, stack } = scene();

    expect(service.addAlarms(action).missingTasks).toBeUndefined();
    Annotations.fromStack(stack).hasInfo('/Stack/Service', Match.stringLikeRegexp(INFO.source));
  });

  test('trigger an alarm if the user asks for it, e.g. with a cluster of another app', () => {
    const stack = newStack();
    const vpc = new Vpc(stack, 'Network');
    const cluster = Cluster.fromClusterAttributes(stack, 'Imported', { clusterName: 'theirs', vpc, securityGroups: [new SecurityGroup(stack, 'Group', { vpc })] });
    const { service, action } = scene({ cluster }, { stack });

    expect(service.addAlarms(action, { missingTasks: AlarmThreshold.above(1) }).missingTasks).toBeDefined();
    expect(alarmsOf(stack).MissingTasks.threshold).toBe(1);
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp(INFO.source))).toEqual([]);
  });

  test('have neither alarm nor message if the user turns the alarm off', () => {
    const { service, action, stack } = scene();

    expect(service.addAlarms(action, { missingTasks: AlarmThreshold.never() }).missingTasks).toBeUndefined();
    expect(Annotations.fromStack(stack).findInfo('*', Match.stringLikeRegexp(INFO.source))).toEqual([]);
  });
});

describe('the alarms of the load balancer', () => {
  test('can roll back a deployment of the service', () => {
    const { service, action, stack } = scene({ exposure: Exposure.publicHttp() });
    const alarms = service.addAlarms(action);

    service.addRollbackAlarms(...alarms.ofLoadBalancer);

    expect(alarms.ofLoadBalancer).toEqual([alarms.http5xx, alarms.loadBalancer5xx, alarms.unhealthyHosts]);
    Template.fromStack(stack).hasResourceProperties('AWS::ECS::Service', {
      DeploymentConfiguration: {
        Alarms: { Enable: true, Rollback: true, AlarmNames: alarms.ofLoadBalancer.map(({ alarmName }) => stack.resolve(alarmName)) },
      },
    });
  });

  test.each(['cpu', 'memory', 'missingTasks', 'failedDeployments'] as const)('are the only ones that can, and a message says so: %s is created after the service', name => {
    const { service, action, stack } = scene({ exposure: Exposure.publicHttp() }, insights);

    service.addRollbackAlarms(service.addAlarms(action)[name] as Alarm);

    expect(() => Template.fromStack(stack)).toThrow(/each would otherwise wait for the other/);
  });
});
