import { Stack } from 'aws-cdk-lib';
import { CapacityProviderStrategy, FargatePlatformVersion, ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, IScheduleTarget, ScheduleTargetConfig } from 'aws-cdk-lib/aws-scheduler';
import { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { runTaskStatements } from '../private/run-task-statements';

/** What is started. */
export interface TaskTargetProps {
  readonly cluster: ICluster;
  readonly taskDefinition: TaskDefinition;
  readonly network: CfnSchedule.AwsVpcConfigurationProperty;
  readonly launchType: 'EC2' | 'FARGATE';
  /** Instead of the launch type. */
  readonly capacityProviderStrategies?: CapacityProviderStrategy[];
  readonly platformVersion?: FargatePlatformVersion;
  readonly deadLetterQueue?: IQueue;
}

/**
 * Starts one task. CDK's own target takes no subnets by name, shares its role with all other schedules of a stack, and lets that run the
 * task on any cluster.
 */
export class TaskTarget implements IScheduleTarget {
  /** Starts this task, and no other. */
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
    // With what a queue that is encrypted with a key wants of that.
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
