import { Token } from 'aws-cdk-lib';
import { Port } from 'aws-cdk-lib/aws-ec2';
import { TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { AccessPoint, IAccessPoint, IFileSystem } from 'aws-cdk-lib/aws-efs';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { BoundVolume, VolumeDefinition } from './volume-definition';
import { checkObject, isObject } from '../../../private/check-types';
import { letInFromItsStack } from '../../../private/rules-of-clients';
import { reject } from '../../../private/validation';
import { checkAbsolutePath } from '../checks/path-checks';

/** What may differ in a directory of an EFS file system. */
export interface EfsVolumeOptions {
  /**
   * The directory in the file system that the containers see, with at most 100 characters and four levels. It is created when it is not
   * there, and stays when the service is removed. Two services that name the same directory share it.
   *
   * @default - "/" and the name of the volume
   */
  readonly directory?: string;

  /**
   * An access point of yours, which says as which user the containers read and write, and in which directory.
   *
   * @default - one for `directory`, as user and group 1000, whoever the processes in the containers run as
   */
  readonly accessPoint?: IAccessPoint;
}

// Everybody in the containers is this user for the file system, so it does not matter who the processes run as.
const OWNER = { uid: '1000', gid: '1000' };

/** A directory of an EFS file system: encrypted on the way, and open to nobody but the role of the tasks. */
export class EfsVolume implements VolumeDefinition {
  public readonly isManaged = false;

  constructor(private readonly fileSystem: IFileSystem, private readonly options: EfsVolumeOptions) {}

  public get identity(): unknown[] {
    return ['efs', this.fileSystem, this.options?.accessPoint, this.options?.directory];
  }

  /** https://docs.aws.amazon.com/efs/latest/ug/API_RootDirectory.html */
  public check(scope: IConstruct, property: string): void {
    const { fileSystem, options } = this;
    if (!isObject(fileSystem) || typeof fileSystem.fileSystemId !== 'string' || !isObject(fileSystem.connections)) {
      reject(scope, {
        property: `${property}.fileSystem`, must: 'be an EFS file system', got: fileSystem,
        fix: 'Give an efs.FileSystem, or FileSystem.fromFileSystemAttributes(…).',
      });
    }
    checkObject(scope, property, options, 'Give options in brackets, or none: TaskVolume.efs(\'data\', fileSystem).');
    const { accessPoint, directory } = options;
    if (accessPoint !== undefined && !(isObject(accessPoint) && typeof accessPoint.accessPointId === 'string')) {
      reject(scope, {
        property: `${property}.accessPoint`, must: 'be an access point', got: accessPoint, fix: 'Give fileSystem.addAccessPoint(…), or leave it out.',
      });
    }
    if (directory === undefined) return;
    if (accessPoint !== undefined) {
      reject(scope, {
        property: `${property}.directory`, must: 'be left out with an access point, which has its own', got: directory, fix: 'Keep one of the two.',
      });
    }
    checkAbsolutePath(scope, `${property}.directory`, directory);
    if (!Token.isUnresolved(directory) && (directory.length > 100 || directory.split('/').length > 5)) {
      reject(scope, {
        property: `${property}.directory`, must: 'have at most 100 characters and four levels', got: directory, fix: 'Choose a shorter path.',
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
        letInFromItsStack(runner, fileSystem, fileSystem.connections.defaultPort ?? Port.tcp(2049), {
          ofServer: 'Tasks that mount it', ofClient: 'File systems that the tasks mount',
        });
        runner.node.addDependency(fileSystem.mountTargetsAvailable);
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
