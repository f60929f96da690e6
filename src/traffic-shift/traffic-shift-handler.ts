import { Duration, Fn, Stack, Token } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { STACK_TAG } from './traffic-shift-properties';
import { CustomResourceHandler } from '../private/custom-resource-handler';

const ID = 'TrafficShift';

/** The load balancer of rules. */
export interface ManagedRules {
  readonly listenerArn: string;
  /** @default - read from the ARN */
  readonly loadBalancerFullName?: string;
}

/** The load balancer of listeners. */
export interface ManagedListeners {
  readonly loadBalancerArn: string;
  /** @default - read from the ARN */
  readonly loadBalancerFullName?: string;
}

/**
 * A function that manages the rules and listeners of one exposure (ADR 16). One per exposure, because a shared role could change those of other
 * services.
 */
export class TrafficShiftHandler extends CustomResourceHandler {
  /** The function of a scope, which is created with the first rule or listener. */
  public static in(scope: Construct): TrafficShiftHandler {
    return scope.node.tryFindChild(ID) as TrafficShiftHandler | undefined ?? new TrafficShiftHandler(scope, ID);
  }

  constructor(scope: Construct, id: string) {
    super(scope, id, {
      bundle: 'traffic-shift/traffic-shift.lambda', description: 'Manages rules and listeners without their weights', timeout: Duration.minutes(5), memorySize: 256,
      // Three attempts of Lambda, with the waits between them.
      serviceTimeout: Duration.minutes(20),
    });
    this.mayDescribeStacks();
  }

  /** Allows rules on all listeners of a load balancer: a rule that moves to another listener is deleted from the earlier one. */
  public mayManageRules({ listenerArn, loadBalancerFullName = fullNameIn(listenerArn) }: ManagedRules): void {
    const rules = this.arnOfAll('listener-rule', loadBalancerFullName);
    this.allow(['elasticloadbalancing:CreateRule'], listenerArn);
    this.allow(['AddTags', 'DeleteRule', 'ModifyRule', 'RemoveTags', 'SetRulePriorities'].map(action => `elasticloadbalancing:${action}`), rules);
    this.mayDeleteOwn('DeleteRule', 'listener-rule/app');
    this.mayRead('DescribeRules');
  }

  /** Allows listeners of a network load balancer. */
  public mayManageListeners({ loadBalancerArn, loadBalancerFullName = fullNameIn(loadBalancerArn) }: ManagedListeners): void {
    const listeners = this.arnOfAll('listener', loadBalancerFullName);
    this.allow(['elasticloadbalancing:CreateListener'], loadBalancerArn);
    this.allow(
      ['AddTags', 'DeleteListener', 'ModifyListener', 'ModifyListenerAttributes', 'RemoveTags'].map(action => `elasticloadbalancing:${action}`), listeners,
    );
    this.mayDeleteOwn('DeleteListener', 'listener/net');
    this.mayRead('DescribeListeners');
  }

  /** These actions have no resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awselasticloadbalancingv2.html */
  private mayRead(action: string): void {
    this.allow([action, 'DescribeTags', 'DescribeTargetHealth'].map(each => `elasticloadbalancing:${each}`), '*');
  }

  /** The permissions for an earlier load balancer are gone when CloudFormation deletes the rule or listener there. */
  private mayDeleteOwn(action: string, resource: string): void {
    const stack = Stack.of(this);
    this.role.addToPolicy(new PolicyStatement({
      actions: [`elasticloadbalancing:${action}`],
      resources: [stack.formatArn({ service: 'elasticloadbalancing', resource, resourceName: '*' })],
      conditions: { StringEquals: { [`aws:ResourceTag/${STACK_TAG}`]: stack.stackId } },
    }));
  }

  private allow(actions: string[], resource: string): void {
    this.role.addToPolicy(new PolicyStatement({ actions, resources: [resource] }));
  }

  private arnOfAll(resource: 'listener' | 'listener-rule', loadBalancerFullName: string): string {
    return Stack.of(this).formatArn({ service: 'elasticloadbalancing', resource, resourceName: `${loadBalancerFullName}/*` });
  }
}

/** The full name of the load balancer in an ARN: `app/<name>/<id>` of `…:listener/app/<name>/<id>/<listener>`, or of `…:loadbalancer/app/<name>/<id>`. */
function fullNameIn(arn: string): string {
  if (!Token.isUnresolved(arn)) {
    return arn.split('/').slice(1, 4).join('/');
  }
  const parts = Fn.split('/', arn);
  return [1, 2, 3].map(index => Fn.select(index, parts)).join('/');
}
