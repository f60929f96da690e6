import { Stack } from 'aws-cdk-lib';
import { AddToPrincipalPolicyResult, IPrincipal, PolicyStatement, PrincipalPolicyFragment, Role } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';

/**
 * A role that takes each permission once.
 *
 * Images by the hundred are read from one repository. CDK removes what is repeated in a policy, but counts it before,
 * and fills managed policies with it.
 */
export class OncePrincipal implements IPrincipal {
  public readonly grantPrincipal = this;
  public readonly assumeRoleAction: string;
  public readonly policyFragment: PrincipalPolicyFragment;
  public readonly principalAccount?: string;
  private readonly given = new Map<string, AddToPrincipalPolicyResult>();

  constructor(private readonly scope: Construct, private readonly role: Role) {
    this.assumeRoleAction = role.assumeRoleAction;
    this.policyFragment = role.policyFragment;
    this.principalAccount = role.principalAccount;
  }

  public addToPolicy(statement: PolicyStatement): boolean {
    return this.addToPrincipalPolicy(statement).statementAdded;
  }

  public addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    const key = JSON.stringify(Stack.of(this.scope).resolve(statement.toStatementJson()));
    const result = this.given.get(key) ?? this.role.addToPrincipalPolicy(statement);
    this.given.set(key, result);
    return result;
  }
}
