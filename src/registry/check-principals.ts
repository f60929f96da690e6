import { IPrincipal, PolicyDocument } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { checkList, isObject } from '../private/check-types';
import { reject } from '../private/validation';

const CURE = 'Name the accounts or roles, or use new iam.OrganizationPrincipal("o-…").';

/** One or more principals, of which none is everybody. */
export function checkPrincipals(scope: IConstruct, property: string, value: unknown): asserts value is IPrincipal[] {
  checkList(scope, property, value, CURE);
  if (value.length === 0) reject(scope, { property, must: 'have at least one item', got: value, cure: CURE });
  for (const each of Array.from(value)) checkPrincipal(scope, property, each);
}

/** A policy in which nobody means everybody. */
export function checkDocument(scope: IConstruct, property: string, document: PolicyDocument): void {
  const statements: Statement[] = document.toJSON()?.Statement ?? [];
  for (const { Effect, Principal = '*', Condition = {} } of statements) {
    // Whoever is not named by a NotPrincipal is everybody else.
    if (Effect === 'Allow' && isOpen(Principal, Condition)) rejectEverybody(scope, property);
  }
}

interface Statement {
  readonly Effect: string;
  readonly Principal?: unknown;
  readonly Condition?: Conditions;
}

type Conditions = Readonly<Record<string, unknown>>;

function checkPrincipal(scope: IConstruct, property: string, value: unknown): void {
  if (!isObject(value) || !isObject(value.policyFragment)) {
    reject(scope, { property, must: 'have nothing but principals in it', got: value, cure: CURE });
  }
  const { principalJson, conditions } = (value as unknown as IPrincipal).policyFragment;
  if (isOpen(principalJson, conditions)) rejectEverybody(scope, property);
}

function rejectEverybody(scope: IConstruct, property: string): never {
  return reject(scope, { property, must: 'not be everybody, unless a condition names the organization or the accounts', got: '*', cure: CURE });
}

function isOpen(principal: unknown, conditions: Conditions): boolean {
  const named = typeof principal === 'object' && principal !== null ? Object.values(principal).flat() : [principal];
  return named.includes('*') && !Object.entries(conditions).some(([operator, keys]) => isNarrow(operator, keys));
}

/** `…IfExists` lets through whoever has no organization at all. */
function isNarrow(operator: string, keys: unknown): boolean {
  if (!/^(?:ForAnyValue:)?String(?:Equals|EqualsIgnoreCase|Like)$/.test(operator) || !isObject(keys)) return false;
  return Object.entries(keys).some(([key, values]) => (
    /^aws:(?:Principal(?:OrgID|OrgPaths|Account)|Source(?:Account|OrgID|OrgPaths))$/i.test(key) && ![values].flat().includes('*')
  ));
}
