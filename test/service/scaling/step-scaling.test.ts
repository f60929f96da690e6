import { CfnParameter, Duration, Lazy } from 'aws-cdk-lib';
import { AdjustmentType, MetricAggregationType } from 'aws-cdk-lib/aws-applicationautoscaling';
import { MathExpression, Metric } from 'aws-cdk-lib/aws-cloudwatch';
import { ContainerImage } from 'aws-cdk-lib/aws-ecs';
import { FargateService, OnMetricStepsOptions, Scaling } from '../../../src';
import { Match, newCluster, newStack, Template } from '../../helpers/stack';
import { messageOf, told, toldIn, wrong } from '../../helpers/wrong-input';

const POLICY = 'AWS::ApplicationAutoScaling::ScalingPolicy';
const ALARM = 'AWS::CloudWatch::Alarm';
const image = ContainerImage.fromRegistry('nginx');
const backlog = new Metric({ namespace: 'Shop', metricName: 'Backlog', statistic: 'Maximum', period: Duration.minutes(1) });
const scalingSteps = [{ upper: 10, change: -1 }, { lower: 50, change: +1 }, { lower: 100, change: +5 }];

function scaled(scaling: Scaling, stack = newStack()): Template {
  new FargateService(stack, 'Service', { cluster: newCluster(stack), containers: { web: { image, port: 80 } }, scaling });
  return Template.fromStack(stack);
}

const said = (options: object, metric: unknown = backlog, min = 1) =>
  messageOf(() => scaled(Scaling.between(min, 10).onMetricSteps(wrong<Metric>(metric), wrong<OnMetricStepsOptions>({ scalingSteps, ...options }))));

describe('step scaling', () => {
  test('adds and removes tasks, in larger steps if the metric is further from its threshold', () => {
    const template = scaled(Scaling.between(1, 10).onMetricSteps(backlog, { scalingSteps, cooldown: Duration.minutes(2) }));
    template.resourceCountIs(POLICY, 2);
    template.hasResourceProperties(POLICY, {
      PolicyType: 'StepScaling',
      StepScalingPolicyConfiguration: {
        AdjustmentType: 'ChangeInCapacity', Cooldown: 120, MetricAggregationType: 'Maximum',
        StepAdjustments: [
          { MetricIntervalLowerBound: 0, MetricIntervalUpperBound: 50, ScalingAdjustment: 1 }, { MetricIntervalLowerBound: 50, ScalingAdjustment: 5 },
        ],
      },
    });
    template.hasResourceProperties(POLICY, {
      StepScalingPolicyConfiguration: { StepAdjustments: [{ MetricIntervalUpperBound: 0, ScalingAdjustment: -1 }] },
    });
    template.hasResourceProperties(ALARM, {
      Threshold: 50, ComparisonOperator: 'GreaterThanOrEqualToThreshold', Namespace: 'Shop', MetricName: 'Backlog', Period: 60,
    });
    template.hasResourceProperties(ALARM, { Threshold: 10, ComparisonOperator: 'LessThanOrEqualToThreshold' });
  });

  test('has the options of scaleOnMetric in aws-cdk', () => {
    const template = scaled(Scaling.between(1, 10).onMetricSteps(backlog, {
      scalingSteps: [{ lower: 50, change: 20 }, { lower: 100, change: 100 }], minAdjustmentMagnitude: 2,
      adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY,
      evaluationPeriods: 3, datapointsToAlarm: 2, metricAggregationType: MetricAggregationType.AVERAGE,
    }));
    template.hasResourceProperties(POLICY, {
      StepScalingPolicyConfiguration: { AdjustmentType: 'PercentChangeInCapacity', MinAdjustmentMagnitude: 2, MetricAggregationType: 'Average' },
    });
    template.hasResourceProperties(ALARM, { EvaluationPeriods: 3, DatapointsToAlarm: 2 });
  });

  test('works with a math expression, next to other policies and for several metrics', () => {
    const perTask = new MathExpression({ expression: 'b / 2', usingMetrics: { b: backlog } });
    const template = scaled(Scaling.between(1, 10).onCpu(60)
      .onMetricSteps(backlog, { scalingSteps }).onMetricSteps(perTask, { scalingSteps, name: 'per-task' }));
    template.resourceCountIs(POLICY, 5);
    template.resourceCountIs('AWS::ApplicationAutoScaling::ScalableTarget', 1);
  });

  test('works with a metric of another account, which an alarm can watch', () => {
    const shared = backlog.with({ account: '444455556666' });
    for (const metric of [shared, new MathExpression({ expression: 'b / 2', usingMetrics: { b: shared } })]) {
      const template = scaled(Scaling.between(1, 10).onMetricSteps(metric, { scalingSteps }), newStack({ env: { region: 'eu-west-1', account: '111122223333' } }));
      template.hasResourceProperties(ALARM, { Metrics: Match.arrayWith([Match.objectLike({ AccountId: '444455556666' })]) });
    }
  });

  test('can start the first task, unless the step is a percentage', () => {
    expect(said({}, backlog, 0)).toBe('accepted');
    expect(said({ adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY }, backlog, 0)).toMatch(told('scaling.minTasks'));
    expect(said({ adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY, minAdjustmentMagnitude: 1 }, backlog, 0)).toBe('accepted');
  });

  test('does not depend on the order of the policies', () => {
    const one = Scaling.between(1, 10).onCpu(60).onMetricSteps(backlog, { scalingSteps });
    const other = Scaling.between(1, 10).onMetricSteps(backlog, { scalingSteps }).onCpu(60);
    expect(scaled(one).toJSON()).toEqual(scaled(other).toJSON());
  });

  test('can have steps that only add tasks', () => {
    const template = scaled(Scaling.between(1, 10).onMetricSteps(backlog, { scalingSteps: [{ upper: 50, change: 0 }, { lower: 50, change: 2 }] }));
    template.resourceCountIs(POLICY, 1);
  });
});

describe('wrong step scaling is reported with path, property, rule, value and fix:', () => {
  test.each<[string, object]>([
    ['scalingSteps', { scalingSteps: undefined }], ['scalingSteps', { scalingSteps: [] }], ['scalingSteps', { scalingSteps: 'x' }], ['scalingSteps', { scalingSteps: Array(41).fill({ lower: 1, change: 1 }) }],
    ['scalingSteps[0]', { scalingSteps: [null, null] }], ['scalingSteps', { scalingSteps: [{ lower: 1, change: 1 }] }], ['scalingSteps[0].change', { scalingSteps: [{ upper: 1 }, { lower: 1, change: 1 }] }], ['scalingSteps[0].change', { scalingSteps: [{ lower: 1, change: 1.5 }, { lower: 5, change: 2 }] }],
    ['scalingSteps[1].lower', { scalingSteps: [{ lower: 1, change: 1 }, { lower: '5', change: 1 }] }],
    ['scalingSteps', { scalingSteps: [{ change: 1 }, { change: 2 }] }], ['scalingSteps', { scalingSteps: [{ lower: 1, upper: 5, change: 1 }, { lower: 3, upper: 8, change: 2 }] }],
    ['scalingSteps[0].change', { scalingSteps: [{ lower: 1, change: -1 }, { lower: 5, change: 1 }], adjustmentType: AdjustmentType.EXACT_CAPACITY }],
    ['scalingSteps[0].change', { scalingSteps: [{ lower: 1, change: -101 }, { lower: 5, change: 1 }], adjustmentType: AdjustmentType.PERCENT_CHANGE_IN_CAPACITY }],
    ['adjustmentType', { adjustmentType: 'x' }], ['cooldown', { cooldown: 60 }], ['cooldown', { cooldown: Duration.millis(500) }], ['minAdjustmentMagnitude', { minAdjustmentMagnitude: 0 }],
    ['evaluationPeriods', { evaluationPeriods: 0 }], ['datapointsToAlarm', { datapointsToAlarm: 2 }], ['datapointsToAlarm', { datapointsToAlarm: 0, evaluationPeriods: 2 }],
    ['metricAggregationType', { metricAggregationType: 'Sum' }], ['name', { name: 'a b' }],
  ])('%s: %#', (property, options) => {
    expect(said(options)).toMatch(toldIn(`scaling.onMetricSteps.${property}`));
  });

  test.each([undefined, null, 'x', {}])('the metric %j', metric => {
    expect(said({}, metric ?? null)).toMatch(told('scaling.onMetricSteps'));
  });

  test('tokens for numbers that aws-cdk has to calculate with', () => {
    const token = new CfnParameter(newStack(), 'Number', { type: 'Number' }).valueAsNumber;
    expect(said({ scalingSteps: [{ lower: token, change: 1 }, { lower: 9, change: 2 }] })).toMatch(toldIn('scaling.onMetricSteps.scalingSteps[0]'));
    expect(said({ scalingSteps: [{ upper: 1, change: 0 }, { lower: 9, change: token }] })).toMatch(toldIn('scaling.onMetricSteps.scalingSteps[1]'));
  });

  test('a metric of another region', () => {
    const stack = newStack({ env: { region: 'eu-west-1', account: '111122223333' } });
    const elsewhere = backlog.with({ region: 'eu-central-1' });
    expect(messageOf(() => scaled(Scaling.between(1, 9).onMetricSteps(elsewhere, { scalingSteps }), stack))).toMatch(told('scaling.onMetricSteps'));
    const half = new MathExpression({ expression: 'b / 2', usingMetrics: { b: elsewhere } });
    expect(said({}, half)).toBe('accepted');
    expect(messageOf(() => scaled(Scaling.between(1, 9).onMetricSteps(half, { scalingSteps }), newStack({ env: { region: 'eu-west-1' } })))).toMatch(told('scaling.onMetricSteps'));
  });

  test('steps that are a token', () => {
    expect(said({ scalingSteps: Lazy.any({ produce: () => scalingSteps }) })).toMatch(told('scaling.onMetricSteps.scalingSteps'));
  });

  test('the same metric twice', () => {
    const twice = Scaling.between(1, 9).onMetricSteps(backlog, { scalingSteps }).onMetricSteps(backlog, { scalingSteps });
    expect(messageOf(() => scaled(twice))).toMatch(told('scaling.onMetricSteps'));
  });
});
