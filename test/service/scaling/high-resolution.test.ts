import { CfnParameter, Duration, Lazy, Token } from 'aws-cdk-lib';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { Queue } from 'aws-cdk-lib/aws-sqs';
import { Ec2Service, FargateService, FargateServiceProps, OnCpuOptions, Scaling } from '../../../src';
import { Match, newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, wrong } from '../../helpers/wrong-input';

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const SERVICE = 'AWS::ECS::Service';
const image = ContainerImage.fromRegistry('nginx');
const fine = { highResolution: true };

interface Query {
  readonly Id: string;
  readonly Expression?: string;
  readonly MetricStat?: { readonly Metric: { readonly MetricName: string } };
}

function serve(scaling: Scaling, props: Partial<FargateServiceProps> = {}, stack = newStack()) {
  const service = new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } }, scaling, ...props });
  return { stack, service, template: () => Template.fromStack(stack) };
}

describe('20-second metrics', () => {
  test.each([
    ['CPU', Scaling.between(1, 4).onCpu(60, fine), ['CPUUtilization'], 'ECSServiceAverageCPUUtilizationHighResolution'],
    ['memory', Scaling.between(1, 4).onMemory(60, fine), ['MemoryUtilization'], 'ECSServiceAverageMemoryUtilizationHighResolution'],
  ])('of %s are published by the service, and used by the policy', (_, scaling, MetricNames, PredefinedMetricType) => {
    const template = serve(scaling).template();
    template.hasResourceProperties(SERVICE, { Monitoring: { MetricConfigurations: [{ MetricNames, ResolutionSeconds: 20 }] } });
    template.hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { PredefinedMetricSpecification: { PredefinedMetricType } } });
  });

  test('of both are published together, in any order', () => {
    for (const scaling of [Scaling.between(1, 4).onCpu(60, fine).onMemory(70, fine), Scaling.between(1, 4).onMemory(70, fine).onCpu(60, fine)]) {
      serve(scaling).template().hasResourceProperties(SERVICE, {
        Monitoring: { MetricConfigurations: [{ MetricNames: ['CPUUtilization', 'MemoryUtilization'], ResolutionSeconds: 20 }] },
      });
    }
  });

  test('cost extra, so a service has none by default', () => {
    serve(Scaling.between(1, 4).onCpu(60).onMemory(70, { highResolution: false })).template()
      .hasResourceProperties(SERVICE, { Monitoring: Match.absent() });
  });

  test('are published before the policy uses them', () => {
    const template = serve(Scaling.between(1, 4).onCpu(60, fine)).template();
    const [[service]] = Object.entries(template.findResources(SERVICE));
    const [[target, { Properties }]] = Object.entries(template.findResources('AWS::ApplicationAutoScaling::ScalableTarget'));
    expect(JSON.stringify(Properties.ResourceId)).toContain(service);
    template.hasResourceProperties(POLICY, { ScalingTargetId: { Ref: target } });
  });

  test('go together with cooldowns', () => {
    serve(Scaling.between(1, 4).onCpu(60, { ...fine, scaleOutCooldown: Duration.seconds(0) })).template()
      .hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { ScaleOutCooldown: 0 } });
  });

  test('are available on EC2 too', () => {
    const stack = newStack();
    const cluster = newCluster(stack);
    Object.defineProperty(cluster, 'hasEc2Capacity', { value: true });
    new Ec2Service(stack, 'Service', { cluster, containers: { web: { image, port: 80 } }, scaling: Scaling.between(1, 4).onCpu(60, fine) });
    Template.fromStack(stack).hasResourceProperties(SERVICE, { Monitoring: Match.anyValue() });
  });
});

describe('running tasks are counted correctly, although each sends more samples:', () => {
  function countedBy(scaling: (queue: Queue) => Scaling) {
    const stack = newStack();
    const { service, template } = serve(scaling(new Queue(stack, 'Queue')), {}, stack);
    const policies = Object.values(template().findResources(POLICY)).map(({ Properties }) => Properties.TargetTrackingScalingPolicyConfiguration);
    const metrics: Query[] = policies.flatMap(({ CustomizedMetricSpecification }) => CustomizedMetricSpecification?.Metrics ?? []);
    const running = service.metricRunningTaskCount().toMetricConfig().mathExpression;
    return {
      queue: metrics.find(({ Id }) => Id === 'running')?.MetricStat?.Metric.MetricName, expression: metrics.at(-1)?.Expression,
      chart: Object.values(running?.usingMetrics ?? {})[0].toMetricConfig().metricStat?.metricName, chartExpression: running?.expression,
    };
  }
  const onQueue = (scaling: Scaling, queue: Queue) => scaling.onQueueDepth(queue, { messagesPerTask: 10 });

  test('by CPU samples without 20-second metrics', () => {
    expect(countedBy(queue => onQueue(Scaling.between(1, 4).onCpu(60), queue))).toMatchObject({
      queue: 'CPUUtilization', expression: '(waiting + FILL(working, 0)) / running', chart: 'CPUUtilization', chartExpression: expect.stringMatching(/\/ 60\)$/),
    });
  });

  test('by memory samples with 20-second CPU metrics', () => {
    expect(countedBy(queue => onQueue(Scaling.between(1, 4).onCpu(60, fine), queue))).toMatchObject({
      queue: 'MemoryUtilization', expression: '(waiting + FILL(working, 0)) / running', chart: 'MemoryUtilization', chartExpression: expect.stringMatching(/\/ 60\)$/),
    });
  });

  test('by CPU samples with 20-second memory metrics', () => {
    expect(countedBy(queue => onQueue(Scaling.between(1, 4).onMemory(60, fine), queue))).toMatchObject({ queue: 'CPUUtilization', chart: 'CPUUtilization' });
  });

  test('by a third of the samples if both have 20 seconds, also from zero tasks', () => {
    expect(countedBy(queue => onQueue(Scaling.between(1, 4).onCpu(60, fine).onMemory(60, fine), queue))).toMatchObject({
      queue: 'CPUUtilization', expression: '(waiting + FILL(working, 0)) / (running / 3)', chartExpression: expect.stringMatching(/\/ 20\)$/),
    });
    expect(countedBy(queue => onQueue(Scaling.between(0, 4).onCpu(60, fine).onMemory(60, fine), queue)).expression)
      .toBe('IF(FILL(running, 0) > 0, (waiting + FILL(working, 0)) / (FILL(running, 1) / 3), IF(waiting > 0, 10 + 1, 0))');
  });
});

test.each([['a string', 'true'], ['null', null], ['a number', 20]])('%s instead of true or false is reported', (_, highResolution) => {
  expect(messageOf(() => serve(Scaling.between(1, 4).onCpu(60, wrong<OnCpuOptions>({ highResolution }))))).toMatch(told('scaling.onCpu.highResolution'));
});

test('a token is reported, because the service would have to change with it', () => {
  const highResolution = Token.asAny(Lazy.any({ produce: () => true })) as unknown as boolean;
  expect(messageOf(() => serve(Scaling.between(1, 4).onCpu(60, { highResolution })))).toMatch(told('scaling.onCpu.highResolution'));
});

test('a target that is a token is accepted', () => {
  const stack = newStack();
  const target = new CfnParameter(stack, 'Target', { type: 'Number' }).valueAsNumber;
  serve(Scaling.between(1, 4).onCpu(target, fine), {}, stack).template()
    .hasResourceProperties(POLICY, { TargetTrackingScalingPolicyConfiguration: { TargetValue: { Ref: 'Target' } } });
});

test.each(['resolution', 'resolutionSeconds', 'period'])('%s is reported with the option to use', name => {
  expect(messageOf(() => serve(Scaling.between(1, 4).onCpu(60, wrong<OnCpuOptions>({ [name]: 20 }))))).toContain('Write highResolution: true.');
});
