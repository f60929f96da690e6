import { Stack } from 'aws-cdk-lib';
import { CfnRepository } from 'aws-cdk-lib/aws-ecr';
import { OracleRule } from './lifecycle-oracle';
import { newStack } from './stack';
import { ImageRepository, LifecycleRule, Retention } from '../../src';

/** The policy text for ECR; undefined if there is none. */
export function policyTextOf(repository: ImageRepository): string | undefined {
  const policy = Stack.of(repository).resolve((repository.node.defaultChild as CfnRepository).lifecyclePolicy);
  return policy?.lifecyclePolicyText;
}

/** The rules of a policy text, as ECR reads them. */
export function rulesOf(text: string | undefined): OracleRule[] {
  return text === undefined ? [] : JSON.parse(text).rules;
}

/** The result of synthesis for a repository: the policy text, or the error. */
export function outcome(use: () => ImageRepository): { readonly text?: string; readonly refused?: string } {
  try {
    const repository = use();
    const [refused] = repository.node.validate();
    return refused === undefined ? { text: policyTextOf(repository) } : { refused };
  } catch (error) {
    return { refused: (error as Error).message };
  }
}

/** The errors in the rules of a repository if the app runs an image with this tag. */
export function refusedFor(tag: string, repository: ImageRepository): string[] {
  repository.repositoryUriForTag(tag);
  return repository.node.validate().filter(message => message.includes(`must keep the image with the tag '${tag}'`));
}

// One stack for all runs of a test, because a stack takes more time than a repository.
let stack: Stack;
let repositories: number;

/** For `beforeEach`. */
export function newRepositories(): void {
  stack = newStack();
  repositories = 0;
}

/** Another repository in the stack of the test. */
export function repositoryWith(lifecycleRules: LifecycleRule[], retention?: Retention): ImageRepository {
  return new ImageRepository(stack, `Repository${repositories++}`, { lifecycleRules, retention });
}
