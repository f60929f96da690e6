import { Protocol } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { IQueue, Queue } from 'aws-cdk-lib/aws-sqs';
import { InstanceRule, Shape, TextRule } from '../private/shape';

/**
 * The paths of the deployed constructs, and the properties that cannot change.
 *
 * A path is relative to the scope of the migration: the `aws:cdk:path` in the deployed template without the path of the scope and without `/Resource`.
 */
export interface ServiceMigrationOptions {
  /**
   * The path of the deployed task definition. Its roles, its family and its log group are kept.
   *
   * @default - the task definition of the pattern; for a service of aws-cdk, the new service has its own roles, family and log group
   */
  readonly taskDefinition?: string;

  /**
   * The name of the deployed container whose log group is kept. Log groups of other containers remain, but no stack manages them any more.
   *
   * @default "web", and "QueueProcessingContainer" for a `QueueProcessingFargateService`
   */
  readonly containerName?: string;

  /**
   * The retention of the log group that is kept. CloudWatch Logs deletes older logs. `logRetention` of the service does not apply to it.
   *
   * @default - logs never expire, as in aws-cdk
   */
  readonly logRetention?: RetentionDays;

  /**
   * The path of a deployed load balancer that the exposure of the service replaces.
   *
   * @default - the load balancer of the pattern; for a service of aws-cdk, none
   */
  readonly loadBalancer?: string;

  /**
   * Whether the deployed network load balancer has security groups. They cannot be added or removed later. Without them, the new load balancer has none
   * either: allow its clients on the tasks, with `service.connections`. The security group of the exposure is then created, but not used.
   *
   * @default - as aws-cdk creates it: `true` if the feature flag `@aws-cdk/aws-elasticloadbalancingv2:networkLoadBalancerWithSecurityGroupByDefault` is
   * on. Application load balancers always have security groups
   * @see https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-security-groups.html
   */
  readonly hasLoadBalancerSecurityGroup?: boolean;

  /**
   * The path of the deployed listener of the service, e.g. "LoadBalancer/Listener". For a network load balancer, the listener of the first port.
   *
   * @default - the listener of the pattern; for a service of aws-cdk, none
   */
  readonly listener?: string;

  /**
   * The path of the deployed listener that redirects to HTTPS.
   *
   * @default - the redirect of the pattern; for a service of aws-cdk, none
   */
  readonly redirectListener?: string;

  /**
   * The path of the deployed listener rule, e.g. "LoadBalancer/Listener/ApiRule", for `Exposure.onListener`.
   *
   * @default - none
   */
  readonly listenerRule?: string;

  /**
   * The path of the deployed target group, e.g. "LoadBalancer/Listener/ApiGroup".
   *
   * @default - the target group of the pattern; for a service of aws-cdk, none
   */
  readonly targetGroup?: string;

  /**
   * The `Port` of the deployed target group. It cannot change, and has no effect, because ECS registers each task with the port of its container.
   *
   * @default - 80, or 443 if the load balancer connects to the tasks over HTTPS; for a `NetworkLoadBalancedFargateService` the port of the container;
   * for other network load balancers the port of the listener
   */
  readonly targetGroupPort?: number;

  /**
   * The `Protocol` of the deployed target group of a network load balancer. It cannot change. With `Protocol.TLS`, the load balancer connects to the
   * tasks over TLS.
   *
   * @default - for a `NetworkLoadBalancedFargateService` the protocol of its listener; for other network load balancers TCP if the listener has TLS,
   * otherwise the protocol of the listener
   */
  readonly targetGroupProtocol?: Protocol;

  /**
   * The name of the deployed target group.
   *
   * @default - chosen by CloudFormation
   */
  readonly targetGroupName?: string;

  /**
   * The path of the deployed certificate, for `ServerIdentity.domain`.
   *
   * @default - the certificate of the pattern; for a service of aws-cdk, none
   */
  readonly certificate?: string;

  /**
   * The path of the deployed DNS record of the first name, for `ServerIdentity.domain`.
   *
   * @default - the record of the pattern; for a service of aws-cdk, none
   */
  readonly dnsRecord?: string;

  /**
   * The ID of the deployed CPU policy: the first argument of `scaleOnCpuUtilization`.
   *
   * @default - no such policy is deployed; for a `QueueProcessingFargateService` its own policy
   */
  readonly cpuPolicy?: string;

  /**
   * The ID of the deployed memory policy: the first argument of `scaleOnMemoryUtilization`.
   *
   * @default - no such policy is deployed
   */
  readonly memoryPolicy?: string;

  /**
   * The ID of the deployed requests policy: the first argument of `scaleOnRequestCount`.
   *
   * @default - no such policy is deployed
   */
  readonly requestsPolicy?: string;

  /**
   * The IDs of the deployed policies for other metrics, by the `name` of the policy in `Scaling.onMetric`, `Scaling.onMetricSteps` or
   * `Scaling.onQueueDepth`. The deployed ID is the first argument of `scaleToTrackCustomMetric` or `scaleOnMetric`.
   *
   * @default - no such policies are deployed; for a `QueueProcessingFargateService`, a policy of `Scaling.onMetricSteps` without a `name` for the visible
   * messages takes over its own policy
   */
  readonly otherPolicies?: { [name: string]: string };

  /**
   * Whether the deployed template has `DeploymentController: { Type: ECS }`. Adding or removing it replaces the service. aws-cdk writes it if the deployed
   * program sets `deploymentController`, and for a `circuitBreaker` unless the feature flag
   * `@aws-cdk/aws-ecs:disableExplicitDeploymentControllerForCircuitBreaker` is on.
   *
   * @default false
   */
  readonly hasDeploymentController?: boolean;
}

/** Options of `ServiceMigration.fromApplicationLoadBalancedFargateService`. */
export interface ServiceMigrationFromApplicationLoadBalancedFargateServiceOptions extends ServiceMigrationOptions {}

/** Options of `ServiceMigration.fromApplicationLoadBalancedEc2Service`. */
export interface ServiceMigrationFromApplicationLoadBalancedEc2ServiceOptions extends ServiceMigrationOptions {}

/** Options of `ServiceMigration.fromNetworkLoadBalancedFargateService`. */
export interface ServiceMigrationFromNetworkLoadBalancedFargateServiceOptions extends ServiceMigrationOptions {}

/** Options of `ServiceMigration.fromFargateService`. */
export interface ServiceMigrationFromFargateServiceOptions extends ServiceMigrationOptions {}

/** Options of `ServiceMigration.fromEc2Service`. */
export interface ServiceMigrationFromEc2ServiceOptions extends ServiceMigrationOptions {}

/** Options of `ServiceMigration.fromQueueProcessingFargateService`. */
export interface ServiceMigrationFromQueueProcessingFargateServiceOptions extends ServiceMigrationOptions {
  /**
   * The new queue that takes over the queue of the pattern, with its messages. The outputs `SQSQueue` and `SQSQueueArn` are kept. Throws if it is in
   * another stack.
   *
   * @default - the pattern uses a queue of the program
   */
  readonly queue?: Queue;

  /**
   * The new queue that takes over the dead-letter queue of the pattern, with its messages. The outputs `SQSDeadLetterQueue` and `SQSDeadLetterQueueArn`
   * are kept. Throws if it is in another stack.
   *
   * @default - the pattern uses a queue of the program
   */
  readonly deadLetterQueue?: Queue;

  /**
   * The queue of the program that the pattern uses, instead of `queue`. The outputs `SQSQueue` and `SQSQueueArn` are kept.
   *
   * @default - the pattern has its own queue
   */
  readonly existingQueue?: IQueue;
}

const PATH: TextRule = {
  kind: 'text', pattern: /^(?!\/)[^]+[^/]$|^[^/]$/, must: 'be a path of construct IDs without a slash at its start or end',
  fix: 'Write the aws:cdk:path of the deployed template without the path of the scope and without /Resource.',
};
const POLICY: TextRule = { kind: 'text', pattern: /./, must: 'be a construct ID', fix: 'Write the first argument of the method that created the policy.' };

/** The rules of `ServiceMigrationOptions`. */
export const SERVICE_MIGRATION = new Shape<ServiceMigrationOptions>('Write options in braces, or leave them out.', {
  taskDefinition: PATH,
  containerName: { kind: 'text', pattern: /./, must: 'be the name of a container', fix: 'Write the name of the deployed container.' },
  logRetention: {
    kind: 'enum', values: Object.values(RetentionDays), must: 'be a retention period that CloudWatch Logs supports', fix: 'Use a member of RetentionDays.',
  },
  loadBalancer: PATH,
  hasLoadBalancerSecurityGroup: { kind: 'boolean', known: true },
  listener: PATH,
  redirectListener: PATH,
  listenerRule: PATH,
  targetGroup: PATH,
  targetGroupPort: { kind: 'integer', min: 1, max: 65535, fix: 'Write the Port of the target group in the deployed template.' },
  targetGroupProtocol: {
    kind: 'enum', values: Object.values(Protocol), must: 'be a Protocol', fix: 'Use the Protocol of the target group in the deployed template, e.g. elbv2.Protocol.TLS.',
  },
  targetGroupName: { kind: 'text', fix: 'Write the name of the deployed target group.' },
  certificate: PATH,
  dnsRecord: PATH,
  cpuPolicy: POLICY,
  memoryPolicy: POLICY,
  requestsPolicy: POLICY,
  otherPolicies: { kind: 'map', of: POLICY, fix: 'Write e.g. { orders: \'OrdersScaling\' }.' },
  hasDeploymentController: { kind: 'boolean' },
});

const QUEUE: InstanceRule = {
  kind: 'instance', properties: ['queueName', 'queueArn'], must: 'be an SQS queue', fix: 'Pass a new sqs.Queue(…).',
};

/** The rules of `ServiceMigrationFromQueueProcessingFargateServiceOptions`. */
export const QUEUE_MIGRATION = new Shape<ServiceMigrationFromQueueProcessingFargateServiceOptions>('Write options in braces, or leave them out.', {
  ...SERVICE_MIGRATION.rules, queue: QUEUE, deadLetterQueue: QUEUE, existingQueue: QUEUE,
});
