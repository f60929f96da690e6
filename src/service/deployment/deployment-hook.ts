import { Duration } from 'aws-cdk-lib';
import { CfnService } from 'aws-cdk-lib/aws-ecs';
import { IFunction } from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { DeploymentStage, HookTimeoutAction } from './deployment-stage';
import { functionHook, pauseHook } from './hooks';

/** When a hook is called, and for how long it is waited for. */
export interface DeploymentHookOptions {
  /** The stages at which it is called. At least one, each once. */
  readonly stages: DeploymentStage[];

  /**
   * How long ECS waits for the decision: 1 to 2160 whole minutes. CloudFormation waits for no deployment longer than those 36 hours.
   *
   * @default Duration.hours(24)
   */
  readonly timeout?: Duration;

  /**
   * What happens when there is no decision by then.
   *
   * @default HookTimeoutAction.ROLLBACK
   */
  readonly onTimeout?: HookTimeoutAction;
}

/**
 * What a hook is bound to.
 *
 * @internal
 */
export interface _HookBindOptions {
  /** Where its errors are told. */
  readonly scope: IConstruct;
  /** Its place among the options, e.g. `deployment.hooks[0]`. */
  readonly property: string;
  /** The stages that the deployment has. */
  readonly stages: readonly DeploymentStage[];
  /** Lets ECS call a function, and answers with the ARN of the role in which it does. */
  readonly allowCall: (functionArn: string) => string;
}

/**
 * A hook in the words of CloudFormation.
 *
 * @internal
 */
export interface _HookConfig {
  /** What the L1 of this version knows. */
  readonly known: CfnService.DeploymentLifecycleHookProperty;
  /** What it does not know. */
  readonly unknown: { readonly [key: string]: unknown };
}

/**
 * What a deployment waits for at some of its stages.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/deployment-lifecycle-hooks.html
 */
export class DeploymentHook {
  /**
   * Call a function, and go on or back as it says. It has to return `{ hookStatus }`, which is `SUCCEEDED`, `FAILED` or `IN_PROGRESS`; in
   * the last case it is called again after `callBackDelay` seconds, 30 where it gives none.
   *
   * @param handler the function; ECS gets the right to call it
   * @param options `stages` is required
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/lambda-lifecycle-hooks.html
   */
  public static lambda(handler: IFunction, options: DeploymentHookOptions): DeploymentHook {
    return new DeploymentHook(functionHook(handler, options));
  }

  /**
   * Wait until somebody approves, in the console of ECS (service, tab "Deployments", "Take action") or with
   *
   *     aws ecs list-service-deployments --cluster CLUSTER --service SERVICE --status IN_PROGRESS
   *     aws ecs describe-service-deployments --service-deployment-arns ARN --query 'serviceDeployments[].lifecycleHookDetails'
   *     aws ecs continue-service-deployment --service-deployment-arn ARN --hook-id HOOK --action CONTINUE
   *
   * where `--action ROLLBACK` refuses. EventBridge has an event `HOOK_AWAITING_ACTION` that tells people that they are waited for.
   *
   * @param options `stages` is required; neither `TEST_TRAFFIC_SHIFT` nor `PRODUCTION_TRAFFIC_SHIFT`, which are stages of rollbacks too
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/pause-lifecycle-hooks.html
   */
  public static pause(options: DeploymentHookOptions): DeploymentHook {
    return new DeploymentHook(pauseHook(options));
  }

  private constructor(private readonly binder: (options: _HookBindOptions) => _HookConfig) {}

  /** @internal */
  public _bind(options: _HookBindOptions): _HookConfig {
    return this.binder(options);
  }
}
