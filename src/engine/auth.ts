import { parseChallenge, tokenEndpoint } from './challenge';
import { Clock } from './clock';
import { Credentials, CredentialsProvider } from './contract';
import { Failure } from './errors';
import { HttpTransport, discard } from './http';
import { parseObject } from './json';
import { sendFollowing } from './redirects';
import { parseRetryAfter, retryReason } from './retry';

/** What an `Authenticator` authenticates to. */
export interface AuthenticatorOptions {
  readonly host: string;
  readonly origin: URL;
  /** A host besides its own that may have the password in exchange for a token. */
  readonly tokenHost?: string;
  /** Bearer scopes, for example `repository:team/web:pull`. */
  readonly scopes: readonly string[];
  readonly provider?: CredentialsProvider;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

const MAX_TOKEN_BYTES = 128 * 1024;

/** Keeps the `Authorization` header of one registry: fetched once, renewed once per refusal, for all requests together. */
export class Authenticator {
  private current?: Promise<string | undefined>;
  private renewing?: Promise<string | undefined>;
  private credentials?: Credentials;
  private readonly secrets = new Set<string>();

  constructor(private readonly options: AuthenticatorOptions) {}

  /** Where its credentials come from. */
  public get provider(): CredentialsProvider | undefined {
    return this.options.provider;
  }

  /** The header to send. Known credentials are sent at once, which saves the refused first request. */
  public async authorization(): Promise<string | undefined> {
    this.current ??= this.remember(this.basic());
    return this.current;
  }

  /**
   * A header to send after a refusal, `undefined` if there is nothing better than what was refused.
   *
   * @param challenge the `WWW-Authenticate` header of the registry itself, never of a redirect's target.
   */
  public async renew(challenge: string | undefined, refused: string | undefined): Promise<string | undefined> {
    const latest = await this.current;
    if (latest !== refused) return latest;
    this.renewing ??= this.answer(challenge).finally(() => { this.renewing = undefined; });
    this.current = this.remember(this.renewing);
    const renewed = await this.current;
    return renewed === refused ? undefined : renewed;
  }

  /**
   * Takes everything secret out of a text that came from outside.
   *
   * @param shortest the length of the shortest secret that is looked for: in words of our own, short ones would be found by
   * chance, and be told by that.
   */
  public redact(text: string, shortest = 1): string {
    return [...this.secrets].filter(({ length }) => length >= shortest).reduce((clean, secret) => clean.replaceAll(secret, '***'), text);
  }

  private async answer(header: string | undefined): Promise<string | undefined> {
    const challenge = parseChallenge(header);
    if (challenge?.scheme === 'bearer') return this.bearer(challenge.parameters);
    return challenge?.scheme === 'basic' ? this.basic(this.credentials) : undefined;
  }

  private async basic(rejected?: Credentials): Promise<string | undefined> {
    const { host, provider } = this.options;
    const credentials = await provider?.credentialsFor(host, rejected);
    this.credentials = credentials;
    if (credentials === undefined) return undefined;
    const encoded = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64');
    [credentials.password, encoded, encoded.replace(/=+$/, '')].filter(secret => secret !== '').forEach(secret => this.secrets.add(secret));
    return `Basic ${encoded}`;
  }

  private async bearer(parameters: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { host, origin, tokenHost, scopes, transport } = this.options;
    const authorization = await this.basic();
    const url = tokenEndpoint(parameters.realm, { host, origin, tokenHost, isAnonymous: authorization === undefined });
    if (parameters.service !== undefined) url.searchParams.set('service', parameters.service);
    scopes.forEach(scope => url.searchParams.append('scope', scope));
    const response = await sendFollowing(transport, { method: 'GET', url, headers: authorization === undefined ? {} : { authorization } }, 0);
    if (response.status !== 200) {
      discard(response);
      const retryAfter = parseRetryAfter(response.headers['retry-after'], this.options.clock.now());
      throw new Failure(`its token endpoint answered ${response.status}`, retryReason(response.status), 'peer', retryAfter, refusalOf(response.status));
    }
    const token = tokenOf(await transport.read(response, MAX_TOKEN_BYTES));
    this.secrets.add(token);
    return `Bearer ${token}`;
  }

  /** A failure is not kept: the next request tries again. */
  private async remember(header: Promise<string | undefined>): Promise<string | undefined> {
    return header.catch((error: unknown) => {
      this.current = undefined;
      throw error;
    });
  }
}

/** That the password is wrong or not enough is a status of the registry, whoever says so; nothing else is. */
function refusalOf(status: number): number | undefined {
  return status === 401 || status === 403 ? status : undefined;
}

function tokenOf(body: Buffer): string {
  try {
    const { token, access_token: accessToken } = parseObject(body, 'the answer');
    const given = token ?? accessToken;
    if (typeof given === 'string' && /^[\x21-\x7e]+$/.test(given)) return given;
  } catch {
    // The same sentence as for an answer without a token.
  }
  throw new Failure('its token endpoint answered without a token', 'corrupt');
}
