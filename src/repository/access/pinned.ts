import { textsOf } from './policy-text';
import { UNKNOWN } from '../../private/template/intrinsics';

// The part of the value that names an organization, an account or an endpoint of one.
const whole = (value: string) => value;
const organizationOfPath = (value: string) => value === UNKNOWN ? value : value.slice(0, Math.max(value.indexOf('/'), 0));
const accountOfArn = (value: string, operator: string) => {
  const parts = value.split(':');
  // For StringLike a wildcard goes on behind the next colon, and so into the account.
  const mayMove = operator.includes('string') && /[*?]/.test(parts.slice(0, 4).join(''));
  return value === UNKNOWN ? value : mayMove ? '' : parts[4] ?? '';
};

// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
const KEYS = new Map<string, (value: string, operator: string) => string>([
  ['aws:principalorgid', whole],
  ['aws:principalorgpaths', organizationOfPath],
  ['aws:principalaccount', whole],
  ['aws:principalarn', accountOfArn],
  ['aws:sourceorgid', whole],
  ['aws:sourceorgpaths', organizationOfPath],
  ['aws:sourceaccount', whole],
  ['aws:sourcearn', accountOfArn],
  ['aws:sourcevpc', whole],
  ['aws:sourcevpce', whole],
  ['aws:vpceorgid', whole],
  ['aws:vpceorgpaths', organizationOfPath],
  ['aws:vpceaccount', whole],
]);

// Others hold where the key is missing or different: StringNotEquals, …IfExists, Null, ForAllValues.
const OPERATORS = /^(?:foranyvalue:)?(?:stringequals|stringequalsignorecase|stringlike|arnequals|arnlike)$/;

// Variables that stand for the owner of the repository; any other may stand for the caller.
const OWNER = /\$\{aws:resource(?:orgid|account)\}/gi;

/** Whether the condition of a statement holds for certain organizations, accounts or endpoints only. What is made at deployment passes. */
export function isPinned(conditions: unknown): boolean {
  return conditions === UNKNOWN || entries(conditions).some(([operator, block]) => OPERATORS.test(operator.toLowerCase())
    && (block === UNKNOWN || entries(block).some(([key, values]) => pins(key.toLowerCase(), values, operator.toLowerCase()))));
}

/** One of the values is enough for AWS, so each has to be pinned. */
function pins(key: string, values: unknown, operator: string): boolean {
  const naming = KEYS.get(key);
  const texts = textsOf(values).map(text => text.replace(OWNER, UNKNOWN));
  return naming !== undefined && texts.length > 0 && texts.every(text => /^[^*?${}]+$/.test(naming(text, operator)));
}

function entries(value: unknown): Array<[string, unknown]> {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}
