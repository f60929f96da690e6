import { IConnectable } from 'aws-cdk-lib/aws-ec2';
import { ServiceManagedVolume, TaskDefinition, Volume } from 'aws-cdk-lib/aws-ecs';
import { Construct, IConstruct, Node } from 'constructs';
import { ContainerCapabilities } from '../container-capabilities';

/** What runs the tasks: a service, or something that starts them one by one. */
export interface TaskRunner extends IConnectable {
  /** What has to wait until the volumes are there. */
  readonly node: Node;

  /** Only a service has it. */
  addVolume?(volume: ServiceManagedVolume): void;
}

/** One kind of volume: what it is, before there is a task. */
export interface VolumeDefinition {
  /** Two with the same are one volume. */
  readonly identity: readonly unknown[];

  /** Whether ECS makes it for each task, when the task starts. */
  readonly isManaged: boolean;

  check(scope: IConstruct, property: string): void;

  /** Whether it is there where the tasks run. */
  checkOffered?(scope: IConstruct, property: string, capabilities: ContainerCapabilities): void;

  /** Create what it needs, on a scope of its own, and let the tasks read it. */
  bind(scope: Construct, name: string, taskDefinition: TaskDefinition): BoundVolume;
}

/** A volume of one task. */
export interface BoundVolume {
  readonly volume: Omit<Volume, 'name'>;

  /** Called once, when the first container may write to it. */
  allowWriting?(): void;

  /** Called once, when it is known what runs the tasks. */
  attachTo?(runner: TaskRunner): void;
}
