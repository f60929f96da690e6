import { Stack, Token } from 'aws-cdk-lib';
import { AccountPrincipal, AnyPrincipal, ArnPrincipal, IPrincipal, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { AdministrationAccess, PullAccess, PushAccess } from './access';
import { textsOf } from './policy-terms';
import { possibleStatements } from './possible-statements';
import { MayAdminister, principalsOf } from './statement-rules';
import { PULL_ACTIONS, PUSH_ACTIONS } from '../../private/permissions';
import { UNKNOWN } from '../../private/template/intrinsics';
import { TemplateSections } from '../../private/template/template-sections';

/** A statement, and the property that it comes from. */
export type StatementOf = [property: string, statement: PolicyStatement];

/** The statements that allow pulling. */
export function pullStatements(scope: IConstruct, access: PullAccess): StatementOf[] {
  const { accounts = [], organizations = [], organizationalUnits = [], services = [] } = access;
  return [
    ...namedStatements('pullFrom', PULL_ACTIONS, access),
    ...openStatements('pullFrom.organizations', 'StringEquals', 'aws:PrincipalOrgID', organizations),
    ...openStatements('pullFrom.organizationalUnits', 'ForAnyValue:StringLike', 'aws:PrincipalOrgPaths', withUnitsBelow(organizationalUnits)),
    ...services.map((service): StatementOf => ['pullFrom.services', service._statement(scope, accounts)]),
  ];
}

/** The statements that allow pushing. */
export function pushStatements(access: PushAccess): StatementOf[] {
  return namedStatements('pushFrom', PUSH_ACTIONS, access);
}

/** The statements that allow administration. */
export function administrationStatements({ principals, actions }: AdministrationAccess): StatementOf[] {
  return namedStatements('administration', actions, { principals });
}

function namedStatements(property: string, actions: string[], { accounts = [], principals = [] }: PushAccess): StatementOf[] {
  return [
    ...statementsFor(accountPrincipals(accounts), actions, `${property}.accounts`),
    ...statementsFor(principals, actions, `${property}.principals`),
  ];
}

/** The principals of accounts. IAM accepts account IDs and ARNs, so a token list works too. */
function accountPrincipals(accounts: string[]): IPrincipal[] {
  return Token.isUnresolved(accounts) ? [new ArnPrincipal(accounts[0])] : accounts.map(account => new AccountPrincipal(account));
}

/** One statement for all principals without conditions, and one for each of the others: a condition applies to all principals of a statement. */
function statementsFor(principals: IPrincipal[], actions: string[], property: string): StatementOf[] {
  const [together, alone] = [principals.filter(isPlain), principals.filter(principal => !isPlain(principal))];
  return [together, ...alone.map(principal => [principal])].filter(group => group.length > 0)
    .map(group => [property, new PolicyStatement({ principals: group, actions })]);
}

function isPlain({ policyFragment: { principalJson, conditions } }: IPrincipal): boolean {
  return Object.keys(conditions).length === 0 && Object.keys(principalJson).every(kind => kind === 'AWS');
}

function openStatements(property: string, operator: string, key: string, values: string[]): StatementOf[] {
  return values.length === 0 ? [] : [[property, new PolicyStatement({
    principals: [new AnyPrincipal()], actions: PULL_ACTIONS, conditions: { [operator]: { [key]: values } },
  })]];
}

function withUnitsBelow(paths: string[]): string[] {
  return Token.isUnresolved(paths) ? paths : paths.map(path => path.replace(/\/?\*?$/, '/*'));
}

/** The principals that users explicitly allow to administer a repository. */
export class Administrators {
  private readonly statements: PolicyStatement[] = [];

  constructor(private readonly scope: IConstruct) {}

  public add(statement: PolicyStatement): void {
    this.statements.push(statement);
  }

  /** Whether a principal is an administrator or in the account of the repository. Compared by name and action, because CDK can merge statements. */
  public orOwn(): MayAdminister {
    const stack = Stack.of(this.scope);
    const template = new TemplateSections(stack);
    const written = this.statements.map(each => stack.resolve(each.toStatementJson()))
      .flatMap(Statement => possibleStatements(this.scope, { Statement }, template));
    const allowed = new Set(written.flatMap(
      statement => principalsOf(statement).flatMap(principal => textsOf(statement.Action).map(action => `${principal} ${action}`)),
    ));
    return (principal, action) => allowed.has(`${principal} ${action}`) || isOwn(this.scope, principal);
  }
}

/** Whether a principal is known to belong to the account of the repository. A service can act for any account. */
export function isOwn(scope: IConstruct, principal: string): boolean {
  const account = /^\d{12}$/.test(principal) ? principal : principal.split(':')[4];
  return principal === UNKNOWN || account === UNKNOWN || account === Stack.of(scope).account;
}
