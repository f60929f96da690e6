import { Lazy, Stack } from 'aws-cdk-lib';
import { CapacityProviderStrategy, FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, IScheduleTarget, ScheduleTargetConfig } from 'aws-cdk-lib/aws-scheduler';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { definedContainers, isWork } from '../private/defined-containers';
import { runTaskStatements } from '../private/run-task-statements';
import { hasMethods } from '../private/shape';
import { childOf } from '../private/stacks';
import { reject } from '../private/validation';

/** Properties of a `TaskTarget`. */
export interface TaskTargetProps {
  readonly cluster: ICluster;
  readonly taskDefinition: TaskDefinition;
  readonly network: CfnSchedule.AwsVpcConfigurationProperty;
  readonly launchType: 'EC2' | 'FARGATE';
  /** The capacity provider strategy, which replaces the launch type. */
  readonly capacityProviderStrategies?: CapacityProviderStrategy[];
  readonly platformVersion?: FargatePlatformVersion;
  readonly deadLetterQueue?: IQueue;
}

/**
 * A schedule target that starts one task. It replaces the target of aws-cdk, which does not recognize public subnets that are selected by group name,
 * shares its role with all schedules of the stack, and allows the task on any cluster.
 */
export class TaskTarget implements IScheduleTarget {
  /** The role that can start this task only. */
  public readonly role: Role;

  constructor(scope: Construct, private readonly props: TaskTargetProps) {
    const { cluster, taskDefinition, deadLetterQueue } = props;
    const stack = Stack.of(scope);
    const group = stack.formatArn({ service: 'scheduler', resource: 'schedule-group', resourceName: 'default' });
    // https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
    this.role = new Role(scope, 'Role', {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': stack.account, 'aws:SourceArn': group } },
      }),
    });
    runTaskStatements(cluster, taskDefinition).forEach(statement => this.role.addToPolicy(statement));
    const tasks = stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` });
    this.role.addToPolicy(new PolicyStatement({
      actions: ['ecs:TagResource'], resources: [tasks], conditions: { StringEquals: { 'ecs:CreateAction': 'RunTask' } },
    }));
    // Includes the permissions for the key of an encrypted queue.
    deadLetterQueue?.grantSendMessages(this.role);
  }

  public bind(): ScheduleTargetConfig {
    const { cluster, taskDefinition, network, launchType, capacityProviderStrategies, platformVersion, deadLetterQueue } = this.props;
    return {
      arn: cluster.clusterArn,
      role: this.role,
      deadLetterConfig: deadLetterQueue && { arn: deadLetterQueue.queueArn },
      ecsParameters: {
        taskDefinitionArn: taskDefinition.taskDefinitionArn,
        ...capacityProviderStrategies ? { capacityProviderStrategy: capacityProviderStrategies } : { launchType },
        platformVersion,
        networkConfiguration: { awsvpcConfiguration: network },
        taskCount: 1,
        enableEcsManagedTags: true,
        propagateTags: 'TASK_DEFINITION',
      },
    };
  }
}

const ID = 'FailedRuns';

/**
 * Creates a rule for failed tasks.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_task_events.html
 */
export function ruleForFailedRuns(scope: Construct, cluster: ICluster, taskDefinition: TaskDefinition, target: IRuleTarget): Rule {
  if (!hasMethods(target, 'bind')) {
    reject(scope, {
      property: 'target', must: 'be a target of EventBridge', got: target, fix: 'Use aws-cdk-lib/aws-events-targets, e.g. new targets.SnsTopic(topic).',
    });
  }
  const existing = childOf(scope, ID);
  const rule = existing instanceof Rule ? existing : new Rule(scope, ID, {
    description: `Tasks of ${scope.node.path} that fail`,
    eventPattern: {
      source: ['aws.ecs'],
      detailType: ['ECS Task State Change'],
      detail: {
        clusterArn: [cluster.clusterArn],
        // The group that ECS gives to tasks without a service.
        group: [`family:${taskDefinition.family}`],
        lastStatus: ['STOPPED'],
        $or: [
          { containers: { name: Lazy.list({ produce: () => workOf(taskDefinition) }), exitCode: [{ 'anything-but': [0] }] } },
          // The task did not start or was stopped.
          { stopCode: [{ 'anything-but': ['EssentialContainerExited'] }] },
        ],
      },
    },
  });
  rule.addTarget(target);
  return rule;
}

/** The names of the essential containers. ECS stops the other containers at the end, so their exit codes mean nothing. */
function workOf(taskDefinition: TaskDefinition): string[] {
  return definedContainers(taskDefinition).filter(isWork).map(({ containerName }) => containerName).sort();
}
