import { RootConstruct } from 'constructs';
import { evaluate } from './evaluate';
import { LifecycleImage, storedImage, time } from './lifecycle-image';
import { LifecyclePolicy } from './lifecycle-policy';
import { LifecycleRule } from './lifecycle-rule';
import { PrioritizedRule } from './policy-text';
import { readPolicyText } from './read-policy-text';
import { display } from '../../private/display';

/** What happens to an image. */
export enum LifecycleAction {
  /** It is deleted. */
  EXPIRE = 'expire',

  /** It goes to the archive, and cannot be pulled until it is restored. */
  ARCHIVE = 'archive',
}

/** What a lifecycle policy does with one image, and why. */
export interface LifecycleDecision {
  /** The image. */
  readonly image: LifecycleImage;

  /** What happens to it. */
  readonly action: LifecycleAction;

  /** The description of the rule that acts. */
  readonly rule: string;

  /** The priority of that rule, 1 for the most important one. */
  readonly priority: number;
}

/**
 * Tells what a lifecycle policy would delete or archive, without AWS: for your own tests.
 *
 * It follows what AWS documents: one rule at the most acts on an image; what matches the tags of a more important rule is safe from
 * the others; the images of an index stay as long as the index does; what refers to an image goes with it. It has not been compared
 * with AWS itself.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
 */
export class LifecycleSimulator {
  /**
   * Simulate the policy that a repository has already.
   *
   * Throws when the text is no policy.
   *
   * @param text the `lifecyclePolicyText` that `aws ecr get-lifecycle-policy` tells
   */
  public static fromPolicyText(text: string): LifecycleSimulator {
    const rules = readPolicyText(text);
    return LifecycleSimulator._of(() => rules);
  }

  /** @internal */
  public static _of(rules: () => readonly PrioritizedRule[]): LifecycleSimulator {
    const simulator = new LifecycleSimulator([]);
    simulator.rules = rules;
    return simulator;
  }

  // Asked each time: a repository may get more of them.
  private rules: () => readonly PrioritizedRule[];

  /**
   * Simulate rules alone. With the rules that protect what is deployed, it is `repository.lifecycleSimulator`.
   *
   * Throws when ECR would refuse the rules, or when a repository would because they are dangerous.
   *
   * @param rules the rules, most important one first
   */
  constructor(rules: LifecycleRule[]) {
    const own = new LifecyclePolicy(new RootConstruct('LifecycleSimulator'), rules).ownRules();
    this.rules = () => own;
  }

  /**
   * What happens to which image. Images that stay are left out.
   *
   * Throws when an image is described wrongly or twice.
   *
   * @param images all images of the repository
   * @param at when ECR looks
   */
  public simulate(images: LifecycleImage[], at: Date): LifecycleDecision[] {
    const now = time('at', at);
    if (now === undefined || !Array.isArray(images)) throw new Error(`LifecycleSimulator: 'simulate' must get a list of images and a date, got ${display([images, at])}.`);
    const stored = images.map(storedImage);
    const names = new Set(stored.map(({ digest }) => digest));
    if (names.size < stored.length) throw new Error('LifecycleSimulator: \'images\' must have a digest each of its own. Put all tags of an image into one entry.');
    const acting = evaluate(this.rules(), stored, now);
    return images.flatMap(image => {
      const rule = acting.get(image.digest);
      return rule === undefined ? [] : [decision(image, rule)];
    });
  }
}

function decision(image: LifecycleImage, { rulePriority, description = '', action }: PrioritizedRule): LifecycleDecision {
  return { image, rule: description, priority: rulePriority, action: action.type === 'expire' ? LifecycleAction.EXPIRE : LifecycleAction.ARCHIVE };
}
