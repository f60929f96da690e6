/** What blob mounting is set to. */
export type BlobMountingState = 'ENABLED' | 'DISABLED';

/**
 * Properties of `Custom::RegistryBlobMountingBefore` and `Custom::RegistryBlobMounting`, as the construct renders them
 * and the handler reads them.
 *
 * Two resources, because a Create can come twice: what only reads can be repeated, and what writes is told by
 * CloudFormation what was read before it.
 */
export interface BlobMountingProperties {
  /** Version of this contract. */
  readonly SchemaVersion: '1';

  /** Whether to look what the setting is, or to enable it. */
  readonly Step: 'Look' | 'Enable';

  /** For `Enable`: what the setting was before. */
  readonly Before?: string;

  /**
   * For `Enable`: `Restore` to set it to what it was before.
   *
   * @default - it stays enabled
   */
  readonly OnRemoval?: 'Restore';
}

/** What `Look` answers with (`Fn::GetAtt`). */
export interface BlobMountingData {
  /** What the setting was before this stack enabled it. */
  readonly Before: BlobMountingState;
}
