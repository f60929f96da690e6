import { Names, Stack, Token } from 'aws-cdk-lib';
import { CommonTaskDefinitionProps, PidMode } from 'aws-cdk-lib/aws-ecs';
import { CfnRole, IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TaskProps } from '../task-props';

interface TaskDefinitionProps extends CommonTaskDefinitionProps {
  readonly pidMode?: PidMode;
}

/** What the L2s of all task definitions take. */
export function taskDefinitionProps(scope: Construct, { family, taskRole, executionRole, pidMode }: TaskProps): TaskDefinitionProps {
  return { family, pidMode, taskRole: here(scope, 'TaskRole', taskRole), executionRole: here(scope, 'ExecutionRole', executionRole) };
}

/**
 * A role of another stack, with its new rights in this one: they name what is here, such as the log group, and the other stack would have to wait
 * for this one, which waits for it.
 */
function here(scope: Construct, id: string, role?: IRole): IRole | undefined {
  if (role === undefined || !Role.isRole(role) || Stack.of(role) === Stack.of(scope)) return role;
  const { path = '/' } = role.node.defaultChild as CfnRole;
  // Of a path that is only known at deployment nobody can cut off the beginning.
  if (Token.isUnresolved(path)) return role;
  const arn = Stack.of(role).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `${path.slice(1)}${role.roleName}` });
  // Named after this stack, because the policies of all stacks are in one role.
  return Role.fromRoleArn(scope, id, arn, { defaultPolicyName: Names.uniqueResourceName(scope, { maxLength: 100 }) });
}
