import { Duration, RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Construct, IConstruct } from 'constructs';
import { ArtifactRepositoryData, ArtifactRepositoryProperties, IDENTITY_VARIABLE, OWNER_LABEL } from './artifact-repository-properties';
import { CLEANUP_POLICY, GoogleCleanupPolicy } from './google-cleanup-policy';
import { GoogleIdentity } from './google-identity';
import { checkIdentity, identityRule } from '../federation/cloud-identity';
import { IExternalRegistry } from '../federation/external-registry-contract';
import { ClaimedNames } from '../private/claims';
import { CustomResourceHandler } from '../private/custom-resource-handler';
import { checkEmptyOnDelete, RETAIN_OR_DESTROY } from '../private/removal';
import { KNOWN_BOOLEAN } from '../private/rules';
import { Shape } from '../private/shape';
import { checkOwnScope } from '../private/stacks';
import { reject } from '../private/validation';

/** A repository of Google's Artifact Registry. */
export interface GoogleArtifactRepositoryProps {
  /** The service account that manages the repository and pushes images. It needs `roles/artifactregistry.admin` on the project. */
  readonly identity: GoogleIdentity;

  /** The ID of the project, 6 to 30 characters; in a domain, `example.com:my-project`. A change replaces the repository. */
  readonly project: string;

  /** The region or multi-region, e.g. `europe-west1` or `europe`. A change replaces the repository. */
  readonly location: string;

  /** The ID of the repository, up to 63 lower-case letters, digits and hyphens. A change replaces the repository. */
  readonly repositoryId: string;

  /**
   * Whether tags cannot be moved or deleted. It can be changed later.
   *
   * @default false
   */
  readonly immutableTags?: boolean;

  /**
   * The rules by which Artifact Registry deletes versions of images, by ID.
   *
   * @default - images are never deleted
   */
  readonly cleanupPolicies?: { readonly [id: string]: GoogleCleanupPolicy };

  /**
   * Whether cleanup policies only log which versions they would delete.
   *
   * @default false
   */
  readonly cleanupDryRun?: boolean;

  /**
   * Labels, up to 63. Labels that others set on the repository stay.
   *
   * @default - only the label `cdk-container-delivery`, by which the stack recognizes its repository
   */
  readonly labels?: { readonly [key: string]: string };

  /**
   * A description.
   *
   * @default - none
   */
  readonly description?: string;

  /**
   * Whether to take over the repository if it exists. By default, the deployment then fails.
   *
   * @default false
   */
  readonly adoptExisting?: boolean;

  /**
   * What happens to the repository when the construct or its stack is removed, or when the repository is replaced: `RETAIN` or `DESTROY`.
   *
   * If the deployment that creates the repository fails, the repository is deleted, unless it contains images and `emptyOnDelete` is not set.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Whether `DESTROY` also deletes images. By default, deletion fails while the repository has images.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;
}

const PROJECT = /^(?:[a-z0-9-]+(?:\.[a-z0-9-]+)+:)?[a-z][a-z0-9-]{4,28}[a-z0-9]$/;
// gcr.io names belong to repositories with these IDs.
const REPOSITORY_ID = /^(?:[a-z](?:[a-z0-9-]{0,61}[a-z0-9])?|(?:(?:us|eu|asia)\.)?gcr\.io)$/;
// A zone would have one more letter.
const LOCATION = /^[a-z]+(?:-[a-z]+[0-9]+)?$/;
const MAX_LABELS = 63;
// https://cloud.google.com/artifact-registry/docs/repositories/cleanup-policy-overview
const MAX_POLICIES = 10;
const OWNERS = new ClaimedNames();
const LABEL_FIX = 'Use lower-case letters, digits, "_" and "-".';

export const GOOGLE_ARTIFACT_REPOSITORY = new Shape<GoogleArtifactRepositoryProps>('Write { identity, project, location, repositoryId }.', {
  identity: { ...identityRule('GoogleIdentity'), required: true },
  project: {
    kind: 'text', required: true, pattern: PROJECT, must: 'be the ID of a project: 6 to 30 lower-case letters, digits and hyphens',
    fix: 'Write the ID, not the name or the number: gcloud projects list.',
  },
  location: { kind: 'text', required: true, pattern: LOCATION, must: 'be a region or a multi-region, e.g. "europe-west1" or "europe"', fix: 'Print all: gcloud artifacts locations list.' },
  repositoryId: {
    kind: 'text', required: true, pattern: REPOSITORY_ID, must: 'be up to 63 lower-case letters, digits and hyphens, start with a letter and not end with a hyphen',
    fix: 'Write it like "images".',
  },
  immutableTags: KNOWN_BOOLEAN,
  cleanupPolicies: {
    kind: 'map', of: CLEANUP_POLICY, names: { pattern: /^[^]{1,127}$/, must: 'have IDs of 1 to 127 characters' }, fix: 'Write an object such as { old: GoogleCleanupPolicy.deleteVersions({ … }) }.',
  },
  cleanupDryRun: KNOWN_BOOLEAN,
  labels: {
    kind: 'map', names: { pattern: /^[a-z][a-z0-9_-]{0,62}$/, must: 'have keys of up to 63 lower-case letters, digits, "_" and "-", starting with a letter' }, fix: LABEL_FIX,
    of: { kind: 'text', pattern: /^[a-z0-9_-]{0,63}$/, must: 'be up to 63 lower-case letters, digits, "_" and "-"', fix: LABEL_FIX },
  },
  description: { kind: 'text', fix: 'Write a text.' },
  adoptExisting: KNOWN_BOOLEAN,
  removalPolicy: RETAIN_OR_DESTROY,
  emptyOnDelete: KNOWN_BOOLEAN,
}, {
  name: 'Write `repositoryId`.', repository: 'Write `repositoryId`.', repositoryName: 'Write `repositoryId`.', projectId: 'Write `project`.', region: 'Write `location`.',
  tags: 'Write `labels`.', cleanupPolicyDryRun: 'Write `cleanupDryRun`.', forceDelete: 'Write `emptyOnDelete`.', adopt: 'Write `adoptExisting`.',
});

/**
 * A repository for Docker images in Google's Artifact Registry, and the address to publish images to: `image.publishTo(google, { name: 'web' })`.
 *
 * A function creates, changes and deletes the repository during the deployment. It takes on the service account without a password.
 *
 * Not tested against Google. The tests use doubles that compare each request with the discovery documents that Google publishes.
 *
 * @see https://cloud.google.com/artifact-registry/docs/repositories
 */
export class GoogleArtifactRepository extends Construct implements IExternalRegistry {
  /** The address for images, `europe-west1-docker.pkg.dev/my-project/images`. Known at deployment. */
  public readonly repositoryUri: string;

  /** The name for the API of Google, `projects/…/locations/…/repositories/…`. Known at deployment. */
  public readonly repositoryName: string;

  private readonly props: GoogleArtifactRepositoryProps;

  /**
   * Throws if Artifact Registry would reject an option.
   *
   * @param scope a stack, or a construct in one
   * @param id the ID in the scope
   * @param props identity, project, location and ID of the repository, and its settings
   */
  constructor(scope: Construct, id: string, props: GoogleArtifactRepositoryProps) {
    super(scope, id);
    checkOwnScope(this);
    GOOGLE_ARTIFACT_REPOSITORY.check(this, '', props);
    checkIdentity(this, 'identity', props.identity);
    checkLabels(this, props);
    checkPolicies(this, props);
    checkNew(this, props);
    checkEmptyOnDelete(this, props);
    this.props = props;
    const handler = new ArtifactRepositoryHandler(this, 'Handler', props.identity);
    const resource = handler.addResource(this, 'Resource', 'Custom::GoogleArtifactRepository', propertiesOf(this, props));
    const attribute = (name: keyof ArtifactRepositoryData) => resource.getAttString(name);
    this.repositoryUri = attribute('RegistryUri');
    this.repositoryName = attribute('Name');
  }

  /** @internal */
  public get _identity(): GoogleIdentity {
    return this.props.identity;
  }

  /** @internal */
  public _repository(scope: IConstruct, name: string): string {
    const { project, location, repositoryId } = this.props;
    for (const [property, value] of Object.entries({ project, location, repositoryId, name })) {
      if (Token.isUnresolved(value)) {
        const owner = property === 'name' ? scope : this;
        reject(owner, { property, must: 'be known at synthesis, because it is part of the address of the image', got: 'a token', fix: 'Write it as plain text.' });
      }
    }
    return `${location}-docker.pkg.dev/${project.replace(':', '/')}/${repositoryId}/${name}`;
  }
}

function propertiesOf(scope: Construct, props: GoogleArtifactRepositoryProps): ArtifactRepositoryProperties {
  const policies = Object.entries(props.cleanupPolicies ?? {}).sort(([one], [other]) => one < other ? -1 : 1)
    .map(([id, policy]) => [id, policy._render(scope, `cleanupPolicies.${id}`, id)]);
  const labels = sorted(props.labels);
  return {
    SchemaVersion: '1',
    Identity: props.identity._text,
    Project: props.project,
    Location: props.location,
    RepositoryId: props.repositoryId,
    ImmutableTags: props.immutableTags ? 'true' : undefined,
    Description: props.description || undefined,
    ...(labels !== undefined && { Labels: labels }),
    ...(policies.length > 0 && { CleanupPolicies: Stack.of(scope).toJsonString(Object.fromEntries(policies)) }),
    CleanupDryRun: props.cleanupDryRun ? 'true' : undefined,
    AdoptExisting: props.adoptExisting ? 'true' : undefined,
    OnRemoval: props.removalPolicy === RemovalPolicy.DESTROY ? 'Delete' : undefined,
    EmptyOnDelete: props.emptyOnDelete ? 'true' : undefined,
  };
}

/** The labels in an order that does not depend on the user's. A token stays as it is. */
function sorted(labels: GoogleArtifactRepositoryProps['labels'] = {}): { readonly [key: string]: string } | undefined {
  if (Token.isUnresolved(labels)) return labels;
  const entries = Object.entries(labels).sort(([one], [other]) => one < other ? -1 : 1);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

function checkPolicies(scope: Construct, { cleanupPolicies = {} }: GoogleArtifactRepositoryProps): void {
  if (Token.isUnresolved(cleanupPolicies)) {
    reject(scope, { property: 'cleanupPolicies', must: 'be known at synthesis', got: 'a token', fix: 'Write an object such as { old: GoogleCleanupPolicy.deleteVersions({ … }) }.' });
  }
  const { length } = Object.keys(cleanupPolicies);
  if (length > MAX_POLICIES) {
    reject(scope, { property: 'cleanupPolicies', must: `have at most ${MAX_POLICIES} entries, which is what Google allows for a repository`, got: `${length} policies`, fix: 'Combine some.' });
  }
}

function checkNew(scope: Construct, { project, location, repositoryId }: GoogleArtifactRepositoryProps): void {
  const name = `${project}/${location}/${repositoryId}`;
  const other = Token.isUnresolved(name) ? undefined : OWNERS.claim(scope, name, scope.node.root);
  if (other !== undefined) {
    reject(scope, { property: 'repositoryId', must: 'be new in this app for its project and location', got: repositoryId, fix: `Use the repository of ${other.node.path}, or another ID.` });
  }
}

function checkLabels(scope: Construct, { labels = {} }: GoogleArtifactRepositoryProps): void {
  if (Token.isUnresolved(labels)) return;
  if (Object.hasOwn(labels, OWNER_LABEL)) {
    reject(scope, { property: `labels.${OWNER_LABEL}`, must: 'be left to this library', got: labels[OWNER_LABEL], fix: 'Use another key.' });
  }
  const { length } = Object.keys(labels);
  if (length > MAX_LABELS) {
    reject(scope, { property: 'labels', must: `have at most ${MAX_LABELS} entries, because one of 64 belongs to this library`, got: `${length} labels`, fix: 'Remove some.' });
  }
}

/** A function with one identity, which its environment names. It has no permission in AWS but to request the token for it. */
class ArtifactRepositoryHandler extends CustomResourceHandler {
  constructor(scope: Construct, id: string, identity: GoogleIdentity) {
    super(scope, id, {
      bundle: 'google/artifact-repository.lambda', description: 'Manages a repository of the Artifact Registry of Google', timeout: Duration.minutes(15), memorySize: 128,
      // The maximum, because operations of Google have no limit.
      serviceTimeout: Duration.hours(1),
    });
    this.addEnvironment(IDENTITY_VARIABLE, identity._text);
    identity._grant(this.role);
    this.mayDescribeStacks();
    this.mayInvokeItself();
  }
}
