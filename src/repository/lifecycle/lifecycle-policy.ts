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
// What is only known at deployment counts as nothing: it may become short.
const TOKEN = /\$\{Token\[[^\]]*\]\}/g;

/** The lifecycle rules of one repository: first those that protect what is deployed, then those of the user, in their order. */
export class LifecyclePolicy {
  private readonly rules: RuleText[] = [];
  private readonly accepted = new Set<RuleText>();
  private readonly images: LiveImage[] = [];
  /** Whether there is a policy even if nothing expires: Security Hub ECR.3 requires one, and the rules that protect images do no harm. */
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
    this.checkPlace(text);
    this.checkProtection(text);
    if (rule._acceptedRisk !== undefined) this.accepted.add(text);
    const danger = this.accepted.has(text) ? undefined : dangerOf(text);
    if (danger) reject(this.scope, danger);
    this.rules.push(text);
  }

  /** An image that is published into the repository. */
  public addImage(image: LiveImage): void {
    this.images.push(image);
  }

  /** A tag or digest of the repository that the app runs without having published it. */
  public addDeployed(tagOrDigest: string): void {
    (tagOrDigest.startsWith('sha256:') ? this.deployedDigests : this.deployedTags).add(tagOrDigest);
  }

  /** Builds keep a cache in the repository. */
  public addCache(): void {
    this.hasCache = true;
  }

  /** All rules with their priorities. */
  public prioritized(): PrioritizedRule[] {
    const isIdle = !this.isWanted && this.rules.length === 0 && this.expiring().length === 0;
    return withPriorities(isIdle ? [] : inOrder([...liveRules(this.expiring(), this.retention, this.foreignTags()), ...this.rules]));
  }

  /** The rules of the user, as if there were no others. */
  public ownRules(): PrioritizedRule[] {
    return withPriorities(inOrder(this.rules));
  }

  /** Rules may still be added after the repository exists, so the policy is made at the end of synthesis. */
  public render(): IResolvable {
    return Lazy.any({ produce: () => this.prioritized().length > 0 ? { lifecyclePolicyText: this.text() } : undefined });
  }

  /** What is wrong with all the rules together, once they are all known. */
  public validate(): string[] {
    this.warn();
    const { length } = JSON.stringify({ rules: this.prioritized() }).replace(TOKEN, '');
    const tooLong = length <= LONGEST_TEXT ? [] : [sentence({
      property: 'lifecycleRules', must: `be at most ${LONGEST_TEXT} characters as JSON`, got: length, fix: 'Use fewer rules, or shorter patterns.',
    })];
    const number = this.numberWith(this.rules);
    const tooMany = number <= MOST_RULES ? [] : [sentence({
      property: 'lifecycleRules', must: `be at most ${MOST_RULES} rules together with those that protect what is deployed`, got: number,
      fix: 'Protect many tags with one rule: LifecycleRule.protect(ImageSelection.tagPrefix(…)).',
    })];
    const unaccepted = this.rules.filter(rule => !this.accepted.has(rule));
    // A live tag of the past is protected as any other, but is no mistake of a rule.
    const named = this.foreignTags().filter(tag => !tag.startsWith(LIVE_TAG_PREFIX));
    const harm = findUnsafeRules(this.images, named, this.retention, this.withoutForeign());
    return [...tooLong, ...tooMany, ...unaccepted.flatMap(rule => this.computedDanger(rule)), ...dangersWith(unaccepted, this.images), ...harm];
  }

  /** Tags and numbers can be computed by CloudFormation from what is known at synthesis. */
  private computedDanger(rule: RuleText): string[] {
    const stack = Stack.of(this.scope);
    const { values } = possibleValues(stack.resolve(rule), new TemplateSections(stack));
    return values.map(value => dangerOf(value as RuleText)).filter(danger => danger !== undefined).slice(0, 1).map(sentence);
  }

  /** Images of which old versions expire, as many as there is room for. */
  private expiring(): ExpiringImage[] {
    return expiring(this.images, this.retention).slice(0, Math.max(0, MOST_RULES - this.numberWith(this.rules)));
  }

  /** As if what runs under a foreign tag were not protected: a rule that means it by that tag is a mistake. */
  private withoutForeign(): PrioritizedRule[] {
    return withPriorities(inOrder([...liveRules(this.expiring(), this.retention), ...this.rules]));
  }

  private warn(): void {
    const warnings = Annotations.of(this.scope);
    const expires = this.expiring().length;
    const kept = expiring(this.images, this.retention).length - expires;
    if (kept > 0) {
      warnings.addWarningV2('cdk-container-delivery:retention',
        `ECR takes ${MOST_RULES} lifecycle rules, so old versions expire of ${expires} images only; of ${kept} others all are kept.`
        + ' Spread the images over several repositories, or say Retention.keepAll().');
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
        `The app runs ${[...this.deployedDigests].join(' and ')} of this repository, and nobody here knows its tags. If they are what a rule means,`
        + ` it takes the image: ${reaching.map(({ description }) => description).join('; ')}.`
        + ' Give it a tag of its own and protect that with LifecycleRule.protect(…), or publish the image into the repository.');
    }
  }

  private warnOfSignatures(): void {
    const reaching = this.rules.filter(rule => reachesSignatures(rule) && !this.accepted.has(rule));
    const why = reaching.length === 0 ? [] : signers({ scope: this.scope, name: this.repositoryName, images: this.images });
    if (why.length > 0) {
      Annotations.of(this.scope).addWarningV2('cdk-container-delivery:signatures',
        `A rule can take the signatures of deployed images, because ECR stores them without tags: ${reaching.map(({ description }) => description).join('; ')}.`
        + ` There are signatures, because ${why.join(' and ')}.`
        + ' Leave the rule out: ECR deletes a signature after its image. Or say why it does no harm: .acceptingTheRisk(\'…\').');
    }
  }

  /** Tags that the app runs and has not published, and that no rule of the user protects. */
  private foreignTags(): string[] {
    const isProtected = (tag: string) => this.rules.some(rule => isShield(rule) && matchesTags(rule.selection, [tag]));
    return [...this.deployedTags].filter(tag => !this.images.some(({ tags }) => tags.includes(tag)) && !isProtected(tag));
  }

  /** How many rules there are with these, those for single images aside. */
  private numberWith(rules: readonly RuleText[]): number {
    return inOrder([...liveRules([], this.retention, this.foreignTags()), ...rules]).length;
  }

  private text(): string {
    return Stack.of(this.scope).toJsonString({ rules: this.prioritized() });
  }

  /** What an earlier rule means, a later one never touches, and so cannot protect. */
  private checkProtection(rule: RuleText): void {
    if (!isShield(rule)) return;
    const earlier = this.rules.find(other => !isShield(other) && storageClassOf(other) === 'standard'
      && other.selection.tagStatus !== 'any' && matchesTags(other.selection, tagsFor(rule.selection)));
    if (earlier !== undefined) {
      reject(this.scope, {
        property: 'lifecycleRules.protect', must: 'come before the rules that it protects from', got: [earlier.description, rule.description],
        fix: 'Move it to the front: what an earlier rule means, a later one cannot protect.',
      });
    }
  }

  /** ECR refuses the whole policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules */
  private checkPlace(rule: RuleText): void {
    const number = this.numberWith([...this.rules, rule]);
    if (number > MOST_RULES) {
      reject(this.scope, {
        property: 'lifecycleRules', must: `be at most ${MOST_RULES} rules together with those that protect what is deployed`, got: number,
        fix: 'Say more with one rule: a pattern stands for many tags.',
      });
    }
    const places = inOrder([...this.rules, rule]).map(each => ({ each, place: placeOf(each) }));
    const second = places.find(({ place }, position) => places.findIndex(other => other.place === place) < position);
    if (second !== undefined) {
      const same = places.filter(({ place }) => place === second.place).map(({ each }) => each.description);
      reject(this.scope, {
        property: 'lifecycleRules', must: `have one rule for ${nameOf(second.each)}`, got: same, fix: 'Keep one of them: the second would never act.',
      });
    }
  }
}

/**
 * As ECR wants them: a rule for all images comes last. What is protected at hand is protected in the archive, too, as soon as a rule
 * deletes from there.
 */
export function inOrder(rules: readonly RuleText[]): RuleText[] {
  const reachesArchive = rules.some(rule => storageClassOf(rule) === 'archive');
  const all = rules.flatMap(rule => reachesArchive && isShield(rule) ? [rule, inArchive(rule)] : [rule]);
  const isLast = (rule: RuleText) => rule.selection.tagStatus === 'any';
  return [...all.filter(rule => !isLast(rule)), ...all.filter(isLast)];
}

/** In the order of the list. */
export function withPriorities(rules: readonly RuleText[]): PrioritizedRule[] {
  return rules.map((rule, index) => ({ rulePriority: index + 1, ...rule }));
}

/** What ECR takes one rule for: these tags, in this storage class. */
export function placeOf(rule: RuleText): string {
  const { tagStatus, tagPrefixList = [], tagPatternList = [] } = rule.selection;
  const sorted = (list: readonly string[]) => Token.isUnresolved(list) ? list : [...list].sort();
  return JSON.stringify([storageClassOf(rule), tagStatus, sorted(tagPrefixList), sorted(tagPatternList)]);
}

/** The place, for people. */
export function nameOf(rule: RuleText): string {
  const { tagStatus } = rule.selection;
  const images = { any: 'all images', untagged: 'untagged images', tagged: 'the same tags' }[tagStatus];
  return storageClassOf(rule) === 'archive' ? `${images} in the archive` : images;
}
