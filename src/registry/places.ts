import { Stack } from 'aws-cdk-lib';
import { IConstruct } from 'constructs';

/** The form of the number of an account. */
export const ACCOUNT = /^\d{12}$/;

/** The form of the name of a region. */
export const REGION = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/** ARN of the repositories of this registry with such names. */
export function repositoriesArn(scope: IConstruct, resourceName: string): string {
  return Stack.of(scope).formatArn({ service: 'ecr', resource: 'repository', resourceName });
}

/** What the names of the repositories of a cache look like. */
export function repositoriesUnder(prefix: string): string {
  return prefix === 'ROOT' ? '*' : `${prefix}/*`;
}
