import { AZURE_RETRIES, AzureRefusal, AzureSeams, isLoginServer, jsonIn, refusal, sendToAzure } from './azure-http';
import { EntraTokens } from './entra';
import { SmallResponse } from '../../custom-resource/small-request';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { Failure, shown } from '../../engine/errors';
import { isObject, records, texts } from '../../engine/json';
import { repeat } from '../../engine/retry';

interface RefreshToken {
  readonly credentials: Credentials;
  readonly expires: number;
}

// The user name that belongs to a refresh token.
// https://learn.microsoft.com/azure/container-registry/container-registry-authentication#az-acr-login-with---expose-token
const USERNAME = '00000000-0000-0000-0000-000000000000';
// A refresh token is valid for three hours. A copy that starts with one should not outlive it.
const SAFETY_MILLISECONDS = 30 * 60_000;
const DEFAULT_MILLISECONDS = 60 * 60_000;
const SHOWN_REPOSITORIES = 5;

/** A login server that gets tokens of one identity, in exchange for a refresh token of the registry. */
export class AzureContainerRegistryLogin implements CredentialsProvider {
  private token?: Promise<RefreshToken>;

  /** Throws if the host is no login server of the cloud of the identity. */
  constructor(private readonly host: string, private readonly tokens: EntraTokens, private readonly seams: AzureSeams) {
    if (!isLoginServer(host, tokens.endpoints)) {
      throw new Error(`'${shown(host)}' is not the login server of a registry in *.${tokens.endpoints.registries}, so it gets no token`);
    }
  }

  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    if (host !== this.host) return undefined;
    const held = this.token;
    if (held !== undefined) {
      const { credentials, expires } = await held;
      if (credentials !== rejected && expires - SAFETY_MILLISECONDS > this.seams.clock.now()) return credentials;
      if (this.token === held) this.token = undefined;
    }
    this.token ??= this.exchanged();
    const { credentials } = await this.token;
    return credentials;
  }

  /** Some repositories of the registry. Empty if it has none. */
  public async repositories(): Promise<string[]> {
    const credentials = await this.credentialsFor(this.host);
    return repeat({ clock: this.seams.clock, rules: AZURE_RETRIES }, async () => {
      const token = await this.catalogToken(credentials?.password ?? '');
      const response = await sendToAzure({
        method: 'GET', host: this.host, path: `/acr/v1/_catalog?n=${SHOWN_REPOSITORIES}`, headers: { authorization: `Bearer ${token}` },
      }, this.seams);
      // A registry without a repository answers with null.
      if (response.status === 200) return texts(jsonIn(response).repositories);
      throw this.refused('the list of its repositories', response);
    });
  }

  private async exchanged(): Promise<RefreshToken> {
    const exchanged = repeat({ clock: this.seams.clock, rules: AZURE_RETRIES }, async () => this.exchange()).catch((error: unknown) => {
      throw error instanceof AzureRefusal ? new Failure(error.message, undefined, 'peer', undefined, error.status) : error;
    });
    exchanged.catch(() => {
      if (this.token === exchanged) this.token = undefined;
    });
    return exchanged;
  }

  private async exchange(): Promise<RefreshToken> {
    const { host, seams, tokens: { identity, endpoints } } = this;
    const accessToken = await this.tokens.tokenFor(endpoints.registryAudience);
    const response = await sendToAzure({
      method: 'POST', host, path: '/oauth2/exchange',
      body: new URLSearchParams({ grant_type: 'access_token', service: host, tenant: identity.TenantId, access_token: accessToken }),
    }, seams);
    const { refresh_token: password } = jsonIn(response);
    if (response.status !== 200) throw this.refused('the exchange of its token', response);
    if (typeof password !== 'string' || !/^[\x21-\x7e]+$/.test(password)) throw new AzureRefusal(`${host} exchanged no token`);
    return { credentials: { username: USERNAME, password }, expires: expiryOf(password) ?? seams.clock.now() + DEFAULT_MILLISECONDS };
  }

  private async catalogToken(refreshToken: string): Promise<string> {
    const { host, seams } = this;
    const response = await sendToAzure({
      method: 'POST', host, path: '/oauth2/token',
      body: new URLSearchParams({ grant_type: 'refresh_token', service: host, scope: 'registry:catalog:*', refresh_token: refreshToken }),
    }, seams);
    const { access_token: token } = jsonIn(response);
    if (response.status !== 200 || typeof token !== 'string') throw this.refused('the request of a token for its catalog', response);
    return token;
  }

  private refused(what: string, response: SmallResponse): AzureRefusal {
    const { host, tokens: { identity: { ClientId } }, seams: { clock } } = this;
    const [{ code, message } = { code: undefined, message: undefined }] = records(jsonIn(response).errors);
    const name = typeof code === 'string' ? code : undefined;
    const isRefused = response.status === 401 || response.status === 403;
    const details = refusal(`${host}: ${what}`, response, { code: name, message, now: clock.now(), ...isRefused && { retry: 'permission' } });
    const fix = isRefused ? [`assign a role such as AcrPush to the client ${ClientId} on the registry, and check its public network access`] : [];
    return new AzureRefusal([details.message, ...fix].join('; '), details.retry, details.retryAfter, details.status, details.code);
  }
}

/** The time at which a refresh token expires. It is not verified, because it comes from the registry that it is for. */
function expiryOf(token: string): number | undefined {
  try {
    const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1], 'base64url').toString('utf8'));
    return isObject(claims) && typeof claims.exp === 'number' ? claims.exp * 1000 : undefined;
  } catch {
    return undefined;
  }
}

