import { Failure, RetryReason } from './errors';

const MAX_DEPTH = 64;
// A manifest of 4 MiB that is full of the shortest descriptors has 270,000 values.
const MAX_VALUES = 300_000;

const [QUOTE, BACKSLASH, COMMA, COLON, OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = Buffer.from('"\\,:[]{}');

/**
 * Parses JSON that comes from outside.
 *
 * The limits are checked on the raw bytes, because parsed JSON can take 50 times the memory of its text. An object with the same
 * name twice is rejected, because parsers differ in which of the two values they keep.
 *
 * @param what the subject of the sentence in the `Failure`.
 * @throws Failure if a limit is exceeded or a name occurs twice; SyntaxError if the text is not JSON.
 */
export function parseJson(bytes: Buffer, what = 'it'): unknown {
  inspect(bytes, what);
  return JSON.parse(bytes.toString('utf8'));
}

/**
 * Parses a JSON object that comes from outside, within the same limits.
 *
 * @throws Failure if it is anything else.
 */
export function parseObject(bytes: Buffer, what: string, retry?: RetryReason): Record<string, unknown> {
  try {
    const json = parseJson(bytes, what);
    if (isObject(json)) return json;
  } catch (error) {
    if (error instanceof Failure) throw error;
  }
  const markup = markupOf(bytes);
  if (markup !== undefined) throw new Failure(`${what} is ${markup}: is this the host of a registry?`);
  throw new Failure(`${what} is not a JSON object`, { retry });
}

/** Whether a JSON value is an object, not a list. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list. Empty if the value is not a list. */
export function records(value: unknown): Readonly<Record<string, unknown>>[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

/** The strings of a list. Empty if the value is not a list. */
export function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}

interface Span {
  readonly start: number;
  readonly end: number;
}

/** Checks the structure outside of strings. Syntax errors are left to the parser. */
function inspect(bytes: Buffer, what: string): void {
  // The names so far in each object around the current byte, and `undefined` for each array.
  const around: (Set<string> | undefined)[] = [];
  let values = 0;
  let lastString: Span = { start: 0, end: 0 };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at];
    switch (byte) {
      case QUOTE:
        lastString = { start: at, end: endOfString(bytes, at) };
        at = lastString.end - 1;
        continue;
      case CLOSE_ARRAY:
      case CLOSE_OBJECT:
        around.pop();
        continue;
      case OPEN_ARRAY:
        around.push(undefined);
        break;
      case OPEN_OBJECT:
        around.push(new Set());
        break;
      case COLON:
        if (!isNew(nameIn(bytes, lastString), around.at(-1))) throw new Failure(`${what} has the same name twice in one object`);
        break;
      case COMMA:
        break;
      default:
        continue;
    }
    if (around.length > MAX_DEPTH) throw new Failure(`${what} is nested deeper than ${MAX_DEPTH} levels`);
    if (++values > MAX_VALUES) throw new Failure(`${what} has more than ${MAX_VALUES} values`);
  }
}

/** The position after the closing quote. */
function endOfString(bytes: Buffer, start: number): number {
  let at = start + 1;
  while (at < bytes.length && bytes[at] !== QUOTE) at += bytes[at] === BACKSLASH ? 2 : 1;
  return at + 1;
}

function nameIn(bytes: Buffer, { start, end }: Span): string {
  const text = bytes.toString('utf8', start, end);
  // Escape sequences allow several spellings of one name.
  return text.includes('\\') ? String(JSON.parse(text)) : text.slice(1, -1);
}

/** Whether an object does not have a name yet. A colon in an array is left to the parser. */
function isNew(name: string, names: Set<string> = new Set()): boolean {
  const before = names.size;
  return names.add(name).size > before;
}

const MAX_LOOK = 1024;
const WEB_PAGE = /^(?:<!--[^>]*>\s*)?<(?:!doctype\s+html|html|head|body|!--)/i;
const XML = /^<(?:\?xml|Error\b)/;

/** The kind of a text that is not JSON, if it is known: a web page, or the error of a storage service. */
export function markupOf(bytes: Buffer): 'a web page' | 'an XML document' | undefined {
  const start = bytes.subarray(0, MAX_LOOK).toString('utf8').replace(/^\ufeff/, '').trimStart();
  if (WEB_PAGE.test(start)) return 'a web page';
  return XML.test(start) ? 'an XML document' : undefined;
}
