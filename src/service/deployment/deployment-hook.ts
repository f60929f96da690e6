import { Duration } from 'aws-cdk-lib';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { checkValue, Shape } from '../../private/shape';
import { reject } from '../../private/validation';

/**
 * A stage of a deployment at which ECS calls hooks. Blue is the old version, green the new one.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/blue-green-deployment-how-it-works.html#blue-green-deployment-stages
 */
export enum DeploymentStage {
  /** The deployment starts while another deployment is in progress. */
  RECONCILE_SERVICE = 'RECONCILE_SERVICE',
  /** No green task has started. */
  PRE_SCALE_UP = 'PRE_SCALE_UP',
  /** All green tasks run and receive no traffic. */
  POST_SCALE_UP = 'POST_SCALE_UP',
  /** Test traffic shifts to green. Also called during a rollback. For Lambda functions only. */
  TEST_TRAFFIC_SHIFT = 'TEST_TRAFFIC_SHIFT',
  /** Test traffic reaches green, production traffic reaches blue. Use this stage for tests and approvals. */
  POST_TEST_TRAFFIC_SHIFT = 'POST_TEST_TRAFFIC_SHIFT',
  /** Before production traffic shifts; in linear and canary deployments before each step. */
  PRE_PRODUCTION_TRAFFIC_SHIFT = 'PRE_PRODUCTION_TRAFFIC_SHIFT',
  /** Production traffic shifts; in linear and canary deployments at each step. Also called during a rollback. For Lambda functions only. */
  PRODUCTION_TRAFFIC_SHIFT = 'PRODUCTION_TRAFFIC_SHIFT',
  /** All production traffic reaches green, and blue still runs. */
  POST_PRODUCTION_TRAFFIC_SHIFT = 'POST_PRODUCTION_TRAFFIC_SHIFT',
}

/** What ECS does when a hook times out. */
export enum HookTimeoutAction {
  /** The deployment continues. */
  CONTINUE = 'CONTINUE',
  /** The deployment rolls back. */
  ROLLBACK = 'ROLLBACK',
}

/** Options of a lifecycle hook. */
export interface DeploymentHookOptions {
  /** The stages at which ECS calls the hook. At least one, without duplicates. */
  readonly stages: DeploymentStage[];

  /**
   * How long ECS waits for the decision, 1 to 2160 whole minutes (36 hours, the longest that CloudFormation waits for a deployment).
   *
   * @default Duration.hours(24)
   */
  readonly timeout?: Duration;

  /**
   * What ECS does after the timeout.
   *
   * @default HookTimeoutAction.ROLLBACK
   */
  readonly onTimeout?: HookTimeoutAction;
}

/** Options of `DeploymentHook.lambda`. */
export interface DeploymentHookLambdaOptions extends DeploymentHookOptions {}

/** Options of `DeploymentHook.pause`. */
export interface DeploymentHookPauseOptions extends DeploymentHookOptions {}

export const HOOK = new Shape<DeploymentHookOptions>('Write options such as { stages: [DeploymentStage.PRE_SCALE_UP] }.', {
  stages: {
    kind: 'list', min: 1, required: true, fix: 'List at least one stage, e.g. [DeploymentStage.PRE_SCALE_UP].',
    of: { kind: 'enum', values: Object.values(DeploymentStage), must: 'be a DeploymentStage', fix: 'Use one such as DeploymentStage.PRE_SCALE_UP.' },
  },
  timeout: { kind: 'duration', unit: 'minutes', min: 1, max: 2160, fix: 'Use at most 36 hours, the longest that CloudFormation waits for a deployment.' },
  onTimeout: {
    kind: 'enum', values: Object.values(HookTimeoutAction), must: 'be a HookTimeoutAction', fix: 'Use HookTimeoutAction.ROLLBACK or HookTimeoutAction.CONTINUE.',
  },
}, {
  lifecycleStages: 'Write stages: [DeploymentStage.PRE_SCALE_UP].',
  role: 'Leave it out: the deployment creates a role that may call the function.',
});

/**
 * The context of a hook.
 *
 * @internal
 */
export interface _HookBindOptions {
  /** The construct that errors refer to. */
  readonly scope: IConstruct;
  /** The path of the hook, e.g. `deployment.hooks[0]`. */
  readonly property: string;
  /** The stages of the deployment strategy. */
  readonly stages: readonly DeploymentStage[];
  /** Allows ECS to call a function, and returns the ARN of the role that ECS assumes. */
  readonly allowCall: (functionArn: string) => string;
}

type HookBinder = (options: _HookBindOptions) => CfnService.DeploymentLifecycleHookProperty;

/**
 * A lifecycle hook: ECS stops at a stage of the deployment and waits for a decision.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
 */
export class DeploymentHook {
  /**
   * Call a Lambda function that decides. It returns `{ hookStatus }` with `SUCCEEDED`, `FAILED` or `IN_PROGRESS`. After `IN_PROGRESS`, ECS calls it
   * again after `callBackDelay` seconds, by default 30.
   *
   * @param handler the function; ECS is allowed to call it
   * @param options `stages` is required
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
   */
  public static lambda(handler: IFunction, options: DeploymentHookLambdaOptions): DeploymentHook {
    return new DeploymentHook(functionHook(handler, options));
  }

  /**
   * Wait for a manual approval, in the ECS console (service, tab "Deployments", "Take action") or with
   *
   *     aws ecs list-service-deployments --cluster CLUSTER --service SERVICE --status IN_PROGRESS
   *     aws ecs describe-service-deployments --service-deployment-arns ARN --query 'serviceDeployments[].lifecycleHookDetails'
   *     aws ecs continue-service-deployment --service-deployment-arn ARN --hook-id HOOK --action CONTINUE
   *
   * Use `--action ROLLBACK` to reject. ECS sends the event `HOOK_AWAITING_ACTION` to EventBridge, which can notify approvers.
   *
   * @param options `stages` is required, without `TEST_TRAFFIC_SHIFT` and `PRODUCTION_TRAFFIC_SHIFT`, which are also called during a rollback
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
   */
  public static pause(options: DeploymentHookPauseOptions): DeploymentHook {
    return new DeploymentHook(pauseHook(options));
  }

  private constructor(private readonly binder: HookBinder) {}

  /** @internal */
  public _bind(options: _HookBindOptions): CfnService.DeploymentLifecycleHookProperty {
    return this.binder(options);
  }
}

// In these stages, a rollback would wait for an approval too.
const STAGES_OF_ROLLBACKS = [DeploymentStage.TEST_TRAFFIC_SHIFT, DeploymentStage.PRODUCTION_TRAFFIC_SHIFT];

function functionHook(handler: IFunction, options: DeploymentHookOptions): HookBinder {
  return bindOptions => {
    const { scope, property, allowCall, stages } = bindOptions;
    checkValue(scope, property, handler, {
      kind: 'instance', methods: ['grantInvoke'], must: 'call a Lambda function', required: true,
      fix: 'Pass a function: DeploymentHook.lambda(handler, { stages: […] }).',
    });
    checkOptions(bindOptions, options, stages);
    const { functionArn } = handler;
    return {
      hookTargetArn: functionArn, roleArn: allowCall(functionArn), lifecycleStages: options.stages, timeoutConfiguration: timeoutOf(options),
    };
  };
}

function pauseHook(options: DeploymentHookOptions): HookBinder {
  return bindOptions => {
    checkOptions(bindOptions, options, bindOptions.stages.filter(stage => !STAGES_OF_ROLLBACKS.includes(stage)));
    return { targetType: 'PAUSE', lifecycleStages: options.stages, timeoutConfiguration: timeoutOf(options) };
  };
}

function checkOptions({ scope, property }: _HookBindOptions, options: DeploymentHookOptions, allowed: readonly DeploymentStage[]): void {
  HOOK.check(scope, property, options);
  const { stages } = options;
  if (new Set(stages).size < stages.length) {
    reject(scope, { property: `${property}.stages`, must: 'list each stage once', got: stages, fix: 'Remove the duplicate.' });
  }
  stages.forEach((stage, index) => checkValue(scope, `${property}.stages[${index}]`, stage, {
    kind: 'enum', values: allowed, must: `be a stage at which ECS can call this hook: ${allowed.join(', ')}`,
    fix: `Use one such as DeploymentStage.${allowed[allowed.length - 1]}.`,
  }));
}

function timeoutOf({ timeout, onTimeout }: DeploymentHookOptions): CfnService.HookTimeoutConfigProperty | undefined {
  return timeout === undefined && onTimeout === undefined ? undefined
    : { timeoutInMinutes: timeout?.toMinutes() ?? 1440, action: onTimeout ?? HookTimeoutAction.ROLLBACK };
}
