import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown, isPendingLookup } from './lookups';
import { checkPattern, reject } from './validation';

/** What to do about the name of a repository. */
export const NAME_CURE = 'Use a name such as "team/web-app".';

/**
 * The name of a repository that exists: whoever created it by the API may have used `--` and `__` too.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function checkImportedName(scope: IConstruct, name: string): void {
  checkPattern(scope, {
    property: 'repositoryName',
    value: name,
    pattern: /^(?!\d{12}\.dkr\.)(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
    must: 'be the name of a repository, without its registry',
    fix: NAME_CURE,
  });
  checkNameLength(scope, name);
}

/** As long as ECR allows. */
export function checkNameLength(scope: IConstruct, name: string): void {
  if (!Token.isUnresolved(name) && (name.length < 2 || name.length > 256)) {
    reject(scope, { property: 'repositoryName', must: 'have 2 to 256 characters', got: name, fix: NAME_CURE });
  }
}

/**
 * The name of a repository that CloudFormation is to create.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html
 */
export function checkNewName(scope: IConstruct, name: string): void {
  checkPattern(scope, {
    property: 'repositoryName',
    value: name,
    pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
    must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them',
    fix: NAME_CURE,
  });
  checkNameLength(scope, name);
}

/** The name inside an ARN, slashes included. */
export function repositoryNameOf(scope: IConstruct, arn: string): string {
  if (isPendingLookup(arn)) return arn.slice(arn.lastIndexOf('/') + 1);
  const literal = typeof arn === 'string' && !Token.isUnresolved(arn);
  const name = literal ? /^arn:[a-z-]+:ecr:[a-z0-9-]+:\d{12}:repository\/(.+)$/.exec(arn)?.[1] : undefined;
  return name ?? reject(scope, {
    property: 'repositoryArn',
    must: 'be the ARN of an ECR repository, known at synthesis',
    got: Token.isUnresolved(arn) ? 'a token' : arn,
    fix: 'Give an ARN such as "arn:aws:ecr:eu-west-1:111122223333:repository/web", or use fromRepositoryAttributes.',
  });
}

/** Name and ARN of one repository: else images would be pushed to one, with the permissions for another. */
export function checkSameRepository(scope: IConstruct, name: string, arn: string): void {
  if (!isKnown(arn)) return;
  const named = repositoryNameOf(scope, arn);
  if (isKnown(name) && named !== name) {
    reject(scope, {
      property: 'repositoryName', must: `be the name in the ARN, "${named}"`, got: name, fix: 'Give the name and the ARN of one repository.',
    });
  }
}
