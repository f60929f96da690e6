import { Duration, RemovalPolicy, ResourceProps, Token } from 'aws-cdk-lib';
import { CfnRepository, Repository, RepositoryAttributes } from 'aws-cdk-lib/aws-ecr';
import { AddToResourcePolicyResult, Grant, IGrantable, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { AdministrationAccess, PullAccess, PushAccess } from './access/access';
import { RepositoryAccess } from './access/repository-access';
import { ImageEncryption } from './image-encryption';
import { ImageRepositoryBase } from './image-repository-base';
import { IImageRepository } from './image-repository-contract';
import { checkProps, ImageRepositoryProps, warnOfFewVersions } from './image-repository-props';
import { ImageTagMutability } from './image-tag-mutability';
import { LifecyclePolicy } from './lifecycle/lifecycle-policy';
import { LifecycleRule } from './lifecycle/lifecycle-rule';
import { LifecycleSimulator } from './lifecycle/lifecycle-simulator';
import { LiveImage, Retention } from './lifecycle/retention';
import { Obstacle } from '../image/choose-route';
import { checkImportedName, checkSameRepository, repositoryNameOf } from '../private/repository-names';
import { Shape } from '../private/shape';

// The names are checked by the functions below the check of the table.
export const ATTRIBUTES = new Shape<RepositoryAttributes>('Write { repositoryName, repositoryArn }.', {
  repositoryName: { kind: 'other', required: true },
  repositoryArn: { kind: 'other', required: true },
});

const DEFAULT_RETENTION = Retention.keepForRollback(50);
const DEFAULT_LIFECYCLE = [LifecycleRule.expireUntagged({ olderThan: Duration.days(14) })];

/**
 * An ECR repository that images can be published into, secure by default: tags are immutable, every image is
 * scanned when it is pushed, untagged images expire, and the repository outlives its stack.
 *
 * It is an `ecr.IRepository`: give it to every construct that takes one.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/Repositories.html
 */
export class ImageRepository extends ImageRepositoryBase {
  /**
   * A repository of the same account and region that already exists. Images can be published into it.
   *
   * @param scope where to add it
   * @param id the id in that scope
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
   * Throws when the ARN is a token, because the name cannot be read out of it: use `fromRepositoryAttributes`.
   *
   * @param scope where to add it
   * @param id the id in that scope
   * @param repositoryArn the ARN of the repository
   */
  public static fromRepositoryArn(scope: Construct, id: string, repositoryArn: string): IImageRepository {
    const repositoryName = repositoryNameOf(scope, repositoryArn);
    return ImageRepository.fromRepositoryAttributes(scope, id, { repositoryName, repositoryArn });
  }

  /**
   * A repository that already exists, by its ARN and name. Images can be published into it.
   *
   * @param scope where to add it
   * @param id the id in that scope
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
   * @param scope where to add it
   * @param id the id in that scope
   * @param props all optional
   */
  constructor(scope: Construct, id: string, props: ImageRepositoryProps = {}) {
    super(scope, id);
    checkProps(this, props);
    this.retention = props.retention ?? DEFAULT_RETENTION;
    this.lifecyclePolicy = new LifecyclePolicy(this, props.lifecycleRules, this.retention, DEFAULT_LIFECYCLE);
    this.node.addValidation({ validate: () => this.lifecyclePolicy.validate() });
    this.tags = props.imageTagMutability ?? ImageTagMutability.immutable();
    this.repository = this.createRepository(props);
    this.givenName = Token.isUnresolved(props.repositoryName) ? undefined : props.repositoryName;
    this.repositoryName = this.repository.repositoryName;
    this.repositoryArn = this.repository.repositoryArn;
    this.access = new RepositoryAccess(this, this.repository, props);
  }

  /**
   * Add a lifecycle rule, less important than those before it. It takes the place of a default for the same images. Throws at a rule that ECR would refuse, or that is dangerous.
   *
   * @param rule which images expire or go to the archive
   */
  public addLifecycleRule(rule: LifecycleRule): void {
    this.lifecyclePolicy.add(rule);
  }

  /**
   * Tells what the rules of this repository do to which image, those that protect deployed images included: for your own tests.
   */
  public get lifecycleSimulator(): LifecycleSimulator {
    return LifecycleSimulator._of(() => this.lifecyclePolicy.prioritized());
  }

  /**
   * Let accounts, organizations, services or principals pull, beside those that may already.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard without a condition.
   *
   * @param access who
   */
  public allowPullFrom(access: PullAccess): void {
    this.access.allowPullFrom(access);
  }

  /**
   * Let accounts or principals push, beside those that may already. Deleting images and changing the repository is not a part of it.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard, with or without a condition.
   *
   * @param access who
   */
  public allowPushFrom(access: PushAccess): void {
    this.access.allowPushFrom(access);
  }

  /**
   * Let principals, also of other accounts, delete images or change the repository, its policy and its rules.
   *
   * Throws without a reason, and when a principal is a wildcard.
   *
   * @param access who, what and why
   */
  public allowAdministration(access: AdministrationAccess): void {
    this.access.allowAdministration(access);
  }

  /**
   * Add a statement to the repository policy.
   *
   * Throws when ECR would refuse the statement, when it allows everybody to pull without a condition on organization or account, when
   * it allows everybody more than pulling, and when it allows another account what is neither pulling nor pushing.
   *
   * The policy is checked again at the end of synthesis, with later changes, and for every combination of the conditions, parameter
   * defaults, allowed values and mappings of the template. Values that are only known at deployment pass.
   *
   * @param statement who may do what; a repository policy names no resources
   */
  public addToResourcePolicy(statement: PolicyStatement): AddToResourcePolicyResult {
    return this.access.add(statement);
  }

  /**
   * Grant actions on this repository.
   *
   * Lambda and CodeBuild, given as a `ServicePrincipal` without a condition, may pull for functions and projects of the account of the
   * repository only: see `PullService`.
   *
   * @param grantee who
   * @param actions what, such as `ecr:BatchGetImage`
   */
  public grant(grantee: IGrantable, ...actions: string[]): Grant {
    const service = this.access.narrowed(grantee, actions);
    // In one order, so that CDK sees that the statement is the same.
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
  protected _onDeployed(tagOrDigest: string): void {
    this.lifecyclePolicy.addDeployed(tagOrDigest);
  }

  /** @internal */
  protected _moves(tag: string): boolean {
    return this.tags._moves(tag);
  }

  private createRepository(props: ImageRepositoryProps): Repository {
    const repository = new Repository(this, 'Resource', {
      repositoryName: props.repositoryName,
      ...this.tags._renderMutability(this),
      imageScanOnPush: true,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
      emptyOnDelete: props.emptyOnDelete,
    });
    // Our rules say more than the L2's can; it leaves the property alone as long as it has none itself.
    const resource = repository.node.defaultChild as CfnRepository;
    resource.lifecyclePolicy = this.lifecyclePolicy.render();
    // The L2 knows no KMS_DSSE.
    resource.encryptionConfiguration = (props.encryption ?? ImageEncryption.aes256())._renderEncryption(this);
    // What CDK users reach for: escape hatches, applyRemovalPolicy.
    this.node.defaultChild = resource;
    return repository;
  }
}

/** A repository that this app does not create. */
export class ImportedImageRepository extends ImageRepositoryBase {
  public readonly repositoryName: string;
  public readonly repositoryArn: string;

  constructor(scope: Construct, id: string, attributes: RepositoryAttributes, environment: ResourceProps = {}) {
    super(scope, id, environment);
    this.repositoryName = attributes.repositoryName;
    this.repositoryArn = attributes.repositoryArn;
  }

  /** The policy of a repository belongs to whoever creates the repository. */
  public addToResourcePolicy(): AddToResourcePolicyResult {
    return { statementAdded: false };
  }
}
