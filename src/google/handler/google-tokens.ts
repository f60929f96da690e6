// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the asset, so users never install it (ADR 2)
import { sign } from 'aws4';
import { AwsDependencies, CallLimits, partitionOf } from '../../custom-resource/aws';
import { externalText } from '../../custom-resource/text';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { Failure } from '../../engine/errors';
import { isObject } from '../../engine/json';
import { CloudResponse, ExpiringToken, RenewedToken, callCloud } from '../../federation/handler/cloud-api';
import { webIdentity } from '../../federation/handler/web-identity';
import { IdentityText, WEB_IDENTITY_SECONDS } from '../../federation/identity-text';
import { GOOGLE_HOST } from '../artifact-repository-properties';

/** The service account and the provider of an identity. */
interface GoogleIdentityFields {
  readonly isAwsProvider: boolean;
  readonly pool: string;
  readonly provider: string;
  readonly email: string;
}

const STS = 'sts.googleapis.com';
const IAM_CREDENTIALS = 'iamcredentials.googleapis.com';
const SCOPE = 'https://www.googleapis.com/auth/cloud-platform';
const LIFETIME_SECONDS = 3600;
const FIELDS = [/^\d{6,20}$/, /^[a-z0-9-]{4,32}$/, /^[a-z0-9-]{4,32}$/, /^[a-z0-9.-]+@[a-z0-9.-]+\.gserviceaccount\.com$/];

/** The error if Google issues no token to the function. */
export class GoogleTokenError extends Failure {}

/** Access tokens of a Google service account, obtained without a password. */
export class GoogleTokens {
  private readonly identity: GoogleIdentityFields;
  private readonly token: RenewedToken;

  constructor(identity: IdentityText, private readonly dependencies: AwsDependencies, private readonly limits: CallLimits = {}) {
    this.identity = fieldsOf(identity);
    this.token = new RenewedToken(async () => this.impersonate(await this.exchange()), dependencies);
  }

  /**
   * An access token, which is a secret.
   *
   * @param rejected a token that was refused
   */
  public async accessToken(rejected?: string): Promise<string> {
    return this.token.value(rejected);
  }

  /**
   * Exchanges the AWS proof of the role for a token of the workload identity pool.
   *
   * @see https://cloud.google.com/iam/docs/reference/sts/rest/v1/TopLevel/token
   */
  private async exchange(): Promise<string> {
    const { isAwsProvider, provider } = this.identity;
    const subjectToken = isAwsProvider ? this.signedRequest()
      : await this.tokenOfAws(`https://iam.googleapis.com/${provider}`);
    const response = await callCloud({
      method: 'POST', host: STS, path: '/v1/token', title: 'Google STS', operation: 'exchange the token of AWS', secrets: [subjectToken, ...secretsIn(subjectToken)],
      body: {
        audience: `//iam.googleapis.com/${provider}`,
        grantType: 'urn:ietf:params:oauth:grant-type:token-exchange',
        requestedTokenType: 'urn:ietf:params:oauth:token-type:access_token',
        scope: SCOPE,
        subjectToken,
        subjectTokenType: isAwsProvider ? 'urn:ietf:params:aws:token-type:aws4_request' : 'urn:ietf:params:oauth:token-type:jwt',
      },
    }, this.dependencies, this.limits);
    const { access_token: token } = response.json;
    if (response.status === 200 && typeof token === 'string' && token !== '') return token;
    throw new GoogleTokenError(this.refusalOfExchange(response));
  }

  private async tokenOfAws(audience: string): Promise<string> {
    try {
      return await webIdentity(this.dependencies, this.limits)({ audience, durationSeconds: WEB_IDENTITY_SECONDS });
    } catch (error) {
      throw error instanceof Failure ? new GoogleTokenError(error.message) : error;
    }
  }

  /**
   * Impersonates the service account.
   *
   * @see https://cloud.google.com/iam/docs/reference/credentials/rest/v1/projects.serviceAccounts/generateAccessToken
   */
  private async impersonate(token: string): Promise<ExpiringToken> {
    const response = await callCloud({
      method: 'POST', host: IAM_CREDENTIALS, path: `/v1/projects/-/serviceAccounts/${encodeURIComponent(this.identity.email)}:generateAccessToken`,
      title: 'IAM of Google', operation: 'impersonate the service account', token, body: { scope: [SCOPE], lifetime: `${LIFETIME_SECONDS}s` },
    }, this.dependencies, this.limits);
    const { accessToken, expireTime } = response.json;
    const expires = Date.parse(String(expireTime));
    if (response.status === 200 && typeof accessToken === 'string' && accessToken !== '') {
      return { value: accessToken, expires: Number.isNaN(expires) ? this.dependencies.clock.now() + LIFETIME_SECONDS * 1000 : expires };
    }
    throw new GoogleTokenError(this.refusalOfImpersonation(response));
  }

  /**
   * A signed request for `sts:GetCallerIdentity`. Google sends it to AWS to find out who signed it. The signature covers the header with the
   * provider, so the request is useless to anyone else.
   *
   * @see https://cloud.google.com/iam/docs/workload-identity-federation-with-other-clouds
   */
  private signedRequest(): string {
    const { environment, clock } = this.dependencies;
    const { AWS_REGION: region = '' } = environment;
    const host = `sts.${region}.${partitionOf(region).services}`;
    const path = '/?Action=GetCallerIdentity&Version=2011-06-15';
    const headers = {
      'Host': host,
      'X-Amz-Date': new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
      'x-goog-cloud-target-resource': `//iam.googleapis.com/${this.identity.provider}`,
    };
    const signed = sign({ service: 'sts', region, method: 'POST', host, path, headers, body: '' }, {
      accessKeyId: environment.AWS_ACCESS_KEY_ID, secretAccessKey: environment.AWS_SECRET_ACCESS_KEY, sessionToken: environment.AWS_SESSION_TOKEN,
    });
    const pairs = Object.entries(signed.headers ?? {}).map(([key, value]) => ({ key, value: String(value) }));
    return encodeURIComponent(JSON.stringify({ url: `https://${host}${path.slice(1)}`, method: 'POST', headers: pairs }));
  }

  private refusalOfExchange({ status, json: { error, error_description: description } }: CloudResponse): string {
    const detail = externalText(description);
    const answer = [status, externalText(error)].filter(Boolean).join(' ') + (detail === undefined ? '' : `: ${detail}`);
    return `Google STS gave no token to the provider ${this.identity.provider} and answered ${answer}; ${this.fixOfExchange({ error: String(error), description: String(description) })}`;
  }

  /** The fix for a refused exchange. Google has one error code for many causes, so the description decides. */
  private fixOfExchange({ error, description }: { readonly error: string; readonly description: string }): string {
    const { isAwsProvider, provider } = this.identity;
    if (error === 'invalid_target') return 'check projectNumber, poolId and providerId, and that pool and provider are enabled';
    if (/audience/i.test(description)) return `let the provider allow its default audience, https://iam.googleapis.com/${provider}`;
    if (/attribute condition/i.test(description)) return 'the attribute condition of the provider does not accept the role of the function';
    if (/issuer/i.test(description)) return 'the issuer of the provider must be the issuerUrl of OutboundIdentityFederation in this account';
    return isAwsProvider ? 'the provider must be an AWS provider for this account' : 'the provider must be an OIDC provider with the issuerUrl of OutboundIdentityFederation in this account';
  }

  private refusalOfImpersonation(response: CloudResponse): string {
    const { email, pool } = this.identity;
    const { text, reason, status } = googleError(response);
    const fix = reason === 'SERVICE_DISABLED' ? `enable the API in the project of the service account: gcloud services enable ${IAM_CREDENTIALS}`
      : status === 'PERMISSION_DENIED' ? `grant roles/iam.workloadIdentityUser on the service account to the role of the function (principal or principalSet of ${pool}), and check that the service account exists`
        : response.status === 404 ? 'check the address of the service account' : 'check the service account';
    return `the service account ${email} could not be impersonated: IAM of Google answered ${text}; ${fix}`;
  }
}

/** The parts of a signed request that messages must not quote: the session token and the signature, also in their decoded form. */
function secretsIn(signedRequest: string): string[] {
  return [...decodeURIComponent(signedRequest).matchAll(/"X-Amz-Security-Token","value":"([^"]+)|Signature=([0-9a-f]+)/gi)].map(([, session, signature]) => session ?? signature);
}

function fieldsOf({ kind, fields }: IdentityText): GoogleIdentityFields {
  const [projectNumber, poolId, providerId, email] = fields;
  if (fields.length !== FIELDS.length || !FIELDS.every((pattern, index) => pattern.test(fields[index]))) {
    throw new Error('the identity must be project number, pool, provider and service account of Google');
  }
  const pool = `projects/${projectNumber}/locations/global/workloadIdentityPools/${poolId}`;
  return { isAwsProvider: kind === 'google-aws', pool, provider: `${pool}/providers/${providerId}`, email };
}

/** An error of a Google API. */
export interface GoogleError {
  /** The status, code and message. */
  readonly text: string;
  /** The code, e.g. `PERMISSION_DENIED`. */
  readonly status?: string;
  /** The reason in the details, e.g. `SERVICE_DISABLED`. */
  readonly reason?: string;
  readonly message: string;
}

/** Reads an error of a Google API. */
export function googleError({ status: code, json }: Pick<CloudResponse, 'status' | 'json'>): GoogleError {
  const error = isObject(json.error) ? json.error : {};
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const reason = details.map(detail => detail.reason).find(each => typeof each === 'string');
  const [status, message] = [externalText(error.status), externalText(error.message) ?? ''];
  return { text: [code, status, reason].filter(Boolean).join(' ') + (message === '' ? '' : `: ${message}`), status, reason, message };
}

/** Credentials of Artifact Registry: a fixed user with an access token as password. */
export class GoogleCredentials implements CredentialsProvider {
  constructor(private readonly tokens: GoogleTokens) {}

  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    // Checked here, because a host that is only known at deployment can be any host.
    if (!GOOGLE_HOST.test(host)) throw new Failure('an identity of Google is only for hosts of Artifact Registry, which end in -docker.pkg.dev or gcr.io');
    const password = await this.tokens.accessToken(rejected?.password);
    return password === rejected?.password ? undefined : { username: 'oauth2accesstoken', password };
  }
}
