import { RemovalPolicy, ResourceProps, Token } from 'aws-cdk-lib';
import { CfnRepository, Repository, RepositoryAttributes } from 'aws-cdk-lib/aws-ecr';
import { AddToResourcePolicyResult, Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AdministrationAccess, PullAccess, PushAccess } from './access/access';
import { RepositoryAccess } from './access/repository-access';
import { warnOfExistingRules } from './existing-rules';
import { ImageEncryption } from './image-encryption';
import { ImageRepositoryBase } from './image-repository-base';
import { IImageRepository } from './image-repository-contract';
import { checkProps, ImageRepositoryProps, warnOfFewVersions } from './image-repository-props';
import { ImageTagMutability } from './image-tag-mutability';
import { LifecyclePolicy } from './lifecycle/lifecycle-policy';
import { LifecycleRule } from './lifecycle/lifecycle-rule';
import { LifecycleSimulator } from './lifecycle/lifecycle-simulator';
import { LiveImage, Retention } from './lifecycle/retention';
import { separatePlace } from '../direct/separate-repository';
import { Obstacle } from '../image/choose-route';
import { checkImportedName, checkSameRepository, repositoryNameOf } from '../private/repository-names';
import { Shape } from '../private/shape';
import { checkTemplateOf } from '../private/template/template-checks';

// Name and ARN are checked by functions after the check of the table.
export const ATTRIBUTES = new Shape<RepositoryAttributes>('Write { repositoryName, repositoryArn }.', {
  repositoryName: { kind: 'other', required: true },
  repositoryArn: { kind: 'other', required: true },
});

const DEFAULT_RETENTION = Retention.keepForRollback(50);

/**
 * An ECR repository for published images, secure by default: immutable tags, scan on push, expiry of old versions, and a repository that is kept when
 * the stack is deleted.
 *
 * It is an `ecr.IRepository`, so you can pass it to every construct that accepts one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html
 */
export class ImageRepository extends ImageRepositoryBase {
  /**
   * A repository of the same account and region that already exists. Images can be published into it.
   *
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param repositoryName the name of the repository
   */
  public static fromRepositoryName(scope: Construct, id: string, repositoryName: string): IImageRepository {
    checkImportedName(scope, repositoryName);
    const repositoryArn = Repository.arnForLocalRepository(repositoryName, scope);
    return new ImportedImageRepository(scope, id, { repositoryName, repositoryArn });
  }

  /**
   * A repository that already exists, by its ARN. Images can be published into it.
   *
   * Throws if the ARN is a token, because it then does not contain the name: use `fromRepositoryAttributes`.
   *
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param repositoryArn the ARN of the repository
   */
  public static fromRepositoryArn(scope: Construct, id: string, repositoryArn: string): IImageRepository {
    const repositoryName = repositoryNameOf(scope, repositoryArn);
    return ImageRepository.fromRepositoryAttributes(scope, id, { repositoryName, repositoryArn });
  }

  /**
   * A repository that already exists, by its ARN and name. Images can be published into it.
   *
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param attributes the ARN and the name of the repository
   */
  public static fromRepositoryAttributes(scope: Construct, id: string, attributes: RepositoryAttributes): IImageRepository {
    ATTRIBUTES.check(scope, 'attributes', attributes);
    checkImportedName(scope, attributes.repositoryName);
    checkSameRepository(scope, attributes.repositoryName, attributes.repositoryArn);
    return new ImportedImageRepository(scope, id, attributes, { environmentFromArn: attributes.repositoryArn });
  }

  /** The name of the repository. */
  public readonly repositoryName: string;

  /** The ARN of the repository. */
  public readonly repositoryArn: string;

  private readonly repository: Repository;
  private readonly givenName?: string;
  private readonly retention: Retention;
  private readonly lifecyclePolicy: LifecyclePolicy;
  private readonly tags: ImageTagMutability;
  private readonly access: RepositoryAccess;

  /**
   * @param scope the parent construct
   * @param id the ID in that scope
   * @param props all optional
   */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps = {}) {
    const place = separatePlace(scope, id, props?.repositoryName);
    super(place?.scope ?? scope, id, {}, place?.home);
    checkProps(this, props);
    this.retention = props.retention ?? DEFAULT_RETENTION;
    this.givenName = place?.repositoryName ?? (Token.isUnresolved(props.repositoryName) ? undefined : props.repositoryName);
    this.lifecyclePolicy = new LifecyclePolicy(this, props.lifecycleRules, this.retention, this.givenName);
    this.node.addValidation({ validate: () => this.lifecyclePolicy.validate() });
    this.tags = props.imageTagMutability ?? ImageTagMutability.immutable();
    this.repository = this.createRepository(props);
    // A separate repository is referred to by its name, because exports would block later changes.
    this.repositoryName = place?.repositoryName ?? this.repository.repositoryName;
    this.repositoryArn = place ? Repository.arnForLocalRepository(place.repositoryName, this) : this.repository.repositoryArn;
    this.access = new RepositoryAccess(this, this.repository, props);
    checkTemplateOf(this);
  }

  /**
   * Add a lifecycle rule with a lower priority than earlier ones. Throws if ECR would reject the rule, or if it can delete a deployed image.
   *
   * @param rule the images that expire or are archived
   */
  public addLifecycleRule(rule: LifecycleRule): void {
    this.lifecyclePolicy.add(rule);
  }

  /**
   * Returns a simulator of the rules of this repository, including those that protect deployed images, for your own tests.
   */
  public get lifecycleSimulator(): LifecycleSimulator {
    return LifecycleSimulator._of(() => this.lifecyclePolicy.prioritized());
  }

  /**
   * Allow more accounts, organizations, services or principals to pull.
   *
   * Throws if one of them is malformed, and if a principal is a wildcard without a condition.
   *
   * @param access the accounts, organizations, services or principals
   */
  public allowPullFrom(access: PullAccess): void {
    this.access.allowPullFrom(access);
  }

  /**
   * Allow more accounts or principals to push. They cannot delete images or change the repository.
   *
   * Throws if one of them is malformed, and if a principal is a wildcard, with or without a condition.
   *
   * @param access the accounts or principals
   */
  public allowPushFrom(access: PushAccess): void {
    this.access.allowPushFrom(access);
  }

  /**
   * Allow principals, including those of other accounts, to delete images or to change the repository, its policy and its rules.
   *
   * Throws without a reason, and if a principal is a wildcard.
   *
   * @param access principals, actions and reason
   */
  public allowAdministration(access: AdministrationAccess): void {
    this.access.allowAdministration(access);
  }

  /**
   * Add a statement to the repository policy.
   *
   * Throws if ECR would reject the statement, if it allows everyone to pull without a condition on organization or account, if it allows everyone more
   * than pulling, and if it allows another account anything but pulling and pushing.
   *
   * The policy is checked again at the end of synthesis, with later changes, and for every combination of the conditions, parameter
   * defaults, allowed values and mappings of the template. Values that are only known at deployment pass.
   *
   * @param statement principals and actions; a repository policy has no resources
   */
  public addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    return this.access.add(statement);
  }

  /**
   * Grant actions on this repository.
   *
   * For Lambda and CodeBuild as a `ServicePrincipal` without a condition, the grant is limited to functions and projects in the account of the
   * repository: see `PullService`.
   *
   * @param grantee the grantee
   * @param actions the actions, such as `ecr:BatchGetImage`
   */
  public grant(grantee: IGrantable, ...actions: string[]): Grant {
    const service = this.access.narrowed(grantee, actions);
    // Sorted, so that CDK recognizes equal statements.
    return service === undefined ? super.grant(grantee, ...actions) : super.grant(service, ...[...actions].sort());
  }

  /** @internal */
  protected get _ownName(): string | Obstacle {
    return this.givenName ?? {
      obstacle: 'the name of the repository is not known at synthesis', fix: 'Give the ImageRepository a repositoryName.',
    };
  }

  /** @internal */
  protected _onPublished(image: LiveImage): void {
    this.lifecyclePolicy.addImage(image);
    const kept = image.isPushedDirectly ? this.retention._keptImages(true) : undefined;
    if (kept !== undefined) warnOfFewVersions(this, kept - 1);
  }

  /** @internal */
  protected _onCached(): void {
    this.lifecyclePolicy.addCache();
  }

  /** @internal */
  protected _onDeployed(tagOrDigest: string): void {
    this.lifecyclePolicy.addDeployed(tagOrDigest);
  }

  /** @internal */
  protected _moves(tag: string): boolean {
    return this.tags._moves(tag);
  }

  private createRepository(props: ImageRepositoryProps): Repository {
    const repository = new Repository(this, 'Resource', {
      repositoryName: this.givenName ?? props.repositoryName,
      ...this.tags._renderMutability(this),
      imageScanOnPush: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      emptyOnDelete: props.emptyOnDelete,
    });
    // The L2 does not support all properties of these rules. It does not set the property if it has no rules itself.
    const resource = repository.node.defaultChild as CfnRepository;
    resource.lifecyclePolicy = this.lifecyclePolicy.render();
    // The L2 does not support KMS_DSSE.
    resource.encryptionConfiguration = (props.encryption ?? ImageEncryption.aes256())._renderEncryption(this);
    // For escape hatches and applyRemovalPolicy.
    this.node.defaultChild = resource;
    return repository;
  }
}

/** An imported repository. */
export class ImportedImageRepository extends ImageRepositoryBase {
  public readonly repositoryName: string;
  public readonly repositoryArn: string;
  private readonly publishedHere: LiveImage[] = [];

  constructor(scope: Construct, id: string, attributes: RepositoryAttributes, environment: ResourceProps = {}) {
    super(scope, id, environment);
    this.repositoryName = attributes.repositoryName;
    this.repositoryArn = attributes.repositoryArn;
    this.node.addValidation({
      validate: () => {
        warnOfExistingRules(this, this.publishedHere);
        return [];
      },
    });
  }

  /** @internal */
  protected _onPublished(image: LiveImage): void {
    this.publishedHere.push(image);
  }

  /** Only the app that creates a repository can change its policy. */
  public addToResourcePolicy(): AddToResourcePolicyResult {
    return { statementAdded: false };
  }
}
