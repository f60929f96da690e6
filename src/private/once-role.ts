import { Stack } from 'aws-cdk-lib';
import { AddToPrincipalPolicyResult, PolicyStatement, Role } from 'aws-cdk-lib/aws-iam';

/**
 * A role that ignores statements that it already has.
 *
 * Hundreds of images may be read from one repository. The CDK merges equal statements of a policy, but only after their number has
 * determined whether it creates additional managed policies.
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
