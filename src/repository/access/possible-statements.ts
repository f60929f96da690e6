import { Annotations, Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { StatementJson } from './statement-rules';
import { isObject } from '../../private/shape';
import { possibleValues } from '../../private/template/possible-values';
import { TemplateSections } from '../../private/template/template-sections';
import { undefinedIfThrows } from '../../private/undefined-if-throws';
import { Violation } from '../../private/validation';

const NO_VALUE = { Ref: 'AWS::NoValue' };

/**
 * The limit of ECR.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_SetRepositoryPolicy.html
 */
const MOST_CHARACTERS = 10_240;

// The shortest possible values, so that no valid policy is rejected.
const SHORTEST = new Map([
  ['AWS::AccountId', '111122223333'], ['AWS::Partition', 'aws'], ['AWS::Region', 'us-east-1'], ['AWS::URLSuffix', 'amazonaws.com'],
]);

type Rule = (statement: StatementJson) => Violation | undefined;

/** The rule that a statement breaks regardless of conditions and parameters. It can be reported before the template is complete. */
export function brokenForSure(statement: StatementJson, rule: Rule): Violation | undefined {
  const { values, isComplete } = possibleValues(statement);
  const broken = values.filter(isObject).map(rule);
  return isComplete && broken.every(each => each !== undefined) ? broken[0] : undefined;
}

/** A policy in the template. */
interface RenderedPolicy {
  readonly policy: unknown;
  /** The condition under which the resource is created. */
  readonly Condition?: unknown;
}

/** The first rule that each statement breaks for some conditions and parameters of the template. */
export function brokenSomehow(scope: IConstruct, { policy, Condition }: RenderedPolicy, rule: Rule): Violation[] {
  const template = new TemplateSections(Stack.of(scope));
  const parts = partsOf(policy).map(part => Condition === undefined ? part : { 'Fn::If': [Condition, part, NO_VALUE] });
  return parts
    .map(part => possibleStatements(scope, part, template).map(rule).find(broken => broken !== undefined))
    .filter(broken => broken !== undefined);
}

/** The statements that a policy can have. */
export function possibleStatements(scope: IConstruct, policy: unknown, template: TemplateSections): StatementJson[] {
  const { values, isComplete } = possibleValues(policy, template);
  if (!isComplete) {
    Annotations.of(scope).addWarningV2('cdk-container-delivery:policyConditions',
      `A statement of the policy depends on many conditions: only ${values.length} of their combinations are checked. Split the statement.`);
  }
  return values.flatMap(statementsOf);
}

/** Splits a policy into one policy per statement where possible, because a single statement has fewer combinations. */
function partsOf(policy: unknown): unknown[] {
  return isObject(policy) && Array.isArray(policy.Statement) ? policy.Statement.map(Statement => ({ Statement })) : [policy];
}

function statementsOf(policy: unknown): StatementJson[] {
  const json = typeof policy === 'string' ? parsed(policy) : policy;
  return isObject(json) ? [json.Statement].flat(2).filter(isObject) : [];
}

/** Parses a policy. `undefined` if it is unknown until deployment, or invalid for ECR. */
function parsed(text: string): unknown {
  return undefinedIfThrows(() => JSON.parse(text) as unknown);
}

/** The rule that a rendered policy breaks if it is too long. */
export function brokenSize(policy: unknown): Violation | undefined {
  const written = shortest(policy);
  const { length } = typeof written === 'string' ? written : JSON.stringify(written) ?? '';
  return length <= MOST_CHARACTERS ? undefined : {
    property: 'policy',
    must: `have at most ${MOST_CHARACTERS} characters, the limit of ECR`,
    got: length,
    fix: 'Allow an organization instead of its accounts, pullFrom: { organizations: [\'o-a1b2c3d4e5\'] }, or an account instead of its roles.',
  };
}

/** The policy with placeholders for values that are only known at deployment. */
function shortest(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shortest);
  if (typeof value !== 'object' || value === null) return value;
  const [[name, argument] = ['', undefined], ...others] = Object.entries(value);
  if (others.length === 0 && name === 'Fn::Join') {
    const [separator, parts] = argument as [string, unknown];
    return Array.isArray(parts) ? parts.map(part => String(shortest(part))).join(separator) : '';
  }
  if (others.length === 0 && /^(?:Ref$|Fn::)/.test(name)) return SHORTEST.get(String(argument)) ?? '';
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, shortest(each)]));
}
