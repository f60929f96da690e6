import { Stack, Token } from 'aws-cdk-lib';
import { CfnRepositoryCreationTemplate, CfnRepositoryCreationTemplateProps } from 'aws-cdk-lib/aws-ecr';
import { IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { checkSettings, checkTemplatePrefix, isTokenList, prefixId } from './registry-rules';
import { checkList, checkObject, checkOneOf, isObject } from '../private/check-types';
import { checkPattern, reject, sentence, Violation } from '../private/validation';
import { checkPullAccess, checkPushAccess, PullAccess, PushAccess } from '../repository/access/access';
import { pullStatements, pushStatements, StatementOf } from '../repository/access/access-statements';
import { brokenForSure, brokenSize, brokenSomehow } from '../repository/access/possible-statements';
import { brokenRule, StatementJson } from '../repository/access/statement-rules';
import { checkedEncryption, ImageEncryption } from '../repository/image-encryption';
import { checkedTags, ImageTagMutability } from '../repository/image-tag-mutability';
import { LifecyclePolicy } from '../repository/lifecycle/lifecycle-policy';
import { LifecycleRule } from '../repository/lifecycle/lifecycle-rule';

// A cache has to follow what moves. What starts like this moves nowhere.
const DEFAULT_TAGS = ImageTagMutability.mutableExcept('live-*', 'sha256-*');

const MOST_TAGS = 50;

type Mutability = Pick<CfnRepositoryCreationTemplateProps, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

/**
 * What ECR gives the repositories that it creates itself: for caches, for replication, or when something is pushed. Repositories
 * that exist already are not changed.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
 */
export class RepositoryCreationTemplate {
  /**
   * For repositories whose names begin with a prefix and `/`.
   *
   * Creating the settings throws when the prefix is malformed or that of another template, and at options that ECR would refuse.
   *
   * @param prefix e.g. `prod`, or the prefix of a cache: `docker-hub`; at most 256 characters
   * @param options what they get
   */
  public static forPrefix(prefix: string, options: RepositoryCreationTemplateOptions): RepositoryCreationTemplate {
    return new RepositoryCreationTemplate(prefix, options);
  }

  /**
   * For all repositories that no other template is for.
   *
   * Creating the settings throws at options that ECR would refuse, and when there is another template for all others.
   *
   * @param options what they get
   */
  public static forAllOthers(options: RepositoryCreationTemplateOptions): RepositoryCreationTemplate {
    return new RepositoryCreationTemplate('ROOT', options);
  }

  private constructor(private readonly prefix: string, private readonly options: RepositoryCreationTemplateOptions) {}

  /** @internal */
  public _template(scope: Construct): CfnRepositoryCreationTemplateProps {
    const { prefix, options } = this;
    checkTemplatePrefix(scope, 'creationTemplates.prefix', prefix);
    checkTemplateOptions(scope, options);
    const { appliedFor, description, imageTagMutability = DEFAULT_TAGS, encryption, lifecycleRules, resourceTags, role } = options;
    return {
      prefix,
      appliedFor,
      description,
      ...mutabilityOf(scope, imageTagMutability),
      encryptionConfiguration: encryption?._renderEncryption(scope),
      lifecyclePolicy: lifecycleRules === undefined ? undefined : lifecycleText(scope, lifecycleRules),
      repositoryPolicy: templatePolicy(scope, options),
      resourceTags: resourceTags && Object.entries(resourceTags).map(([key, value]) => ({ key, value })),
      customRoleArn: role?.roleArn,
    };
  }
}

/** What the L2 of a repository takes, as a template takes it. */
function mutabilityOf(scope: Construct, tags: ImageTagMutability): Mutability {
  const { imageTagMutability, imageTagMutabilityExclusionFilters } = tags._renderMutability(scope);
  return { imageTagMutability, imageTagMutabilityExclusionFilters: imageTagMutabilityExclusionFilters?.map(each => each._render()) };
}

function lifecycleText(scope: Construct, lifecycleRules: LifecycleRule[]): string | undefined {
  const policy = new LifecyclePolicy(scope, lifecycleRules);
  scope.node.addValidation({ validate: () => policy.validate() });
  const rules = policy.prioritized();
  return rules.length > 0 ? Stack.of(scope).toJsonString({ rules }) : undefined;
}

/** The templates of a registry. */
export function createTemplates(scope: Construct, templates: RepositoryCreationTemplate[]): void {
  checkSettings(scope, {
    property: 'creationTemplates', value: templates, be: 'RepositoryCreationTemplates', method: '_template',
    example: 'RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.CREATE_ON_PUSH] })',
  });
  const folder = new Construct(scope, 'CreationTemplates');
  const rendered = templates.map(each => each._template(scope));
  for (const template of rendered) {
    if (folder.node.tryFindChild(prefixId(template.prefix))) {
      reject(scope, {
        property: 'creationTemplates.prefix', must: 'differ from template to template', got: template.prefix, fix: 'Join the two templates.',
      });
    }
    new CfnRepositoryCreationTemplate(folder, prefixId(template.prefix), template);
  }
}

/** For what ECR creates a repository. */
export enum RepositoryCreation {
  /** For an image that is pulled through a cache for the first time. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** For an image that another registry replicates to this one. */
  REPLICATION = 'REPLICATION',
  /** For an image that is pushed where there is no repository. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
}

/** What ECR gives the repositories that it creates. */
export interface RepositoryCreationTemplateOptions {
  /** For what ECR creates them. Throws when nothing is named, or something twice. */
  readonly appliedFor: RepositoryCreation[];

  /**
   * What the template is there for, in at most 256 characters; more throw.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * Which tags may move to another image. Mind that a cache can only follow a tag that may move here too. Tags that start with `live-`
   * or `sha256-` never move: by them, deployed images that were replicated here are found, and what is attached to a digest.
   *
   * @default ImageTagMutability.mutableExcept('live-*', 'sha256-*')
   */
  readonly imageTagMutability?: ImageTagMutability;

  /**
   * How the images are encrypted at rest. A key of KMS throws without a `role`.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * Which images expire or go to the archive, most important rule first. As in an `ImageRepository`, none of the rules reaches
   * an image that this library has published, here or in the registry that it was replicated from. Throws at a rule that ECR would refuse, or that is dangerous.
   *
   * @default - images do not expire
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * Who may pull from each of the repositories, beside the roles of this account that are granted it. The policy of a template is a
   * text: a list that is only known at deployment is written into it by a custom resource of CDK's own.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard without a condition.
   *
   * @default - nobody else
   */
  readonly pullFrom?: PullAccess;

  /**
   * Who may push into each of the repositories, beside the roles of this account that are granted it.
   *
   * Throws when one of them is malformed, and when a principal is a wildcard, with or without a condition.
   *
   * @default - nobody else
   */
  readonly pushFrom?: PushAccess;

  /**
   * Tags of the repositories, not of images, at most 50. Throws when there are more, when one is too long, and without a `role`.
   *
   * @default - none
   */
  readonly resourceTags?: { [key: string]: string };

  /**
   * The role in whose name ECR creates the repositories. It trusts `ecr.amazonaws.com`. Throws when it has a path.
   *
   * @default - ECR's service-linked role, which can give neither a key nor tags
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
   */
  readonly role?: IRole;
}

const EVENTS: unknown[] = Object.values(RepositoryCreation);

/** What ECR would refuse, or never use. */
export function checkTemplateOptions(scope: Construct, options: RepositoryCreationTemplateOptions): void {
  checkObject(scope, 'creationTemplates.options', options, 'Give { appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE] }.');
  const { appliedFor, description, imageTagMutability, encryption, resourceTags } = options;
  checkAppliedFor(scope, appliedFor);
  if (description !== undefined) {
    checkPattern(scope, { property: 'creationTemplates.description', value: description, pattern: /^.{0,256}$/s, must: 'have at most 256 characters', fix: 'Write less.' });
  }
  checkedTags(scope, imageTagMutability);
  checkedEncryption(scope, encryption);
  if (resourceTags !== undefined) checkTags(scope, resourceTags);
  checkRole(scope, options);
}

function checkAppliedFor(scope: Construct, appliedFor: unknown): void {
  const property = 'creationTemplates.appliedFor';
  const fix = 'Write appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE].';
  if (isTokenList(appliedFor)) return;
  checkList(scope, property, appliedFor, fix);
  if (appliedFor.length === 0) reject(scope, { property, must: 'have at least one item', got: appliedFor, fix });
  for (const each of Array.from(appliedFor)) {
    if (!Token.isUnresolved(each)) checkOneOf(scope, each, EVENTS, { property, must: 'have nothing but RepositoryCreations in it', fix });
  }
  if (new Set(appliedFor).size < appliedFor.length) reject(scope, { property, must: 'name each once', got: appliedFor, fix: 'Remove what is there twice.' });
}

function checkRole(scope: Construct, { encryption, resourceTags, role }: RepositoryCreationTemplateOptions): void {
  const property = 'creationTemplates.role';
  const fix = 'Give a role that trusts ecr.amazonaws.com.';
  if (role !== undefined && !hasText(role, 'roleArn')) reject(scope, { property, must: 'be a role', got: role, fix });
  if (role !== undefined && /:role\/.*\//.test(role.roleArn)) {
    reject(scope, { property, must: 'be a role without a path, because CloudFormation takes no other here', got: role.roleArn, fix });
  }
  if (role === undefined && (encryption?._renderEncryption(scope) ?? resourceTags) !== undefined) {
    reject(scope, { property, must: 'be given with a KMS key or resourceTags, because ECR\'s own role may use neither', got: role, fix });
  }
}

function checkTags(scope: Construct, resourceTags: unknown): void {
  const property = 'creationTemplates.resourceTags';
  checkObject(scope, property, resourceTags, 'Give { team: "web" }.');
  const entries = Object.entries(resourceTags as object);
  if (entries.length > MOST_TAGS) reject(scope, { property, must: `be at most ${MOST_TAGS}`, got: entries.length, fix: 'Use fewer.' });
  for (const [name, value] of entries) {
    checkPattern(scope, { property, value: name, pattern: /^.{1,128}$/s, must: 'have names of 1 to 128 characters', fix: 'Choose others.' });
    checkPattern(scope, { property: `${property}.${name}`, value, pattern: /^.{0,256}$/s, must: 'be a text of at most 256 characters', fix: 'Write less.' });
  }
}

function hasText(value: unknown, name: string): boolean {
  return isObject(value) && typeof value[name] === 'string';
}

/** Who may use the repositories of a template. */
export interface TemplateAccess {
  readonly pullFrom?: PullAccess;
  readonly pushFrom?: PushAccess;
}

/** The policy of repositories that do not exist yet, by the rules of that of an `ImageRepository`; none when nobody is named. */
export function templatePolicy(scope: Construct, access: TemplateAccess): string | undefined {
  const statements = statementsOf(scope, access).map(([property, statement]) => checked(scope, property, statement));
  if (statements.length === 0) return undefined;
  const document = new PolicyDocument({ statements });
  // What is a token may have become anything.
  scope.node.addValidation({ validate: () => brokenRules(scope, Stack.of(scope).resolve(document)).map(sentence) });
  return Stack.of(scope).toJsonString(document);
}

function statementsOf(scope: Construct, { pullFrom, pushFrom }: TemplateAccess): StatementOf[] {
  if (pullFrom !== undefined) checkPullAccess(scope, pullFrom);
  if (pushFrom !== undefined) checkPushAccess(scope, pushFrom);
  return [...pullFrom ? pullStatements(scope, pullFrom) : [], ...pushFrom ? pushStatements(pushFrom) : []];
}

function checked(scope: Construct, property: string, statement: PolicyStatement): PolicyStatement {
  const json: StatementJson = statement.toStatementJson();
  // CDK hides accounts and services in tokens.
  const broken = brokenForSure({ ...json, Principal: Stack.of(scope).resolve(json.Principal) }, broke);
  return broken ? reject(scope, { ...broken, property }) : statement;
}

function brokenRules(scope: Construct, policy: unknown): Violation[] {
  const size = brokenSize(policy);
  return [...brokenSomehow(scope, { policy }, broke), ...size ? [{ ...size, property: 'creationTemplates' }] : []];
}

function broke(statement: StatementJson): Violation | undefined {
  return brokenRule(statement, () => false);
}
