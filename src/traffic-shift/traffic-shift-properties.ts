/** The tag with the ARN of the stack that created a rule or listener. A condition in the policy of the role refers to it. */
export const STACK_TAG = 'cdk-container-delivery:stack';

/** The traffic mode of a rule or listener with two target groups. */
export type Traffic =
  /** ECS changes the weights during deployments. */
  | 'SHIFTS'
  /** Like `SHIFTS`, but only for test traffic, so no client can be cut off. */
  | 'TESTS'
  /** All traffic goes to the first target group, because the service has a rolling deployment. */
  | 'STAYS';

/** A tag of a rule or listener. */
export interface TrafficShiftTag {
  readonly Key: string;
  readonly Value: string;
}

/** Properties that rules and listeners share. */
interface CommonProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The service, for messages. */
  readonly UsedBy: string;

  /** The ARNs of both target groups. The first one receives the traffic when the resource is created, unless only the second one has targets. */
  readonly TargetGroups: string[];

  readonly Traffic: Traffic;

  /** @default - no tags */
  readonly Tags?: TrafficShiftTag[];
}

/** Properties of `Custom::TrafficShiftRule`, a rule of an application load balancer. The construct renders them, and the handler reads them. */
export interface TrafficShiftRuleProperties extends CommonProperties {
  readonly ListenerArn: string;

  readonly Priority: number;

  /** Conditions as in the API `CreateRule`. */
  readonly Conditions: object[];
}

/** Properties of `Custom::TrafficShiftListener`, a listener of a network load balancer. */
export interface TrafficShiftListenerProperties extends CommonProperties {
  readonly LoadBalancerArn: string;

  readonly Port: number;

  readonly Protocol: string;

  /**
   * The ARN of the certificate.
   *
   * @default - the protocol is not TLS
   */
  readonly Certificate?: string;

  /** @default - the protocol is not TLS */
  readonly SslPolicy?: string;

  /** @default - the load balancer negotiates no application protocol */
  readonly AlpnPolicy?: string;

  /**
   * The TCP idle timeout in seconds.
   *
   * @default - the default of ELB, 350 seconds
   */
  readonly IdleTimeout?: string;
}
