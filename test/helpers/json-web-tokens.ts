import { createPublicKey, createSign, createVerify, generateKeyPairSync, JsonWebKey, KeyObject } from 'node:crypto';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** A public key as an issuer publishes it. */
export interface PublishedKey extends JsonWebKey { readonly kid: string; readonly alg: 'RS256'; readonly use: 'sig' }

const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
const decoded = (part: string): Claims => JSON.parse(Buffer.from(part, 'base64url').toString());

/** An issuer with a real RSA key. */
export class TokenIssuer {
  private static keys?: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };
  private readonly keys: { readonly publicKey: KeyObject; readonly privateKey: KeyObject };

  /** @param isShared whether issuers share one key pair, because a new one takes long */
  constructor(private readonly kid = 'key-1', isShared = true) {
    const make = () => generateKeyPairSync('rsa', { modulusLength: 2048 });
    this.keys = isShared ? TokenIssuer.keys ??= make() : make();
  }

  public sign(claims: Claims): string {
    const text = `${encoded({ alg: 'RS256', typ: 'JWT', kid: this.kid })}.${encoded(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(this.keys.privateKey).toString('base64url')}`;
  }

  /** The document at `/.well-known/jwks.json`. */
  public get jwks(): { readonly keys: readonly PublishedKey[] } {
    return { keys: [{ ...this.keys.publicKey.export({ format: 'jwk' }), kid: this.kid, alg: 'RS256', use: 'sig' }] };
  }
}

/** The claims of a token whose signature matches one of the keys. Throws an error message otherwise. */
export function verified(token: string, { keys }: TokenIssuer['jwks']): Claims {
  const [header, claims, signature, ...more] = token.split('.');
  if (signature === undefined || more.length > 0) throw new Error('it is no signed token');
  const { alg, kid } = decoded(header);
  const key = keys.find(each => each.kid === kid);
  if (alg !== 'RS256' || key === undefined) throw new Error('its key is unknown');
  const verify = createVerify('RSA-SHA256').update(`${header}.${claims}`);
  if (!verify.verify(createPublicKey({ key, format: 'jwk' }), Buffer.from(signature, 'base64url'))) throw new Error('its signature is wrong');
  return decoded(claims);
}
