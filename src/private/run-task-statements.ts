import { ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';

/**
 * Allows starting tasks of one definition on one cluster only.
 *
 * @see https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonelasticcontainerservice.html
 */
export function runTaskStatements(cluster: ICluster, taskDefinition: TaskDefinition): PolicyStatement[] {
  return [
    new PolicyStatement({ actions: ['ecs:RunTask'], resources: [taskDefinition.taskDefinitionArn], conditions: onCluster(cluster) }),
    new PolicyStatement({
      actions: ['iam:PassRole'],
      resources: [taskDefinition.taskRole.roleArn, taskDefinition.obtainExecutionRole().roleArn],
      conditions: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
  ];
}

/** Only there. */
export function onCluster(cluster: ICluster): Record<string, unknown> {
  return { ArnEquals: { 'ecs:cluster': cluster.clusterArn } };
}
