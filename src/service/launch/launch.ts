import { Names, Stack, Token } from 'aws-cdk-lib';
import { SelectedSubnets } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing, BaseService, BaseServiceOptions, CommonTaskDefinitionProps, ContainerDefinitionOptions, DeploymentStrategy, PidMode, TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { CfnRole, IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TaskNetwork } from './task-network';
import { ContainerCapabilities } from '../containers/container-capabilities';
import { Containers } from '../containers/container-options';
import { TaskProps } from '../task-props';

/** What a service is made with, wherever its tasks run. */
export interface LaunchedServiceProps extends BaseServiceOptions {
  readonly taskDefinition: TaskDefinition;
}

/** What tasks run on: makes the resources that differ with it, and knows what it does not offer. */
export interface Launch {
  /** What a container gets there where the user says nothing. */
  readonly containerDefaults: Partial<ContainerDefinitionOptions>;

  /**
   * Whether each instance runs one task, so that nobody knows how many there are.
   *
   * @default false
   */
  readonly isDaemon?: boolean;

  /** What containers can have there, and not everywhere. */
  readonly capabilities: ContainerCapabilities;

  /** Where its tasks are reached. */
  readonly network: TaskNetwork;

  /** Throws when the containers do not fit, or want what is not there. */
  check(containers: Containers): void;

  /** The task definition, still without containers. */
  createTaskDefinition(scope: Construct, id: string, containers: Containers): TaskDefinition;

  /** The service that runs it. */
  createService(scope: Construct, id: string, props: LaunchedServiceProps): BaseService;
}

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

/**
 * Tasks that have no way out yet can pull no image, and the circuit breaker counts them.
 *
 * Only the service itself waits, not its security group: a NAT instance may let that in.
 */
export function waitForRoutes(service: BaseService, { internetConnectivityEstablished }: SelectedSubnets): void {
  (service.node.defaultChild ?? service).node.addDependency(internetConnectivityEstablished);
}

/**
 * ECS rebalances new services, except where there may be no task more than needed; there it refuses an update that does not turn it off, and
 * it stays off when there may be more again. So it is said each time.
 *
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function zoneRebalancing(
  { deploymentStrategy, maxHealthyPercent }: LaunchedServiceProps, usual?: AvailabilityZoneRebalancing,
): AvailabilityZoneRebalancing | undefined {
  if (deploymentStrategy !== DeploymentStrategy.ROLLING || Token.isUnresolved(maxHealthyPercent)) {
    return undefined;
  }
  return maxHealthyPercent === 100 ? AvailabilityZoneRebalancing.DISABLED : usual;
}
