import { Annotations, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import { CfnSubnet, ISubnet, Port } from 'aws-cdk-lib/aws-ec2';
import { TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { AccessPoint, CfnMountTarget, IAccessPoint, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { BoundVolume, VolumeDefinition } from './volume-definition';
import { addRulesInClientStack } from '../../../private/rules-of-clients';
import { zoneOf } from '../../../private/select-subnets';
import { checkValue, Rule, Shape, TextRule } from '../../../private/shape';
import { reject } from '../../../private/validation';

/** Options of an EFS volume. */
export interface TaskVolumeEfsOptions {
  /**
   * The directory in the file system: "/", or up to four levels with at most 100 characters. It is created if it does not exist, and kept when the
   * service is removed. Two services with the same directory share it.
   *
   * @default - "/" and the name of the volume
   */
  readonly directory?: string;

  /**
   * The access point, which sets the directory and the user for file access.
   *
   * @default - a new access point for `directory`, with user and group 1000, regardless of the user of the process
   */
  readonly accessPoint?: IAccessPoint;
}

const FILE_SYSTEM: Rule = {
  kind: 'instance', same: ['region'], properties: ['fileSystemId', 'connections'], must: 'be an EFS file system', required: true,
  fix: 'Use an efs.FileSystem, or FileSystem.fromFileSystemAttributes(…).',
};

// https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html
const DIRECTORY: TextRule = {
  kind: 'text', pattern: /^(?=[^]{1,100}$)(\/|(\/(?!\.)[^$#<>;`|&?{}^*/\n]+){1,4})$/,
  must: 'be "/" or an absolute path with at most four levels and 100 characters, without names that start with "." and without $#<>;`|&?{}^*',
  fix: 'Use a directory in the file system such as "/data".',
};

/** The rules of `TaskVolumeEfsOptions`. */
export const EFS_VOLUME = new Shape<TaskVolumeEfsOptions>('Write TaskVolume.efs(\'data\', fileSystem, { directory: \'/data\' }).', {
  directory: DIRECTORY,
  accessPoint: { kind: 'instance', properties: ['accessPointId'], must: 'be an access point', fix: 'Use fileSystem.addAccessPoint(…), or leave it out.' },
}, {
  rootDirectory: 'Write directory.',
  fileSystemId: 'Pass the file system as the second argument.',
  transitEncryption: 'Leave it out: it is always enabled.',
  authorizationConfig: 'Write accessPoint. IAM authorization is always enabled.',
});

// The access point maps all users to this one.
const OWNER = { uid: '1000', gid: '1000' };

/** A directory of an EFS file system, encrypted in transit and accessible to the task role only. */
export class EfsVolume implements VolumeDefinition {
  public readonly isManaged = false;

  constructor(private readonly fileSystem: IFileSystem, private readonly options: TaskVolumeEfsOptions) {}

  public get identity(): unknown[] {
    return ['efs', this.fileSystem, this.options?.accessPoint, this.options?.directory];
  }

  public check(scope: IConstruct, property: string): void {
    const { fileSystem, options } = this;
    checkValue(scope, `${property}.fileSystem`, fileSystem, FILE_SYSTEM);
    if (fileSystem.connections.securityGroups.some(group => group === undefined)) {
      reject(scope, {
        property: `${property}.fileSystem`, must: 'have a security group, to which tasks are added as clients', got: fileSystem.node.path,
        fix: 'Import it with securityGroup in FileSystem.fromFileSystemAttributes.',
      });
    }
    EFS_VOLUME.check(scope, property, options);
    const { accessPoint, directory } = options;
    if (directory === undefined) return;
    if (accessPoint !== undefined) {
      reject(scope, {
        property: `${property}.directory`, must: 'be left out with an access point, which has its own', got: directory, fix: 'Remove one of the two.',
      });
    }
  }

  public bind(scope: Construct, name: string, taskDefinition: TaskDefinition): BoundVolume {
    const { fileSystem } = this;
    const accessPoint = this.options.accessPoint ?? this.createAccessPoint(scope, name);
    const allow = (action: string) => taskDefinition.addToTaskRolePolicy(new PolicyStatement({
      actions: [`elasticfilesystem:${action}`],
      resources: [fileSystem.fileSystemArn],
      conditions: {
        StringEquals: { 'elasticfilesystem:AccessPointArn': accessPoint.accessPointArn },
        Bool: { 'elasticfilesystem:AccessedViaMountTarget': 'true' },
      },
    }));
    allow('ClientMount');
    return {
      volume: {
        efsVolumeConfiguration: {
          fileSystemId: fileSystem.fileSystemId,
          transitEncryption: 'ENABLED',
          authorizationConfig: { accessPointId: accessPoint.accessPointId, iam: 'ENABLED' },
        },
      },
      allowWriting: () => allow('ClientWrite'),
      attachTo: runner => {
        addRulesInClientStack({
          client: runner, server: fileSystem, port: fileSystem.connections.defaultPort ?? Port.tcp(2049),
          ingressDescription: 'Tasks that mount it', egressDescription: 'File systems that the tasks mount',
        });
        // The rule is a resource below the security group of the file system if both are in one stack.
        runner.node.addDependency(fileSystem.mountTargetsAvailable, ...fileSystem.connections.securityGroups);
        warnOfMissingMountTargets(scope, name, fileSystem, runner.subnets);
      },
    };
  }

  private createAccessPoint(scope: Construct, name: string): AccessPoint {
    return new AccessPoint(scope, 'AccessPoint', {
      fileSystem: this.fileSystem,
      path: this.options.directory ?? `/${name}`,
      posixUser: OWNER,
      createAcl: { ownerUid: OWNER.uid, ownerGid: OWNER.gid, permissions: '750' },
    });
  }
}

/**
 * Warns if tasks can run in an Availability Zone without a mount target, where the DNS name of the file system does not resolve.
 *
 * @see https://docs.aws.amazon.com/efs/latest/ug/mounting-fs-mount-cmd-dns-name.html
 */
function warnOfMissingMountTargets(scope: IConstruct, name: string, fileSystem: IFileSystem, subnets: ISubnet[]): void {
  const keyOf = (value: unknown) => JSON.stringify(Stack.of(scope).resolve(value));
  const targets = fileSystem.node.findAll().filter((each): each is CfnMountTarget => each instanceof CfnMountTarget);
  const mounted = targets.map(({ subnetId }) => zoneOfId(subnetId) ?? subnets.filter(each => each.subnetId === subnetId).map(zoneOf)[0]);
  if (mounted.length === 0 || mounted.includes(undefined)) return;
  const zones = new Set(mounted.map(keyOf));
  const missing = [...new Set(subnets.map(zoneOf))].filter(zone => zone !== undefined && !zones.has(keyOf(zone)));
  if (missing.length > 0) {
    Annotations.of(scope).addWarningV2('cdk-container-delivery:missingMountTarget', [
      `The file system of the volume '${name}' has no mount target in ${missing.length} of the availability zones of the tasks, so tasks there fail to start.`,
      'Give the file system one subnet per zone in \'vpcSubnets\', or run the tasks in the zones with mount targets.',
    ].join(' '));
  }
}

/** The Availability Zone of a subnet of this app. */
function zoneOfId(subnetId: string): string | undefined {
  const reference = Tokenization.reverse(subnetId, { failConcat: false });
  return Reference.isReference(reference) && reference.target instanceof CfnSubnet ? reference.target.availabilityZone : undefined;
}
