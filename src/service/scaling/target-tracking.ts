import { Names, Token } from 'aws-cdk-lib';
import { CfnScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { IMetric, MetricConfig, MetricStatConfig } from 'aws-cdk-lib/aws-cloudwatch';
import { BaseService, ScalableTaskCount } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct } from 'constructs';
import { ScalingPolicyOptions } from './scaling-options';
import { checkEnvironment, Environment } from '../../private/environments';
import { checkValue, hasMethods } from '../../private/shape';
import { reject } from '../../private/validation';
import { ExposureConfig } from '../exposure/exposure-config';

/** The minimum and maximum number of tasks. */
export interface TaskLimits {
  readonly minTasks: number;
  readonly maxTasks: number;
}

/** The service that a policy scales. */
export interface ScalingTarget {
  readonly service: BaseService;
  readonly tasks: ScalableTaskCount;
  readonly exposed: ExposureConfig;
  /** Whether the number of tasks can become 0. */
  readonly mayBeZero: boolean;
}

/** One scaling policy. Call `check` before the other members. */
export interface ScalingPolicy {
  /** The construct ID, unique in the service. */
  readonly id: string;
  /** The property in messages, e.g. `scaling.onCpu`. */
  readonly property: string;
  /** Whether it can start the first task. */
  readonly wakes: boolean;
  /** Whether it can reduce the number of tasks to 0. */
  readonly allowsNone?: boolean;
  /** The equivalent policy in Express Mode; undefined if there is none. */
  readonly express?: {
    readonly metric: 'AVERAGE_CPU' | 'AVERAGE_MEMORY' | 'REQUEST_COUNT_PER_TARGET';
    readonly target: number;
    /** The options that Express Mode does not support. */
    readonly options: object;
  };
  check(scope: IConstruct, limits: TaskLimits): void;
  apply(scope: Construct, target: ScalingTarget): void;
}

/** Whether the number of tasks can become 0 with this minimum. */
export function allowsNone(minTasks: number): boolean {
  return Token.isUnresolved(minTasks) || minTasks === 0;
}

/** Checks the name of a policy. It becomes part of a construct ID, so it cannot contain a token. */
export function checkName(scope: IConstruct, property: string, name: string | undefined): void {
  const fix = 'Use a name such as "orders".';
  if (Token.isUnresolved(name)) {
    reject(scope, { property, must: 'be known at synthesis', got: 'a token', fix });
  }
  checkValue(scope, property, name, { kind: 'text', pattern: /^[A-Za-z0-9-]{1,64}$/, must: 'have 1 to 64 letters, digits or "-"', fix });
}

/** The default name of a policy on a metric. */
export function nameOfMetric(metric: IMetric): string {
  const name = metric.toMetricConfig().metricStat?.metricName;
  return name === undefined || Token.isUnresolved(name) ? 'Metric' : name.replace(/[^A-Za-z0-9]+/g, '-');
}

type Query = CfnScalingPolicy.TargetTrackingMetricDataQueryProperty;

// The statistics that a policy accepts without metric math.
const PLAIN_STATISTICS = ['Average', 'Minimum', 'Maximum', 'SampleCount', 'Sum'];

/** Renders a metric or a math expression for a scaling policy. */
export function trackedMetric(scope: IConstruct, property: string, metric: IMetric): CfnScalingPolicy.CustomizedMetricSpecificationProperty {
  const { metricStat, mathExpression } = checkTrackable(scope, property, metric);
  if (metricStat !== undefined && PLAIN_STATISTICS.includes(metricStat.statistic)) {
    const { dimensions, metricName, namespace, statistic, unitFilter: unit } = metricStat;
    return { dimensions, metricName, namespace, statistic, unit };
  }
  const used = new Map<string, Query>();
  addUsed(scope, property, mathExpression, used);
  const id = ['tracked', 'result', 'total'].find(each => !used.has(each)) ?? 'trackedMetric';
  return { metrics: [...used.values(), { ...queryOf(id, { metricStat, mathExpression }), returnData: true }] };
}

/** Collects the metrics of an expression, recursively. CDK has already checked that each ID stands for one metric. */
function addUsed(scope: IConstruct, property: string, expression: MetricConfig['mathExpression'], used: Map<string, Query>): void {
  for (const [id, metric] of Object.entries(expression?.usingMetrics ?? {})) {
    const config = checkTrackable(scope, property, metric);
    used.set(id, { ...queryOf(id, config), returnData: false });
    addUsed(scope, property, config.mathExpression, used);
  }
}

/** Rejects a value that is not a metric, and metrics of another region or account. */
function checkTrackable(scope: IConstruct, property: string, metric: IMetric): MetricConfig {
  const config = metricOf(scope, property, metric);
  const { metricStat, mathExpression } = config;
  checkHere(scope, property, {
    region: metricStat?.region ?? mathExpression?.searchRegion, account: metricStat?.account ?? mathExpression?.searchAccount,
  });
  return config;
}

/** Rejects a value that is not a metric, and metrics of another region. An alarm can watch metrics of another account. */
export function checkAlarmMetric(scope: IConstruct, property: string, metric: IMetric): void {
  const { metricStat, mathExpression } = metricOf(scope, property, metric);
  checkHere(scope, property, { region: metricStat?.region ?? mathExpression?.searchRegion });
  Object.values(mathExpression?.usingMetrics ?? {}).forEach(used => checkAlarmMetric(scope, property, used));
}

function metricOf(scope: IConstruct, property: string, metric: IMetric): MetricConfig {
  const config = hasMethods(metric, 'toMetricConfig') ? metric.toMetricConfig() : undefined;
  if (config?.metricStat === undefined && config?.mathExpression === undefined) {
    return reject(scope, {
      property, must: 'be a CloudWatch metric or a math expression over metrics', got: metric,
      fix: 'Pass a metric, e.g. queue.metricApproximateAgeOfOldestMessage().',
    });
  }
  return config;
}

/**
 * Rejects a metric of another region or account, which a scaling policy cannot use.
 *
 * @see https://docs.aws.amazon.com/autoscaling/application/APIReference/API_CustomizedMetricSpecification.html
 */
export function checkHere(scope: IConstruct, property: string, from: Environment = {}): void {
  checkEnvironment(scope, property, 'region', from.region);
  checkEnvironment(scope, property, 'account', from.account);
}

function queryOf(id: string, { metricStat, mathExpression }: MetricConfig): Query {
  return metricStat === undefined ? { id, expression: mathExpression?.expression } : { id, metricStat: statOf(metricStat) };
}

function statOf({ dimensions, metricName, namespace, statistic, unitFilter }: MetricStatConfig): Query['metricStat'] {
  return { metric: { dimensions, metricName, namespace }, stat: statistic, unit: unitFilter };
}

type Configuration = CfnScalingPolicy.TargetTrackingScalingPolicyConfigurationProperty;

/** A target value with a predefined or customized metric. */
export type Tracked = Pick<Configuration, 'targetValue' | 'predefinedMetricSpecification' | 'customizedMetricSpecification'>;

/**
 * Creates a target tracking policy.
 *
 * Uses the L1, because the L2 does not accept math expressions.
 */
export function trackTarget(scope: Construct, id: string, tasks: ScalableTaskCount, tracked: Tracked, options: ScalingPolicyOptions): void {
  const policy = new Construct(scope, id);
  new CfnScalingPolicy(policy, 'Resource', {
    policyName: Names.uniqueResourceName(policy, { maxLength: 255 }),
    policyType: 'TargetTrackingScaling',
    scalingTargetId: tasks.scalableTargetRef.resourceId,
    targetTrackingScalingPolicyConfiguration: {
      ...tracked,
      disableScaleIn: options.disableScaleIn,
      scaleInCooldown: options.scaleInCooldown?.toSeconds(),
      scaleOutCooldown: options.scaleOutCooldown?.toSeconds(),
    },
  });
}
