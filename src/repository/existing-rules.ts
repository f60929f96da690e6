import { Annotations, Reference, Stack, Tokenization } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { IConstruct } from 'constructs';
import { PrioritizedRule, readPolicyText } from './lifecycle/policy-text';
import { LiveImage, Retention } from './lifecycle/retention';
import { findUnsafeRules } from './lifecycle/safety';
import { isKnown } from '../private/lookups';
import { isObject } from '../private/shape';

/** A rule that keeps at least this many images is unlikely to delete the deployed one. */
const MANY = 100;

/**
 * Warns about lifecycle rules that can delete published images of an imported repository, if an `ecr.Repository` of the same app creates it.
 * The rules of other repositories are unknown.
 */
export function warnOfExistingRules(imported: IConstruct & { readonly repositoryName: string }, images: readonly LiveImage[]): void {
  const repository = repositoryOfApp(imported);
  if (repository === undefined) return;
  const rules = rulesOf(repository).filter(({ selection: { countType, countNumber } }) => countType !== 'imageCountMoreThan' || countNumber < MANY);
  const [unsafe] = findUnsafeRules(images, [], Retention.keepForRollback(1), rules);
  if (unsafe !== undefined) {
    Annotations.of(imported).addWarningV2('cdk-container-delivery:existingRules',
      `A rule of ${repository.node.path} can delete an image that this app publishes into the repository. ${unsafe}`
      + ' To replace the repository of aws-cdk with its images and protect them, use an ImageRepository and RepositoryMigration.fromRepository(…).');
  }
}

function repositoryOfApp({ repositoryName, node: { root } }: IConstruct & { readonly repositoryName: string }): CfnRepository | undefined {
  const token = Tokenization.reverse(repositoryName, { failConcat: false });
  if (Reference.isReference(token)) return CfnRepository.isCfnRepository(token.target) ? token.target : undefined;
  if (!isKnown(repositoryName)) return undefined;
  const repositories = root.node.findAll().filter(each => CfnRepository.isCfnRepository(each));
  return repositories.find(each => Stack.of(each).resolve(each.repositoryName) === repositoryName);
}

/** The rules that are known at synthesis. */
function rulesOf(repository: CfnRepository): PrioritizedRule[] {
  const policy: unknown = Stack.of(repository).resolve(repository.lifecyclePolicy);
  const text = isObject(policy) ? policy.lifecyclePolicyText : undefined;
  try {
    return typeof text === 'string' ? readPolicyText(text) : [];
  } catch {
    return []; // not a policy that this library can read
  }
}
