import { Annotations, IResolvable, Lazy, Stack, Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { LIFECYCLE_RULE, LifecycleRule } from './lifecycle-rule';
import { matchesTags, PrioritizedRule, RuleText, storageClassOf, tagsFor } from './policy-text';
import { expiring, ExpiringImage, inArchive, isShield, LiveImage, liveRules, Retention } from './retention';
import { dangerOf, dangersWith, findUnsafeRules } from './safety';
import { reachesSignatures, signers } from './signatures';
import { LIVE_TAG_PREFIX } from '../../image/image-names';
import { checkValue } from '../../private/shape';
import { possibleValues } from '../../private/template/possible-values';
import { TemplateSections } from '../../private/template/template-sections';
import { reject, sentence } from '../../private/validation';

/** https://docs.aws.amazon.com/AmazonECR/latest/userguide/service-quotas.html */
const MOST_RULES = 50;
const LONGEST_TEXT = 30_720;
// A token counts as an empty string, because its value can be short.
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

/** The lifecycle rules of one repository: first the rules that protect deployed images, then the rules of the user in their order. */
export class LifecyclePolicy {
  private readonly rules: RuleText[] = [];
  private readonly accepted = new Set<RuleText>();
  private readonly images: LiveImage[] = [];
  /** Whether there is a policy even if nothing expires. Control ECR.3 of Security Hub requires one, and rules that only protect images are safe. */
  private readonly isWanted: boolean;
  private hasCache = false;
  private readonly deployedTags = new Set<string>();
  private readonly deployedDigests = new Set<string>();

  constructor(
    private readonly scope: IConstruct, rules?: LifecycleRule[], private readonly retention = Retention.keepAll(),
    private readonly repositoryName?: string,
  ) {
    checkValue(scope, 'lifecycleRules', rules, { kind: 'list', of: LIFECYCLE_RULE, fix: 'Write lifecycleRules: [LifecycleRule.expireUntagged(…)].' });
    for (const rule of rules ?? []) this.add(rule);
    this.isWanted = rules === undefined;
  }

  public add(rule: LifecycleRule): void {
    checkValue(this.scope, 'lifecycleRules', rule, { ...LIFECYCLE_RULE, required: true });
    const text = rule._render(this.scope);
    this.checkPolicyWith(text);
    this.checkProtection(text);
    if (rule._acceptedRisk !== undefined) this.accepted.add(text);
    const danger = this.accepted.has(text) ? undefined : dangerOf(text);
    if (danger) reject(this.scope, danger);
    this.rules.push(text);
  }

  /** Adds an image that is published into the repository. */
  public addImage(image: LiveImage): void {
    this.images.push(image);
  }

  /** Adds a tag or digest that the app runs and has not published. */
  public addDeployed(tagOrDigest: string): void {
    (tagOrDigest.startsWith('sha256:') ? this.deployedDigests : this.deployedTags).add(tagOrDigest);
  }

  /** Records that builds store their cache in the repository. */
  public addCache(): void {
    this.hasCache = true;
  }

  /** All rules with their priorities. */
  public prioritized(): PrioritizedRule[] {
    const isIdle = !this.isWanted && this.rules.length === 0 && this.expiring().length === 0;
    return withPriorities(isIdle ? [] : inOrder([...liveRules(this.expiring(), this.retention, this.foreignTags()), ...this.rules]));
  }

  /** The rules of the user only. */
  public ownRules(): PrioritizedRule[] {
    return withPriorities(inOrder(this.rules));
  }

  /** The policy. It is rendered at the end of synthesis, because rules can be added until then. */
  public render(): IResolvable {
    return Lazy.any({ produce: () => this.prioritized().length > 0 ? { lifecyclePolicyText: this.text() } : undefined });
  }

  /** Checks all rules together at the end of synthesis. Returns the errors. */
  public validate(): string[] {
    this.warn();
    const { length } = JSON.stringify({ rules: this.prioritized() }).replace(TOKEN, '');
    const tooLong = length <= LONGEST_TEXT ? [] : [sentence({
      property: 'lifecycleRules', must: `be at most ${LONGEST_TEXT} characters as JSON`, got: length, fix: 'Use fewer rules, or shorter patterns.',
    })];
    const number = this.numberWith(this.rules);
    const tooMany = number <= MOST_RULES ? [] : [sentence({
      property: 'lifecycleRules', must: `be at most ${MOST_RULES} rules together with those that protect deployed images`, got: number,
      fix: 'Protect many tags with one rule: LifecycleRule.protect(ImageSelection.tagPrefix(…)).',
    })];
    const unaccepted = this.rules.filter(rule => !this.accepted.has(rule));
    // Live tags of earlier versions are protected too, but a rule that selects them is not a mistake.
    const named = this.foreignTags().filter(tag => !tag.startsWith(LIVE_TAG_PREFIX));
    const harm = findUnsafeRules(this.images, named, this.retention, this.withoutForeign());
    return [...tooLong, ...tooMany, ...unaccepted.flatMap(rule => this.computedDanger(rule)), ...dangersWith(unaccepted, this.images), ...harm];
  }

  /** The first danger of a rule whose tags or numbers are computed by intrinsic functions from known values. */
  private computedDanger(rule: RuleText): string[] {
    const stack = Stack.of(this.scope);
    const { values } = possibleValues(stack.resolve(rule), new TemplateSections(stack));
    return values.map(value => dangerOf(value as RuleText)).filter(danger => danger !== undefined).slice(0, 1).map(sentence);
  }

  /** The images whose old versions expire, as many as the maximum number of rules allows. */
  private expiring(): ExpiringImage[] {
    return expiring(this.images, this.retention).slice(0, Math.max(0, MOST_RULES - this.numberWith(this.rules)));
  }

  /** The rules without the protection of foreign tags. They show whether a rule of the user selects such a tag, which is a mistake. */
  private withoutForeign(): PrioritizedRule[] {
    return withPriorities(inOrder([...liveRules(this.expiring(), this.retention), ...this.rules]));
  }

  private warn(): void {
    const warnings = Annotations.of(this.scope);
    const expires = this.expiring().length;
    const kept = expiring(this.images, this.retention).length - expires;
    if (kept > 0) {
      warnings.addWarningV2('cdk-container-delivery:retention',
        `ECR allows ${MOST_RULES} lifecycle rules, so old versions of only ${expires} images expire. All versions of the other ${kept} are kept.`
        + ' Publish the images into several repositories, or use Retention.keepAll().');
    }
    this.warnOfSignatures();
    if (this.hasCache && !this.rules.some(({ selection: { tagStatus }, action }) => tagStatus !== 'tagged' && action.type === 'expire')) {
      warnings.addWarningV2('cdk-container-delivery:untaggedCaches',
        'Each build leaves the cache of the build before it untagged, and no lifecycle rule deletes untagged images.'
        + ' Add LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }).');
    }
    const reaching = this.rules.filter(rule => storageClassOf(rule) === 'standard' && !isShield(rule) && !this.accepted.has(rule));
    if (reaching.length > 0 && this.deployedDigests.size > 0) {
      warnings.addWarningV2('cdk-container-delivery:deployedByDigest',
        `The app runs ${[...this.deployedDigests].join(' and ')} of this repository. Its tags are unknown. If a rule selects them,`
        + ` it deletes or archives the image: ${reaching.map(({ description }) => description).join('; ')}.`
        + ' Add a tag to the image and protect it with LifecycleRule.protect(…), or publish the image into the repository.');
    }
  }

  private warnOfSignatures(): void {
    const reaching = this.rules.filter(rule => reachesSignatures(rule) && !this.accepted.has(rule));
    const why = reaching.length === 0 ? [] : signers({ scope: this.scope, name: this.repositoryName, images: this.images });
    if (why.length > 0) {
      Annotations.of(this.scope).addWarningV2('cdk-container-delivery:signatures',
        `A rule can delete or archive the signatures of deployed images, because ECR stores them without tags: ${reaching.map(({ description }) => description).join('; ')}.`
        + ` There are signatures, because ${why.join(' and ')}.`
        + ' Remove the rule: ECR deletes a signature together with its image. Or accept the rule with a reason: .acceptingTheRisk(\'…\').');
    }
  }

  /** Tags that the app runs but has not published, and that no rule of the user protects. */
  private foreignTags(): string[] {
    const isProtected = (tag: string) => this.rules.some(rule => isShield(rule) && matchesTags(rule.selection, [tag]));
    return [...this.deployedTags].filter(tag => !this.images.some(({ tags }) => tags.includes(tag)) && !isProtected(tag));
  }

  /** The total number of rules including these, without the rules for single images. */
  private numberWith(rules: readonly RuleText[]): number {
    return inOrder([...liveRules([], this.retention, this.foreignTags()), ...rules]).length;
  }

  private text(): string {
    return Stack.of(this.scope).toJsonString({ rules: this.prioritized() });
  }

  /** Rejects a protecting rule whose images are already selected by an earlier rule. */
  private checkProtection(rule: RuleText): void {
    if (!isShield(rule)) return;
    const earlier = this.rules.find(other => !isShield(other) && storageClassOf(other) === 'standard'
      && other.selection.tagStatus !== 'any' && matchesTags(other.selection, tagsFor(rule.selection)));
    if (earlier !== undefined) {
      reject(this.scope, {
        property: 'lifecycleRules.protect', must: 'come before the rules from which it protects images', got: [earlier.description, rule.description],
        fix: 'Move it to the front. It cannot protect images that an earlier rule selects.',
      });
    }
  }

  /**
   * Rejects a rule for which ECR would reject the whole policy.
   *
   * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
   */
  private checkPolicyWith(rule: RuleText): void {
    const number = this.numberWith([...this.rules, rule]);
    if (number > MOST_RULES) {
      reject(this.scope, {
        property: 'lifecycleRules', must: `be at most ${MOST_RULES} rules together with those that protect deployed images`, got: number,
        fix: 'Combine rules. A pattern matches many tags.',
      });
    }
    const keyed = inOrder([...this.rules, rule]).map(each => ({ each, key: selectionKey(each) }));
    const second = keyed.find(({ key }, position) => keyed.findIndex(other => other.key === key) < position);
    if (second !== undefined) {
      const same = keyed.filter(({ key }) => key === second.key).map(({ each }) => each.description);
      reject(this.scope, {
        property: 'lifecycleRules', must: `have one rule for ${nameOf(second.each)}`, got: same, fix: 'Keep one of them. The second would never apply.',
      });
    }
  }
}

/**
 * The rules in the order that ECR requires: a rule for all images comes last. If a rule deletes archived images, the rules that protect images are
 * repeated for the archive.
 */
export function inOrder(rules: readonly RuleText[]): RuleText[] {
  const reachesArchive = rules.some(rule => storageClassOf(rule) === 'archive');
  const all = rules.flatMap(rule => reachesArchive && isShield(rule) ? [rule, inArchive(rule)] : [rule]);
  const isLast = (rule: RuleText) => rule.selection.tagStatus === 'any';
  return [...all.filter(rule => !isLast(rule)), ...all.filter(isLast)];
}

/** The rules with priorities in the order of the list. */
export function withPriorities(rules: readonly RuleText[]): PrioritizedRule[] {
  return rules.map((rule, index) => ({ rulePriority: index + 1, ...rule }));
}

/** The tags and the storage class of a rule. ECR accepts one rule for each such pair. */
export function selectionKey(rule: RuleText): string {
  const { tagStatus, tagPrefixList = [], tagPatternList = [] } = rule.selection;
  const sorted = (list: readonly string[]) => Token.isUnresolved(list) ? list : [...list].sort();
  return JSON.stringify([storageClassOf(rule), tagStatus, sorted(tagPrefixList), sorted(tagPatternList)]);
}

/** The tags and the storage class as text for messages. */
export function nameOf(rule: RuleText): string {
  const { tagStatus } = rule.selection;
  const images = { any: 'all images', untagged: 'untagged images', tagged: 'the same tags' }[tagStatus];
  return storageClassOf(rule) === 'archive' ? `${images} in the archive` : images;
}
