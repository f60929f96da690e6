import { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { _HookBindOptions, _HookConfig, DeploymentHookOptions } from './deployment-hook';
import { DeploymentStage, HookTimeoutAction } from './deployment-stage';
import { checkMinutes } from '../../private/check-duration';
import { checkList, checkObject, checkOneOf, hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

type HookBinder = (options: _HookBindOptions) => _HookConfig;

// ECS would have to be told to continue its own rollback.
const STAGES_OF_ROLLBACKS = [DeploymentStage.TEST_TRAFFIC_SHIFT, DeploymentStage.PRODUCTION_TRAFFIC_SHIFT];

/** A function that says whether to go on. */
export function functionHook(handler: IFunction, options: DeploymentHookOptions): HookBinder {
  return bindOptions => {
    const { scope, property, allowCall, stages } = bindOptions;
    if (!hasMethods(handler, 'grantInvoke')) {
      reject(scope, { property, must: 'call a Lambda function', got: handler, fix: 'Give one: DeploymentHook.lambda(handler, { stages: […] }).' });
    }
    validate(bindOptions, options, stages);
    const { functionArn } = handler;
    return {
      known: { hookTargetArn: functionArn, roleArn: allowCall(functionArn), lifecycleStages: options.stages },
      unknown: timeoutOf(options),
    };
  };
}

/** Somebody who says whether to go on. */
export function pauseHook(options: DeploymentHookOptions): HookBinder {
  return bindOptions => {
    validate(bindOptions, options, bindOptions.stages.filter(stage => !STAGES_OF_ROLLBACKS.includes(stage)));
    return { known: { lifecycleStages: options.stages }, unknown: { TargetType: 'PAUSE', ...timeoutOf(options) } };
  };
}

function validate({ scope, property }: _HookBindOptions, options: DeploymentHookOptions, allowed: readonly DeploymentStage[]): void {
  const fix = `Name stages such as DeploymentStage.${allowed.includes(DeploymentStage.POST_TEST_TRAFFIC_SHIFT) ? 'POST_TEST_TRAFFIC_SHIFT' : 'PRE_SCALE_UP'}.`;
  checkObject(scope, property, options, fix);
  const { stages, timeout, onTimeout } = options;
  checkList(scope, `${property}.stages`, stages, fix);
  if (stages.length === 0 || new Set(stages).size < stages.length) {
    reject(scope, { property: `${property}.stages`, must: 'name at least one stage, and each once', got: stages, fix });
  }
  stages.forEach(stage => checkOneOf(scope, stage, allowed, {
    property: `${property}.stages`, must: `be of the stages at which this hook can be called: ${allowed.join(', ')}`, fix: `Use DeploymentStage.${allowed[allowed.length - 1]} or another of them.`,
  }));
  checkMinutes(scope, {
    property: `${property}.timeout`, value: timeout, min: 1, max: 2160,
    fix: 'CloudFormation waits for no deployment longer than 36 hours.',
  });
  checkOneOf(scope, onTimeout, [undefined, ...Object.values(HookTimeoutAction)], {
    property: `${property}.onTimeout`, must: 'be a HookTimeoutAction', fix: 'Use HookTimeoutAction.ROLLBACK or HookTimeoutAction.CONTINUE.',
  });
}

function timeoutOf({ timeout, onTimeout }: DeploymentHookOptions): { readonly [key: string]: unknown } {
  return timeout === undefined && onTimeout === undefined ? {} : {
    TimeoutConfiguration: { TimeoutInMinutes: timeout?.toMinutes() ?? 1440, Action: onTimeout ?? HookTimeoutAction.ROLLBACK },
  };
}
