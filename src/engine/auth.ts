import { isIP } from 'node:net';
import { Clock } from './clock';
import { Credentials, CredentialsProvider } from './contract';
import { Failure, shown } from './errors';
import { parseChallenge } from './headers';
import { HttpTransport, discard, sendFollowing } from './http';
import { parseObject } from './json';
import { parseRetryAfter, retryReason } from './retry';

/** Options of an `Authenticator`. */
export interface AuthenticatorOptions {
  readonly host: string;
  readonly origin: URL;
  /** An additional host that may receive the password to issue a token. */
  readonly tokenHost?: string;
  /** Bearer scopes, for example `repository:team/web:pull`. */
  readonly scopes: readonly string[];
  readonly provider?: CredentialsProvider;
  /** The secrets of all registries of a copy. They are shared, because a registry can see secrets of another one if both are on the same host. */
  readonly secrets?: Set<string>;
  readonly transport: HttpTransport;
  readonly clock: Clock;
}

/** The parameters of a token request. */
interface TokenRequest {
  readonly service?: string;
  readonly scopes: readonly string[];
  /** @default - anonymous */
  readonly authorization?: string;
}

const MAX_TOKEN_BYTES = 128 * 1024;

/** The `Authorization` header of one registry. All requests share it. It is fetched once and renewed once per refusal. */
export class Authenticator {
  private current?: Promise<string | undefined>;
  private renewing?: Promise<string | undefined>;
  private credentials?: Credentials;
  private readonly secrets: Set<string>;
  private readonly guestTokens = new Map<string, string>();

  constructor(private readonly options: AuthenticatorOptions) {
    this.secrets = options.secrets ?? new Set();
  }

  /** The source of its credentials. */
  public get provider(): CredentialsProvider | undefined {
    return this.options.provider;
  }

  /** The header to send. Known credentials are sent with the first request, so that it is not refused. */
  public async authorization(): Promise<string | undefined> {
    this.current ??= this.remember(this.basic());
    return this.current;
  }

  /**
   * The header to send after a refusal, or `undefined` if there is no new one.
   *
   * @param challenge the `WWW-Authenticate` header of the registry itself, never of the target of a redirect.
   */
  public async renew(challenge: string | undefined, refused: string | undefined): Promise<string | undefined> {
    const latest = await this.current;
    if (latest !== refused) return latest;
    this.renewing ??= this.respond(challenge).finally(() => { this.renewing = undefined; });
    this.current = this.remember(this.renewing);
    const renewed = await this.current;
    return renewed === refused ? undefined : renewed;
  }

  /**
   * The header for another registry to which this registry has redirected, or `undefined` if that registry requires no token. No secret is sent.
   *
   * @param url the address that was refused.
   * @param refused the header that was refused.
   */
  public async guestAuthorization(url: URL, header: string | undefined, refused?: string): Promise<string | undefined> {
    const challenge = parseChallenge(header);
    if (challenge?.scheme !== 'bearer') return undefined;
    const key = `${url.origin} ${header}`;
    const known = this.guestTokens.get(key);
    if (known !== undefined && known !== refused) return known;
    const { realm, service, scope } = challenge.parameters;
    const endpoint = tokenEndpoint(realm, { host: url.host, origin: url, isAnonymous: true });
    const token = await this.requestToken(endpoint, { service, scopes: scope?.split(' ').filter(Boolean) ?? [] });
    this.guestTokens.set(key, token);
    return token;
  }

  /**
   * Removes all secrets from a text that came from outside. Ignores case, because some texts are shown in lower case.
   *
   * @param shortest the minimum length of the secrets to remove. A short secret could match words of the message by chance, and
   * the replacement would disclose it.
   */
  public redact(text: string, shortest = 1): string {
    return [...this.secrets].filter(({ length }) => length >= shortest).reduce((clean, secret) => clean.replace(pattern(secret), '***'), text);
  }

  private async respond(header: string | undefined): Promise<string | undefined> {
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
    this.keepSecret(credentials.password, encoded, encoded.replace(/=+$/, ''));
    return `Basic ${encoded}`;
  }

  private async bearer(parameters: Readonly<Record<string, string>>): Promise<string | undefined> {
    const { host, origin, tokenHost, scopes } = this.options;
    const authorization = await this.basic();
    const url = tokenEndpoint(parameters.realm, { host, origin, tokenHost, isAnonymous: authorization === undefined });
    return this.requestToken(url, { service: parameters.service, scopes, authorization });
  }

  private async requestToken(url: URL, { service, scopes, authorization }: TokenRequest): Promise<string> {
    const { transport } = this.options;
    if (service !== undefined) url.searchParams.set('service', service);
    scopes.forEach(scope => url.searchParams.append('scope', scope));
    const response = await sendFollowing(transport, { method: 'GET', url, headers: authorization === undefined ? {} : { authorization } }, 0);
    if (response.status !== 200) {
      discard(response);
      const retryAfter = parseRetryAfter(response.headers['retry-after'], this.options.clock.now());
      throw new Failure(`its token endpoint answered ${response.status}`, {
        retry: retryReason(response.status), retryAfter, status: refusalOf(response.status),
      });
    }
    const token = tokenOf(await transport.read(response, MAX_TOKEN_BYTES));
    this.keepSecret(token);
    return `Bearer ${token}`;
  }

  /** Remembers secrets for `redact`, also in their URL-encoded form. */
  private keepSecret(...secrets: readonly string[]): void {
    for (const secret of secrets) [secret, urlEncoded(secret)].forEach(form => this.secrets.add(form));
  }

  /** Caches a header. A failure is not cached, so the next request tries again. */
  private async remember(header: Promise<string | undefined>): Promise<string | undefined> {
    return header.catch((error: unknown) => {
      this.current = undefined;
      throw error;
    });
  }
}

function urlEncoded(text: string): string {
  // The buffer replaces unpaired surrogates, which cannot be URL-encoded.
  return encodeURIComponent(Buffer.from(text).toString('utf8'));
}

function pattern(text: string): RegExp {
  return new RegExp(text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi');
}

/** The status of the token endpoint, if it counts as the status of the registry: a refused password or a rate limit. */
function refusalOf(status: number): number | undefined {
  return [401, 403, 429].includes(status) ? status : undefined;
}

function tokenOf(body: Buffer): string {
  try {
    const { token, access_token: accessToken } = parseObject(body, 'the answer');
    const given = [token, accessToken].find(each => typeof each === 'string' && /^[\x21-\x7e]+$/.test(each));
    if (typeof given === 'string') return given;
  } catch {
    // The message is the same as for a response without a token.
  }
  throw new Failure('its token endpoint answered without a token', { retry: 'corrupt' });
}

// Registries with a separate token host.
const TOKEN_HOSTS: ReadonlyMap<string, string> = new Map([
  ['registry-1.docker.io', 'auth.docker.io'],
  ['registry.gitlab.com', 'gitlab.com'],
]);

/** The registry that a token is for, and the hosts that may receive a password. */
export interface TokenSeeker {
  /** The exact host of the registry, and the origin on which it listens. */
  readonly host: string;
  readonly origin: URL;
  /** Whether no password would be sent. */
  readonly isAnonymous: boolean;
  /** Another host that may receive the password, as specified by the user. */
  readonly tokenHost?: string;
}

/** The token endpoint of a bearer challenge. It must use https. With a password, it must be on a host that may receive it. */
export function tokenEndpoint(realm: string | undefined, { host, origin, isAnonymous, tokenHost }: TokenSeeker): URL {
  if (realm === undefined || !URL.canParse(realm)) throw new Failure('it asks for a bearer token without saying where to get it');
  const url = new URL(realm);
  if (url.username !== '' || url.password !== '') throw new Failure('its token endpoint has credentials in the address');
  if (url.origin === origin.origin) return url;
  if (url.protocol !== 'https:') throw new Failure('its token endpoint is not on https');
  const bare = url.hostname.replace(/[[\]]/g, '');
  if (isIP(bare) !== 0) throw new Failure(`its token endpoint has an address for a name (${shown(url.host)})`);
  if (!isAnonymous && ![host, TOKEN_HOSTS.get(host), tokenHost].includes(url.host)) {
    throw new Failure(`its token endpoint is on another host (${shown(url.host)}); it gets the password only when it is given as tokenHost`);
  }
  return url;
}
