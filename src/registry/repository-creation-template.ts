import { Stack } from 'aws-cdk-lib';
import { CfnRepositoryCreationTemplate, CfnRepositoryCreationTemplateProps } from 'aws-cdk-lib/aws-ecr';
import { Construct } from 'constructs';
import { checkTemplatePrefix, prefixId } from './cache-prefix';
import { checkSettings } from './check-settings';
import { RepositoryCreationTemplateOptions } from './repository-creation-template-options';
import { checkTemplateOptions } from './template-checks';
import { templatePolicy } from './template-policy';
import { reject } from '../private/validation';
import { ImageTagMutability } from '../repository/image-tag-mutability';
import { LifecyclePolicy } from '../repository/lifecycle/lifecycle-policy';
import { LifecycleRule } from '../repository/lifecycle/lifecycle-rule';

// A cache has to follow what moves. What starts like this moves nowhere.
const DEFAULT_TAGS = ImageTagMutability.mutableExcept('live-*', 'sha256-*');

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
    const { appliedFor, description, tagMutability = DEFAULT_TAGS, encryption, lifecycle, resourceTags, role } = options;
    return {
      prefix,
      appliedFor,
      description,
      ...mutabilityOf(scope, tagMutability),
      encryptionConfiguration: encryption?._renderEncryption(scope),
      lifecyclePolicy: lifecycle === undefined ? undefined : lifecycleText(scope, lifecycle),
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

function lifecycleText(scope: Construct, lifecycle: LifecycleRule[]): string | undefined {
  const policy = new LifecyclePolicy(scope, lifecycle);
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
