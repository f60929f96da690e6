import { Size } from 'aws-cdk-lib';
import { EbsDeviceVolumeType } from 'aws-cdk-lib/aws-ec2';
import { EbsPropagatedTagSource, ServiceManagedEBSVolumeConfiguration, ServiceManagedVolume, ServiceManagedVolumeProps } from 'aws-cdk-lib/aws-ecs';
import { IRole, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct, IConstruct, IDependable } from 'constructs';
import { checkManagedEbs } from './managed-ebs-checks';
import { ManagedEbsVolumeOptions } from './managed-ebs-options';
import { BoundVolume, TaskRunner, VolumeDefinition } from './volume-definition';
import { reject } from '../../../private/validation';
import { ContainerCapabilities } from '../container-capabilities';

/** An EBS volume for each task, which ECS makes when the task starts and removes when it stops. */
export class ManagedEbsVolume implements VolumeDefinition {
  public readonly isManaged = true;

  constructor(private readonly options: ManagedEbsVolumeOptions) {}

  public get identity(): unknown[] {
    return ['ebs', this.options];
  }

  public check(scope: IConstruct, property: string): void {
    checkManagedEbs(scope, property, this.options);
  }

  public checkOffered(scope: IConstruct, property: string, { name, hasMagneticVolumes, hasEbsVolumes }: ContainerCapabilities): void {
    if (!hasEbsVolumes) {
      reject(scope, {
        property, must: 'be no EBS volume in a daemon, for whose tasks ECS makes none', got: 'an EBS volume',
        fix: 'Use Ec2Placement.replicas(), or another volume such as TaskVolume.efs(…).',
      });
    }
    const { volumeType } = this.options;
    if (volumeType === EbsDeviceVolumeType.STANDARD && !hasMagneticVolumes) {
      reject(scope, { property: `${property}.volumeType`, must: `not be magnetic on ${name}`, got: volumeType, fix: 'Use EbsDeviceVolumeType.GP3.' });
    }
  }

  public bind(scope: Construct, name: string): BoundVolume {
    const { snapshotId, encryptionKey, volumeType = EbsDeviceVolumeType.GP3, ...options } = this.options;
    const volume = new CheckedVolume(scope, 'Volume', {
      name,
      managedEBSVolume: {
        ...options,
        volumeType,
        snapShotId: snapshotId,
        encrypted: true,
        kmsKeyId: encryptionKey,
        tagSpecifications: [{ propagateTags: EbsPropagatedTagSource.SERVICE }],
      },
    });
    const rights = encryptionKey && allowEncryption(encryptionKey, volume.role);
    return {
      volume: { configuredAtLaunch: true },
      attachTo: runner => attach(scope, volume, runner, rights),
    };
  }
}

/** The size has been checked, and the L2 takes a token for a negative number: it gets to see a size that every kind of volume can have. */
class CheckedVolume extends ServiceManagedVolume {
  public readonly config: ServiceManagedEBSVolumeConfiguration;

  constructor(scope: Construct, id: string, { name, managedEBSVolume }: Required<ServiceManagedVolumeProps>) {
    super(scope, id, { name, managedEBSVolume: { ...managedEBSVolume, size: Size.gibibytes(1000) } });
    this.config = { ...managedEBSVolume, role: this.role };
  }
}

function attach(scope: IConstruct, volume: ServiceManagedVolume, runner: TaskRunner, rights?: IDependable): void {
  if (runner.addVolume === undefined) {
    reject(scope, {
      property: 'volumes', must: 'have no EBS volume outside of a service, which makes one for each task', got: volume.name,
      fix: 'Use TaskVolume.ephemeral(…) or TaskVolume.efs(…).',
    });
  }
  runner.addVolume(volume);
  if (rights !== undefined) {
    runner.node.addDependency(rights); // without them, no task starts
  }
}

/** https://docs.aws.amazon.com/ebs/latest/userguide/ebs-encryption-requirements.html#ebs-encryption-permissions */
function allowEncryption(key: IKey, role: IRole): IDependable | undefined {
  key.grant(role, 'kms:Decrypt', 'kms:DescribeKey', 'kms:GenerateDataKeyWithoutPlaintext', 'kms:ReEncryptFrom', 'kms:ReEncryptTo');
  return role.addToPrincipalPolicy(new PolicyStatement({
    actions: ['kms:CreateGrant'], resources: [key.keyArn], conditions: { Bool: { 'kms:GrantIsForAWSResource': 'true' } },
  })).policyDependable;
}
