import { Aspects, CfnResource } from 'aws-cdk-lib';
import { CfnPullTimeUpdateExclusion } from 'aws-cdk-lib/aws-ecr';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { BLOB_MOUNTING, BlobMounting } from './blob-mounting';
import { MANAGED_SIGNING, ManagedSigning, SigningSettings } from './managed-signing';
import { PULL_THROUGH_CACHE_RULE, PullThroughCache } from './pull-through-cache';
import { PullThroughCaches } from './pull-through-caches';
import { createPolicy, REGISTRY_POLICY, RegistryPolicy } from './registry-policy';
import { createScanning, REGISTRY_SCANNING, RegistryScanning } from './registry-scanning';
import { createReplication, REPLICATION_RULE, ReplicationRule } from './replication-rule';
import { createTemplates, CREATION_TEMPLATE_RULE, RepositoryCreationTemplate } from './repository-creation-template';
import { ClaimedNames } from '../private/claims';
import { imageReaderRole } from '../private/custom-resource-handler';
import { InstanceRule, ListRule, Shape } from '../private/shape';
import { childOf, registryOf } from '../private/stacks';
import { reject, sentence } from '../private/validation';

// A registry has one of each. The other settings have names, which CloudFormation checks.
const SINGLETONS = [
  ['scanning', 'AWS::ECR::RegistryScanningConfiguration'],
  ['replication', 'AWS::ECR::ReplicationConfiguration'],
  ['signing', 'AWS::ECR::SigningConfiguration'],
  ['policy', 'AWS::ECR::RegistryPolicy'],
] as const;

const OWNERS = new ClaimedNames();
const PULL_TIME_EXCLUSION = 'PullTimeExclusion';

/** The settings of the registry of an account in a region. Settings that you leave out do not change. An empty list throws. */
export interface RegistrySettingsProps {
  /**
   * Which repositories are scanned, how and when.
   *
   * @default - not changed
   */
  readonly scanning?: RegistryScanning;

  /**
   * The destinations that pushed images are replicated to.
   *
   * @default - not changed
   */
  readonly replication?: ReplicationRule[];

  /**
   * Which images are signed when they are pushed.
   *
   * @default - not changed
   */
  readonly signing?: ManagedSigning[];

  /**
   * Whether repositories share layers.
   *
   * @default - not changed
   */
  readonly blobMounting?: BlobMounting;

  /**
   * Registries whose images can be pulled through this one.
   *
   * @default - none are added
   */
  readonly pullThroughCaches?: PullThroughCache[];

  /**
   * The settings of repositories that ECR creates.
   *
   * @default - none are added
   */
  readonly creationTemplates?: RepositoryCreationTemplate[];

  /**
   * Exclude scan gates, and functions that only check images, from the pull times of images, for this app in the account and region. Otherwise each
   * deployment counts as a pull, and `LifecycleRule.archiveUnused` keeps images that nothing else pulls. Each such function adds one exclusion to the
   * registry. Functions that copy or build images are not excluded: when they check an image, the check counts as a pull.
   *
   * @default false
   */
  readonly ignorePullsOfChecks?: boolean;

  /**
   * Permissions for the whole registry.
   *
   * @default - not changed
   */
  readonly policy?: RegistryPolicy[];
}

const listOf = (of: InstanceRule, fix: string, max?: number): ListRule => ({ kind: 'list', min: 1, max, of, fix: `${fix}, or leave it out.` });

export const REGISTRY_SETTINGS = new Shape<RegistrySettingsProps>('Write an object such as { scanning: RegistryScanning.enhanced() }.', {
  scanning: REGISTRY_SCANNING,
  replication: listOf(REPLICATION_RULE, 'Write replication: [ReplicationRule.toRegions(["eu-central-1"])]', 10),
  signing: listOf(MANAGED_SIGNING, 'Write signing: [ManagedSigning.withNewProfile()]', 10),
  blobMounting: BLOB_MOUNTING,
  pullThroughCaches: listOf(PULL_THROUGH_CACHE_RULE, 'Write pullThroughCaches: [PullThroughCache.ecrPublic()]', 50),
  creationTemplates: listOf(
    CREATION_TEMPLATE_RULE, 'Write creationTemplates: [RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.CREATE_ON_PUSH] })]',
  ),
  ignorePullsOfChecks: { kind: 'boolean' },
  policy: listOf(REGISTRY_POLICY, 'Write policy: [RegistryPolicy.allowReplicationFrom(["111122223333"])]'),
}, {
  replicationRules: 'Write `replication`.', replicationConfiguration: 'Write `replication`.', scanningConfiguration: 'Write `scanning`.', scanType: 'Write `scanning`.',
  signingConfiguration: 'Write `signing`.', registryPolicy: 'Write `policy`.', policyText: 'Write `policy`.', pullThroughCacheRules: 'Write `pullThroughCaches`.',
  caches: 'Write `pullThroughCaches`.', repositoryCreationTemplates: 'Write `creationTemplates`.', templates: 'Write `creationTemplates`.',
});

/**
 * The settings of the ECR registry of an account in a region.
 *
 * An app can have one for each account and region. A second one throws, and so does another resource with the same setting, at the end of
 * synthesis. The settings of another app are not known. If AWS does not reject them, the last deployment wins.
 *
 * A setting that you remove is removed from the registry. Earlier manual settings are not restored.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings.html
 */
export class RegistrySettings extends Construct {
  private readonly signing?: SigningSettings;
  private readonly caches?: PullThroughCaches;

  /**
   * Throws if the app has another one for the same account and region, and if ECR would reject a setting.
   *
   * @param scope the scope; its stack determines account and region
   * @param id the ID in the scope
   * @param props the settings, all optional
   */
  constructor(scope: Construct, id: string, props: RegistrySettingsProps = {}) {
    super(scope, id);
    REGISTRY_SETTINGS.check(this, '', props);
    claimRegistry(this);
    const { scanning, replication, signing, blobMounting, pullThroughCaches, creationTemplates, ignorePullsOfChecks, policy } = props;
    if (scanning !== undefined) createScanning(this, scanning);
    if (replication !== undefined) createReplication(this, replication);
    if (signing !== undefined) this.signing = new SigningSettings(this, 'Signing', signing);
    blobMounting?._enableBlobMounting(new Construct(this, 'BlobMounting'));
    if (pullThroughCaches !== undefined) this.caches = new PullThroughCaches(this, 'PullThroughCaches', pullThroughCaches);
    const templates = creationTemplates && createTemplates(this, creationTemplates);
    // The first pull creates the repository, with the template if it exists. Tasks wait for the cache, and so for the template.
    if (templates !== undefined) this.caches?.node.addDependency(templates);
    if (ignorePullsOfChecks) excludeReaders(this);
    if (policy !== undefined) createPolicy(this, policy);
    this.refuseBesides(props);
  }

  /**
   * The URI of an image in a pull-through cache. Throws if there is no such cache, and if the image is malformed or contains its registry.
   *
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param image the image as in its registry, with tag or digest: `nginx:1.27`, `team/web:v1`
   */
  public cachedImage(prefix: string, image: string): string {
    return this.cachesOrReject().imageUri(this, prefix, image);
  }

  /**
   * Grant the permission to pull through a cache, including images that are not cached yet. The first pull creates the repository, so the
   * permission includes creating repositories, but only those with the prefix, or only one of them.
   *
   * Throws if there is no such cache, and if the prefix is `ROOT` without a repository, because that would be the whole registry.
   *
   * @param grantee the principal, e.g. the execution role of a task
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param repository a single repository as in its registry: `nginx`, `team/web`; by default all with the prefix
   */
  public grantCachedPull(grantee: IGrantable, prefix: string, repository?: string): Grant {
    return this.cachesOrReject().grantPull(this, grantee, prefix, repository);
  }

  /**
   * Grant the permission to sign pushed images: `signer:SignPayload` with every profile of the settings. Throws without `signing`.
   *
   * @param grantee the principal that pushes
   */
  public grantSign(grantee: IGrantable): Grant {
    return (this.signing ?? this.missing('signing', 'signing: [ManagedSigning.withNewProfile()]')).grantSign(this, grantee);
  }

  private cachesOrReject(): PullThroughCaches {
    return this.caches ?? this.missing('pullThroughCaches', 'pullThroughCaches: [PullThroughCache.ecrPublic()]');
  }

  private missing(property: string, example: string): never {
    return reject(this, { property, must: 'be among the settings', got: undefined, fix: `Write ${example}.` });
  }

  private refuseBesides(props: RegistrySettingsProps): void {
    const set = SINGLETONS.filter(([property]) => props[property] !== undefined);
    refuseBesides(this, new Map(set.map(([property, type]) => [type, property])));
  }
}

/** Makes sure that an app has one owner for the registry of an account and region. */
export function claimRegistry(settings: IConstruct): void {
  const other = OWNERS.claim(settings, registryOf(settings), settings.node.root);
  if (other !== undefined) {
    reject(settings, {
      property: 'scope', must: 'have no other RegistrySettings in its account and region, because each deployment would undo the other',
      got: other.node.path, fix: 'Write all settings of a registry into one RegistrySettings.',
    });
  }
}

/** Reports other resources that set one of these properties in the same account and region, at the end of synthesis. */
export function refuseBesides(settings: IConstruct, properties: ReadonlyMap<string, string>): void {
  const registry = registryOf(settings);
  settings.node.addValidation({
    validate: () => settings.node.root.node.findAll().flatMap(resource => {
      const property = CfnResource.isCfnResource(resource) ? properties.get(resource.cfnResourceType) : undefined;
      const isOwn = resource.node.scopes.includes(settings);
      return property === undefined || isOwn || registryOf(resource) !== registry ? [] : [sentence({
        property, must: 'be set nowhere else in this account and region, because each deployment would undo the other',
        got: resource.node.path, fix: 'Remove one of the two.',
      })];
    }),
  });
}

/**
 * Excludes the roles of image checks and scan gates of the app from the pull times of the registry. Each exclusion is in the stack of its role.
 *
 * They may be created after the settings and in other stacks, so they are found at the end of synthesis.
 */
function excludeReaders(settings: Construct): void {
  const registry = registryOf(settings);
  Aspects.of(settings.node.root).add({
    visit: (node: IConstruct) => {
      const role = imageReaderRole(node);
      if (role === undefined || registryOf(node) !== registry || childOf(node, PULL_TIME_EXCLUSION) !== undefined) return;
      new CfnPullTimeUpdateExclusion(node as Construct, PULL_TIME_EXCLUSION, { principalArn: role.roleArn });
    },
  });
}
