import { AccountPrincipal, AnyPrincipal, ArnPrincipal, Effect, IPrincipal, PolicyStatement, StarPrincipal } from 'aws-cdk-lib/aws-iam';
import * as fc from 'fast-check';
import { ImageRepository, PullService } from '../../src';
import { isPinned } from '../../src/repository/access/policy-terms';
import { runsOf, share } from '../helpers/exhaustive';
import { ConditionJson, holds, RequestContext } from '../helpers/iam-condition';
import { OWN, Statement, statementsOf } from '../helpers/repository-policy';
import { newStack } from '../helpers/stack';
import { messageOf } from '../helpers/wrong-input';

const text = (alphabet: string, min: number, max = min) => fc.string({ unit: fc.constantFrom(...alphabet), minLength: min, maxLength: max });

const account = text('0123456789', 12);
const organization = text('abcdefghijklmnopqrstuvwxyz0123456789', 10, 32).map(rest => `o-${rest}`);
const unit = fc.tuple(organization, text('abcdef0123456789', 4), text('abcdef0123456789', 8), fc.constantFrom('', '/', '/*'))
  .map(([of, root, own, end]) => `${of}/r-${root}/ou-${root}-${own}${end}`);
const principal = account.chain(of => fc.constantFrom(new AccountPrincipal(of), new ArnPrincipal(`arn:aws:iam::${of}:role/builder`)));
const few = <T>(of: fc.Arbitrary<T>) => fc.array(of, { maxLength: 4 });

const isWild = ({ Principal }: Statement) => /"\*"/.test(JSON.stringify(Principal));

test('for any principals in pullFrom and pushFrom, no statement is for everybody without a condition, and no wildcard statement pushes', () => {
  const pull = fc.record({
    accounts: few(account),
    organizations: few(organization),
    organizationalUnits: few(unit),
    services: few(fc.constantFrom(PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD)),
    principals: few(principal),
  }, { requiredKeys: [] });
  const push = fc.record({ accounts: few(account), principals: few(principal) }, { requiredKeys: [] });

  fc.assert(fc.property(pull, push, (pullFrom, pushFrom) => {
    const stack = newStack(OWN);
    new ImageRepository(stack, 'Repository', { pullFrom, pushFrom });
    for (const statement of statementsOf(stack)) {
      const named = Object.values(statement.Condition ?? {}).flatMap(Object.keys);
      if (isWild(statement)) expect(['aws:PrincipalOrgID', 'aws:PrincipalOrgPaths']).toContain(named[0]);
      if (JSON.stringify(statement.Principal).includes('Service')) expect(named).toContain('aws:SourceArn');
      if (statement.Action.includes('ecr:PutImage')) expect(isWild(statement)).toBe(false);
      expect([statement.Action].flat().filter(action => /Delete|Set|Lifecycle|Mutability|\*/.test(action))).toEqual([]);
    }
  }), runsOf(60));
}, 60_000);

// Strangers: a principal of another organization, one of none, and services that work for them.
const STRANGERS: RequestContext[] = [
  { 'aws:SourceIp': '192.0.2.1', 'aws:PrincipalAccount': '666666666666', 'aws:PrincipalOrgID': 'o-stranger00', 'aws:PrincipalOrgPaths': ['o-stranger00/r-ab12/'] },
  { 'aws:SourceIp': '192.0.2.1', 'aws:PrincipalAccount': '666666666666' },
  { 'aws:SourceAccount': '666666666666', 'aws:SourceOrgID': 'o-stranger00' },
  {},
];

const keys = fc.constantFrom('aws:PrincipalOrgID', 'aws:PrincipalOrgPaths', 'aws:PrincipalAccount', 'aws:SourceAccount', 'aws:SourceOrgID', 'aws:SourceIp');
const operators = fc.oneof(fc.constant('Null'), fc.tuple(
  fc.constantFrom('', '', 'ForAllValues:', 'ForAnyValue:'),
  fc.constantFrom('StringEquals', 'StringLike', 'StringNotEquals', 'StringNotLike'),
  fc.constantFrom('', '', 'IfExists'),
).map(parts => parts.join('')));
const values = fc.constantFrom(
  'o-a1b2c3d4e5', 'o-a1b2c3d4e5/r-ab12/*', '111122223333', 'o-*', '*', '6*', '*/r-ab12/*', 'o-??????????', '${aws:PrincipalOrgID}', '${aws:PrincipalAccount}', '',
);
const conditions: fc.Arbitrary<ConditionJson> = fc.dictionary(
  operators, fc.dictionary(keys, fc.oneof(values, fc.array(values, { minLength: 1, maxLength: 2 })), { minKeys: 1, maxKeys: 2 }), { maxKeys: 2 },
);

test.each<[ConditionJson, number]>([
  [{}, 4],
  [{ StringEquals: { 'aws:PrincipalOrgID': 'o-stranger00' } }, 1],
  [{ StringLike: { 'aws:PrincipalOrgID': 'o-*' } }, 1],
  [{ StringNotEquals: { 'aws:PrincipalOrgID': 'o-stranger00' } }, 3],
  [{ StringLikeIfExists: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } }, 3],
  [{ 'ForAllValues:StringLike': { 'aws:PrincipalOrgPaths': 'o-a1b2c3d4e5/*' } }, 3],
  [{ Null: { 'aws:PrincipalOrgID': 'false' } }, 1],
  [{ StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } }, 2],
])('under %j IAM allows %i of the strangers in the next test', (condition, count) => {
  expect(STRANGERS.filter(stranger => holds(condition, stranger))).toHaveLength(count);
});

test('a condition that counts as limited to organizations or accounts is false for every stranger, by the rules of IAM', () => {
  let pinned = 0;
  fc.assert(fc.property(conditions, condition => {
    if (!isPinned(condition)) return;
    pinned += 1;
    expect(STRANGERS.filter(stranger => holds(condition, stranger))).toEqual([]);
  }), runsOf(30_000));
  // Otherwise the property would be tested with too few conditions.
  expect(pinned).toBeGreaterThan(share(300) / 2);
}, 60_000);

test('a statement is either rejected or in the template', () => {
  const statement = fc.record({
    effect: fc.constantFrom(Effect.ALLOW, Effect.ALLOW, Effect.DENY),
    actions: fc.constantFrom<string[]>(['ecr:BatchGetImage'], ['ecr:Describe*', 'ecr:BatchGetImage'], ['ecr:PutImage'], ['ecr:*'], ['ecr:DeleteRepository'], ['s3:GetObject']),
    principals: fc.constantFrom<IPrincipal>(new AnyPrincipal(), new StarPrincipal(), new AccountPrincipal('111122223333'), new AccountPrincipal('999988887777'))
      .map(one => [one]),
    conditions: fc.oneof(conditions, fc.constant({ StringEquals: { 'aws:PrincipalOrgID': 'o-a1b2c3d4e5' } })),
  });

  fc.assert(fc.property(statement, props => {
    const stack = newStack(OWN);
    const repository = new ImageRepository(stack, 'Repository');
    const told = messageOf(() => repository.addToResourcePolicy(new PolicyStatement(props)));
    const there = statementsOf(stack);

    expect(told).toMatch(/^(?:accepted$|Stack\/Repository: 'statement \()/);
    expect(there).toHaveLength(told === 'accepted' ? 1 : 0);
    expect(there.filter(each => each.Effect === 'Allow' && isWild(each) && /Put|Delete|ecr:\*|s3/.test(JSON.stringify(each.Action)))).toEqual([]);
  }), runsOf(100));
}, 60_000);
