import { AZURE_RETRIES, AzureRefusal, claimsOf, refusal } from './azure-http';
import { AwsSeams } from '../../custom-resource/aws';
import { messageOf, sentence } from '../../custom-resource/text';
import { repeat } from '../../engine/retry';
import { CloudAnswer, ExpiringToken, RenewedToken, callCloud } from '../../federation/handler/cloud-api';
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

  constructor(public readonly client: AzureClient, private readonly webIdentity: WebIdentity, private readonly seams: AwsSeams) {
    this.endpoints = AZURE_CLOUDS[client.cloud];
  }

  /**
   * A token for an audience, for example `https://management.azure.com`.
   *
   * @param rejected a token that was refused.
   */
  public async tokenFor(audience: string, rejected?: string): Promise<string> {
    const { seams } = this;
    const token = this.tokens.get(audience)
      ?? new RenewedToken(async () => repeat({ clock: seams.clock, rules: AZURE_RETRIES }, async () => this.fetch(audience)), seams);
    this.tokens.set(audience, token);
    return token.value(rejected);
  }

  /** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential */
  private async fetch(audience: string): Promise<ExpiringToken> {
    const { client: { tenantId, clientId }, endpoints: { login: host, federation }, seams } = this;
    const assertion = await this.webIdentity({ audience: federation, durationSeconds: WEB_IDENTITY_SECONDS }).catch((error: unknown) => {
      throw new AzureRefusal(messageOf(error), undefined, undefined, NO_WEB_IDENTITY);
    });
    const answer = await callCloud({
      method: 'POST', host, path: `/${encodeURIComponent(tenantId)}/oauth2/v2.0/token`, title: 'Microsoft Entra ID', operation: 'get a token of Azure', secrets: [assertion],
      body: new URLSearchParams({
        client_id: clientId, scope: `${audience}/.default`, grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion,
      }),
    }, seams);
    if (answer.status !== 200) throw this.refused(answer, assertion);
    const { access_token: value, expires_in: seconds } = answer.json;
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new AzureRefusal('Microsoft Entra ID answered without a token');
    return { value, expires: seams.clock.now() + Math.min(Number(seconds) || 0, MAX_SECONDS) * 1000 };
  }

  private refused(answer: CloudAnswer, assertion: string): AzureRefusal {
    const { client, client: { tenantId, clientId } } = this;
    const { error, error_description: message } = answer.json;
    // The number is in the description, and not always in `error_codes`.
    const code = /^AADSTS\d+/.exec(String(message))?.[0] ?? error;
    const what = `the request of a token of Microsoft Entra ID for the client ${clientId} of the tenant ${tenantId}`;
    return refusal(what, answer, { code, message }, UNMATCHED.includes(String(code)) ? 'permission' : undefined, fixOf(String(code), assertion, client));
  }
}

// A federated credential that does not match. A new one takes some seconds to take effect.
const UNMATCHED = ['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213'];

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function fixOf(code: string, assertion: string, { clientId, tenantId }: AzureClient): string | undefined {
  if (UNMATCHED.includes(code)) return `add a federated credential with these values to the application or managed identity ${clientId}: ${trustOf(assertion)}`;
  switch (code) {
    case 'AADSTS700016': return `check the client ID, and that its application is in the tenant ${tenantId}`;
    case 'AADSTS90002': case 'AADSTS900023': case 'AADSTS900021': return 'check the tenant ID';
    case 'AADSTS7000112': return 'enable the application in Microsoft Entra ID';
    case 'AADSTS500011': return 'register the resource provider Microsoft.ContainerRegistry in a subscription of the tenant';
    case 'AADSTS53003': return 'exclude the application from the policy of Conditional Access';
    case 'AADSTS50013': case 'AADSTS700027': return 'check that the issuer of the federated credential is the issuer of this AWS account';
    default: return undefined;
  }
}

/** The issuer, subject and audience of an AWS token, which the federated credential must contain. They are not secret. */
function trustOf(assertion: string): string {
  const { iss, sub, aud } = claimsOf(assertion);
  if (iss === undefined) return 'issuer, subject and audience of the token of AWS';
  return `issuer '${sentence(iss)}', subject '${sentence(sub)}', audience '${sentence(aud)}'`;
}
