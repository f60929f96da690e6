import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkList, checkObject, hasMethods, isObject } from '../../private/check-types';
import { isKnown } from '../../private/pending-lookup';
import { checkPattern, reject } from '../../private/validation';

const NO_OTHERS = 'Name the accounts or roles that push, e.g. pushFrom: { accounts: [\'111122223333\'] }.';

/** Who may pull. */
export function checkPullAccess(scope: IConstruct, access: unknown): void {
  const property = 'pullFrom';
  checkObject(scope, property, access, 'Say who, e.g. pullFrom: { accounts: [\'111122223333\'] }.');
  checkNames(scope, property, access, ['accounts', 'organizations', 'organizationalUnits', 'services', 'principals']);
  const { accounts, organizations, organizationalUnits, services, principals } = access as { [list: string]: unknown };
  checkAccounts(scope, `${property}.accounts`, accounts);
  checkTexts(scope, `${property}.organizations`, organizations, {
    pattern: /^o-[a-z0-9]{10,32}$/, must: 'be "o-" and 10 to 32 lower-case letters and digits', fix: 'Copy it from AWS Organizations, e.g. "o-a1b2c3d4e5".',
  });
  checkTexts(scope, `${property}.organizationalUnits`, organizationalUnits, {
    pattern: /^o-[a-z0-9]{10,32}\/r-[a-z0-9]{4,32}(?:\/ou-[a-z0-9]{4,32}-[a-z0-9]{8,32})+(?:\/\*?)?$/,
    must: 'be the whole path of an organizational unit: organization, root, units',
    fix: 'Write it like "o-a1b2c3d4e5/r-ab12/ou-ab12-11111111/".',
  });
  checkEach(scope, `${property}.services`, services, {
    test: value => hasMethods(value, '_statement'), must: 'be a PullService', fix: 'Use PullService.AWS_LAMBDA or PullService.AWS_CODE_BUILD.',
  });
  if (services !== undefined && Token.isUnresolved(accounts)) {
    reject(scope, {
      property: `${property}.accounts`, must: 'be a list of known length when services pull too', got: 'a token',
      fix: 'Pick the accounts out of the list, e.g. accounts: [Fn.select(0, list)].',
    });
  }
  checkPrincipals(scope, `${property}.principals`, principals);
}

/** Who may push. */
export function checkPushAccess(scope: IConstruct, access: unknown): void {
  const property = 'pushFrom';
  checkObject(scope, property, access, NO_OTHERS);
  const { accounts, principals, ...others } = access as { [list: string]: unknown };
  const open = ['organizations', 'organizationalUnits', 'services'].find(name => name in others);
  if (open !== undefined) {
    reject(scope, {
      property: `${property}.${open}`, must: 'be left out, because a wildcard, and so an organization, is for pulling alone', got: others[open],
      fix: NO_OTHERS,
    });
  }
  checkNames(scope, property, access, ['accounts', 'principals']);
  checkAccounts(scope, `${property}.accounts`, accounts);
  checkPrincipals(scope, `${property}.principals`, principals);
}

/** Who may administer, and why. */
export function checkAdministrationAccess(scope: IConstruct, access: unknown): void {
  const property = 'administration';
  checkObject(scope, property, access, 'Give { principals, actions, reason }.');
  checkNames(scope, property, access, ['principals', 'actions', 'reason']);
  const { principals = null, actions = null, reason } = access as { [name: string]: unknown };
  for (const [name, list] of Object.entries({ principals, actions })) {
    if (Array.isArray(list) && list.length === 0) {
      reject(scope, { property: `${property}.${name}`, must: 'name at least one', got: list, fix: 'Leave out the call when nobody is meant.' });
    }
  }
  checkPrincipals(scope, `${property}.principals`, principals);
  checkTexts(scope, `${property}.actions`, actions, { pattern: /^ecr:/i, must: 'be actions of ECR', fix: 'Name each, e.g. "ecr:PutLifecyclePolicy".' });
  checkPattern(scope, {
    property: `${property}.reason`, value: reason as string, pattern: /\S[^]{18,}\S/, must: 'say why in 20 characters or more',
    fix: 'Write a sentence for whoever reads the template.',
  });
}

/** A misspelt list would let nobody in, and say nothing. */
function checkNames(scope: IConstruct, property: string, access: unknown, names: string[]): void {
  const other = Object.keys(access as object).find(name => !names.includes(name));
  if (other !== undefined) {
    reject(scope, { property: `${property}.${other}`, must: `be one of ${names.join(', ')}`, got: other, fix: 'Check the spelling.' });
  }
}

function checkAccounts(scope: IConstruct, property: string, value: unknown): void {
  checkTexts(scope, property, value, { pattern: /^\d{12}$/, must: 'be 12 digits', fix: 'Write each account as a text, e.g. "111122223333".' });
}

function checkTexts(scope: IConstruct, property: string, value: unknown, rule: { pattern: RegExp; must: string; fix: string }): void {
  const { pattern, ...told } = rule;
  if (Array.isArray(value) && Token.isUnresolved(value)) return;
  checkEach(scope, property, value, { ...told, test: each => !isKnown(each) || (typeof each === 'string' && pattern.test(each)) });
}

function checkPrincipals(scope: IConstruct, property: string, value: unknown): void {
  checkEach(scope, property, value, {
    // The getter of a principal may compute, so it is not called here.
    test: each => isObject(each) && 'policyFragment' in each && hasMethods(each, 'addToPolicy'),
    must: 'be principals of IAM',
    fix: 'Give a role, or make one, e.g. new iam.ArnPrincipal(\'arn:aws:iam::111122223333:role/builder\').',
  });
}

/** A list may be left out, and each of its members has to pass. */
function checkEach(
  scope: IConstruct, property: string, value: unknown, rule: { test: (each: unknown) => boolean; must: string; fix: string },
): void {
  const { test, must, fix } = rule;
  if (value === undefined) return;
  checkList(scope, property, value, fix);
  // Not `find`: it skips the holes of a list.
  for (const got of value) {
    if (!test(got)) reject(scope, { property, must, got, fix });
  }
}
