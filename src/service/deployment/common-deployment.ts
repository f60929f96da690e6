import { createHash } from 'crypto';
import { Fn, Lazy, Token } from 'aws-cdk-lib';
import { BaseService, BaseServiceOptions, CfnService } from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { DeploymentAlarms } from './deployment-alarms';
import { DeployedService, DeploymentConfig } from './deployment-config';
import { DeploymentHook, DeploymentStage } from './deployment-hook';
import { DeploymentOptions } from './deployment-options';
import { reject } from '../../private/validation';

type Hook = CfnService.DeploymentLifecycleHookProperty;

/** The differences between the deployment strategies. */
interface Strategy {
  /** The lifecycle stages. */
  readonly stages: readonly DeploymentStage[];
  readonly serviceProps: Partial<BaseServiceOptions>;
  /** Properties that the L2 does not support or does not set correctly. */
  readonly configuration?: Partial<CfnService.DeploymentConfigurationProperty>;
}

/** The part that all deployment strategies share. The options must already have been checked. */
export function commonDeployment(scope: Construct, options: DeploymentOptions, service: DeployedService, strategy: Strategy): DeploymentConfig {
  const { healthCheckGracePeriod, redeployOn } = options;
  const alarms = new DeploymentAlarms(scope);
  if (options.alarms !== undefined) {
    alarms.add('deployment.alarms', options.alarms);
  }
  const hooks = bindHooks(scope, options.hooks ?? [], strategy.stages);
  const nonce = redeployOn === undefined ? undefined : redeploymentNonce(redeployOn);
  return {
    alarms,
    serviceProps: { healthCheckGracePeriod, ...strategy.serviceProps },
    complete: cfnService => {
      configure(cfnService, { ...strategy, alarms, hooks });
      if (nonce !== undefined) {
        cfnService.forceNewDeployment = { enableForceNewDeployment: true, forceNewDeploymentNonce: nonce };
      }
    },
    checkExposed: ecsService => {
      if (healthCheckGracePeriod !== undefined) {
        checkGracePeriod(scope, ecsService, service);
      }
    },
  };
}

/** Rejects a grace period without a health check, which has no effect. */
function checkGracePeriod(scope: IConstruct, service: BaseService, { containers }: DeployedService): void {
  if (service.loadBalancers.length === 0 && Object.values(containers).every(({ healthCheck }) => healthCheck === undefined)) {
    reject(scope, {
      property: 'deployment.healthCheckGracePeriod', must: 'be left out if the tasks have no health check', got: 'no health check',
      fix: 'Use an exposure with a load balancer, add a healthCheck to a container, or leave it out.',
    });
  }
}

function bindHooks(scope: Construct, hooks: DeploymentHook[], stages: readonly DeploymentStage[]): Hook[] {
  const allowCall = hookRole(scope);
  return hooks.map((hook, index) => hook._bind({ scope, property: `deployment.hooks[${index}]`, stages, allowCall }));
}

/** Returns a function that allows ECS to call a Lambda function. One role for all functions is created with the first one. */
function hookRole(scope: Construct): (functionArn: string) => string {
  let role: Role | undefined;
  // An inline policy, because a separate one could be created after the service, whose first deployment already calls the hooks.
  const mayCall = new PolicyDocument();
  return functionArn => {
    role ??= new Role(scope, 'HookRole', { assumedBy: new ServicePrincipal('ecs.amazonaws.com'), inlinePolicies: { CallHooks: mayCall } });
    // Not `grantInvoke`, which would allow all versions of the function.
    mayCall.addStatements(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    return role.roleArn;
  };
}

function configure(
  service: CfnService, { configuration, alarms, hooks }: Pick<Strategy, 'configuration'> & { alarms: DeploymentAlarms; hooks: Hook[] },
): void {
  // ECS is the default. The L2 sets it depending on a feature flag, and adding or removing this property replaces the service.
  service.deploymentController = undefined;
  const ofL2 = service.deploymentConfiguration as CfnService.DeploymentConfigurationProperty;
  service.deploymentConfiguration = {
    ...ofL2,
    ...configuration,
    // Rendered at synthesis, together with alarms that users have added to the L2.
    alarms: Lazy.uncachedAny({ produce: context => alarms.render(service, context.resolve(ofL2.alarms)) }),
    lifecycleHooks: Lazy.uncachedAny(
      { produce: context => [...hooks, ...context.resolve(ofL2.lifecycleHooks) ?? []] }, { omitEmptyArray: true },
    ),
  };
}

/**
 * A string that changes when one of the values changes, and otherwise stays the same at each synthesis.
 *
 * https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-properties-ecs-service-forcenewdeployment.html
 */
export function redeploymentNonce(values: string[]): string {
  if (Token.isUnresolved(values)) {
    return Fn.join('.', values);
  }
  const later = values.filter(value => Token.isUnresolved(value));
  // Sorted, because their order does not matter.
  const now = values.filter(value => !Token.isUnresolved(value)).sort();
  // A hash, because the nonce has at most 255 characters.
  const hash = now.length === 0 ? [] : [createHash('sha256').update(JSON.stringify(now)).digest('hex').slice(0, 24)];
  return Fn.join('.', [...hash, ...later]);
}
