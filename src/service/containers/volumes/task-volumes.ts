import { ContainerDefinition, TaskDefinition } from 'aws-cdk-lib/aws-ecs';
import { Construct } from 'constructs';
import { TaskVolume } from './task-volume';
import { BoundVolume, TaskRunner } from './volume-definition';
import { byName } from '../by-name';

/** The volumes of a task. Each is created for the first container that mounts it. */
export class TaskVolumes {
  private readonly volumes = new Map<string, BoundVolume>();
  private readonly writable = new Set<string>();
  private readonly places: Construct;
  private runner?: TaskRunner;

  constructor(scope: Construct, private readonly taskDefinition: TaskDefinition) {
    this.places = new Construct(scope, 'Volumes'); // a separate scope, so that names of users cannot collide with other IDs
  }

  /** Mounts volumes into a container. The volumes must already have been checked. */
  public mount(container: ContainerDefinition, volumes: { readonly [path: string]: TaskVolume } = {}): void {
    for (const [containerPath, { name, _definition, _access }] of byName(volumes)) {
      const bound = this.volumes.get(name) ?? this.create(name, _definition);
      const readOnly = _access === 'read-only';
      if (!readOnly && !this.writable.has(name)) {
        this.writable.add(name);
        bound.allowWriting?.();
      }
      container.addMountPoints({ containerPath, sourceVolume: name, readOnly });
    }
  }

  /** Connects the volumes to the runner of the tasks. */
  public attachTo(runner: TaskRunner): void {
    this.runner = runner;
    this.volumes.forEach(volume => volume.attachTo?.(runner));
  }

  private create(name: string, definition: TaskVolume['_definition']): BoundVolume {
    const bound = definition.bind(new Construct(this.places, name), name, this.taskDefinition);
    this.taskDefinition.addVolume({ name, ...bound.volume });
    this.volumes.set(name, bound);
    if (this.runner !== undefined) {
      bound.attachTo?.(this.runner);
    }
    return bound;
  }
}
