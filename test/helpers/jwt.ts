import { KeyObject, KeyPairKeyObjectResult, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto';

/** The claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

// Creating a key takes a second on a busy machine.
const PAIRS = new Map<string, KeyPairKeyObjectResult>();

function pairOf(id: string): KeyPairKeyObjectResult {
  const pair = PAIRS.get(id) ?? generateKeyPairSync('rsa', { modulusLength: 2048 });
  PAIRS.set(id, pair);
  return pair;
}

/** A key that signs JSON web tokens with RS256. Within a process, an ID always has the same key. */
export class SigningKey {
  private readonly pair: KeyPairKeyObjectResult;

  constructor(public readonly id: string) {
    this.pair = pairOf(id);
  }

  /** The public key for a JWKS. */
  public get jwk(): Claims {
    return { ...this.pair.publicKey.export({ format: 'jwk' }), kid: this.id, use: 'sig', alg: 'RS256' };
  }

  public sign(claims: Claims): string {
    const text = [{ alg: 'RS256', typ: 'JWT', kid: this.id }, claims].map(each => Buffer.from(JSON.stringify(each)).toString('base64url')).join('.');
    return `${text}.${sign('sha256', Buffer.from(text), this.pair.privateKey).toString('base64url')}`;
  }

  /** The claims of a token that this key has signed. Throws for any other token. */
  public verified(token: string, now: number): Claims {
    return verifiedWith([this.jwk], token, now);
  }
}

/** The claims of a token without any check. */
export function claimsIn(token: string): Claims {
  return part(token, 1);
}

/** The claims of a valid token that is signed with one of these keys. Throws for any other token. */
export function verifiedWith(keys: readonly Claims[], token: string, now: number): Claims {
  const { alg, kid } = part(token, 0);
  const jwk = keys.find(key => key.kid === kid);
  if (alg !== 'RS256' || jwk === undefined) throw new Error('the token is not signed with a known key');
  const [head, body, signature] = token.split('.');
  const key: KeyObject = createPublicKey({ key: jwk, format: 'jwk' } as Parameters<typeof createPublicKey>[0]);
  if (!verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) throw new Error('the signature of the token is wrong');
  const claims = part(token, 1);
  if (!(Number(claims.exp) * 1000 > now && Number(claims.nbf ?? claims.iat) * 1000 <= now + 1_000)) throw new Error('the token is not valid now');
  return claims;
}

function part(token: string, at: number): Claims {
  return JSON.parse(Buffer.from(token.split('.')[at] ?? '', 'base64url').toString('utf8'));
}
