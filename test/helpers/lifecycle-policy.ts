import { Stack } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { OracleRule } from './lifecycle-oracle';
import { newStack } from './stack';
import { ImageRepository, LifecycleRule, Retention } from '../../src';

/** The text that ECR gets; undefined where it gets none. */
export function policyTextOf(repository: ImageRepository): string | undefined {
  const policy = Stack.of(repository).resolve((repository.node.defaultChild as CfnRepository).lifecyclePolicy);
  return policy?.lifecyclePolicyText;
}

/** The rules of a text, as ECR reads them. */
export function rulesOf(text: string | undefined): OracleRule[] {
  return text === undefined ? [] : JSON.parse(text).rules;
}

/** What becomes of a repository at synthesis: the text, or why there is none. */
export function outcome(use: () => ImageRepository): { readonly text?: string; readonly refused?: string } {
  try {
    const repository = use();
    const [refused] = repository.node.validate();
    return refused === undefined ? { text: policyTextOf(repository) } : { refused };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/** What is wrong with the rules of a repository when the app runs an image with this tag. */
export function refusedFor(tag: string, repository: ImageRepository): string[] {
  repository.repositoryUriForTag(tag);
  return repository.node.validate().filter(message => message.includes(`must keep the image with the tag '${tag}'`));
}

// One stack for all runs of a test: a stack costs more time than a repository.
let stack: Stack;
let repositories: number;

/** For `beforeEach`. */
export function newRepositories(): void {
  stack = newStack();
  repositories = 0;
}

/** One more repository in the stack of the test. */
export function repositoryWith(lifecycleRules: LifecycleRule[], retention?: Retention): ImageRepository {
  return new ImageRepository(stack, `Repository${repositories++}`, { lifecycleRules, retention });
}
