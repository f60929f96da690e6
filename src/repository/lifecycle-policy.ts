import { IResolvable, Lazy, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { LifecycleRule, _RenderedLifecycleRule } from './lifecycle-rule';
import { checkList, hasMethods } from '../private/check-types';
import { reject } from '../private/validation';

const CURE = 'Make it with brackets, e.g. LifecycleRule.expireUntagged({ olderThan: Duration.days(7) }).';

/** The lifecycle rules of one repository, in order of priority. */
export class LifecyclePolicy {
  private readonly rules: _RenderedLifecycleRule[] = [];

  constructor(private readonly scope: IConstruct, rules: LifecycleRule[]) {
    checkList(scope, 'lifecycle', rules, 'Write lifecycle: [LifecycleRule.expireUntagged(…)].');
    for (const rule of rules) this.add(rule);
  }

  public add(rule: LifecycleRule): void {
    if (!hasMethods(rule, '_render')) {
      reject(this.scope, { property: 'lifecycle', must: 'be a LifecycleRule', got: rule, cure: CURE });
    }
    const rendered = rule._render(this.scope);
    // ECR refuses the whole policy: https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_parameters.html
    if (this.rules.some(other => other.selection.tagStatus === rendered.selection.tagStatus)) {
      reject(this.scope, {
        property: 'lifecycle',
        must: 'have one rule for untagged images',
        got: this.rules.length + 1,
        cure: 'Keep the rule with the shorter time.',
      });
    }
    this.rules.push(rendered);
  }

  /** Rules may still be added after the repository exists, so the policy is made at the end of synthesis. */
  public render(): IResolvable {
    return Lazy.any({ produce: () => this.rules.length > 0 ? { lifecyclePolicyText: this.text() } : undefined });
  }

  private text(): string {
    return Stack.of(this.scope).toJsonString({
      rules: this.rules.map((rule, index) => ({ rulePriority: index + 1, ...rule })),
    });
  }
}
