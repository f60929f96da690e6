import { IPrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { checkList, isObject } from '../private/check-types';
import { reject } from '../private/validation';
import { isPinned } from '../repository/access/pinned';
import { isOpen } from '../repository/access/statement-rules';

const CURE = 'Name the accounts or roles, or use new iam.OrganizationPrincipal("o-…").';

/** One or more principals, of which none is everybody. */
export function checkPrincipals(scope: IConstruct, property: string, value: unknown): asserts value is IPrincipal[] {
  checkList(scope, property, value, CURE);
  if (value.length === 0) reject(scope, { property, must: 'have at least one item', got: value, cure: CURE });
  for (const each of Array.from(value)) checkPrincipal(scope, property, each);
}

function checkPrincipal(scope: IConstruct, property: string, value: unknown): void {
  if (!isObject(value) || !isObject(value.policyFragment)) {
    reject(scope, { property, must: 'have nothing but principals in it', got: value, cure: CURE });
  }
  const { principalJson, conditions } = (value as unknown as IPrincipal).policyFragment;
  if (isOpen({ Effect: 'Allow', Principal: principalJson }) && !isPinned(conditions)) {
    reject(scope, { property, must: 'not be everybody, unless a condition names the organization or the accounts', got: '*', cure: CURE });
  }
}
