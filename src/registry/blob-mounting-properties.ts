/** The values of the setting for blob mounting. */
export type BlobMountingState = 'ENABLED' | 'DISABLED';

/**
 * Properties of `Custom::RegistryBlobMountingBefore` and `Custom::RegistryBlobMounting`, which the construct renders and the handler reads.
 *
 * There are two resources because a Create event can arrive twice. Reading can be repeated, and the resource that changes the setting gets the
 * earlier value from CloudFormation.
 */
export interface BlobMountingProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** Whether to read the setting or to enable it. */
  readonly Step: 'Look' | 'Enable';

  /** For `Enable`: the earlier value of the setting. */
  readonly Before?: string;

  /**
   * For `Enable`: `Restore` to restore the earlier value.
   *
   * @default - it stays enabled
   */
  readonly OnRemoval?: 'Restore';
}

/** The attributes of the resource that reads (`Fn::GetAtt`). */
export interface BlobMountingData {
  /** The value of the setting before this stack enabled it. */
  readonly Before: BlobMountingState;
}
