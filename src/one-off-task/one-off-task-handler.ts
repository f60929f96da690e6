import { Duration, Stack } from 'aws-cdk-lib';
import { ICluster, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';
import { ILogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct, IDependable } from 'constructs';
import { addHandlerFunction, grantInvokeItself, grantDescribeStacks } from '../private/handler-function';
import { onCluster, runTaskStatements } from '../private/run-task-statements';

/** What is run, and where. */
export interface OneOffTaskHandlerProps {
  readonly cluster: ICluster;
  readonly taskDefinition: TaskDefinition;
  /**
   * The log to tell of.
   *
   * @default - it reads none
   */
  readonly logGroup?: ILogGroup;
}

/**
 * A function that runs one task definition on one cluster, and nothing else: one for each one-off task, because a shared role could
 * run the task of another with the roles of that (ADR 3).
 */
export class OneOffTaskHandler extends Construct {
  /** Where CloudFormation sends its events. */
  public readonly serviceToken: string;
  /** What it may do. */
  public readonly role: Role;
  /** How long CloudFormation waits for an answer: its longest, because a task may take several invocations. */
  public readonly serviceTimeout = Duration.hours(1);
  /** How Lambda keeps and repeats events: the custom resource depends on it. */
  public readonly needs: IDependable;

  constructor(scope: Construct, id: string, props: OneOffTaskHandlerProps) {
    super(scope, id);
    const handler = addHandlerFunction(this, {
      bundle: 'one-off-task/one-off-task.lambda', description: 'Runs a task to its end during a deployment', timeout: Duration.minutes(15), memorySize: 256,
      serviceTimeout: this.serviceTimeout,
    });
    this.role = handler.role;
    this.serviceToken = handler.functionArn;
    this.needs = handler.needs;
    statementsOf(Stack.of(this), props).forEach(statement => this.role.addToPolicy(statement));
    grantDescribeStacks(this, handler);
    props.logGroup?.grant(this.role, 'logs:GetLogEvents');
    grantInvokeItself(handler);
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
