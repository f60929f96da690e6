import { IConstruct } from 'constructs';
import { hasMethods } from '../../private/check-types';
import { reject } from '../../private/validation';

/** One of the objects that say what tasks run on. */
export function checkCapacity(scope: IConstruct, capacity: unknown, kind: string, example: string): void {
  if (!hasMethods(capacity, '_bind')) {
    reject(scope, { property: 'capacity', must: `be of class ${kind}`, got: capacity, cure: `Make one with brackets, e.g. ${example}.` });
  }
}
