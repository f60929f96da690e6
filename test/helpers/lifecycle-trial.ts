import { CfnParameter, Duration, Stack } from 'aws-cdk-lib';
import { OracleRule } from './lifecycle-oracle';
import { brokenRules } from './lifecycle-oracle-policy';
import { outcome, rulesOf } from './lifecycle-policy';
import { newStack } from './stack';
import { ImageRepository, ImageSelection, LifecycleRule } from '../../src';

export const WEEK = Duration.days(7);

/** A stack to try several lists of rules. */
export class LifecycleTrial {
  private readonly stack: Stack = newStack();

  public synthesized(lifecycleRules: LifecycleRule[]): { readonly text?: string; readonly refused?: string } {
    this.stack.node.tryRemoveChild('Repository');
    return outcome(() => new ImageRepository(this.stack, 'Repository', { lifecycleRules }));
  }

  /** The policy text for ECR. Fails if the rules are rejected. */
  public textOf(...lifecycleRules: LifecycleRule[]): string {
    const { text, refused } = this.synthesized(lifecycleRules);
    expect(refused).toBeUndefined();
    return text as string;
  }

  /** The rules of the user in the text, if ECR accepts it. */
  public accepted(...lifecycleRules: LifecycleRule[]): OracleRule[] {
    const text = this.textOf(...lifecycleRules);
    expect(brokenRules(text)).toEqual([]);
    return rulesOf(text).slice(-lifecycleRules.length);
  }

  /** The error message of rejected rules: property, rule, value and fix. */
  public refused(...lifecycleRules: LifecycleRule[]): string {
    const message = this.synthesized(lifecycleRules).refused ?? 'accepted';
    expect(message).toMatch(/'lifecycle[\w.[\]]*' must .+, got [^]+\. [A-Z][^]+$/);
    return message;
  }

  /** A number that is a token. */
  public laterNumber(id = 'Number'): number {
    return new CfnParameter(this.stack, id, { type: 'Number' }).valueAsNumber;
  }

  /** A text that is a token. */
  public laterText(id = 'Text'): string {
    return new CfnParameter(this.stack, id).valueAsString;
  }
}

export function expire(images: ImageSelection, olderThan = WEEK): LifecycleRule {
  return LifecycleRule.expire({ images, olderThan });
}

export function keep(images: ImageSelection, count: number): LifecycleRule {
  return LifecycleRule.keepNewest({ images, count });
}

export function expireArchived(images?: ImageSelection, archivedFor = Duration.days(90)): LifecycleRule {
  return LifecycleRule.expireArchived({ images, archivedFor });
}

/** One rule of every factory method. */
export function everyFactory(): LifecycleRule[] {
  const { all, untagged, tagPrefix, tagPattern } = ImageSelection;
  return [
    LifecycleRule.expireUntagged({ olderThan: WEEK }),
    expire(tagPrefix('a')),
    keep(tagPattern('b*'), 3),
    LifecycleRule.archive({ images: tagPrefix('c'), olderThan: WEEK }),
    LifecycleRule.archiveUnused({ images: tagPrefix('d'), notPulledFor: WEEK }),
    LifecycleRule.archiveAllButNewest({ images: tagPrefix('e'), count: 3 }),
    LifecycleRule.protect(tagPrefix('f')),
    expireArchived(tagPrefix('g')),
    expireArchived(untagged()),
    keep(all(), 3),
    expireArchived(),
  ];
}
