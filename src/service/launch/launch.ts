import { Names, Stack, Token } from 'aws-cdk-lib';
import { ISecurityGroup, SelectedSubnets, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing, BaseService, BaseServiceOptions, CommonTaskDefinitionProps, DeploymentStrategy, ICluster,
  PidMode, TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { CfnRole, IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { TaskNetwork } from './task-network';
import { Containers } from '../containers/container-options';
import { ContainerHost } from '../containers/task-containers';
import { Exposure } from '../exposure/exposure';

/** The properties of a service or task that a launch type needs. */
export interface LaunchProps {
  readonly cluster: ICluster;
  readonly containers: Containers;
  readonly exposure?: Exposure;
  readonly vpcSubnets?: SubnetSelection;
  readonly securityGroups?: ISecurityGroup[];
  readonly family?: string;
  readonly taskRole?: IRole;
  readonly executionRole?: IRole;
  readonly pidMode?: PidMode;
}

/** Properties of a service that do not depend on the launch type. */
export interface LaunchedServiceProps extends BaseServiceOptions {
  readonly taskDefinition: TaskDefinition;
}

/** A launch type: creates the resources that depend on it, and rejects what it does not support. */
export interface Launch extends ContainerHost {
  /**
   * Whether each instance runs one task, so that the number of tasks is unknown.
   *
   * @default false
   */
  readonly isDaemon?: boolean;

  /** The network of the tasks. */
  readonly network: TaskNetwork;

  /** Creates the service. */
  createService(scope: Construct, id: string, props: LaunchedServiceProps): BaseService;
}

interface TaskDefinitionProps extends CommonTaskDefinitionProps {
  readonly pidMode?: PidMode;
}

/** The properties that all task definitions have. */
export function taskDefinitionProps(scope: Construct, { family, taskRole, executionRole, pidMode }: LaunchProps): TaskDefinitionProps {
  return { family, pidMode, taskRole: here(scope, 'TaskRole', taskRole), executionRole: here(scope, 'ExecutionRole', executionRole) };
}

/**
 * Imports a role of another stack, so that new permissions are in this stack. In the other stack they would refer to resources of this one, such as
 * the log group, and the stacks would depend on each other.
 */
function here(scope: Construct, id: string, role?: IRole): IRole | undefined {
  if (role === undefined || !Role.isRole(role) || Stack.of(role) === Stack.of(scope)) return role;
  const { path = '/' } = role.node.defaultChild as CfnRole;
  // A path that is only known at deployment cannot be shortened.
  if (Token.isUnresolved(path)) return role;
  const arn = Stack.of(role).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `${path.slice(1)}${role.roleName}` });
  // The name contains this stack, because the policies of all stacks are in one role.
  return Role.fromRoleArn(scope, id, arn, { defaultPolicyName: Names.uniqueResourceName(scope, { maxLength: 100 }) });
}

/**
 * Lets the service wait for the routes. Tasks without a route cannot pull images, and the circuit breaker counts them.
 *
 * Only the service waits, not its security group, to which a NAT instance can refer.
 */
export function waitForRoutes(service: BaseService, { internetConnectivityEstablished }: SelectedSubnets): void {
  (service.node.defaultChild ?? service).node.addDependency(internetConnectivityEstablished);
}

/**
 * The zone rebalancing of a service. ECS enables it for new services, but rejects it if `maxHealthyPercent` is 100, and never enables it again by
 * itself. Therefore the template always has a value.
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
