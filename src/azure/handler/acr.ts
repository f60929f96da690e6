import { webIdentityOf } from './aws-identity';
import { AZURE_RETRIES, AzureError, claimsOf, isLoginServer, refused } from './azure-http';
import { EntraTokens } from './entra';
import { AwsDependencies } from '../../custom-resource/aws';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { Failure, shown } from '../../engine/errors';
import { records, texts } from '../../engine/json';
import { repeat } from '../../engine/retry';
import { CloudCall, CloudResponse, ExpiringToken, RenewedToken, callCloud } from '../../federation/handler/cloud-api';
import { AzureClient } from '../azure-client';

// The user name that belongs to a refresh token.
// https://learn.microsoft.com/azure/container-registry/container-registry-authentication#az-acr-login-with---expose-token
const USERNAME = '00000000-0000-0000-0000-000000000000';
// For a refresh token without an expiration time. Refresh tokens are valid for three hours.
const DEFAULT_MILLISECONDS = 60 * 60_000;
const SHOWN_REPOSITORIES = 5;

/** A request to a registry. */
interface RegistryCall extends Pick<CloudCall, 'method' | 'path' | 'secrets' | 'body' | 'token'> {
  /** The request, as the subject of a sentence. */
  readonly what: string;
}

/** The credentials for one login server: a refresh token of the registry, obtained with a token of the identity. */
export class AzureRegistryLogin implements CredentialsProvider {
  private readonly token: RenewedToken;

  /** Throws if the host is not a login server in the cloud of the identity. */
  constructor(private readonly host: string, private readonly tokens: EntraTokens, private readonly dependencies: AwsDependencies) {
    if (!isLoginServer(host, tokens.endpoints)) {
      throw new Failure(`'${shown(host)}' is not the login server of a registry in *.${tokens.endpoints.registries}, so it gets no token`);
    }
    this.token = new RenewedToken(async () => this.exchanged(), dependencies);
  }

  /** The refresh token for this host. Throws a `Failure` if there is none. */
  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    if (host !== this.host) return undefined;
    try {
      return { username: USERNAME, password: await this.token.value(rejected?.password) };
    } catch (error) {
      // The request has already been retried, and the message contains the fix.
      throw error instanceof AzureError ? new Failure(error.message) : error;
    }
  }

  /** Some repositories of the registry. Empty if it has none. */
  public async repositories(): Promise<string[]> {
    const { clock } = this.dependencies;
    return repeat({ clock, rules: AZURE_RETRIES }, async () => {
      const refreshToken = await this.token.value();
      const { json: { access_token: token } } = await this.call({
        what: 'the request of a token for its catalog', method: 'POST', path: '/oauth2/token',
        secrets: [refreshToken],
        body: new URLSearchParams({ grant_type: 'refresh_token', service: this.host, scope: 'registry:catalog:*', refresh_token: refreshToken }),
      });
      // The list is null if the registry has no repositories.
      return texts((await this.call({
        what: 'the list of its repositories', method: 'GET', path: `/acr/v1/_catalog?n=${SHOWN_REPOSITORIES}`, token: String(token),
      })).json.repositories);
    });
  }

  private async exchanged(): Promise<ExpiringToken> {
    const { clock } = this.dependencies;
    return repeat({ clock, rules: AZURE_RETRIES }, async () => this.exchange());
  }

  /** @see https://github.com/Azure/acr/blob/main/docs/AAD-OAuth.md */
  private async exchange(): Promise<ExpiringToken> {
    const { host, dependencies, tokens: { client, endpoints } } = this;
    const accessToken = await this.tokens.tokenFor(endpoints.registryAudience);
    const { json: { refresh_token: value } } = await this.call({
      what: 'the exchange of its token', method: 'POST', path: '/oauth2/exchange', secrets: [accessToken], body: new URLSearchParams({ grant_type: 'access_token', service: host, tenant: client.tenantId, access_token: accessToken }),
    });
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new AzureError(`${host} exchanged no token`);
    return { value, expires: expiryOf(value) ?? dependencies.clock.now() + DEFAULT_MILLISECONDS };
  }

  private async call({ what, ...call }: RegistryCall): Promise<CloudResponse> {
    const { host, dependencies, tokens: { client: { clientId } } } = this;
    const response = await callCloud({ ...call, host, title: host, operation: `finish ${what}` }, dependencies);
    const { status, json: { errors } } = response;
    if (status === 200) return response;
    const refusal = { what: `${host}: ${what}`, status, error: records(errors)[0] ?? {} };
    if (status !== 401 && status !== 403) throw refused(refusal);
    const fix = `assign a role such as AcrPush to the client ${clientId} on the registry, and check its public network access`;
    throw refused({ ...refusal, retry: 'permission', fix });
  }
}

/** The credentials of an identity for the copy function: one refresh token for each registry. */
export class AzureCredentials implements CredentialsProvider {
  private readonly tokens: EntraTokens;
  private readonly logins = new Map<string, AzureRegistryLogin>();

  constructor(client: AzureClient, private readonly dependencies: AwsDependencies) {
    this.tokens = new EntraTokens(client, webIdentityOf(client, dependencies), dependencies);
  }

  /** Throws a `Failure` if the host is not a login server, or does not issue a refresh token. */
  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    const login = this.logins.get(host) ?? new AzureRegistryLogin(host, this.tokens, this.dependencies);
    this.logins.set(host, login);
    return login.credentialsFor(host, rejected);
  }
}

/** The time at which a refresh token expires. The token is not verified, because it is only sent back to the registry that issued it. */
function expiryOf(token: string): number | undefined {
  const { exp } = claimsOf(token);
  return typeof exp === 'number' ? exp * 1000 : undefined;
}
