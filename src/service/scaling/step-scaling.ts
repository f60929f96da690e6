import { Token } from 'aws-cdk-lib';
import { AdjustmentType, ScalingInterval, StepScalingPolicy } from 'aws-cdk-lib/aws-applicationautoscaling';
import { IMetric } from 'aws-cdk-lib/aws-cloudwatch';
import { IConstruct } from 'constructs';
import { METRIC_STEPS, OnMetricStepsOptions } from './scaling-options';
import { ScalingPolicy, checkAlarmMetric, checkName, nameOfMetric } from './target-tracking';
import { checkValue } from '../../private/shape';
import { reject } from '../../private/validation';

const PROPERTY = 'scaling.onMetricSteps';

/** Adds or removes tasks in steps, depending on how far a metric is from a threshold. */
export function stepPolicy(metric: IMetric, options: OnMetricStepsOptions): ScalingPolicy {
  return {
    get id() {
      return `Steps-${options.name ?? nameOfMetric(metric)}`;
    },
    property: PROPERTY,
    get wakes() {
      // A percentage of 0 tasks is 0.
      return options.adjustmentType !== AdjustmentType.PERCENT_CHANGE_IN_CAPACITY || options.minAdjustmentMagnitude !== undefined;
    },
    check(scope) {
      METRIC_STEPS.check(scope, PROPERTY, options);
      checkName(scope, `${PROPERTY}.name`, options.name);
      checkAlarmMetric(scope, PROPERTY, metric);
      checkSteps(scope, options.scalingSteps);
      options.scalingSteps.forEach((step, index) => checkStep(scope, `${PROPERTY}.scalingSteps[${index}]`, step, options));
      checkDatapoints(scope, options);
    },
    apply(scope, { tasks }) {
      const { name, ...props } = options;
      try {
        new StepScalingPolicy(scope, this.id, { metric, scalingTarget: tasks, ...props });
      } catch (error) {
        reject(scope, {
          property: `${PROPERTY}.scalingSteps`, must: 'be intervals that do not overlap and have bounds', got: options.scalingSteps.map(textOf),
          fix: `Write [{ upper: 10, change: -1 }, { lower: 50, change: +1 }, { lower: 100, change: +5 }]. CDK says: ${(error as Error).message}`,
        });
      }
    },
  };
}

function checkSteps(scope: IConstruct, steps: ScalingInterval[]): void {
  const property = `${PROPERTY}.scalingSteps`;
  if (!Array.isArray(steps)) {
    reject(scope, { property, must: 'be known at synthesis, because aws-cdk computes with its numbers', got: 'a token', fix: 'Write a list.' });
  }
}

function checkStep(scope: IConstruct, property: string, { lower, upper, change }: ScalingInterval, { adjustmentType }: OnMetricStepsOptions): void {
  if ([lower, upper, change].some(value => Token.isUnresolved(value))) {
    reject(scope, { property, must: 'be known at synthesis, because aws-cdk computes with its numbers', got: 'a token', fix: 'Use numbers.' });
  }
  if (adjustmentType === AdjustmentType.EXACT_CAPACITY) {
    checkValue(scope, `${property}.change`, change, { kind: 'integer', min: 0, fix: 'Use the number of tasks to run.' });
  }
  if (adjustmentType === AdjustmentType.PERCENT_CHANGE_IN_CAPACITY) {
    checkValue(scope, `${property}.change`, change, { kind: 'integer', min: -100, fix: 'Use a percentage of the running tasks, e.g. 50 or -25.' });
  }
}

function checkDatapoints(scope: IConstruct, { evaluationPeriods = 1, datapointsToAlarm }: OnMetricStepsOptions): void {
  if (datapointsToAlarm === undefined || Token.isUnresolved(datapointsToAlarm) || Token.isUnresolved(evaluationPeriods)) return;
  if (datapointsToAlarm > evaluationPeriods) {
    reject(scope, {
      property: `${PROPERTY}.datapointsToAlarm`, must: `be at most evaluationPeriods, ${evaluationPeriods}`, got: datapointsToAlarm, fix: 'Increase evaluationPeriods.',
    });
  }
}

function textOf({ lower = -Infinity, upper = Infinity, change }: ScalingInterval): string {
  return `${lower} to ${upper}: ${change}`;
}
