import { ArnFormat, Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { PULL_ACTIONS } from '../../private/ecr-actions';

/**
 * A service of AWS that pulls by itself, not by a role of yours.
 *
 * What it is allowed holds for resources of certain accounts only, so that nobody else can make the service pull for them.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export class PullService {
  /**
   * Lambda, for functions in the region of the repository: of its account, and of the `accounts` beside it.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions
   */
  public static readonly AWS_LAMBDA = new PullService('lambda.amazonaws.com', (scope, accounts) => {
    // The one key that AWS documents for Lambda; the account is a part of it.
    const functions = [Stack.of(scope).account, ...accounts].map(account => Stack.of(scope).formatArn({
      service: 'lambda', account, resource: 'function', resourceName: '*', arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    }));
    return { StringLike: { 'aws:SourceArn': [...new Set(functions)] } };
  });

  /**
   * CodeBuild with its own credentials, for projects of the repository's account.
   *
   * A project of another account pulls by its service role: that account under `accounts` is enough.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
   */
  public static readonly AWS_CODE_BUILD = new PullService('codebuild.amazonaws.com', scope => {
    const { account } = Stack.of(scope);
    return {
      StringEquals: { 'aws:SourceAccount': account },
      StringLike: { 'aws:SourceArn': `arn:${Aws.PARTITION}:codebuild:*:${account}:project/*` },
    };
  });

  private constructor(private readonly principal: string, private readonly conditions: ConditionsFor) {}

  /** @internal */
  public _statement(scope: IConstruct, accounts: string[]): PolicyStatement {
    return new PolicyStatement({
      principals: [new ServicePrincipal(this.principal)], actions: PULL_ACTIONS, conditions: this.conditions(scope, accounts),
    });
  }
}

type ConditionsFor = (scope: IConstruct, accounts: string[]) => { [operator: string]: { [key: string]: string | string[] } };
