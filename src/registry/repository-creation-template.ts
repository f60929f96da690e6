import { Stack, Token } from 'aws-cdk-lib';
import { CfnRepositoryCreationTemplate, CfnRepositoryCreationTemplateProps } from 'aws-cdk-lib/aws-ecr';
import { IRole, PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { checkTemplatePrefix, prefixId } from './registry-rules';
import { ROLE } from '../private/rules';
import { InstanceRule, Shape } from '../private/shape';
import { reject, sentence, Violation } from '../private/validation';
import { checkPullAccess, PullAccess, PUSH_ACCESS, PushAccess } from '../repository/access/access';
import { pullStatements, pushStatements, StatementOf } from '../repository/access/access-statements';
import { brokenForSure, brokenSize, brokenSomehow } from '../repository/access/possible-statements';
import { brokenRule, StatementJson } from '../repository/access/statement-rules';
import { ImageEncryption } from '../repository/image-encryption';
import { REPOSITORY_REPLACEMENTS, REPOSITORY_RULES } from '../repository/image-repository-props';
import { ImageTagMutability } from '../repository/image-tag-mutability';
import { LifecyclePolicy } from '../repository/lifecycle/lifecycle-policy';
import { LifecycleRule } from '../repository/lifecycle/lifecycle-rule';

// A cache must be able to update tags. Tags with these prefixes never move.
const DEFAULT_TAGS = ImageTagMutability.mutableExcept('live-*', 'sha256-*');

const MOST_TAGS = 50;

const ROLE_FIX = 'Pass a role that trusts ecr.amazonaws.com.';

type Mutability = Pick<CfnRepositoryCreationTemplateProps, 'imageTagMutability' | 'imageTagMutabilityExclusionFilters'>;

/** The reason why ECR creates a repository. */
export enum RepositoryCreation {
  /** For an image that is pulled through a cache for the first time. */
  PULL_THROUGH_CACHE = 'PULL_THROUGH_CACHE',
  /** For an image that is replicated to this registry. */
  REPLICATION = 'REPLICATION',
  /** For an image that is pushed to a repository that does not exist. */
  CREATE_ON_PUSH = 'CREATE_ON_PUSH',
}

/** Options of a `RepositoryCreationTemplate`. */
export interface RepositoryCreationTemplateOptions {
  /** The reasons for creating a repository that this template applies to. Throws if the list is empty or has an item twice. */
  readonly appliedFor: RepositoryCreation[];

  /**
   * The description of the template, at most 256 characters.
   *
   * @default - no description
   */
  readonly description?: string;

  /**
   * The tags that can move to another image. A cache can only update tags that can move. Tags that start with `live-`
   * or `sha256-` never move. They belong to replicated images of other apps, and to signatures and attestations.
   *
   * @default ImageTagMutability.mutableExcept('live-*', 'sha256-*')
   */
  readonly imageTagMutability?: ImageTagMutability;

  /**
   * The encryption of the images at rest. A KMS key throws without a `role`.
   *
   * @default ImageEncryption.aes256()
   */
  readonly encryption?: ImageEncryption;

  /**
   * The lifecycle rules, most important first. As in an `ImageRepository`, they never affect an image that this library has published, here or
   * in the registry that it was replicated from. Throws if ECR would reject a rule, or if it is dangerous.
   *
   * @default - images do not expire
   */
  readonly lifecycleRules?: LifecycleRule[];

  /**
   * The accounts and principals that may pull from each repository, in addition to roles of this account that have the permission.
   * For a token list, CDK adds a custom resource that writes it into the policy.
   *
   * Throws if an item is malformed, and if a principal is a wildcard without a condition.
   *
   * @default - no one else
   */
  readonly pullFrom?: PullAccess;

  /**
   * The accounts and principals that may push into each repository, in addition to the roles of this account that have the permission.
   *
   * Throws if an item is malformed, and if a principal is a wildcard, with or without a condition.
   *
   * @default - no one else
   */
  readonly pushFrom?: PushAccess;

  /**
   * The tags of the repositories, not of images, at most 50. Throws if a tag is too long, and without a `role`.
   *
   * @default - none
   */
  readonly resourceTags?: { [key: string]: string };

  /**
   * The role with which ECR creates the repositories. It must trust `ecr.amazonaws.com`. Throws if it has a path.
   *
   * @default - ECR's service-linked role, which can set neither a key nor tags
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates-create-iam.html
   */
  readonly role?: IRole;
}

/** Options of `RepositoryCreationTemplate.forPrefix`. */
export interface RepositoryCreationTemplateForPrefixOptions extends RepositoryCreationTemplateOptions {}

/** Options of `RepositoryCreationTemplate.forAllOthers`. */
export interface RepositoryCreationTemplateForAllOthersOptions extends RepositoryCreationTemplateOptions {}

export const CREATION_TEMPLATE = new Shape<RepositoryCreationTemplateOptions>('Write { appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE] }.', {
  ...REPOSITORY_RULES,
  appliedFor: {
    kind: 'list', required: true, min: 1, fix: 'Write appliedFor: [RepositoryCreation.PULL_THROUGH_CACHE].', of: {
      kind: 'enum', values: Object.values(RepositoryCreation), must: 'be a RepositoryCreation', fix: 'Use a value such as RepositoryCreation.CREATE_ON_PUSH.',
    },
  },
  description: { kind: 'text', pattern: /^.{0,256}$/s, must: 'have at most 256 characters', fix: 'Write a shorter description.' },
  resourceTags: {
    kind: 'map', fix: 'Write resourceTags: { team: "web" }.', names: { pattern: /^.{1,128}$/s, must: 'have names of 1 to 128 characters' },
    of: { kind: 'text', pattern: /^.{0,256}$/s, must: 'be a string of at most 256 characters', fix: 'Write a shorter value.' },
  },
  role: { ...ROLE, fix: ROLE_FIX },
}, {
  ...REPOSITORY_REPLACEMENTS, tags: 'Write `resourceTags`.', lifecyclePolicy: 'Write `lifecycleRules`.', repositoryPolicy: 'Write `pullFrom` and `pushFrom`.',
  customRoleArn: 'Write `role`.', encryptionConfiguration: 'Write `encryption`.', prefix: 'Write it as the first argument of forPrefix.',
  retention: 'Only `ImageRepository` has a retention. Write `lifecycleRules`.', removalPolicy: 'Only `ImageRepository` has a removal policy. Repositories that ECR creates are not deleted.',
  emptyOnDelete: 'Only `ImageRepository` has emptyOnDelete. Repositories that ECR creates are not deleted.', repositoryName: 'The template applies to names with its prefix.',
});

/** A value that must be a template. */
export const CREATION_TEMPLATE_RULE: InstanceRule = {
  kind: 'instance', must: 'be a RepositoryCreationTemplate', methods: ['_template'],
  fix: 'Call the factory, e.g. RepositoryCreationTemplate.forAllOthers({ appliedFor: [RepositoryCreation.CREATE_ON_PUSH] }).',
};

/**
 * The settings of repositories that ECR creates: for caches, for replication, or for a push. Existing repositories do not change.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-creation-templates.html
 */
export class RepositoryCreationTemplate {
  /**
   * For repositories whose names start with a prefix and `/`.
   *
   * Creating the settings throws if the prefix is malformed or used twice, and if ECR would reject the options.
   *
   * @param prefix e.g. `prod`, or the prefix of a cache: `docker-hub`; at most 256 characters
   * @param options the settings
   */
  public static forPrefix(prefix: string, options: RepositoryCreationTemplateForPrefixOptions): RepositoryCreationTemplate {
    return new RepositoryCreationTemplate(prefix, options);
  }

  /**
   * For all repositories without another template.
   *
   * Creating the settings throws if ECR would reject the options, and if there is another such template.
   *
   * @param options the settings
   */
  public static forAllOthers(options: RepositoryCreationTemplateForAllOthersOptions): RepositoryCreationTemplate {
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

/** Converts the props of the aws-cdk repository to those of a template. */
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

/** Creates the templates of a registry. Returns their scope. */
export function createTemplates(scope: Construct, templates: RepositoryCreationTemplate[]): Construct {
  const folder = new Construct(scope, 'CreationTemplates');
  const rendered = templates.map(each => each._template(scope));
  for (const template of rendered) {
    if (folder.node.tryFindChild(prefixId(template.prefix))) {
      reject(scope, {
        property: 'creationTemplates.prefix', must: 'be different for each template', got: template.prefix, fix: 'Join the two templates.',
      });
    }
    new CfnRepositoryCreationTemplate(folder, prefixId(template.prefix), template);
  }
  return folder;
}

/** Checks the options of a template. */
function checkTemplateOptions(scope: Construct, options: RepositoryCreationTemplateOptions): void {
  CREATION_TEMPLATE.check(scope, 'creationTemplates', options);
  const { appliedFor, resourceTags = {} } = options;
  if (!Token.isUnresolved(appliedFor) && new Set(appliedFor).size < appliedFor.length) {
    reject(scope, { property: 'creationTemplates.appliedFor', must: 'name each once', got: appliedFor, fix: 'Remove the repeated one.' });
  }
  const { length } = Object.keys(resourceTags);
  if (length > MOST_TAGS) reject(scope, { property: 'creationTemplates.resourceTags', must: `be at most ${MOST_TAGS}`, got: length, fix: 'Use fewer.' });
  checkRole(scope, options);
}

function checkRole(scope: Construct, { encryption, resourceTags, role }: RepositoryCreationTemplateOptions): void {
  const property = 'creationTemplates.role';
  const fix = ROLE_FIX;
  if (role !== undefined && /:role\/.*\//.test(role.roleArn)) {
    reject(scope, { property, must: 'be a role without a path, because CloudFormation accepts no other here', got: role.roleArn, fix });
  }
  if (role === undefined && (encryption?._renderEncryption(scope) ?? resourceTags) !== undefined) {
    reject(scope, { property, must: 'be given with a KMS key or resourceTags, because the service-linked role of ECR cannot set them', got: role, fix });
  }
}

/** Permissions for the repositories of a template. */
export interface TemplateAccess {
  readonly pullFrom?: PullAccess;
  readonly pushFrom?: PushAccess;
}

/** Renders the policy of the repositories, with the same checks as for an `ImageRepository`. */
export function templatePolicy(scope: Construct, access: TemplateAccess): string | undefined {
  const statements = statementsOf(scope, access).map(([property, statement]) => checked(scope, property, statement));
  if (statements.length === 0) return undefined;
  const document = new PolicyDocument({ statements });
  // Tokens can resolve to anything.
  scope.node.addValidation({ validate: () => brokenRules(scope, Stack.of(scope).resolve(document)).map(sentence) });
  return Stack.of(scope).toJsonString(document);
}

function statementsOf(scope: Construct, { pullFrom, pushFrom }: TemplateAccess): StatementOf[] {
  if (pullFrom !== undefined) checkPullAccess(scope, pullFrom);
  if (pushFrom !== undefined) PUSH_ACCESS.check(scope, 'pushFrom', pushFrom);
  return [...pullFrom ? pullStatements(scope, pullFrom) : [], ...pushFrom ? pushStatements(pushFrom) : []];
}

function checked(scope: Construct, property: string, statement: PolicyStatement): PolicyStatement {
  const json: StatementJson = statement.toStatementJson();
  // CDK writes accounts and services as tokens.
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
