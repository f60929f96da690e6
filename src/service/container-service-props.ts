import { ISecurityGroup, SubnetSelection } from 'aws-cdk-lib/aws-ec2';
import { ICluster } from 'aws-cdk-lib/aws-ecs';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ContainerOptions } from './containers/container-options';
import { Deployment } from './deployment/deployment';
import { Exposure } from './exposure/exposure';
import { Scaling } from './scaling/scaling';
import { ImageCheck } from '../image-check/image-check';

/** What every service has, wherever its tasks run. */
export interface ContainerServiceProps {
  /** The cluster that runs the service, and with it the VPC. */
  readonly cluster: ICluster;

  /** The containers of each task, by name. At least one. */
  readonly containers: { [name: string]: ContainerOptions };

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
   * Whether the images are looked at before the service changes: whether they are there, and for the CPU architecture of the tasks.
   * Public images never are.
   *
   * @default - each image that is copied or passes a scan gate is looked at. For images that are pushed directly no function is made.
   */
  readonly imageCheck?: ImageCheck;

  /**
   * Let people run commands in the containers, with `aws ecs execute-command`. Whoever may do so can read all that the containers can.
   *
   * @default false
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-exec.html
   */
  readonly enableExecuteCommand?: boolean;

  /**
   * How long the logs are kept.
   *
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;

  /**
   * The key that the logs are encrypted with. Its policy gets what CloudWatch Logs needs; that of a key which another app
   * creates has to allow it already.
   *
   * @default - a key of CloudWatch Logs
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
   */
  readonly logEncryptionKey?: IKey;

  /**
   * The subnets that the tasks run in. On Fargate, tasks get a public IP address in public subnets, where they could not
   * pull their image without one, and nowhere else. Throws when it is left out and the VPC has no private subnets.
   *
   * @default - private subnets with a way out
   */
  readonly vpcSubnets?: SubnetSelection;

  /**
   * The security groups of the tasks, one to five.
   *
   * @default - one of its own, which lets in only what `exposure` opens
   */
  readonly securityGroups?: ISecurityGroup[];
}
