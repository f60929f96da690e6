import { Size, Token } from 'aws-cdk-lib';
import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import {
  EbsPropagatedTagSource, FileSystemType, ServiceManagedEBSVolumeConfiguration, ServiceManagedVolume, ServiceManagedVolumeProps,
} from 'aws-cdk-lib/aws-ecs';
import { IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IAlias, IKey } from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct, IDependable } from 'constructs';
import { BoundVolume, TaskRunner, VolumeDefinition } from './volume-definition';
import { checkValue, Shape } from '../../../private/shape';
import { undefinedIfThrows } from '../../../private/undefined-if-throws';
import { reject } from '../../../private/validation';
import { ContainerCapabilities } from '../container-capabilities';

/** Options of an EBS volume that ECS creates for each task. */
export interface TaskVolumeManagedEbsOptions {
  /**
   * The size in whole GiB. Required without `snapshotId`.
   *
   * @default - the size of the snapshot
   */
  readonly size?: Size;

  /**
   * The snapshot from which each volume is created.
   *
   * @default - none, volumes are empty
   */
  readonly snapshotId?: string;

  /**
   * The volume type.
   *
   * @default EbsDeviceVolumeType.GP3
   */
  readonly volumeType?: EbsDeviceVolumeType;

  /**
   * I/O operations per second: 3000 to 80000 with gp3, 100 to 64000 with io1, 100 to 256000 with io2. Required with io1 and io2.
   *
   * @default - 3000 with gp3
   */
  readonly iops?: number;

  /**
   * The throughput in MiB per second, 125 to 2000. For gp3 only.
   *
   * @default 125
   */
  readonly throughput?: number;

  /**
   * The file system of the volume.
   *
   * @default FileSystemType.XFS
   */
  readonly fileSystemType?: FileSystemType;

  /**
   * The key to encrypt the volume. ECS gets permission to use it.
   *
   * @default - the EBS key of the account; volumes are always encrypted
   */
  readonly encryptionKey?: IKey;
}

/** An EBS volume for each task. ECS creates it when the task starts and deletes it when the task stops. */
export class ManagedEbsVolume implements VolumeDefinition {
  public readonly isManaged = true;

  constructor(private readonly options: TaskVolumeManagedEbsOptions) {}

  public get identity(): unknown[] {
    return ['ebs', this.options];
  }

  public check(scope: IConstruct, property: string): void {
    checkManagedEbs(scope, property, this.options);
  }

  public checkOffered(scope: IConstruct, property: string, { name, hasMagneticVolumes, hasEbsVolumes }: ContainerCapabilities): void {
    if (!hasEbsVolumes) {
      reject(scope, {
        property, must: 'not be an EBS volume in a daemon, for which ECS creates none', got: 'an EBS volume',
        fix: 'Use Ec2Placement.replicas(), or another volume such as TaskVolume.efs(…).',
      });
    }
    const { volumeType } = this.options;
    if (volumeType === EbsDeviceVolumeType.STANDARD && !hasMagneticVolumes) {
      reject(scope, { property: `${property}.volumeType`, must: `not be magnetic on ${name}`, got: volumeType, fix: 'Use EbsDeviceVolumeType.GP3.' });
    }
  }

  public bind(scope: Construct, name: string): BoundVolume {
    const { size, snapshotId, encryptionKey, volumeType = GP3, iops, throughput, fileSystemType } = this.options;
    const volume = new CheckedVolume(scope, 'Volume', {
      name,
      managedEBSVolume: {
        size, iops, throughput, fileSystemType, volumeType,
        snapShotId: snapshotId,
        encrypted: true,
        kmsKeyId: encryptionKey,
        tagSpecifications: [{ propagateTags: EbsPropagatedTagSource.SERVICE }],
      },
    });
    const key = encryptionKey && keyOf(encryptionKey);
    const permissions = key && grantEncryption(key, volume.role);
    return {
      volume: { configuredAtLaunch: true },
      attachTo: runner => attach(scope, volume, runner, permissions),
    };
  }
}

/**
 * A volume whose size and type can be tokens, which the L2 rejects. The L2 gets a size that every volume type supports, and a known type; the real
 * values are checked before.
 */
class CheckedVolume extends ServiceManagedVolume {
  public readonly config: ServiceManagedEBSVolumeConfiguration;

  constructor(scope: Construct, id: string, { name, managedEBSVolume }: Required<ServiceManagedVolumeProps>) {
    const { volumeType } = managedEBSVolume;
    super(scope, id, {
      name, managedEBSVolume: { ...managedEBSVolume, size: Size.gibibytes(1000), volumeType: Token.isUnresolved(volumeType) ? GP3 : volumeType },
    });
    this.config = { ...managedEBSVolume, role: this.role };
  }
}

function attach(scope: IConstruct, volume: ServiceManagedVolume, runner: TaskRunner, permissions?: IDependable): void {
  if (runner.addVolume === undefined) {
    reject(scope, {
      property: 'volumes', must: 'not have an EBS volume outside of a service', got: volume.name,
      fix: 'Use TaskVolume.ephemeral(…) or TaskVolume.efs(…).',
    });
  }
  runner.addVolume(volume);
  if (permissions !== undefined) {
    runner.node.addDependency(permissions); // required to start a task
  }
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions */
function grantEncryption(key: IKey, role: IRole): IDependable | undefined {
  key.grant(role, 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo');
  return role.addToPrincipalPolicy(new PolicyStatement({
    actions: ['kms:CreateGrant'], resources: [key.keyArn], conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  })).policyDependable;
}

/**
 * The key, or the target of an alias. A policy cannot name a key by its alias. `undefined` for an alias that is imported by name.
 *
 * @see https://docs.aws.amazon.com/kms/latest/developerguide/cmks-in-iam-policies.html
 */
function keyOf(key: IKey): IKey | undefined {
  return 'aliasName' in key ? undefinedIfThrows(() => (key as IAlias).aliasTargetKey) : key;
}

interface VolumeType {
  readonly size: [min: number, max: number];
  readonly iops?: [min: number, max: number];
  readonly needsIops?: boolean;
}

// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateVolume.html. The documentation of ECS has lower limits for gp3 and io2, but ECS
// passes the values to EC2.
const { GP2, GP3, IO1, IO2, ST1, SC1, STANDARD } = EbsDeviceVolumeType;
const TYPES = new Map<EbsDeviceVolumeType, VolumeType>([
  [GP2, { size: [1, 16384] }],
  [GP3, { size: [1, 65536], iops: [3000, 80000] }],
  [IO1, { size: [4, 16384], iops: [100, 64000], needsIops: true }],
  [IO2, { size: [4, 65536], iops: [100, 256000], needsIops: true }],
  [ST1, { size: [125, 16384] }],
  [SC1, { size: [125, 16384] }],
  [STANDARD, { size: [1, 1024] }],
]);

/** The rules of `TaskVolumeManagedEbsOptions`. Size and performance depend on the volume type. */
export const MANAGED_EBS_VOLUME = new Shape<TaskVolumeManagedEbsOptions>('Write TaskVolume.managedEbs(\'data\', { size: Size.gibibytes(20) }).', {
  size: { kind: 'size', unit: 'gibibytes', fix: 'Use whole GiB, e.g. Size.gibibytes(20).' },
  snapshotId: { kind: 'text', pattern: /^snap-[0-9a-f]+$/, must: 'be the ID of a snapshot', fix: 'Use an ID such as "snap-0123456789abcdef0".' },
  volumeType: { kind: 'enum', values: [...TYPES.keys()], must: 'be an EBS volume type', fix: 'Use a member of EbsDeviceVolumeType, e.g. GP3.' },
  iops: { kind: 'integer', min: 100, max: 256_000, fix: 'Use I/O operations per second, e.g. 3000.' },
  throughput: { kind: 'integer', min: 125, max: 2000, fix: 'Use MiB per second within the limits of gp3 volumes.' },
  fileSystemType: {
    kind: 'enum', values: [FileSystemType.EXT3, FileSystemType.EXT4, FileSystemType.XFS], must: 'be a Linux file system',
    fix: 'Use FileSystemType.XFS, EXT4 or EXT3.',
  },
  encryptionKey: { kind: 'instance', same: ['region'], methods: ['grant'], must: 'be a KMS key', fix: 'Use a kms.Key, or leave it out.' },
}, {
  encrypted: 'Leave it out: volumes are always encrypted.',
  kmsKeyId: 'Write encryptionKey.',
  tagSpecifications: 'Leave it out: volumes get the tags of the service.',
  role: 'Leave it out: the construct creates the role.',
});

function checkManagedEbs(scope: IConstruct, property: string, options: TaskVolumeManagedEbsOptions): void {
  MANAGED_EBS_VOLUME.check(scope, property, options);
  const { size, snapshotId, volumeType = GP3, iops, throughput, encryptionKey } = options;
  if (encryptionKey !== undefined && keyOf(encryptionKey) === undefined) {
    reject(scope, {
      property: `${property}.encryptionKey`, must: 'be a key, because a policy cannot name a key by its alias', got: encryptionKey.node.path,
      fix: 'Use kms.Key.fromLookup(…) or kms.Key.fromKeyArn(…).',
    });
  }
  if (size === undefined && snapshotId === undefined) {
    reject(scope, { property: `${property}.size`, must: 'be set without a snapshot', got: size, fix: 'Write e.g. size: Size.gibibytes(20).' });
  }
  if (throughput !== undefined && volumeType !== GP3 && !Token.isUnresolved(volumeType)) {
    reject(scope, {
      property: `${property}.throughput`, must: `be left out for ${volumeType}`, got: throughput, fix: 'Leave it out, or use EbsDeviceVolumeType.GP3.',
    });
  }
  const type = TYPES.get(volumeType);
  if (type === undefined) return; // a token
  const [min, max] = type.size;
  checkValue(scope, `${property}.size`, size, { kind: 'size', unit: 'gibibytes', min, max, fix: `Use a size that ${volumeType} volumes support.` });
  checkIops(scope, `${property}.iops`, iops, volumeType, type);
}

function checkIops(
  scope: IConstruct, property: string, iops: number | undefined, name: EbsDeviceVolumeType, { iops: limits, needsIops }: VolumeType,
): void {
  if (iops === undefined && needsIops) {
    reject(scope, { property, must: `be set for ${name}`, got: iops, fix: 'Use I/O operations per second, e.g. 3000.' });
  }
  if (iops !== undefined && limits === undefined) {
    reject(scope, {
      property, must: `be left out for ${name}, whose performance depends on its size`, got: iops, fix: 'Leave it out, or use EbsDeviceVolumeType.GP3.',
    });
  }
  const [min, max] = limits ?? [];
  checkValue(scope, property, iops, { kind: 'integer', min, max, fix: `Use a number that ${name} volumes support.` });
}
