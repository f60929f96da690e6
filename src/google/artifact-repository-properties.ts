/**
 * Properties of `Custom::GoogleArtifactRepository`, which the construct renders and the handler reads.
 *
 * This file imports nothing, so neither side depends on the other. CloudFormation turns every scalar into a string.
 */
export interface ArtifactRepositoryProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';

  /** The identity. The function reads it from its environment. This property only makes CloudFormation update the resource after a change. */
  readonly Identity: string;

  /** The ID of the project, e.g. `my-project` or `example.com:my-project`. A change is a replacement. */
  readonly Project: string;

  /** The location. A change is a replacement. */
  readonly Location: string;

  /** The ID of the repository. A change is a replacement. */
  readonly RepositoryId: string;

  /**
   * `true` if tags cannot move.
   *
   * @default - tags can move
   */
  readonly ImmutableTags?: 'true';

  /** @default - none */
  readonly Description?: string;

  /** @default - none */
  readonly Labels?: Readonly<Record<string, string>>;

  /**
   * The cleanup policies by ID, as JSON in the form of the API.
   *
   * @default - none
   */
  readonly CleanupPolicies?: string;

  /**
   * `true` if cleanup policies delete nothing.
   *
   * @default - they delete images
   */
  readonly CleanupDryRun?: 'true';

  /**
   * `true` to take over a repository that already exists.
   *
   * @default - it must not exist
   */
  readonly AdoptExisting?: 'true';

  /**
   * `Delete` to delete the repository on Delete.
   *
   * @default - it is kept, except when its creation is rolled back and it has no images
   */
  readonly OnRemoval?: 'Delete';

  /**
   * `true` to delete the repository with its images.
   *
   * @default - deletion fails while there are images
   */
  readonly EmptyOnDelete?: 'true';
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface ArtifactRepositoryData {
  /** The address for images, e.g. `europe-west1-docker.pkg.dev/my-project/images`. */
  readonly RegistryUri: string;

  /** The name for the API, e.g. `projects/my-project/locations/europe-west1/repositories/images`. */
  readonly Name: string;
}

/** The environment variable of the function with its identity. An event cannot choose another one. */
export const IDENTITY_VARIABLE = 'CLOUD_IDENTITY';

/** The label that identifies the resource that owns a repository. */
export const OWNER_LABEL = 'cdk-container-delivery';

/** The hosts of Artifact Registry. Hosts of gcr.io are served by Artifact Registry too. */
export const GOOGLE_HOST = /^(?:[a-z0-9-]+-docker\.pkg\.dev|(?:[a-z]+\.)?gcr\.io)$/;
