import { Names, Stack, Token } from 'aws-cdk-lib';
import { CfnSecurityGroup, ISecurityGroup, SecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import {
  AvailabilityZoneRebalancing, BaseService, BaseServiceOptions, CommonTaskDefinitionProps, DeploymentStrategy, ICluster,
  PidMode, TaskDefinition,
} from 'aws-cdk-lib/aws-ecs';
import { CfnRole, IRole, Role } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { TaskNetwork } from './task-network';
import { haveIpv6 } from '../../private/select-subnets';
import { Containers } from '../containers/container-options';
import { ContainerHost } from '../containers/task-containers';
import { Exposure } from '../exposure/exposure';

/** The properties of services and tasks that all launch types use. */
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

/** The properties of an ECS service that are the same for all launch types. */
export interface LaunchedServiceProps extends BaseServiceOptions {
  readonly taskDefinition: TaskDefinition;
}

/** A launch type: creates the task definition and the service, and checks what the launch type supports. */
export interface Launch extends ContainerHost {
  /**
   * Whether each instance runs one task, so that the number of tasks is unknown.
   *
   * @default false
   */
  readonly isDaemon?: boolean;

  /** The subnets of the tasks. */
  readonly network: TaskNetwork;

  /** Creates the ECS service. */
  createService(scope: Construct, id: string, props: LaunchedServiceProps): BaseService;
}

/** The properties of task definitions that are the same for all launch types. */
export function taskDefinitionProps(
  scope: Construct, { family, taskRole, executionRole, pidMode }: Pick<LaunchProps, 'family' | 'taskRole' | 'executionRole' | 'pidMode'>,
): TaskDefinitionProps {
  return { family, pidMode, taskRole: roleHere(scope, 'TaskRole', taskRole), executionRole: roleHere(scope, 'ExecutionRole', executionRole) };
}

interface TaskDefinitionProps extends CommonTaskDefinitionProps {
  readonly pidMode?: PidMode;
}

/**
 * Keeps the policies of a role from another stack in this stack. They refer to resources of this stack, such as the log group. In the stack of the
 * role, they would make the two stacks depend on each other.
 */
function roleHere(scope: Construct, id: string, role?: IRole): IRole | undefined {
  if (role === undefined || !Role.isRole(role) || Stack.of(role) === Stack.of(scope)) return role;
  const { path = '/' } = role.node.defaultChild as CfnRole;
  // The leading slash cannot be removed from a token.
  if (Token.isUnresolved(path)) return role;
  const arn = Stack.of(role).formatArn({ service: 'iam', region: '', resource: 'role', resourceName: `${path.slice(1)}${role.roleName}` });
  // A unique name, because policies of several stacks can be attached to the role.
  return Role.fromRoleArn(scope, id, arn, { defaultPolicyName: Names.uniqueResourceName(scope, { maxLength: 100 }) });
}

/**
 * Creates the service after the routes, the VPC endpoints and the rules of its security groups. Without them, tasks cannot pull their images or fail
 * their health checks, and the circuit breaker counts the failures.
 *
 * Only the service waits, not its security group: a NAT instance or an endpoint can have a rule for that group.
 */
export function waitForNetwork(service: BaseService, { established }: TaskNetwork): void {
  (service.node.defaultChild ?? service).node.addDependency(established, ...service.connections.securityGroups);
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
const GROUP_DESCRIPTION = /^[A-Za-z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/;

/** Replaces the description of a new security group, which is the path of the construct, if EC2 would reject it. */
export function keepDescriptionValid(scope: IConstruct, service: BaseService): void {
  for (const { node } of service.connections.securityGroups) {
    const resource = node?.defaultChild;
    if (node?.scopes.includes(scope) && resource instanceof CfnSecurityGroup && !GROUP_DESCRIPTION.test(resource.groupDescription)) {
      resource.groupDescription = 'Tasks of an ECS service';
    }
  }
}

/** The security groups of the user, or a new one in subnets with IPv6, because the security group of the L2 allows only IPv4 egress. */
export function securityGroupsOf(
  scope: Construct, { cluster: { vpc }, securityGroups }: LaunchProps, { subnets: { subnets } }: TaskNetwork,
): ISecurityGroup[] | undefined {
  return securityGroups ?? (haveIpv6(subnets) ? [new SecurityGroup(scope, 'SecurityGroup', { vpc, allowAllIpv6Outbound: true })] : undefined);
}

/**
 * The setting for Availability Zone rebalancing, which is on by default for new services.
 *
 * With a maximum of 100 percent, ECS rejects an update that does not turn it off. It stays off when the maximum increases later, so the template
 * always contains the setting.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function zoneRebalancing(
  { deploymentStrategy, maxHealthyPercent }: LaunchedServiceProps, usual?: AvailabilityZoneRebalancing,
): AvailabilityZoneRebalancing | undefined {
  if (deploymentStrategy !== DeploymentStrategy.ROLLING || Token.isUnresolved(maxHealthyPercent)) {
    return undefined;
  }
  return maxHealthyPercent === 100 ? AvailabilityZoneRebalancing.DISABLED : usual;
}
