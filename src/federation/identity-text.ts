// The form in which templates, environment variables and events name an identity. It contains no secret. This file imports nothing, so constructs and
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

/** An identity as text. No field can contain a space, a comma or a semicolon, so different identities are different texts. */
export function formatIdentity(kind: IdentityKind, fields: readonly string[]): string {
  return [kind, ...fields].join(SEPARATOR);
}

/** Parses an identity. `undefined` for anything else. */
export function parseIdentity(text: unknown): IdentityText | undefined {
  if (typeof text !== 'string' || !TEXT.test(text)) return undefined;
  const [kind, ...fields] = text.split(SEPARATOR);
  return { kind, fields };
}

/** The lifetime of a token of AWS in seconds. It is exchanged at once. The permissions of a function allow no longer one. */
export const WEB_IDENTITY_SECONDS = 300;

/**
 * The signing algorithm of tokens of AWS. Azure documents only this one, and Google this one and one that AWS does not have.
 *
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
export const SIGNING_ALGORITHM = 'RS256';
