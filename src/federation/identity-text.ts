// The text form of an identity in templates, environment variables and events. It contains no secret. This file imports nothing, so constructs and
// functions can share it.

/** The kinds of identities. `google-aws` is the AWS provider of Google, which works without outbound identity federation. */
export type IdentityKind = 'azure' | 'google' | 'google-aws';

/** An identity in another cloud. */
export interface IdentityText {
  readonly kind: string;
  /** The fields of the kind, e.g. tenant and client of Azure. */
  readonly fields: readonly string[];
}

const SEPARATOR = ';';
const TEXT = /^[a-z]+(?:-[a-z]+)*(?:;[A-Za-z0-9@._:/+=-]+)+$/;

/** Formats an identity. No field can contain a space, a comma or a semicolon, so different identities have different texts. */
export function formatIdentity(kind: IdentityKind, fields: readonly string[]): string {
  return [kind, ...fields].join(SEPARATOR);
}

/** Parses an identity. Returns `undefined` for anything else. */
export function parseIdentity(text: unknown): IdentityText | undefined {
  if (typeof text !== 'string' || !TEXT.test(text)) return undefined;
  const [kind, ...fields] = text.split(SEPARATOR);
  return { kind, fields };
}

/** The lifetime of an AWS token in seconds. The functions exchange a token at once, and their permissions do not allow a longer lifetime. */
export const WEB_IDENTITY_SECONDS = 300;

/**
 * The signing algorithm of AWS tokens. It is the only one that Azure documents, and the only one that both AWS and Google support.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
export const SIGNING_ALGORITHM = 'RS256';
