import { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { ContainerOptions } from './containers/container-options';
import { Deployment } from './deployment/deployment';
import { Exposure } from './exposure/exposure';
import { Scaling } from './scaling/scaling';
import { TaskProps } from './task-props';

/** What every service has, wherever its tasks run. */
export interface ContainerServiceProps extends TaskProps {
  /** The cluster that runs the service, and with it the VPC. */
  readonly cluster: ICluster;

  /** The containers of each task, by name. At least one. */
  readonly containers: { [name: string]: ContainerOptions };

  /**
   * The name of the service in its cluster: 1 to 255 letters, digits, "-" or "_".
   *
   * CloudFormation cannot replace a service that has a name, because the new one would need it while the old one still has it. A change that needs a
   * new service (another cluster, a daemon in place of replicas) then fails until the name is changed too.
   *
   * @default - a name made by CloudFormation
   * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/aws-resource-ecs-service.html#cfn-ecs-service-servicename
   */
  readonly serviceName?: string;

  /**
   * How many tasks run. Leave it out with `scaling`, which starts with its fewest tasks and keeps what it made of them. Given with `scaling`, it has to
   * be within its limits, and each deployment that changes the service sets it back to this number.
   *
   * @default 1; with `scaling` the fewest tasks, and then what scaling makes of them
   */
  readonly desiredCount?: number;

  /**
   * What changes the number of tasks while the service runs.
   *
   * @default - nothing: there are always as many tasks
   */
  readonly scaling?: Scaling;

  /**
   * How the service is reached.
   *
   * @default Exposure.none()
   */
  readonly exposure?: Exposure;

  /**
   * How new tasks take the place of the old ones.
   *
   * @default Deployment.rolling()
   */
  readonly deployment?: Deployment;

  /**
   * Let people run commands in the containers, with `aws ecs execute-command`. Whoever may do so can read all that the containers can.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
   */
  readonly enableExecuteCommand?: boolean;

  /**
   * The subnets that the tasks run in. On Fargate, tasks get a public IP address in public subnets, where they could not
   * pull their image without one, and nowhere else; `assignPublicIp` says otherwise. Throws when it is left out and the VPC has no private
   * subnets.
   *
   * @default - private subnets with internet egress
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the tasks, one to five.
   *
   * @default - one of its own, which lets in only what `exposure` opens
   */
  readonly securityGroups?: ISecurityGroup[];
}
