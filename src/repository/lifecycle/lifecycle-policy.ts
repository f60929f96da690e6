import { Annotations, IResolvable, Lazy, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkDanger, dangersWith } from './dangerous-rules';
import { harmTo } from './harm';
import { LifecycleRule } from './lifecycle-rule';
import { LiveImage, SHIELDS, expiring, liveRules } from './live-images';
import { PrioritizedRule, RuleText, storageClassOf } from './policy-text';
import { Retention } from './retention';
import { checkList, hasMethods } from '../../private/check-types';
import { reject, sentence } from '../../private/validation';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_RULES = 50;
const LONGEST_TEXT = 30_720;

const CURE = 'Make it with brackets, e.g. LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }).';

/** The lifecycle rules of one repository: first those that protect what is deployed, then those of the user, in their order. */
export class LifecyclePolicy {
  private readonly rules: RuleText[] = [];
  private readonly accepted = new Set<RuleText>();
  private readonly images: LiveImage[] = [];
  private readonly deployedTags = new Set<string>();

  constructor(private readonly scope: IConstruct, rules: LifecycleRule[], private readonly retention = Retention.keepAll()) {
    checkList(scope, 'lifecycle', rules, 'Write lifecycle: [LifecycleRule.expireUntagged(…)].');
    for (const rule of rules) this.add(rule);
  }

  public add(rule: LifecycleRule): void {
    if (!hasMethods(rule, '_render')) {
      reject(this.scope, { property: 'lifecycle', must: 'be a LifecycleRule', got: rule, cure: CURE });
    }
    const text = rule._render(this.scope);
    this.checkPlace(text);
    if (rule._acceptedRisk !== undefined) this.accepted.add(text);
    else checkDanger(this.scope, text);
    this.rules.push(text);
  }

  /** An image that is published into the repository. */
  public addImage(image: LiveImage): void {
    this.images.push(image);
  }

  /** A tag of the repository that the app runs without having published it. */
  public addDeployedTag(tag: string): void {
    this.deployedTags.add(tag);
  }

  /** All rules with their priorities. */
  public prioritized(): PrioritizedRule[] {
    const isIdle = this.rules.length === 0 && this.expiring().length === 0;
    return withPriorities([...isIdle ? [] : liveRules(this.expiring(), this.retention), ...this.inOrder()]);
  }

  /** The rules of the user, as if there were no others. */
  public ownRules(): PrioritizedRule[] {
    return withPriorities(this.inOrder());
  }

  /** Rules may still be added after the repository exists, so the policy is made at the end of synthesis. */
  public render(): IResolvable {
    return Lazy.any({ produce: () => this.prioritized().length > 0 ? { lifecyclePolicyText: this.text() } : undefined });
  }

  /** What is wrong with all the rules together, once they are all known. */
  public validate(): string[] {
    const kept = expiring(this.images, this.retention).length - this.expiring().length;
    if (kept > 0) {
      Annotations.of(this.scope).addWarningV2('cdk-container-delivery:retention',
        `ECR takes ${MOST_RULES} lifecycle rules, so old versions expire of ${this.expiring().length} images only; of ${kept} others all are kept.`
        + ' Spread the images over several repositories, or say Retention.keepAll().');
    }
    const { length } = this.prioritized().length > 0 ? this.text() : '';
    const tooLong = Token.isUnresolved(this.text()) || length <= LONGEST_TEXT ? [] : [sentence({
      property: 'lifecycle', must: `be at most ${LONGEST_TEXT} characters as JSON`, got: length, cure: 'Use fewer rules, or shorter patterns.',
    })];
    const unaccepted = this.rules.filter(rule => !this.accepted.has(rule));
    return [...tooLong, ...dangersWith(unaccepted, this.images), ...harmTo(this.images, this.deployedTags, this.retention, this.prioritized())];
  }

  /** Images of which old versions expire, as many as there is room for. */
  private expiring(): LiveImage[] {
    return expiring(this.images, this.retention).slice(0, MOST_RULES - SHIELDS - this.rules.length);
  }

  /** ECR wants a rule for all images to come last. */
  private inOrder(): RuleText[] {
    const isLast = (rule: RuleText) => rule.selection.tagStatus === 'any';
    return [...this.rules.filter(rule => !isLast(rule)), ...this.rules.filter(isLast)];
  }

  private text(): string {
    return Stack.of(this.scope).toJsonString({ rules: this.prioritized() });
  }

  /** ECR refuses the whole policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules */
  private checkPlace(rule: RuleText): void {
    const most = MOST_RULES - SHIELDS;
    if (this.rules.length >= most) {
      reject(this.scope, {
        property: 'lifecycle', must: `have at most ${most} rules, because ECR takes ${MOST_RULES} and ${SHIELDS} protect what is deployed`,
        got: this.rules.length + 1, cure: 'Say more with one rule: a pattern stands for many tags.',
      });
    }
    const twin = this.rules.find(other => storageClassOf(other) === storageClassOf(rule) && selects(other) === selects(rule));
    if (twin !== undefined) {
      reject(this.scope, {
        property: 'lifecycle', must: `have one rule for ${nameOf(rule)}`, got: [twin.description, rule.description],
        cure: 'Keep one of them: the second would never act.',
      });
    }
  }
}

function withPriorities(rules: readonly RuleText[]): PrioritizedRule[] {
  return rules.map((rule, index) => ({ rulePriority: index + 1, ...rule }));
}

function selects({ selection: { tagStatus, tagPrefixList = [], tagPatternList = [] } }: RuleText): string {
  const sorted = (list: readonly string[]) => Token.isUnresolved(list) ? list : [...list].sort();
  return JSON.stringify([tagStatus, sorted(tagPrefixList), sorted(tagPatternList)]);
}

function nameOf(rule: RuleText): string {
  const { tagStatus } = rule.selection;
  const images = { any: 'all images', untagged: 'untagged images', tagged: 'the same tags' }[tagStatus];
  return storageClassOf(rule) === 'archive' ? `${images} in the archive` : images;
}
