import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { checkPattern, reject } from '../private/validation';

/**
 * A repository name as CloudFormation takes it (the ECR API is a little wider).
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html
 */
export function checkRepositoryName(scope: IConstruct, name: string): void {
  const cure = 'Choose a name such as "team/web-app".';
  checkPattern(scope, {
    property: 'repositoryName',
    value: name,
    pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
    must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them',
    cure,
  });
  if (!Token.isUnresolved(name) && (name.length < 2 || name.length > 256)) {
    reject(scope, { property: 'repositoryName', must: 'have 2 to 256 characters', got: name, cure });
  }
}

/** The name inside an ARN, slashes included. */
export function repositoryNameOf(scope: IConstruct, arn: string): string {
  const name = Token.isUnresolved(arn) ? undefined : /^arn:[^:]+:ecr:[^:]*:[^:]*:repository\/(.+)$/.exec(arn)?.[1];
  return name ?? reject(scope, {
    property: 'repositoryArn',
    must: 'be the ARN of an ECR repository, known at synthesis',
    got: Token.isUnresolved(arn) ? 'a token' : arn,
    cure: 'Give an ARN such as "arn:aws:ecr:eu-west-1:111122223333:repository/web", or use fromRepositoryAttributes.',
  });
}
