import { Duration, TimeZone } from 'aws-cdk-lib';
import { Schedule } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { ApplicationLoadBalancer, ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import * as fc from 'fast-check';
import { Exposure, ExposureBindOptions, ExposureConfig, FargateService, FargateServiceProps, Scaling } from '../../../src';
import { flatten, Match, newCluster, newStack, Template } from '../../helpers/stack';

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const TARGET = 'AWS::ApplicationAutoScaling::ScalableTarget';
const image = ContainerImage.fromRegistry('nginx');

function synthesize(scaling: Scaling | undefined, props: Partial<FargateServiceProps> = {}, stack = newStack()): Template {
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } }, scaling, ...props });
  return Template.fromStack(stack);
}

/** The metric of the only policy. */
function trackedBy(template: Template) {
  const [{ Properties: { TargetTrackingScalingPolicyConfiguration } }] = Object.values(template.findResources(POLICY));
  return TargetTrackingScalingPolicyConfiguration;
}

describe('a service that scales', () => {
  test('has a number of tasks between two limits', () => {
    synthesize(Scaling.between(2, 10).onCpu(60)).hasResourceProperties(TARGET, {
      MinCapacity: 2, MaxCapacity: 10, ServiceNamespace: 'ecs', ScalableDimension: 'ecs:service:DesiredCount',
    });
  });

  test('keeps its current number of tasks in later deployments', () => {
    const [service] = Object.values(synthesize(Scaling.between(2, 10).onCpu(60)).findResources('AWS::ECS::Service'));
    expect(service.Properties).not.toHaveProperty('DesiredCount');
  });

  test('without scaling has the desired count that you give, or one', () => {
    synthesize(undefined).hasResourceProperties('AWS::ECS::Service', { DesiredCount: 1 });
    synthesize(undefined, { desiredCount: 3 }).hasResourceProperties('AWS::ECS::Service', { DesiredCount: 3 });
  });

  test.each([
    ['CPU', Scaling.between(1, 4).onCpu(60), 'ECSServiceAverageCPUUtilization', 60],
    ['memory', Scaling.between(1, 4).onMemory(75.5), 'ECSServiceAverageMemoryUtilization', 75.5],
  ])('tracks its use of %s', (_, scaling, PredefinedMetricType, TargetValue) => {
    expect(trackedBy(synthesize(scaling))).toEqual({ TargetValue, PredefinedMetricSpecification: { PredefinedMetricType } });
  });

  test('tracks the requests per task of its load balancer', () => {
    const template = synthesize(Scaling.between(1, 4).onRequestsPerTarget(1000), { exposure: Exposure.publicHttp() });

    const { TargetValue, PredefinedMetricSpecification: { PredefinedMetricType, ResourceLabel } } = trackedBy(template);
    expect([TargetValue, PredefinedMetricType]).toEqual([1000, 'ALBRequestCountPerTarget']);
    expect(flatten(ResourceLabel)).toMatch(/\/\$\{ServiceExposureLoadBalancer\w*Service\w*\.TargetGroupFullName\}$/);
  });

  test('adds up the requests of two target groups if a deployment shifts traffic between them', () => {
    class TwoColours extends Exposure {
      public bind(scope: Construct, { service, vpc }: ExposureBindOptions): ExposureConfig {
        const listener = new ApplicationLoadBalancer(scope, 'LoadBalancer', { vpc }).addListener('Listener', { port: 80, open: false });
        const [blue, green] = ['Blue', 'Green'].map(colour => new ApplicationTargetGroup(scope, colour, { vpc, port: 80 }));
        blue.addTarget(service);
        listener.addTargetGroups('Both', { targetGroups: [blue, green] });
        return { applicationTargetGroups: [blue, green] };
      }
    }
    const tracked = trackedBy(synthesize(Scaling.between(1, 4).onRequestsPerTarget(1000), { exposure: new TwoColours() }));

    expect(tracked.PredefinedMetricSpecification).toBeUndefined();
    expect(tracked.CustomizedMetricSpecification.Metrics).toEqual([
      expect.objectContaining({ Id: 'group0', MetricStat: expect.objectContaining({ Stat: 'Sum' }) }),
      expect.objectContaining({ Id: 'group1', MetricStat: { Metric: expect.objectContaining({ MetricName: 'RequestCountPerTarget' }), Stat: 'Sum' } }),
      { Id: 'tracked', Expression: 'FILL(group0, 0) + FILL(group1, 0)', ReturnData: true },
    ]);
  });

  test('can track several metrics at once, each with its own cooldowns', () => {
    const template = synthesize(Scaling.between(1, 4)
      .onCpu(60, { scaleInCooldown: Duration.minutes(10), scaleOutCooldown: Duration.seconds(0) })
      .onMemory(80, { disableScaleIn: true }));

    template.resourceCountIs(TARGET, 1);
    template.hasResourceProperties(POLICY, {
      TargetTrackingScalingPolicyConfiguration: { ScaleInCooldown: 600, ScaleOutCooldown: 0, TargetValue: 60, DisableScaleIn: Match.absent() },
    });
    template.hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { DisableScaleIn: true, TargetValue: 80 } });
  });

  test('can have schedules only', () => {
    const template = synthesize(Scaling.between(1, 4)
      .onSchedule({ schedule: Schedule.cron({ hour: '8', minute: '0', weekDay: 'MON-FRI' }), timeZone: TimeZone.EUROPE_BERLIN, minTasks: 4, maxTasks: 20 })
      .onSchedule({ name: 'night', schedule: Schedule.cron({ hour: '20', minute: '0' }), minTasks: 0, endTime: new Date('2030-01-01T00:00:00Z') }));

    template.resourceCountIs(POLICY, 0);
    template.hasResourceProperties(TARGET, {
      ScheduledActions: [
        {
          ScheduledActionName: 'cron(0 8 ? * MON-FRI *) Europe-Berlin', Schedule: 'cron(0 8 ? * MON-FRI *)', Timezone: 'Europe/Berlin',
          ScalableTargetAction: { MinCapacity: 4, MaxCapacity: 20 },
        },
        {
          ScheduledActionName: 'night', Schedule: 'cron(0 20 * * ? *)', EndTime: Match.anyValue(), ScalableTargetAction: { MinCapacity: 0 },
        },
      ],
    });
  });
});

describe('a service that processes a queue', () => {
  const onQueue = (minTasks: number, messagesPerTask = 10) => {
    const stack = newStack();
    return trackedBy(synthesize(Scaling.between(minTasks, 20).onQueueDepth(new Queue(stack, 'Queue'), { messagesPerTask }), {}, stack));
  };
  const expressionOf = (tracked: ReturnType<typeof onQueue>) => tracked.CustomizedMetricSpecification.Metrics.at(-1);

  test('has one task for a number of messages, counting those that wait and those in flight', () => {
    const tracked = onQueue(1);

    expect(tracked.TargetValue).toBe(10);
    expect(tracked.CustomizedMetricSpecification.Metrics).toEqual([
      expect.objectContaining({
        Id: 'waiting', ReturnData: false,
        MetricStat: {
          Metric: {
            Namespace: 'AWS/SQS', MetricName: 'ApproximateNumberOfMessagesVisible',
            Dimensions: [{ Name: 'QueueName', Value: { 'Fn::GetAtt': [expect.stringMatching(/^Queue/), 'QueueName'] } }],
          },
          Stat: 'Maximum',
        },
      }),
      expect.objectContaining({ Id: 'working', ReturnData: false }),
      expect.objectContaining({
        Id: 'running', ReturnData: false,
        MetricStat: {
          Metric: expect.objectContaining({ Namespace: 'AWS/ECS', MetricName: 'CPUUtilization' }), Stat: 'SampleCount',
        },
      }),
      { Id: 'tracked', Expression: '(waiting + FILL(working, 0)) / running', ReturnData: true },
    ]);
  });

  test('starts the first task when a message arrives', () => {
    expect(expressionOf(onQueue(0)).Expression).toBe(
      'IF(FILL(running, 0) > 0, (waiting + FILL(working, 0)) / FILL(running, 1), IF(waiting > 0, 10 + 1, 0))',
    );
  });

  test('starts the first task, even if a schedule sets the minimum to zero', () => {
    const stack = newStack();
    const scaling = Scaling.between(1, 20)
      .onQueueDepth(new Queue(stack, 'Queue'), { messagesPerTask: 5 })
      .onSchedule({ schedule: Schedule.cron({ hour: '20', minute: '0' }), minTasks: 0 });
    expect(expressionOf(trackedBy(synthesize(scaling, {}, stack))).Expression).toContain('IF(waiting > 0, 5 + 1, 0)');
  });

  test('can have several queues, with different ids', () => {
    const stack = newStack();
    const template = synthesize(Scaling.between(0, 20)
      .onQueueDepth(new Queue(stack, 'Orders'), { messagesPerTask: 5 })
      .onQueueDepth(new Queue(stack, 'Mails'), { messagesPerTask: 50, name: 'mails' }), {}, stack);
    template.resourceCountIs(POLICY, 2);
  });
});

describe('a service that tracks a metric', () => {
  const latency = new Metric({ namespace: 'App', metricName: 'Latency', dimensionsMap: { Stage: 'prod' }, statistic: 'Average' });

  test('uses the metric unchanged', () => {
    expect(trackedBy(synthesize(Scaling.between(1, 4).onMetric(latency, 0.5)))).toEqual({
      TargetValue: 0.5,
      CustomizedMetricSpecification: { Namespace: 'App', MetricName: 'Latency', Dimensions: [{ Name: 'Stage', Value: 'prod' }], Statistic: 'Average' },
    });
  });

  test('accepts percentiles, which the L2 does not', () => {
    expect(trackedBy(synthesize(Scaling.between(1, 4).onMetric(latency.with({ statistic: 'p99' }), 1))).CustomizedMetricSpecification.Metrics)
      .toEqual([expect.objectContaining({ Id: 'tracked', ReturnData: true, MetricStat: expect.objectContaining({ Stat: 'p99' }) })]);
  });

  test('accepts math expressions, also nested ones, which the L2 does not', () => {
    const perUser = new MathExpression({ expression: 'all / users', usingMetrics: { all: latency, users: latency.with({ statistic: 'max' }) } });
    const doubled = new MathExpression({ expression: 'each * 2 + all', usingMetrics: { each: perUser, all: latency }, period: Duration.minutes(1) });

    const { Metrics } = trackedBy(synthesize(Scaling.between(1, 4).onMetric(doubled, 3))).CustomizedMetricSpecification;
    expect(Metrics.map((query: Record<string, unknown>) => [query.Id, query.Expression, query.ReturnData])).toEqual([
      ['each', 'all / users', false], ['all', undefined, false], ['users', undefined, false], ['tracked', 'each * 2 + all', true],
    ]);
  });
});

test('the order of the metrics does not change the template', () => {
  const templateOf = (order: number[]) => {
    const stack = newStack();
    const queue = new Queue(stack, 'Queue');
    const steps: ((scaling: Scaling) => Scaling)[] = [
      scaling => scaling.onCpu(60), scaling => scaling.onMemory(70), scaling => scaling.onRequestsPerTarget(100),
      scaling => scaling.onQueueDepth(queue, { messagesPerTask: 3 }),
      scaling => scaling.onMetric(new Metric({ namespace: 'App', metricName: 'Users' }), 5),
      scaling => scaling.onSchedule({ schedule: Schedule.cron({ hour: '8', minute: '0' }), minTasks: 2 }),
      scaling => scaling.onSchedule({ schedule: Schedule.cron({ hour: '9', minute: '0' }), minTasks: 3 }),
    ];
    const scaling = order.reduce((all, step) => steps[step](all), Scaling.between(1, 9));
    return JSON.stringify(synthesize(scaling, { exposure: Exposure.publicHttp() }, stack).toJSON());
  };
  const sorted = templateOf([0, 1, 2, 3, 4, 5, 6]);
  fc.assert(fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 }), order => {
    expect(templateOf(order)).toBe(sorted);
  }), { numRuns: 10 });
});

test('a Scaling can be the base of several others', () => {
  const both = Scaling.between(1, 4).onCpu(60);
  const [one, other] = [both.onMemory(70), both.onMemory(80)];
  synthesize(both).resourceCountIs(POLICY, 1);
  synthesize(one).hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { TargetValue: 70 } });
  synthesize(other).hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { TargetValue: 80 } });
});

test('a Scaling can be used by several services', () => {
  const stack = newStack();
  const props = { cluster: newCluster(stack), containers: { web: { image } }, scaling: Scaling.between(1, 4).onCpu(60) };
  new FargateService(stack, 'One', props);
  new FargateService(stack, 'Two', props);
  Template.fromStack(stack).resourceCountIs(POLICY, 2);
});
