import { formOf } from './azure-specification';
import { ISSUER } from './azure-sts';
import { Claims, SigningKey, claimsIn, verifiedWith } from './jwt';
import { Asked, SmallServer, Told } from './small-server';

export const TENANT = '72f988bf-86f1-41af-91ab-2d7cd011db47';
export const CLIENT = '11111111-2222-4333-8444-555555555555';
const AUDIENCES = ['https://management.azure.com', 'https://containerregistry.azure.net'];
const SECONDS = 3599;

/** The properties of a federated credential of the application. */
export interface FederatedCredential {
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
}

/**
 * Microsoft Entra ID with one tenant and one application. Assertions are verified with the keys of their issuer.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/v2-oauth2-client-creds-grant-flow
 */
export class EntraDouble {
  /** @param keysOf the keys that an issuer publishes. */
  public static async start(now: () => number, keysOf: (issuer: string) => readonly Claims[]): Promise<EntraDouble> {
    const entra = new EntraDouble(now, keysOf);
    entra.server = await SmallServer.start(async asked => entra.answer(asked));
    return entra;
  }

  public credentials: FederatedCredential[] = [];
  /** Responses for the next requests. */
  public readonly failures: { readonly status: number; readonly code: string; readonly message: string }[] = [];
  /** All issued tokens. */
  public readonly tokens: string[] = [];
  private readonly key = new SigningKey('entra-1');
  private server?: SmallServer;

  private constructor(private readonly now: () => number, private readonly keysOf: (issuer: string) => readonly Claims[]) {}

  public get origin(): string {
    return this.server?.origin ?? '';
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  /** The claims of a token for an audience. Throws for any other token. */
  public verified(token: string | undefined, ...audiences: readonly string[]): Claims {
    const claims = this.key.verified((token ?? '').replace(/^Bearer /, ''), this.now());
    if (!audiences.includes(String(claims.aud)) || claims.tid !== TENANT) throw new Error('the token is for somebody else');
    return claims;
  }

  private async answer({ method, url, body, headers }: Asked): Promise<Told> {
    const [, tenant] = /^\/([^/]+)\/oauth2\/v2\.0\/token$/.exec(url.pathname) ?? [];
    if (method !== 'POST' || tenant === undefined || headers['content-type'] !== 'application/x-www-form-urlencoded') throw new Error(`Entra ID has no ${method} ${url.pathname}`);
    const form = formOf('Entra_TokenRequest', body);
    const planned = this.failures.shift();
    if (planned !== undefined) return refused(planned.status, planned.code, planned.message);
    if (tenant !== TENANT) return refused(400, 'AADSTS90002', `Tenant '${tenant}' not found. Check to make sure you have the correct tenant ID.`);
    if (form.client_id !== CLIENT) return refused(400, 'AADSTS700016', `Application with identifier '${form.client_id}' was not found in the directory 'Contoso'.`);
    const problem = this.problemOf(form.client_assertion);
    if (problem !== undefined) return refused(401, ...problem);
    const aud = form.scope.replace(/\/\.default$/, '');
    if (!AUDIENCES.includes(aud)) return refused(400, 'AADSTS500011', `The resource principal named ${aud} was not found in the tenant.`);
    const iat = Math.floor(this.now() / 1000);
    const token = this.key.sign({ aud, iss: `https://sts.windows.net/${TENANT}/`, iat, nbf: iat, exp: iat + SECONDS, appid: CLIENT, tid: TENANT, jti: `${this.tokens.length}` });
    this.tokens.push(token);
    return { status: 200, json: { token_type: 'Bearer', expires_in: SECONDS, ext_expires_in: SECONDS, access_token: token } };
  }

  private problemOf(assertion: string): [string, string] | undefined {
    const { iss, sub, aud } = claimsIn(assertion);
    const missing = (code: string, part: string, value: unknown): [string, string] => [
      code, `No matching federated identity record found for presented assertion ${part} '${String(value)}'. Check your federated identity credential Subject, Audience and Issuer.`,
    ];
    const fromIssuer = this.credentials.filter(({ issuer }) => issuer === iss);
    if (fromIssuer.length === 0) return missing('AADSTS700211', 'issuer', iss);
    if (!fromIssuer.some(({ subject }) => subject === sub)) return missing('AADSTS700213', 'subject', sub);
    if (!fromIssuer.some(({ subject, audience }) => subject === sub && audience === aud)) return missing('AADSTS700212', 'audience', aud);
    try {
      verifiedWith(this.keysOf(String(iss)), assertion, this.now());
      return undefined;
    } catch {
      return ['AADSTS50013', 'Assertion failed signature validation.'];
    }
  }
}

/** The federated credential that matches the tokens of a role. */
export function credentialFor(subject: string): FederatedCredential {
  return { issuer: ISSUER, subject, audience: 'api://AzureADTokenExchange' };
}

function refused(status: number, code: string, message: string): Told {
  const error = code === 'AADSTS700016' ? 'unauthorized_client' : 'invalid_client';
  return {
    status,
    json: {
      error, error_codes: [Number(code.replace(/\D/g, ''))], trace_id: 'b72ed42e-0000-4000-8000-f2b5b4ab3b00', timestamp: '2026-01-01 00:00:00Z',
      error_description: `${code}: ${message} Trace ID: b72ed42e-0000-4000-8000-f2b5b4ab3b00 Correlation ID: 4ed5bd2c-0000-4000-8000-b4b1b2b3b4b5 Timestamp: 2026-01-01 00:00:00Z`,
    },
  };
}
