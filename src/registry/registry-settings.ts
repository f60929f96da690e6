import { CfnResource, Stack, Stage, Token } from 'aws-cdk-lib';
import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct, IConstruct } from 'constructs';
import { BlobMounting } from './blob-mounting';
import { ManagedSigning, SigningSettings } from './managed-signing';
import { PullThroughCache } from './pull-through-cache';
import { PullThroughCaches } from './pull-through-caches';
import { createPolicy, RegistryPolicy } from './registry-policy';
import { checkSetting } from './registry-rules';
import { createScanning, RegistryScanning } from './registry-scanning';
import { createReplication, ReplicationRule } from './replication-rule';
import { createTemplates, RepositoryCreationTemplate } from './repository-creation-template';
import { checkObject } from '../private/check-types';
import { ClaimedNames } from '../private/claims';
import { reject, sentence } from '../private/validation';

// Of these a registry has one each. The others have names, of which CloudFormation knows.
const SINGLETONS = [
  ['scanning', 'AWS::ECR::RegistryScanningConfiguration'],
  ['replication', 'AWS::ECR::ReplicationConfiguration'],
  ['signing', 'AWS::ECR::SigningConfiguration'],
  ['policy', 'AWS::ECR::RegistryPolicy'],
] as const;

const OWNERS = new ClaimedNames();

/**
 * The settings that the registry of an account has once in each region.
 *
 * An app can have one for each account and region; a second one throws, and so does another resource that sets the same at the end of
 * synthesis. Two apps do not know of each other: where AWS does not refuse the second, whoever deploys last wins.
 *
 * When a setting is removed, it is removed from the registry; what was set by hand before does not come back.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/registry-settings.html
 */
export class RegistrySettings extends Construct {
  private readonly signing?: SigningSettings;
  private readonly caches?: PullThroughCaches;

  /**
   * Throws when the app has another one for the same account and region, and at a setting that ECR would refuse.
   *
   * @param scope where to add it; its stack says which account and region
   * @param id the id in that scope
   * @param props what to set; all optional
   */
  constructor(scope: Construct, id: string, props: RegistrySettingsProps = {}) {
    super(scope, id);
    checkObject(this, 'props', props);
    claimRegistry(this);
    const { scanning, replication, signing, blobMounting, pullThroughCaches, creationTemplates, policy } = props;
    if (scanning !== undefined) createScanning(this, scanning);
    if (replication !== undefined) createReplication(this, replication);
    if (signing !== undefined) this.signing = new SigningSettings(this, 'Signing', signing);
    if (blobMounting !== undefined) {
      checkSetting(this, {
        property: 'blobMounting', value: blobMounting, be: 'a BlobMounting', method: '_enableBlobMounting', example: 'BlobMounting.enabled()',
      });
      blobMounting._enableBlobMounting(new Construct(this, 'BlobMounting'));
    }
    if (pullThroughCaches !== undefined) this.caches = new PullThroughCaches(this, 'PullThroughCaches', pullThroughCaches);
    if (creationTemplates !== undefined) createTemplates(this, creationTemplates);
    if (policy !== undefined) createPolicy(this, policy);
    this.refuseBesides(props);
  }

  /**
   * The address of an image in a pull-through cache, for whatever takes the address of an image. Throws when there is no such
   * cache, and when the image is malformed or has its registry with it.
   *
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param image the image as its own registry calls it, with tag or digest: `nginx:1.27`, `team/web:v1`
   */
  public cachedImage(prefix: string, image: string): string {
    return this.cachesOrReject().imageUri(this, prefix, image);
  }

  /**
   * Lets somebody pull through a cache: what is in it, and what is not yet. The first pull creates the repository, so creating it is a
   * part of the permission; it is for the repositories under the prefix alone, or for one of them.
   *
   * Throws when there is no such cache, and when the prefix is `ROOT` without a repository: everything in the registry is under `ROOT`.
   *
   * @param grantee who, e.g. the execution role of a task
   * @param prefix the prefix of the cache, e.g. `docker-hub`
   * @param repository one repository alone, as its own registry calls it: `nginx`, `team/web`; by default all under the prefix
   */
  public grantCachedPull(grantee: IGrantable, prefix: string, repository?: string): Grant {
    return this.cachesOrReject().grantPull(this, grantee, prefix, repository);
  }

  /**
   * Lets somebody have signed what he pushes: `signer:SignPayload` with every profile of the settings. Throws without `signing`.
   *
   * @param grantee who pushes
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

/** Makes a construct the only one of its app that owns the registry of its account and region. */
export function claimRegistry(settings: IConstruct): void {
  const other = OWNERS.claim(settings, registryOf(settings), settings.node.root);
  if (other !== undefined) {
    reject(settings, {
      property: 'scope', must: 'have no other RegistrySettings in its account and region, because each deployment would undo the other',
      got: other.node.path, fix: 'Write all settings of a registry into one RegistrySettings.',
    });
  }
}

/** Tells, at the end of synthesis, what else sets one of these properties in the same account and region. */
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
 * A name for account and region.
 *
 * Where one of them is only known at deployment, stacks of one stage are deployed to one place; stages without an environment
 * are there to be deployed to several.
 */
function registryOf(construct: IConstruct): string {
  const stack = Stack.of(construct);
  const place = [stack.account, stack.region];
  const stage = place.some(each => Token.isUnresolved(each)) ? Stage.of(construct)?.node.path : undefined;
  return JSON.stringify([stage, ...stack.resolve(place)]);
}
