import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
import { isKnown, isPendingLookup } from './lookups';
import { checkValue, TextRule } from './shape';
import { reject } from './validation';

const FIX = 'Use a name such as "team/web-app".';

/**
 * The name of a repository that CloudFormation creates.
 *
 * @see https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ecr-repository.html
 */
export const NEW_REPOSITORY_NAME: TextRule = {
  kind: 'text', pattern: /^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*\/)*[a-z0-9]+(?:[._-][a-z0-9]+)*$/,
  must: 'be lower-case letters and digits with single ".", "_", "-" or "/" between them', fix: FIX,
};

/** Checks the length that ECR allows. */
export function checkNameLength(scope: IConstruct, name: string): void {
  if (!Token.isUnresolved(name) && (name.length < 2 || name.length > 256)) {
    reject(scope, { property: 'repositoryName', must: 'have 2 to 256 characters', got: name, fix: FIX });
  }
}

/**
 * Checks the name of an existing repository. The API allows `--` and `__`, which CloudFormation does not.
 *
 * @see https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_CreateRepository.html
 */
export function checkImportedName(scope: IConstruct, name: string): void {
  checkValue(scope, 'repositoryName', name, {
    kind: 'text', required: true, must: 'be the name of a repository, without its registry', fix: FIX,
    pattern: /^(?!\d{12}\.dkr\.)(?:[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*\/)*[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/,
  });
  checkNameLength(scope, name);
}

/** Returns the repository name in an ARN, including slashes. */
export function repositoryNameOf(scope: IConstruct, arn: string): string {
  if (isPendingLookup(arn)) return arn.slice(arn.lastIndexOf('/') + 1);
  const literal = typeof arn === 'string' && !Token.isUnresolved(arn);
  const name = literal ? /^arn:[a-z-]+:ecr:[a-z0-9-]+:\d{12}:repository\/(.+)$/.exec(arn)?.[1] : undefined;
  return name ?? reject(scope, {
    property: 'repositoryArn',
    must: 'be the ARN of an ECR repository, known at synthesis',
    got: Token.isUnresolved(arn) ? 'a token' : arn,
    fix: 'Use an ARN such as "arn:aws:ecr:eu-west-1:111122223333:repository/web", or fromRepositoryAttributes.',
  });
}

/** Checks that a name and an ARN belong to the same repository. Otherwise, images would go to one, but permissions would be for the other. */
export function checkSameRepository(scope: IConstruct, name: string, arn: string): void {
  if (!isKnown(arn)) return;
  const named = repositoryNameOf(scope, arn);
  if (isKnown(name) && named !== name) {
    reject(scope, {
      property: 'repositoryName', must: `be the name in the ARN, "${named}"`, got: name, fix: 'Use the name and the ARN of one repository.',
    });
  }
}
