import { isObject, parseObject } from './json';
import { markupOf } from './markup';

/** What a registry says of a request that it refuses. */
export interface RegistryError {
  readonly code?: string;
  /** @default - the code says it all */
  readonly message?: string;
}

const CODE = /^[A-Z0-9_]{1,64}$/;
const MAX_MESSAGE = 300;
// What is longer is cut before it is looked at: the words may be chosen to keep us busy.
const MAX_WORDS = 1024;

/**
 * Reads the body of a refusal, fit for a log: one line without addresses and without what `redact` takes out.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
export function readRegistryError(body: Buffer, redact: (text: string) => string): RegistryError {
  const markup = markupOf(body);
  if (markup === 'a web page') return { message: 'a web page: is this the host of a registry?' };
  const text = body.toString('utf8');
  if (markup !== undefined) return { message: [markup, codeOfStorage(text)].filter(Boolean).join(': ') };
  const { code: given, message: words } = firstError(body);
  const code = typeof given === 'string' && CODE.test(redact(given)) ? given : undefined;
  const clean = typeof words === 'string' ? withoutAddresses(redact(words).slice(0, MAX_WORDS)).slice(0, MAX_MESSAGE) : '';
  // Many registries only repeat the code in small letters.
  const isRepeated = clean.toUpperCase().replaceAll(' ', '_') === code;
  return { code, message: clean === '' || isRepeated ? undefined : clean };
}

/** With or without a scheme: what follows a question mark may be a signature. */
function withoutAddresses(words: string): string {
  const isAddress = (word: string) => word.includes('://') || word.indexOf('=', word.indexOf('?') + 1 || Infinity) > 0;
  return onOneLine(words).split(' ').map(word => isAddress(word) ? '<address>' : word).join(' ').trim();
}

/** The code of what S3 and its like answer, `AccessDenied` for example. */
function codeOfStorage(xml: string): string | undefined {
  return /<Code>([A-Za-z]{1,64})<\/Code>/.exec(xml.slice(0, MAX_WORDS))?.[1];
}

/** One line of letters that every log can show. */
export function onOneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}

function firstError(body: Buffer): { readonly code?: unknown; readonly message?: unknown } {
  try {
    const { errors } = parseObject(body, 'the answer');
    const [first] = Array.isArray(errors) ? errors : [];
    return isObject(first) ? first : {};
  } catch {
    return {};
  }
}
