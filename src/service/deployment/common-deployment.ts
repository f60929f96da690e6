import { Lazy } from 'aws-cdk-lib';
import { BaseServiceOptions, CfnService } from 'aws-cdk-lib/aws-ecs';
import { PolicyDocument, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { DeploymentAlarms } from './deployment-alarms';
import { DeployedService, DeploymentConfig } from './deployment-config';
import { _HookConfig, DeploymentHook } from './deployment-hook';
import { DeploymentOptions } from './deployment-options';
import { DeploymentStage } from './deployment-stage';
import { checkGracePeriod } from './exposure-fit';
import { redeploymentNonce } from './redeploy';
import { checkSeconds } from '../../private/check-duration';
import { checkList, hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** What makes one kind of deployment different from the next. */
interface Kind {
  /** The stages that it has. */
  readonly stages: readonly DeploymentStage[];
  readonly serviceProps: Partial<BaseServiceOptions>;
  /** Properties that the L2 has not, or not right. */
  readonly configuration?: Partial<CfnService.DeploymentConfigurationProperty>;
}

/** What all kinds of deployment have. Their own options must have been checked. */
export function commonDeployment(scope: Construct, options: DeploymentOptions, service: DeployedService, kind: Kind): DeploymentConfig {
  const { healthCheckGracePeriod, redeployOn } = options;
  checkSeconds(scope, {
    property: 'deployment.healthCheckGracePeriod', value: healthCheckGracePeriod, min: 0, max: 2_147_483_647,
    fix: 'Give whole seconds, e.g. Duration.seconds(120).',
  });
  const alarms = new DeploymentAlarms(scope);
  if (options.alarms !== undefined) {
    alarms.add('deployment.alarms', options.alarms);
  }
  const hooks = bindHooks(scope, options.hooks, kind.stages);
  const nonce = redeployOn === undefined ? undefined : redeploymentNonce(scope, redeployOn);
  return {
    alarms,
    serviceProps: { healthCheckGracePeriod, ...kind.serviceProps },
    complete: cfnService => {
      configure(cfnService, { ...kind, alarms, hooks });
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

function bindHooks(scope: Construct, hooks: DeploymentHook[] | undefined, stages: readonly DeploymentStage[]): _HookConfig[] {
  if (hooks === undefined) {
    return [];
  }
  const fix = 'Give hooks, e.g. [DeploymentHook.lambda(handler, { stages })], or leave it out.';
  checkList(scope, 'deployment.hooks', hooks, fix);
  const allowCall = callerOf(scope);
  return hooks.map((hook: DeploymentHook, index) => {
    const property = `deployment.hooks[${index}]`;
    if (!hasMethods(hook, '_bind')) {
      reject(scope, { property, must: 'be a DeploymentHook', got: hook, fix });
    }
    return hook._bind({ scope, property, stages, allowCall });
  });
}

/** One role for all functions, and none for no function. */
function callerOf(scope: Construct): (functionArn: string) => string {
  let role: Role | undefined;
  // In the role, because a policy of its own may come after the service, whose first deployment has hooks too.
  const mayCall = new PolicyDocument();
  return functionArn => {
    role ??= new Role(scope, 'HookRole', { assumedBy: new ServicePrincipal('ecs.amazonaws.com'), inlinePolicies: { CallHooks: mayCall } });
    // Not by `grantInvoke`, which would allow all versions of the function too.
    mayCall.addStatements(new PolicyStatement({ actions: ['lambda:InvokeFunction'], resources: [functionArn] }));
    return role.roleArn;
  };
}

function configure(
  service: CfnService, { configuration, alarms, hooks }: Pick<Kind, 'configuration'> & { alarms: DeploymentAlarms; hooks: _HookConfig[] },
): void {
  const ofL2 = service.deploymentConfiguration as CfnService.DeploymentConfigurationProperty;
  service.deploymentConfiguration = {
    ...ofL2,
    ...configuration,
    // At synthesis, together with what users tell the L2 by then.
    alarms: Lazy.uncachedAny({ produce: context => alarms.render(service, context.resolve(ofL2.alarms)) }),
    lifecycleHooks: Lazy.uncachedAny(
      { produce: context => [...hooks.map(({ known }) => known), ...context.resolve(ofL2.lifecycleHooks) ?? []] }, { omitEmptyArray: true },
    ),
  };
  hooks.forEach(({ unknown }, index) => Object.entries(unknown).forEach(([key, value]) =>
    service.addPropertyOverride(`DeploymentConfiguration.LifecycleHooks.${index}.${key}`, value)));
}
