import { Aws, Stack } from 'aws-cdk-lib';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { IConstruct } from 'constructs';
import { PULL_ACTIONS } from '../../private/ecr-actions';
import { functionArns, LAMBDA_SERVICE, SOURCE_ARN } from '../../private/lambda-functions';

/**
 * An AWS service that pulls images itself, without a role of yours.
 *
 * The permission has a condition on the resource for which the service pulls. Without the condition, the owner of any AWS account could
 * have the service pull for them.
 *
 * `repository.grantPull(new iam.ServicePrincipal('lambda.amazonaws.com'))`, which many constructs of CDK call, gives the same permission
 * with the same condition, for the account of the repository.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/userguide/repository-policies.html
 */
export class PullService {
  /**
   * Lambda, for functions in the region of the repository: of its account and of the `accounts` beside it.
   *
   * @see https://docs.aws.amazon.com/lambda/latest/dg/images-create.html#configuration-images-xaccount-permissions
   */
  public static readonly AWS_LAMBDA = new PullService(LAMBDA_SERVICE, {
    resources: (scope, accounts) => [functionArns(scope), ...accounts.map(account => functionArns(scope, account))],
    conditions: (_, resources) => ({ StringLike: { [SOURCE_ARN]: resources } }),
  });

  /**
   * CodeBuild with its own credentials, for projects of the repository's account.
   *
   * A project of another account pulls by its service role: that account under `accounts` is enough.
   *
   * @see https://docs.aws.amazon.com/codebuild/latest/userguide/sample-ecr.html
   */
  public static readonly AWS_CODE_BUILD = new PullService('codebuild.amazonaws.com', {
    resources: scope => [projectArns(scope)],
    conditions: scope => ({ StringEquals: { 'aws:SourceAccount': Stack.of(scope).account }, StringLike: { [SOURCE_ARN]: projectArns(scope) } }),
  });

  /**
   * The services that are known here.
   *
   * @internal
   */
  public static readonly _ALL: readonly PullService[] = [PullService.AWS_LAMBDA, PullService.AWS_CODE_BUILD];

  private constructor(private readonly name: string, private readonly pulls: Pulls) {}

  /**
   * The ARNs of what the service pulls for.
   *
   * @internal
   */
  public _resources(scope: IConstruct, accounts: string[]): string[] {
    return this.pulls.resources(scope, accounts);
  }

  /**
   * The service, for certain resources only.
   *
   * @internal
   */
  public _principal(scope: IConstruct, resources: string[]): ServicePrincipal {
    return new ServicePrincipal(this.name, { conditions: this.pulls.conditions(scope, resources) });
  }

  /** @internal */
  public _statement(scope: IConstruct, accounts: string[]): PolicyStatement {
    const resources = [...new Set(this._resources(scope, accounts))];
    return new PolicyStatement({ principals: [this._principal(scope, resources)], actions: PULL_ACTIONS });
  }
}

/** For what a service pulls. */
interface Pulls {
  readonly resources: (scope: IConstruct, accounts: string[]) => string[];
  readonly conditions: (scope: IConstruct, resources: string[]) => { [operator: string]: { [key: string]: string | string[] } };
}

function projectArns(scope: IConstruct): string {
  return `arn:${Aws.PARTITION}:codebuild:*:${Stack.of(scope).account}:project/*`;
}
