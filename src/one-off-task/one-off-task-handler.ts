import { Duration, Stack } from 'aws-cdk-lib';
import { ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import { CustomResourceHandler } from '../private/custom-resource-handler';
import { onCluster, runTaskStatements } from '../private/run-task-statements';

/** Properties of a `OneOffTaskHandler`. */
export interface OneOffTaskHandlerProps {
  readonly cluster: ICluster;
  readonly taskDefinition: TaskDefinition;
  /**
   * The log whose last lines the error contains.
   *
   * @default - none
   */
  readonly logGroup?: ILogGroup;
}

/**
 * A function that can only run one task definition on one cluster. Each one-off task has its own, because a shared role could run the task of another
 * with that task's roles (ADR 3).
 */
export class OneOffTaskHandler extends CustomResourceHandler {
  constructor(scope: Construct, id: string, props: OneOffTaskHandlerProps) {
    super(scope, id, {
      bundle: 'one-off-task/one-off-task.lambda', description: 'Runs a task to its end during a deployment', timeout: Duration.minutes(15), memorySize: 256,
      // The maximum, because a task can take several invocations.
      serviceTimeout: Duration.hours(1),
    });
    statementsOf(Stack.of(this), props).forEach(statement => this.role.addToPolicy(statement));
    this.mayDescribeStacks();
    props.logGroup?.grant(this.role, 'logs:GetLogEvents');
    this.mayInvokeItself();
  }
}

/** Starting, watching and stopping tasks. */
function statementsOf(stack: Stack, { cluster, taskDefinition }: OneOffTaskHandlerProps): PolicyStatement[] {
  const conditions = onCluster(cluster);
  return [
    ...runTaskStatements(cluster, taskDefinition),
    new PolicyStatement({
      actions: ['ecs:DescribeTasks', 'ecs:StopTask'],
      resources: [stack.formatArn({ service: 'ecs', resource: 'task', resourceName: `${cluster.clusterName}/*` })],
      conditions,
    }),
    // The resource of this action is a container instance, and this call names none. The condition limits it to the cluster.
    new PolicyStatement({ actions: ['ecs:ListTasks'], resources: ['*'], conditions }),
  ];
}
