import { Stack } from 'aws-cdk-lib';
import { IPrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { checkList, isObject } from '../private/check-types';
import { reject, Violation } from '../private/validation';
import { isPinned } from '../repository/access/pinned';
import { brokenForSure } from '../repository/access/possible-statements';
import { isOpen, principalsOf, StatementJson } from '../repository/access/statement-rules';

const FIX = 'Name the accounts or roles, or use new iam.OrganizationPrincipal("o-…").';

/** One or more principals, of which none is everybody. */
export function checkPrincipals(scope: IConstruct, property: string, value: unknown): asserts value is IPrincipal[] {
  checkList(scope, property, value, FIX);
  if (value.length === 0) reject(scope, { property, must: 'have at least one item', got: value, fix: FIX });
  for (const each of Array.from(value)) checkPrincipal(scope, property, each);
}

function checkPrincipal(scope: IConstruct, property: string, value: unknown): void {
  if (!isObject(value) || !isObject(value.policyFragment)) {
    reject(scope, { property, must: 'have nothing but principals in it', got: value, fix: FIX });
  }
  const { principalJson, conditions } = (value as unknown as IPrincipal).policyFragment;
  // CDK hides accounts and services in tokens.
  const statement = { Effect: 'Allow', Principal: Stack.of(scope).resolve(principalJson), Condition: conditions };
  const broken = brokenForSure(statement, made => brokenTrust(property, made));
  if (broken !== undefined) reject(scope, broken);
}

/** Who may not be trusted with a registry: everybody, and whoever is named with a wildcard. */
export function brokenTrust(property: string, statement: StatementJson): Violation | undefined {
  if (isOpen(statement) && !isPinned(statement.Condition)) {
    return { property, must: 'not be everybody, unless a condition names the organization or the accounts', got: '*', fix: FIX };
  }
  const partial = principalsOf(statement).find(principal => principal !== '*' && /[*?]/.test(principal));
  return partial === undefined ? undefined : { property, must: 'be whole principals, because IAM takes no wildcard in a part of one', got: partial, fix: FIX };
}
