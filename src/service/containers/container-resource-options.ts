import { Size } from 'aws-cdk-lib';
import { SystemControl, Ulimit } from 'aws-cdk-lib/aws-ecs';
import { TaskVolume } from './volumes/task-volume';

/** What a container has to work with. */
export interface ContainerResourceOptions {
  /**
   * The most memory that the container may use, in MiB, at least 6. A container that wants more is stopped.
   *
   * @default - as much as the task has; on EC2 instances as much as there is
   */
  readonly memoryLimitMiB?: number;

  /**
   * Memory that is kept for the container, in MiB, at least 6 and at most `memoryLimitMiB`. It may use more where there is more.
   *
   * @default - on EC2 `memoryLimitMiB`, or 512 where that is not given either; nothing on Fargate
   */
  readonly memoryReservationMiB?: number;

  /**
   * CPU units that are kept for the container; 1024 are one virtual CPU. With 0 none are, as when it is left out.
   *
   * @default - the containers share what the task has
   */
  readonly cpu?: number;

  /**
   * What is mounted, by the absolute path at which the container finds it.
   *
   * A volume that two containers mount is one volume, which they share.
   *
   * @default - nothing
   */
  readonly volumes?: { [path: string]: TaskVolume };

  /**
   * The size of `/dev/shm`, in whole MiB. Throws on Fargate, which cannot change it.
   *
   * @default - 64 MiB
   */
  readonly sharedMemorySize?: Size;

  /**
   * Limits of the operating system, e.g. of open files. Each name at most once.
   *
   * @default - those of the operating system; on Fargate 65535 open files
   */
  readonly ulimits?: Ulimit[];

  /**
   * Settings of the kernel, each name once: those of the network (`net.…`), which are the same in all containers of a task, and those for
   * messages between processes (`fs.mqueue.…`, `kernel.shmmax` and the like).
   *
   * Throws for others, which a container cannot have of its own, and for two values of one network setting in a task.
   *
   * @default - those of the operating system
   * @see https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_SystemControl.html
   */
  readonly systemControls?: SystemControl[];
}
