import { IFileSystem } from 'aws-cdk-lib/aws-efs';
import { EfsVolume, EfsVolumeOptions } from './efs-volume';
import { EphemeralVolume } from './ephemeral-volume';
import { ManagedEbsVolumeOptions } from './managed-ebs-options';
import { ManagedEbsVolume } from './managed-ebs-volume';
import { VolumeDefinition } from './volume-definition';

/**
 * A volume that containers of a task mount. Mount the same object in two containers, and they share the volume.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html
 */
export class TaskVolume {
  /**
   * Space on the disk of the task, empty at first and gone with the task. On Fargate there are 20 GiB for images and volumes together
   * unless `ephemeralStorage` says more.
   *
   * Where the image has no `VOLUME` at that path, it belongs to root and nobody else can write to it.
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
   */
  public static ephemeral(name: string): TaskVolume {
    return new TaskVolume(name, new EphemeralVolume(), 'read-write');
  }

  /**
   * A directory of an EFS file system, which all tasks share and which stays.
   *
   * It is encrypted on the way, and mounted through an access point with the rights of the tasks' role: reading, and writing where a container
   * mounts it so. The security group of the file system lets the tasks in. Whether others can mount it without a role is up to the file system
   * (`allowAnonymousAccess: false`).
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @param fileSystem the file system, in the VPC of the tasks
   * @param options what differs from the usual
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
   */
  public static efs(name: string, fileSystem: IFileSystem, options: EfsVolumeOptions = {}): TaskVolume {
    return new TaskVolume(name, new EfsVolume(fileSystem, options), 'read-write');
  }

  /**
   * An EBS volume for each task, always encrypted, which ECS makes when the task starts and removes when it stops. A task has one at most.
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @param options how large and how fast it is
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
   */
  public static managedEbs(name: string, options: ManagedEbsVolumeOptions): TaskVolume {
    return new TaskVolume(name, new ManagedEbsVolume(options), 'read-write');
  }

  private constructor(
    /** The name of the volume in the task. */
    public readonly name: string,
    /** @internal */
    public readonly _definition: VolumeDefinition,
    /** @internal */
    public readonly _access: 'read-only' | 'read-write',
  ) {}

  /** The same volume, for a container that does not write to it. */
  public readOnly(): TaskVolume {
    return new TaskVolume(this.name, this._definition, 'read-only');
  }
}
