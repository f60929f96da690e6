import { Stack, Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventPattern, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { checkSeverity } from './scan-gate';
import { namesAtOrAbove, Severity } from './severity';
import { checkObject, hasMethods } from '../private/check-types';
import { checkScope, childOf } from '../private/stacks';
import { reject } from '../private/validation';

/** Where the rule is that tells a target of findings. */
export interface OnFindingOptions {
  /**
   * The construct that the rule belongs to. Give the stack of the target when the repository lives in another one: else the
   * repository's stack would need the target's, and CDK stops with a cyclic reference when the target's needs the repository's.
   *
   * @default - the repository
   */
  readonly scope?: Construct;
}

/** Tells a target of findings in a repository. One rule for each severity and scope. */
export function ruleForFindings(repository: IRepository & Construct, severity: Severity, target: IRuleTarget, options: OnFindingOptions): Rule {
  checkSeverity(repository, 'severity', severity);
  if (!hasMethods(target, 'bind')) {
    reject(repository, {
      property: 'target', must: 'be a target of EventBridge', got: target, fix: 'Make one of aws-cdk-lib/aws-events-targets, e.g. new targets.SnsTopic(topic).',
    });
  }
  checkObject(repository, 'onFinding.options', options);
  const { scope = repository } = options;
  checkScope(repository, scope, 'Give the stack of the target: { scope: this }.');
  checkPlace(repository, scope);
  const rule = ruleIn(scope, repository, severity);
  rule.addTarget(target);
  return rule;
}

function ruleIn(scope: Construct, repository: IRepository & Construct, severity: Severity): Rule {
  const id = scope === repository ? `OnFinding-${severity}` : `OnFinding-${severity}-Of-${repository.node.path}`;
  const existing = childOf(scope, id);
  return existing instanceof Rule ? existing : new Rule(scope, id, {
    description: `Findings of severity ${severity} or worse in images of ${repository.repositoryName}`,
    eventPattern: patternOf(repository.repositoryName, severity),
  });
}

/** The events of both kinds of scanning; what tells them apart is in the detail. */
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

/** Events of a repository go to the bus of its own account and region. */
function checkPlace(repository: IRepository & Construct, scope: Construct): void {
  const stack = Stack.of(scope);
  for (const place of ['account', 'region'] as const) {
    const [here, there] = [stack[place], repository.env[place]];
    if (!Token.isUnresolved(here) && !Token.isUnresolved(there) && here !== there) {
      reject(repository, {
        property: 'onFinding', must: `have its rule in the ${place} of the repository, because its events stay there`, got: here,
        fix: `Give a construct in a stack of ${there}: { scope }.`,
      });
    }
  }
}
