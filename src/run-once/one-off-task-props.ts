import { Duration } from 'aws-cdk-lib';
import { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { FailureLogs } from './failure-logs';
import { ContainerOptions } from '../service/containers/container-options';
import { TaskProps } from '../service/task-props';

/** What every one-off task has, wherever it runs. */
export interface OneOffTaskProps extends TaskProps {
  /** The cluster that runs the task, and with it the VPC. */
  readonly cluster: ICluster;

  /**
   * The containers of the task, by name. At least one is essential. The run succeeds when every essential container ends with exit code
   * 0: what only helps, such as a proxy, needs `essential: false`.
   */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * How long the task may take, from the request to start it to its end, in whole seconds from one minute to 50 minutes. A task that takes
   * longer is stopped, and the deployment fails. CloudFormation itself waits for one hour.
   *
   * @default Duration.minutes(30)
   */
  readonly timeout?: Duration;

  /**
   * What the message of a failed run tells of the log. It stands in the events of the stack, and in the log of the function.
   *
   * @default FailureLogs.lastLines()
   */
  readonly failureLogs?: FailureLogs;

  /**
   * The subnets that the task runs in. On Fargate, it gets a public IP address in public subnets, and nowhere else; `assignPublicIp` says
   * otherwise. Throws when it is left out and the VPC has no private subnets, and for more than 16 subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the task, one to five.
   *
   * @default - one of its own, which lets nobody in
   */
  readonly securityGroups?: ISecurityGroup[];
}
