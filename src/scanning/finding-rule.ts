import { Stack, Token } from 'aws-cdk-lib';
import { IRepository } from 'aws-cdk-lib/aws-ecr';
import { EventPattern, IRuleTarget, Rule } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';
import { checkSeverity } from './check-severity';
import { namesAtOrAbove, Severity } from './severity';
import { hasMethods } from '../private/check-types';
import { reject } from '../private/validation';

/** Tells a target of findings in a repository. One rule for each severity, beside the repository. */
export function ruleForFindings(repository: IRepository & Construct, severity: Severity, target: IRuleTarget): Rule {
  checkSeverity(repository, severity);
  if (!hasMethods(target, 'bind')) {
    reject(repository, {
      property: 'target', must: 'be a target of EventBridge', got: target, cure: 'Make one of aws-cdk-lib/aws-events-targets, e.g. new targets.SnsTopic(topic).',
    });
  }
  checkRegion(repository);
  const id = `OnFinding-${severity}`;
  const existing = repository.node.tryFindChild(id);
  const rule = existing instanceof Rule ? existing : new Rule(repository, id, {
    description: `Findings of severity ${severity} or worse in images of ${repository.repositoryName}`,
    eventPattern: patternOf(repository.repositoryName, severity),
  });
  rule.addTarget(target);
  return rule;
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
function checkRegion(repository: IRepository & Construct): void {
  const stack = Stack.of(repository);
  for (const place of ['account', 'region'] as const) {
    const [own, other] = [stack[place], repository.env[place]];
    if (!Token.isUnresolved(own) && !Token.isUnresolved(other) && own !== other) {
      reject(repository, {
        property: 'onFinding', must: `be asked of a repository in the ${place} of its stack, because its events stay there`, got: other,
        cure: `Call it in a stack of ${other}.`,
      });
    }
  }
}
