import { IncomingMessage } from 'node:http';
import { Gate } from './fault-proxy';
import { PlainAnswer } from './fault-proxy-faults';
import { Credentials } from '../../src/engine/contract';

/** Requires bearer tokens, and issues a new one at `/token` for every request. */
export class BearerGate implements Gate {
  /** The scopes of every issued token. */
  public readonly issued: string[] = [];
  private readonly valid = new Set<string>();
  private count = 0;

  /** @param token start of every token, so that checks can find them. */
  constructor(private readonly credentials: Credentials, private readonly token: string) {}

  public answer({ headers }: IncomingMessage, url: URL): PlainAnswer | undefined {
    const { authorization } = headers;
    if (url.pathname === '/token') {
      const { username, password } = this.credentials;
      if (authorization !== `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`) return refusal(url, authorization);
      const token = `${this.token}-${++this.count}`;
      this.valid.add(`Bearer ${token}`);
      this.issued.push(url.searchParams.getAll('scope').sort().join(' '));
      return { status: 200, headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ token })) };
    }
    return authorization !== undefined && this.valid.has(authorization) ? undefined : refusal(url, authorization);
  }

  public expire(): void {
    this.valid.clear();
  }
}

/** A registry that repeats the request in its error, as bad ones do. */
function refusal(url: URL, authorization: string | undefined): PlainAnswer {
  const challenge = `Bearer realm="${url.origin}/token",service="registry"`;
  const body = Buffer.from(JSON.stringify({ errors: [{ code: 'UNAUTHORIZED', message: `got ${authorization}` }] }));
  return { status: 401, headers: { 'www-authenticate': challenge, 'content-type': 'application/json' }, body };
}
