import { AZURE_RETRIES, AzureError, claimsOf, refused } from './azure-http';
import { AwsDependencies } from '../../custom-resource/aws';
import { externalText, messageOf } from '../../custom-resource/text';
import { repeat } from '../../engine/retry';
import { CloudResponse, ExpiringToken, RenewedToken, callCloud } from '../../federation/handler/cloud-api';
import { WebIdentity } from '../../federation/handler/web-identity';
import { WEB_IDENTITY_SECONDS } from '../../federation/identity-text';
import { AZURE_CLOUDS, AzureClient, AzureEndpoints } from '../azure-client';

const MAX_SECONDS = 24 * 3600;
/** The error code if AWS issues no token. */
export const NO_WEB_IDENTITY = 'NoWebIdentity';

/** Tokens of Microsoft Entra ID for one identity. Each is reused until shortly before it expires. */
export class EntraTokens {
  public readonly endpoints: AzureEndpoints;
  private readonly tokens = new Map<string, RenewedToken>();

  constructor(public readonly client: AzureClient, private readonly webIdentity: WebIdentity, private readonly dependencies: AwsDependencies) {
    this.endpoints = AZURE_CLOUDS[client.cloud];
  }

  /**
   * A token for an audience, for example `https://management.azure.com`.
   *
   * @param rejected a token that was refused.
   */
  public async tokenFor(audience: string, rejected?: string): Promise<string> {
    const { dependencies } = this;
    const token = this.tokens.get(audience)
      ?? new RenewedToken(async () => repeat({ clock: dependencies.clock, rules: AZURE_RETRIES }, async () => this.fetch(audience)), dependencies);
    this.tokens.set(audience, token);
    return token.value(rejected);
  }

  /** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential */
  private async fetch(audience: string): Promise<ExpiringToken> {
    const { client: { tenantId, clientId }, endpoints: { login: host, federation }, dependencies } = this;
    const assertion = await this.webIdentity({ audience: federation, durationSeconds: WEB_IDENTITY_SECONDS }).catch((error: unknown) => {
      throw new AzureError(messageOf(error), { code: NO_WEB_IDENTITY });
    });
    const response = await callCloud({
      method: 'POST', host, path: `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, title: 'Microsoft Entra ID', operation: 'get a token of Azure', secrets: [assertion],
      body: new URLSearchParams({
        client_id: clientId, scope: `${audience}/.default`, grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion,
      }),
    }, dependencies);
    if (response.status !== 200) throw this.errorOf(response, assertion);
    const { access_token: value, expires_in: seconds } = response.json;
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new AzureError('Microsoft Entra ID answered without a token');
    return { value, expires: dependencies.clock.now() + Math.min(Number(seconds) || 0, MAX_SECONDS) * 1000 };
  }

  private errorOf({ status, json }: CloudResponse, assertion: string): AzureError {
    const { client, client: { tenantId, clientId } } = this;
    const { error, error_description: message } = json;
    // The number is in the description, and not always in `error_codes`.
    const code = /^AADSTS\d+/.exec(String(message))?.[0] ?? error;
    const what = `the request of a token of Microsoft Entra ID for the client ${clientId} of the tenant ${tenantId}`;
    const isUnmatched = UNMATCHED.includes(String(code));
    const fix = isUnmatched ? `add a federated credential with these values to the application or managed identity ${clientId}: ${trustOf(assertion)}`
      : Object.hasOwn(FIXES, String(code)) ? FIXES[String(code)](client) : undefined;
    return refused({ what, status, error: { code, message }, retry: isUnmatched ? 'permission' : undefined, fix });
  }
}

// A federated credential that does not match. A new one takes some seconds to take effect.
const UNMATCHED = ['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213'];

const checkTenant = () => 'check the tenant ID';
const checkIssuer = () => 'check that the issuer of the federated credential is the issuer of this AWS account';

/** The fixes, by error code. @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
const FIXES: Readonly<Record<string, (client: AzureClient) => string>> = {
  AADSTS700016: ({ tenantId }) => `check the client ID, and that its application is in the tenant ${tenantId}`,
  AADSTS90002: checkTenant,
  AADSTS900023: checkTenant,
  AADSTS900021: checkTenant,
  AADSTS7000112: () => 'enable the application in Microsoft Entra ID',
  AADSTS500011: () => 'register the resource provider Microsoft.ContainerRegistry in a subscription of the tenant',
  AADSTS53003: () => 'exclude the application from the policy of Conditional Access',
  AADSTS50013: checkIssuer,
  AADSTS700027: checkIssuer,
};

/** The issuer, subject and audience of an AWS token, which the federated credential must contain. They are not secret. */
function trustOf(assertion: string): string {
  const { iss, sub, aud } = claimsOf(assertion);
  if (iss === undefined) return 'issuer, subject and audience of the token of AWS';
  return `issuer '${externalText(iss)}', subject '${externalText(sub)}', audience '${externalText(aud)}'`;
}
