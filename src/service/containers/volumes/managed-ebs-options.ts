import { Size } from 'aws-cdk-lib';
import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import { FileSystemType } from 'aws-cdk-lib/aws-ecs';
import { IKey } from 'aws-cdk-lib/aws-kms';

/** An EBS volume that ECS makes for each task. */
export interface ManagedEbsVolumeOptions {
  /**
   * How much it holds, in whole GiB. Required without `snapshotId`.
   *
   * @default - as much as the snapshot
   */
  readonly size?: Size;

  /**
   * The snapshot that each volume begins as.
   *
   * @default - each volume begins empty
   */
  readonly snapshotId?: string;

  /**
   * The kind of volume.
   *
   * @default EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: EbsDeviceVolumeType;

  /**
   * Operations per second: 3000 to 80000 with gp3, 100 to 64000 with io1, 100 to 256000 with io2. Required with io1 and io2.
   *
   * @default - 3000 with gp3
   */
  readonly iops?: number;

  /**
   * MiB per second, 125 to 2000, only with gp3.
   *
   * @default 125
   */
  readonly throughput?: number;

  /**
   * The file system on the volume, for Linux.
   *
   * @default FileSystemType.XFS
   */
  readonly fileSystemType?: FileSystemType;

  /**
   * The key that the volume is encrypted with. ECS may use it for these volumes.
   *
   * @default - the key of the account for EBS; the volume is always encrypted
   */
  readonly encryptionKey?: IKey;
}
