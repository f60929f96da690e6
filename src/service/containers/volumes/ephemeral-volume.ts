import { BoundVolume, VolumeDefinition } from './volume-definition';

/** Space on the disk of the task. */
export class EphemeralVolume implements VolumeDefinition {
  public readonly identity = ['ephemeral'];
  public readonly isManaged = false;

  public check(): void {
    // There is nothing to say about it.
  }

  public bind(): BoundVolume {
    return { volume: {} };
  }
}
