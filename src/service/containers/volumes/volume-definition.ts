import { IConnectable, ISubnet } from 'aws-cdk-lib/aws-ec2';
import { ServiceManagedVolume, TaskDefinition, Volume } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct, Node } from 'constructs';
import { TextRule } from '../../../private/shape';
import { ContainerCapabilities } from '../container-capabilities';

/** The service, schedule or one-off task that runs the tasks. */
export interface TaskRunner extends IConnectable {
  /** The node that depends on the volumes. */
  readonly node: Node;

  /** The subnets of the tasks. */
  readonly subnets: ISubnet[];

  /** Adds an EBS volume. Only services have this method. */
  addVolume?(volume: ServiceManagedVolume): void;
}

/** One kind of volume, without a task. */
export interface VolumeDefinition {
  /** Two definitions with the same identity are the same volume. */
  readonly identity: readonly unknown[];

  /** Whether ECS creates the volume for each task. */
  readonly isManaged: boolean;

  check(scope: IConstruct, property: string): void;

  /** Rejects a volume that the launch type does not support. */
  checkOffered?(scope: IConstruct, property: string, capabilities: ContainerCapabilities): void;

  /** Creates the resources that the volume needs, and grants the tasks read access. */
  bind(scope: Construct, name: string, taskDefinition: TaskDefinition): BoundVolume;
}

/** A volume of one task. */
export interface BoundVolume {
  readonly volume: Omit<Volume, 'name'>;

  /** Called once, for the first container with write access. */
  allowWriting?(): void;

  /** Called once, when the runner of the tasks exists. */
  attachTo?(runner: TaskRunner): void;
}

/** A directory on the ephemeral storage of the task. */
export class EphemeralVolume implements VolumeDefinition {
  public readonly identity = ['ephemeral'];
  public readonly isManaged = false;

  public check(): void {
    // There are no options to check.
  }

  public bind(): BoundVolume {
    return { volume: {} };
  }
}

/** The rule of a directory in a container. */
export const ABSOLUTE_PATH: TextRule & { readonly required: true } = {
  kind: 'text', pattern: /^\/(?!.*(\/\/|\/\.{1,2}(\/|$)))[^\0:]*[^\0:/]$/, required: true,
  must: 'be an absolute path without "..", ":" or a "/" at its end', fix: 'Use a directory in the container such as "/data".',
};
