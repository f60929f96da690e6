import { Token } from 'aws-cdk-lib';
import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import { FileSystemType } from 'aws-cdk-lib/aws-ecs';
import { IConstruct } from 'constructs';
import { ManagedEbsVolumeOptions } from './managed-ebs-options';
import { checkObject, checkOneOf, hasMethods } from '../../../private/check-types';
import { checkInteger, checkPattern, reject } from '../../../private/validation';
import { checkGibibytes } from '../checks/size-checks';

interface Kind {
  readonly size: [min: number, max: number];
  readonly iops?: [min: number, max: number];
  readonly needsIops?: boolean;
}

// What EC2 makes: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html. The page of ECS, which hands the numbers on to EC2,
// has smaller ones for gp3 and io2, of an older EC2.
const { GP2, GP3, IO1, IO2, ST1, SC1, STANDARD } = EbsDeviceVolumeType;
const KINDS = new Map<EbsDeviceVolumeType, Kind>([
  [GP2, { size: [1, 16384] }],
  [GP3, { size: [1, 65536], iops: [3000, 80000] }],
  [IO1, { size: [4, 16384], iops: [100, 64000], needsIops: true }],
  [IO2, { size: [4, 65536], iops: [100, 256000], needsIops: true }],
  [ST1, { size: [125, 16384] }],
  [SC1, { size: [125, 16384] }],
  [STANDARD, { size: [1, 1024] }],
]);

export function checkManagedEbs(scope: IConstruct, property: string, options: ManagedEbsVolumeOptions): void {
  checkObject(scope, property, options, 'Write TaskVolume.managedEbs(\'data\', { size: Size.gibibytes(20) }).');
  const { size, snapshotId, volumeType = GP3, fileSystemType, encryptionKey } = options;
  const kind = KINDS.get(volumeType) ?? reject(scope, {
    property: `${property}.volumeType`, must: 'be a type of EBS volumes', got: volumeType, fix: 'Use one of EbsDeviceVolumeType, e.g. GP3.',
  });
  if (size === undefined && snapshotId === undefined) {
    reject(scope, {
      property: `${property}.size`, must: 'be given where there is no snapshot', got: size, fix: 'Write size: Size.gibibytes(20), for example.',
    });
  }
  checkGibibytes(scope, `${property}.size`, size, { min: kind.size[0], max: kind.size[1], fix: `Give whole GiB that ${volumeType} volumes can have.` });
  if (snapshotId !== undefined) {
    checkPattern(scope, {
      property: `${property}.snapshotId`, value: snapshotId, pattern: /^snap-[0-9a-f]+$/,
      must: 'be the id of a snapshot', fix: 'Give an id such as "snap-0123456789abcdef0".',
    });
  }
  checkSpeed(scope, property, options, volumeType, kind);
  if (fileSystemType !== undefined) {
    checkOneOf(scope, fileSystemType, [FileSystemType.EXT3, FileSystemType.EXT4, FileSystemType.XFS], {
      property: `${property}.fileSystemType`, must: 'be a file system of Linux', fix: 'Use FileSystemType.XFS, EXT4 or EXT3.',
    });
  }
  if (encryptionKey !== undefined && !hasMethods(encryptionKey, 'grant')) {
    reject(scope, { property: `${property}.encryptionKey`, must: 'be a key of KMS', got: encryptionKey, fix: 'Give a kms.Key, or leave it out.' });
  }
}

function checkSpeed(
  scope: IConstruct, property: string, { iops, throughput }: ManagedEbsVolumeOptions, volumeType: EbsDeviceVolumeType, kind: Kind,
): void {
  if (iops === undefined && kind.needsIops) {
    reject(scope, { property: `${property}.iops`, must: `be given for ${volumeType}`, got: iops, fix: 'Give operations per second, e.g. 3000.' });
  }
  if (iops !== undefined && kind.iops === undefined) {
    reject(scope, {
      property: `${property}.iops`, must: `be left out for ${volumeType}, whose speed follows its size`, got: iops, fix: 'Leave it out, or use EbsDeviceVolumeType.GP3.',
    });
  }
  if (iops !== undefined && kind.iops !== undefined) {
    const [min, max] = kind.iops;
    checkInteger(scope, { property: `${property}.iops`, value: iops, min, max, fix: `Give what ${volumeType} volumes can do.` });
  }
  if (throughput === undefined) return;
  if (volumeType !== GP3 && !Token.isUnresolved(volumeType)) {
    reject(scope, { property: `${property}.throughput`, must: `be left out for ${volumeType}`, got: throughput, fix: 'Leave it out, or use EbsDeviceVolumeType.GP3.' });
  }
  checkInteger(scope, { property: `${property}.throughput`, value: throughput, min: 125, max: 2000, fix: 'Give MiB per second that gp3 volumes can do.' });
}
