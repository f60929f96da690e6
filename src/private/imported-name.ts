import { Token } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';
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
