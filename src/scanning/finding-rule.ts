import { Stack, Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventPattern, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { SEVERITY } from './scan-gate';
import { namesAtOrAbove, Severity } from './severity';
import { checkValue, Shape } from '../private/shape';
import { checkScope, homeOf } from '../private/stacks';
import { reject } from '../private/validation';

/** Options of `onFinding`. */
export interface OnFindingOptions {
  /** The lowest severity that is sent. `Severity.INFORMATIONAL` includes findings without a rating. */
  readonly severity: Severity;

  /** The target of the events, e.g. `new targets.SnsTopic(topic)`. */
  readonly target: IRuleTarget;

  /**
   * The construct that the rule belongs to. Pass the stack of the target if the repository is in another stack. Otherwise the stack of
   * the repository depends on the stack of the target, and CDK reports a cyclic reference if that stack also uses the repository.
   *
   * @default - the repository
   */
  readonly scope?: Construct;
}

export const ON_FINDING = new Shape<OnFindingOptions>('Write an object such as { severity: Severity.HIGH, target: new targets.SnsTopic(topic) }.', {
  severity: { ...SEVERITY, required: true },
  target: {
    kind: 'instance', required: true, must: 'be a target of EventBridge', methods: ['bind'],
    fix: 'Use a class of aws-cdk-lib/aws-events-targets, e.g. new targets.SnsTopic(topic).',
  },
  scope: { kind: 'other' },
}, {
  crossStackScope: 'Write `scope`.',
  eventPattern: 'The event pattern is made from `severity`. For other events, use `onEvent`.',
  imageTags: 'Findings of all images are sent. For events of certain tags, use `onImageScanCompleted`.',
});

/** Creates the rule that sends findings in a repository to a target. */
export function ruleForFindings(repository: IRepository & Construct, id: string, options: OnFindingOptions): Rule {
  checkValue(repository, 'id', id, { kind: 'text', required: true, pattern: /./, must: 'be an id', fix: 'Write onFinding(\'Findings\', { … }).' });
  ON_FINDING.check(repository, 'onFinding', options);
  const { severity, target, scope = homeOf(repository) as Construct } = options;
  checkScope(repository, scope, 'Pass the stack of the target: { scope: this }.');
  checkEnvironment(repository, scope);
  return new Rule(scope, id, {
    description: `Findings of severity ${severity} or worse in images of ${repository.repositoryName}`,
    eventPattern: patternOf(repository.repositoryName, severity),
    targets: [target],
  });
}

/** Matches the events of basic and enhanced scanning. Their details differ. */
function patternOf(repositoryName: string, severity: Severity): EventPattern {
  const severities = namesAtOrAbove(severity);
  // A severity that was not found has no count.
  const basic = severities.map(each => ({
    'repository-name': [repositoryName], 'scan-status': ['COMPLETE'], 'finding-severity-counts': { [each]: [{ numeric: ['>', 0] }] },
  }));
  const enhanced = {
    severity: severities, status: ['ACTIVE'], resources: { details: { awsEcrContainerImage: { repositoryName: [repositoryName] } } },
  };
  return {
    source: ['aws.ecr', 'aws.inspector2'],
    detailType: ['ECR Image Scan', 'Inspector2 Finding'],
    detail: { $or: [...basic, enhanced] },
  };
}

/** Checks that the rule is in the account and region of the repository, whose event bus receives the events. */
function checkEnvironment(repository: IRepository & Construct, scope: Construct): void {
  const stack = Stack.of(scope);
  for (const property of ['account', 'region'] as const) {
    const [here, there] = [stack[property], repository.env[property]];
    if (!Token.isUnresolved(here) && !Token.isUnresolved(there) && here !== there) {
      reject(repository, {
        property: 'onFinding.scope', must: `be in the ${property} of the repository, because its events stay there`, got: here,
        fix: `Pass a construct in a stack of ${there}: { scope }.`,
      });
    }
  }
}
