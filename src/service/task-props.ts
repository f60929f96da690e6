import { PidMode } from 'aws-cdk-lib/aws-ecs';
import { IRole } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { ILogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs';
import { ImageCheck } from '../image-check/image-check';
import { Rules } from '../private/shape';

/** What every task has, whoever starts it. */
export interface TaskProps {
  /**
   * The family of the task definition, of which each change is a new revision: 1 to 255 letters, digits, "-" or "_".
   *
   * @default - a name made by CDK
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definition_parameters.html#family
   */
  readonly family?: string;

  /**
   * The role of the code in the containers, which has to trust `ecs-tasks.amazonaws.com`. Whatever is granted here is added to it, unless it
   * is imported as one that cannot be changed.
   *
   * @default - a role of its own, without rights
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-iam-roles.html
   */
  readonly taskRole?: IRole;

  /**
   * The role by which ECS pulls images, reads secrets and writes logs, which has to trust `ecs-tasks.amazonaws.com`. The rights for exactly that are
   * added to it, unless it is imported as one that cannot be changed: then it has to have them.
   *
   * @default - a role of its own, with exactly these rights
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_execution_IAM_role.html
   */
  readonly executionRole?: IRole;

  /**
   * Whose processes a container sees: with `TASK` those of all containers of its task, e.g. for a sidecar that looks after the others. `HOST`, those of the
   * whole instance, throws on Fargate, and is a finding of Security Hub elsewhere.
   *
   * @default - each container sees its own
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html
   */
  readonly pidMode?: PidMode;

  /**
   * The log group of the containers. Throws together with `logRetention` and `logEncryptionKey`, which are settings of the log group.
   *
   * @default - one of its own, which is kept when the stack is deleted
   */
  readonly logGroup?: ILogGroup;

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
   * Whether the images are looked at before anything runs them: whether they are there, and for the CPU architecture of the tasks.
   * Public images never are.
   *
   * @default - each image that is copied or passes a scan gate is looked at. For images that are pushed directly no function is made.
   */
  readonly imageCheck?: ImageCheck;
}

/** The rules of `TaskProps`. `checkTask` checks roles and logs. */
export const TASK_RULES: Rules<TaskProps> = {
  family: { kind: 'other' },
  taskRole: { kind: 'other' },
  executionRole: { kind: 'other' },
  pidMode: { kind: 'other' },
  logGroup: { kind: 'other' },
  logRetention: { kind: 'other' },
  logEncryptionKey: { kind: 'other' },
  imageCheck: { kind: 'other' },
};

/** The rules of the properties that tasks and services on Fargate have in addition. `FargateLaunch` checks them. */
export const FARGATE_RULES = {
  capacity: { kind: 'other' },
  size: { kind: 'other' },
  cpuArchitecture: { kind: 'other' },
  platformVersion: { kind: 'other' },
  assignPublicIp: { kind: 'other' },
  ephemeralStorage: { kind: 'other' },
} as const;
