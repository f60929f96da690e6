import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** One of the objects that say what tasks run on. They are alike, so each says what it is: the name of a class may be another after bundling. */
export function checkCapacity(scope: IConstruct, capacity: unknown, kind: string, example: string): void {
  if (!hasMethods(capacity, '_bind') || (capacity as { _kind?: string })._kind !== kind) {
    reject(scope, { property: 'capacity', must: `be of class ${kind}`, got: capacity, fix: `Make one with brackets, e.g. ${example}.` });
  }
}
