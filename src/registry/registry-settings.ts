import { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { checkSetting } from './check-settings';
import { SigningSettings } from './managed-signing';
import { PullThroughCaches } from './pull-through-caches';
import { claimRegistry, refuseBesides } from './registry-owner';
import { createPolicy } from './registry-policy';
import { createScanning } from './registry-scanning';
import { RegistrySettingsProps } from './registry-settings-props';
import { createReplication } from './replication-rule';
import { createTemplates } from './repository-creation-template';
import { checkObject } from '../private/check-types';
import { reject } from '../private/validation';

// Of these a registry has one each. The others have names, of which CloudFormation knows.
const SINGLETONS = [
  ['scanning', 'AWS::ECR::RegistryScanningConfiguration'],
  ['replication', 'AWS::ECR::ReplicationConfiguration'],
  ['signing', 'AWS::ECR::SigningConfiguration'],
  ['policy', 'AWS::ECR::RegistryPolicy'],
] as const;

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
