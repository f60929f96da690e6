import { IConstruct } from 'constructs';
import { checkPattern } from '../../../private/validation';

/** A directory in a container. */
export function checkAbsolutePath(scope: IConstruct, property: string, value: unknown): void {
  checkPattern(scope, {
    property, value: value as string, pattern: /^\/(?!.*(\/\/|\/\.{1,2}(\/|$)))[^\0:]*[^\0:/]$/,
    must: 'be an absolute path without "..", ":" or a "/" at its end', fix: 'Give a directory in the container such as "/data".',
  });
}
