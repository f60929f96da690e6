import { BlobMounting } from './blob-mounting';
import { ManagedSigning } from './managed-signing';
import { PullThroughCache } from './pull-through-cache';
import { RegistryPolicy } from './registry-policy';
import { RegistryScanning } from './registry-scanning';
import { ReplicationRule } from './replication-rule';
import { RepositoryCreationTemplate } from './repository-creation-template';

/** Settings of the registry of one account and region. What is left out is not touched. An empty list throws: leave it out. */
export interface RegistrySettingsProps {
  /**
   * Which repositories are scanned, how and when.
   *
   * @default - not touched
   */
  readonly scanning?: RegistryScanning;

  /**
   * Where images are replicated to when they are pushed.
   *
   * @default - not touched
   */
  readonly replication?: ReplicationRule[];

  /**
   * Which images are signed when they are pushed.
   *
   * @default - not touched
   */
  readonly signing?: ManagedSigning[];

  /**
   * Whether repositories share layers.
   *
   * @default - not touched
   */
  readonly blobMounting?: BlobMounting;

  /**
   * Registries whose images can be pulled through this one.
   *
   * @default - none are added
   */
  readonly pullThroughCaches?: PullThroughCache[];

  /**
   * What ECR gives the repositories that it creates itself.
   *
   * @default - none are added
   */
  readonly creationTemplates?: RepositoryCreationTemplate[];

  /**
   * Who may do what in the whole registry.
   *
   * @default - not touched
   */
  readonly policy?: RegistryPolicy[];
}
