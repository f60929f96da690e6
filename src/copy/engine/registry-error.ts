/** What a registry says of a request that it refuses. */
export interface RegistryError {
  readonly code?: string;
  /** @default - the code says it all */
  readonly message?: string;
}

const CODE = /^[A-Z0-9_]{1,64}$/;
const MAX_MESSAGE = 300;
// With or without a scheme: what follows a question mark may be a signature.
const ADDRESS = /[a-z][a-z0-9+.-]*:\/\/\S+|\S+\?\S+=\S+/gi;
const WEB_PAGE = /^\s*<(?:!doctype|html)/i;

/**
 * Reads the body of a refusal, fit for a log: one line without addresses and without what `redact` takes out.
 *
 * @see https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md#error-codes
 */
export function readRegistryError(body: Buffer, redact: (text: string) => string): RegistryError {
  const text = body.toString('utf8');
  if (WEB_PAGE.test(text)) return { message: 'a web page: is this the host of a registry?' };
  const { code: given, message: words } = firstError(text);
  const code = typeof given === 'string' && CODE.test(redact(given)) ? given : undefined;
  const clean = typeof words === 'string' ? onOneLine(redact(words).replace(ADDRESS, '<address>')).trim().slice(0, MAX_MESSAGE) : '';
  // Many registries only repeat the code in small letters.
  const isRepeated = clean.toUpperCase().replaceAll(' ', '_') === code;
  return { code, message: clean === '' || isRepeated ? undefined : clean };
}

/** One line of letters that every log can show. */
export function onOneLine(text: string): string {
  return text.replace(/[^\x20-\x7e]+/g, ' ');
}

function firstError(text: string): { readonly code?: unknown; readonly message?: unknown } {
  try {
    const json: { readonly errors?: readonly { readonly code?: unknown; readonly message?: unknown }[] } = JSON.parse(text);
    return json.errors?.[0] ?? {};
  } catch {
    return {};
  }
}
