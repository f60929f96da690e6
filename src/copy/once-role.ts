import { Stack } from 'aws-cdk-lib';
import { AddToPrincipalPolicyResult, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';

/**
 * A role that takes each permission once.
 *
 * Images by the hundred are read from one repository. CDK removes what is repeated in a policy, but counts it before,
 * and fills managed policies with it.
 */
export class OnceRole extends Role {
  private readonly given = new Map<string, AddToPrincipalPolicyResult>();

  public override addToPrincipalPolicy(statement: PolicyStatement): AddToPrincipalPolicyResult {
    const key = JSON.stringify(Stack.of(this).resolve(statement.toStatementJson()));
    const result = this.given.get(key) ?? super.addToPrincipalPolicy(statement);
    this.given.set(key, result);
    return result;
  }
}
