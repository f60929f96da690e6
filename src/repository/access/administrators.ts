import { Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { textsOf } from './policy-text';
import { possibleStatements } from './possible-statements';
import { MayAdminister, principalsOf } from './statement-rules';
import { UNKNOWN } from '../../private/template/intrinsics';
import { TemplateSections } from '../../private/template/template-sections';

/** Whom users let administer a repository, in so many words. */
export class Administrators {
  private readonly statements: PolicyStatement[] = [];

  constructor(private readonly scope: IConstruct) {}

  public add(statement: PolicyStatement): void {
    this.statements.push(statement);
  }

  /** They, and whoever belongs to the account of the repository. By name and action: statements may have been merged. */
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

/** Whether a principal belongs to the account of the repository, as far as it is known. A service may work for anybody. */
export function isOwn(scope: IConstruct, principal: string): boolean {
  const account = /^\d{12}$/.test(principal) ? principal : principal.split(':')[4];
  return principal === UNKNOWN || account === UNKNOWN || account === Stack.of(scope).account;
}
