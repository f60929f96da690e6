/** Cuts a text to a number of bytes, between characters. */
export function truncateUtf8(text: string, bytes: number): string {
  const buffer = Buffer.from(text);
  if (buffer.length <= bytes) return buffer.toString('utf8');
  let end = bytes - 3;
  while (buffer[end] >= 0x80 && buffer[end] < 0xc0) end--;
  return `${buffer.subarray(0, end).toString('utf8')}…`;
}

/** The size of a text inside of a JSON string, in bytes. For example, a quotation mark takes two bytes. */
export function jsonBytes(text: string): number {
  return Buffer.byteLength(JSON.stringify(text)) - 2;
}

/**
 * A text on one line that CloudFormation can show. Control characters and characters that XML forbids make its events unreadable.
 *
 * @see https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1601
 */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\ufffe\uffff]+/gu, ' ');
}

/** A text on one line, cut to a number of bytes. `undefined` for other values and empty texts. */
export function shortText(value: unknown, bytes = 80): string | undefined {
  return typeof value === 'string' && value.trim() !== '' ? truncateUtf8(oneLine(value).trim(), bytes) : undefined;
}

/** A text from outside on one line, cut to 500 bytes. `undefined` for other values and empty texts. */
export function externalText(value: unknown): string | undefined {
  return shortText(value, 500);
}

/** The message of an error. Other thrown values may contain secrets, so they are not shown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown failure';
}

/** Reads a property of a custom resource that must be a certain text. Throws a sentence if it is not. */
export function propertyText<Name extends string>(
  properties: Readonly<Record<string, unknown>> | undefined, name: Name, isRight: (value: string) => boolean, must: string,
): string {
  const value = properties?.[name];
  if (typeof value === 'string' && value !== '' && isRight(value)) return value;
  throw wrongProperty(name, must, value);
}

/** The error for an invalid property. */
export function wrongProperty(name: string, must: string, value: unknown): Error {
  return new Error(`the property '${name}' must be ${must}, not '${truncateUtf8(oneLine(String(value)), 150)}'`);
}

/** An environment variable with the origins of hosts, for messages. */
export interface OriginsVariable {
  /** The name of the variable. */
  readonly variable: string;
  /** The kind of hosts, in plural. */
  readonly hosts: string;
}

/**
 * Parses an environment variable with the origins of hosts: a JSON object from exact hosts to the origins on which they listen.
 *
 * Only local clouds set such variables, to redirect requests for hosts of AWS and of other clouds. The constructs never set them.
 */
export function parseOrigins(json: string | undefined, { variable, hosts }: OriginsVariable): Readonly<Record<string, string>> {
  if (json === undefined || json === '') return {};
  try {
    const entries = Object.entries<unknown>(JSON.parse(json));
    return Object.fromEntries(entries.map(([host, origin]) => [host, new URL(String(origin)).origin]));
  } catch {
    throw new Error(`the environment variable ${variable} must be a JSON object of ${hosts} and origins`);
  }
}
