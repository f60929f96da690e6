import { Stack } from 'aws-cdk-lib';
import { PolicyDocument, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import { reject, sentence, Violation } from '../private/validation';
import { PullAccess, PushAccess } from '../repository/access/access';
import { checkPullAccess, checkPushAccess } from '../repository/access/access-checks';
import { pullStatements, pushStatements, StatementOf } from '../repository/access/access-statements';
import { brokenSize } from '../repository/access/policy-size';
import { brokenForSure, brokenSomehow } from '../repository/access/possible-statements';
import { brokenRule, StatementJson } from '../repository/access/statement-rules';

/** Who may use the repositories of a template. */
export interface TemplateAccess {
  readonly pullFrom?: PullAccess;
  readonly pushFrom?: PushAccess;
}

/** The policy of repositories that do not exist yet, by the rules of that of an `ImageRepository`; none when nobody is named. */
export function templatePolicy(scope: Construct, access: TemplateAccess): string | undefined {
  const statements = statementsOf(scope, access).map(([property, statement]) => checked(scope, property, statement));
  if (statements.length === 0) return undefined;
  const document = new PolicyDocument({ statements });
  // What is a token may have become anything.
  scope.node.addValidation({ validate: () => brokenRules(scope, Stack.of(scope).resolve(document)).map(sentence) });
  return Stack.of(scope).toJsonString(document);
}

function statementsOf(scope: Construct, { pullFrom, pushFrom }: TemplateAccess): StatementOf[] {
  if (pullFrom !== undefined) checkPullAccess(scope, pullFrom);
  if (pushFrom !== undefined) checkPushAccess(scope, pushFrom);
  return [...pullFrom ? pullStatements(scope, pullFrom) : [], ...pushFrom ? pushStatements(pushFrom) : []];
}

function checked(scope: Construct, property: string, statement: PolicyStatement): PolicyStatement {
  const json: StatementJson = statement.toStatementJson();
  // CDK hides accounts and services in tokens.
  const broken = brokenForSure({ ...json, Principal: Stack.of(scope).resolve(json.Principal) }, broke);
  return broken ? reject(scope, { ...broken, property }) : statement;
}

function brokenRules(scope: Construct, policy: unknown): Violation[] {
  const size = brokenSize(policy);
  return [...brokenSomehow(scope, { policy }, broke), ...size ? [{ ...size, property: 'creationTemplates' }] : []];
}

function broke(statement: StatementJson): Violation | undefined {
  return brokenRule(statement, () => false);
}
