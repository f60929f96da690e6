import { AZURE_CLOUDS, AzureEndpoints, AzureIdentityProperties } from '../azure-identity-properties';
import { AZURE_RETRIES, AzureRefusal, AzureSeams, WebIdentity, jsonIn, refusal, sendToAzure } from './azure-http';
import { isObject } from '../../engine/json';
import { repeat } from '../../engine/retry';

/** A token of Microsoft Entra ID. */
interface AccessToken {
  readonly value: string;
  readonly expires: number;
}

// AWS issues tokens of 60 seconds to one hour. The exchange takes a second.
const ASSERTION_SECONDS = 300;
// A request that starts with a token should not outlive it.
const SAFETY_MILLISECONDS = 5 * 60_000;
const MAX_SECONDS = 24 * 3600;

/** Tokens of Microsoft Entra ID for one identity, each until shortly before it expires. */
export class EntraTokens {
  public readonly endpoints: AzureEndpoints;
  private readonly tokens = new Map<string, Promise<AccessToken>>();

  constructor(public readonly identity: AzureIdentityProperties, private readonly webIdentity: WebIdentity, private readonly seams: AzureSeams) {
    this.endpoints = AZURE_CLOUDS[identity.Cloud];
  }

  /**
   * A token for an audience, for example `https://management.azure.com`.
   *
   * @param rejected a token that was refused.
   */
  public async tokenFor(audience: string, rejected?: string): Promise<string> {
    const held = this.tokens.get(audience);
    if (held !== undefined) {
      const { value, expires } = await held;
      if (value !== rejected && expires - SAFETY_MILLISECONDS > this.seams.clock.now()) return value;
      // The first of several refused requests gets a new token for all.
      if (this.tokens.get(audience) === held) this.tokens.delete(audience);
    }
    return (await this.fetched(audience)).value;
  }

  private async fetched(audience: string): Promise<AccessToken> {
    const known = this.tokens.get(audience);
    if (known !== undefined) return known;
    const fetched = repeat({ clock: this.seams.clock, rules: AZURE_RETRIES }, async () => this.fetch(audience));
    this.tokens.set(audience, fetched);
    fetched.catch(() => this.tokens.delete(audience));
    return fetched;
  }

  /** @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow#third-case-access-token-request-with-a-federated-credential */
  private async fetch(audience: string): Promise<AccessToken> {
    const { identity: { TenantId, ClientId }, endpoints: { login, federation }, seams } = this;
    const assertion = await this.webIdentity({ audience: federation, durationSeconds: ASSERTION_SECONDS });
    const response = await sendToAzure({
      method: 'POST', host: login, path: `/${encodeURIComponent(TenantId)}/oauth2/v2.0/token`,
      body: new URLSearchParams({
        client_id: ClientId, scope: `${audience}/.default`, grant_type: 'client_credentials',
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer', client_assertion: assertion,
      }),
    }, seams);
    const { access_token: value, expires_in: seconds, ...answer } = jsonIn(response);
    if (response.status !== 200) throw this.refused(response, answer, assertion);
    if (typeof value !== 'string' || !/^[\x21-\x7e]+$/.test(value)) throw new AzureRefusal(`${login} answered without a token`);
    return { value, expires: seams.clock.now() + Math.min(Number(seconds) || 0, MAX_SECONDS) * 1000 };
  }

  private refused(response: Parameters<typeof refusal>[1], { error, error_description: message }: Readonly<Record<string, unknown>>, assertion: string): AzureRefusal {
    const { identity: { TenantId, ClientId }, endpoints: { login }, seams: { clock } } = this;
    // The number is in the description and not always in `error_codes`.
    const number = /^AADSTS(\d+)/.exec(String(message))?.[1];
    const code = number === undefined ? undefined : `AADSTS${number}`;
    const isUnmatched = code !== undefined && UNMATCHED.includes(code);
    const details = refusal(`the request of a token for the client ${ClientId} of the tenant ${TenantId} from ${login}`, response, {
      code: code ?? (typeof error === 'string' ? error : undefined), message, now: clock.now(), ...isUnmatched && { retry: 'permission' },
    });
    const fix = fixOf(code, assertion, this.identity);
    return new AzureRefusal([details.message, ...fix].join('; '), details.retry, details.retryAfter, details.status, details.code);
  }
}

// A federated credential that does not match. A new one takes some seconds to take effect.
const UNMATCHED = ['AADSTS70021', 'AADSTS700211', 'AADSTS700212', 'AADSTS700213'];

/** @see https://learn.microsoft.com/entra/identity-platform/reference-error-codes */
function fixOf(code: string | undefined, assertion: string, { ClientId, TenantId }: AzureIdentityProperties): string[] {
  if (code !== undefined && UNMATCHED.includes(code)) {
    return [`add a federated credential with these values to the application or managed identity ${ClientId}: ${claimsOf(assertion)}`];
  }
  switch (code) {
    case 'AADSTS700016': return [`check the client ID, and that its application is in the tenant ${TenantId}`];
    case 'AADSTS90002': case 'AADSTS900023': case 'AADSTS900021': return ['check the tenant ID'];
    case 'AADSTS7000112': return ['enable the application in Microsoft Entra ID'];
    case 'AADSTS500011': return ['register the resource provider Microsoft.ContainerRegistry in a subscription of the tenant'];
    case 'AADSTS53003': return ['exclude the application from the policy of Conditional Access'];
    case 'AADSTS50013': case 'AADSTS700027': return ['check that the issuer of the federated credential is the issuer of this AWS account'];
    default: return [];
  }
}

/** Issuer, subject and audience of a token of AWS. They are no secrets, and nobody can guess them from the message of Entra ID. */
function claimsOf(assertion: string): string {
  try {
    const claims: unknown = JSON.parse(Buffer.from(assertion.split('.')[1], 'base64url').toString('utf8'));
    if (isObject(claims)) return ['iss', 'sub', 'aud'].map((name, at) => `${['issuer', 'subject', 'audience'][at]} '${String(claims[name])}'`).join(', ');
  } catch {
    // Then the message of Entra ID has to suffice.
  }
  return 'issuer, subject and audience of the token of AWS';
}
