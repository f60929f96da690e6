import { IFileSystem } from 'aws-cdk-lib/aws-efs';
import { EfsVolume, TaskVolumeEfsOptions } from './efs-volume';
import { ManagedEbsVolume, TaskVolumeManagedEbsOptions } from './managed-ebs-volume';
import { EphemeralVolume, VolumeDefinition } from './volume-definition';

/**
 * A volume of a task. Two containers that mount the same object share the volume.
 *
 * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/using_data_volumes.html
 */
export class TaskVolume {
  /**
   * A directory on the ephemeral storage of the task, initially empty and deleted with the task. On Fargate, images and volumes share 20 GiB unless
   * `ephemeralStorage` is larger.
   *
   * If the image has no `VOLUME` at the path, the directory belongs to root and other users cannot write to it.
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
   */
  public static ephemeral(name: string): TaskVolume {
    return new TaskVolume(name, new EphemeralVolume(), 'read-write');
  }

  /**
   * A directory of an EFS file system. All tasks share it, and it outlives them.
   *
   * It is encrypted in transit and mounted through an access point with the permissions of the task role: read access, and write access if a container
   * mounts it writable. The security group of the file system allows the tasks. Set `allowAnonymousAccess: false` on the file system to reject clients
   * without a role.
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @param fileSystem the file system, in the VPC of the tasks
   * @param options directory or access point
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/efs-volumes.html
   */
  public static efs(name: string, fileSystem: IFileSystem, options: TaskVolumeEfsOptions = {}): TaskVolume {
    return new TaskVolume(name, new EfsVolume(fileSystem, options), 'read-write');
  }

  /**
   * An encrypted EBS volume for each task. ECS creates it when the task starts and deletes it when the task stops. A task can have at most one.
   *
   * @param name the name of the volume, 1 to 255 letters, digits, "-" or "_"
   * @param options size and performance
   * @see https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ebs-volumes.html
   */
  public static managedEbs(name: string, options: TaskVolumeManagedEbsOptions): TaskVolume {
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

  /** This volume, mounted read-only. */
  public readOnly(): TaskVolume {
    return new TaskVolume(this.name, this._definition, 'read-only');
  }
}
