import { CfnParameter, Fn, Lazy } from 'aws-cdk-lib';
import { AnyPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { ImageRepository, PullService } from '../../src';
import { allow, PULL, statements, statementsOf } from '../helpers/repository-policy';
import { newStack } from '../helpers/stack';

describe('tokens are accepted:', () => {
  const stack = newStack();
  const text = (id: string) => new CfnParameter(stack, id).valueAsString;
  const list = (id: string) => new CfnParameter(stack, id, { type: 'CommaDelimitedList' }).valueAsList;
  const conditionOf = (statement: unknown) => (statement as { Condition: unknown }).Condition;

  test('an account, an organization and a unit', () => {
    const [account, organization, unit] = statements(
      { pullFrom: { accounts: [text('Account')], organizations: [text('Organization')], organizationalUnits: [text('Unit')] } }, stack,
    );
    expect(account).toEqual(allow(PULL, { AWS: { 'Fn::Join': ['', ['arn:', { Ref: 'AWS::Partition' }, ':iam::', { Ref: 'Account' }, ':root']] } }));
    expect(conditionOf(organization)).toEqual({ StringEquals: { 'aws:PrincipalOrgID': [{ Ref: 'Organization' }] } });
    expect(conditionOf(unit)).toEqual({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': [{ 'Fn::Join': ['', [{ Ref: 'Unit' }, '/*']] }] } });
  });

  test('whole lists of them', () => {
    const [accounts, organizations, units] = statementsOfLists();
    expect(accounts).toEqual(allow(PULL, { AWS: { Ref: 'Accounts' } }));
    expect(conditionOf(organizations)).toEqual({ StringEquals: { 'aws:PrincipalOrgID': { Ref: 'Organizations' } } });
    expect(conditionOf(units)).toEqual({ 'ForAnyValue:StringLike': { 'aws:PrincipalOrgPaths': { Ref: 'Units' } } });
  });

  function statementsOfLists(): unknown[] {
    const lists = newStack();
    const of = (id: string) => new CfnParameter(lists, id, { type: 'CommaDelimitedList' }).valueAsList;
    return statements({ pullFrom: { accounts: of('Accounts'), organizations: of('Organizations'), organizationalUnits: of('Units') } }, lists);
  }

  test('an account out of a list, also for Lambda', () => {
    const picked = newStack();
    const accounts = [Fn.select(0, new CfnParameter(picked, 'Accounts', { type: 'CommaDelimitedList' }).valueAsList)];
    expect(statements({ pullFrom: { accounts, services: [PullService.AWS_LAMBDA] } }, picked)).toHaveLength(2);
  });

  test('but not a list of unknown length for Lambda, which needs each account', () => {
    const accounts = list('Lambda');
    expect(() => new ImageRepository(stack, 'Refused', { pullFrom: { accounts, services: [PullService.AWS_LAMBDA] } })).toThrow(
      "Stack/Refused: 'pullFrom.accounts' must be a list of known length when services pull too, got \"a token\". Select the accounts from the list",
    );
  });

  test('lazy values and actions of statements', () => {
    const late = newStack();
    new ImageRepository(late, 'Repository').addToResourcePolicy(new PolicyStatement({
      actions: Lazy.list({ produce: () => ['ecr:BatchGetImage'] }),
      principals: [new AnyPrincipal()],
      conditions: { StringEquals: { 'aws:PrincipalOrgID': Lazy.string({ produce: () => 'o-a1b2c3d4e5' }) } },
    }));
    expect(statementsOf(late)).toHaveLength(1);
  });
});
