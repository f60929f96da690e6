import { oneLine, truncateUtf8 } from './text';

/** A property of a custom resource that has to be a certain text; throws a sentence about it when it is not. */
export function propertyText<Name extends string>(
  properties: Readonly<Record<string, unknown>> | undefined, name: Name, isRight: (value: string) => boolean, must: string,
): string {
  const value = properties?.[name];
  if (typeof value === 'string' && value !== '' && isRight(value)) return value;
  throw wrongProperty(name, must, value);
}

/** What is told about a property that is not what it has to be. */
export function wrongProperty(name: string, must: string, value: unknown): Error {
  return new Error(`the property '${name}' must be ${must}, not '${truncateUtf8(oneLine(String(value)), 150)}'`);
}
