import { Stack } from 'aws-cdk-lib';
import { ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Allows starting tasks of one family on one cluster only. All revisions are allowed: during a deployment, the old revision is started until
 * everything refers to the new one, and a policy that changes takes some seconds to take effect.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function runTaskStatements(cluster: ICluster, taskDefinition: TaskDefinition): PolicyStatement[] {
  const revisions = Stack.of(taskDefinition).formatArn({ service: 'ecs', resource: 'task-definition', resourceName: `${taskDefinition.family}:*` });
  return [
    new PolicyStatement({ actions: ['ecs:RunTask'], resources: [revisions], conditions: onCluster(cluster) }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [taskDefinition.taskRole.roleArn, taskDefinition.obtainExecutionRole().roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  ];
}

/** A condition that limits a statement to one cluster. */
export function onCluster(cluster: ICluster): Record<string, unknown> {
  return { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
}
