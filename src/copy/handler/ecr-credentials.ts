import { AwsSeams, callAws, errorType } from '../../custom-resource/aws';
import { EcrHost, parseEcrHost } from '../../custom-resource/ecr';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { Failure } from '../../engine/errors';

interface Token {
  readonly credentials: Credentials;
  readonly expires: number;
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';
// A copy that starts with a token should not outlive it.
const SAFETY_MILLISECONDS = 30 * 60 * 1000;

/** Credentials for private ECR registries and for no other host: one token per region. */
export class EcrCredentials implements CredentialsProvider {
  private readonly tokens = new Map<string, Promise<Token>>();

  constructor(private readonly options: AwsSeams) {}

  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    const ecr = parseEcrHost(host);
    if (ecr === undefined) return undefined;
    const held = this.token(ecr);
    const { credentials, expires } = await held;
    if (credentials !== rejected && expires - SAFETY_MILLISECONDS > this.options.clock.now()) return credentials;
    // Whoever comes first fetches for all who were rejected together.
    if (this.tokens.get(ecr.apiHost) === held) this.tokens.delete(ecr.apiHost);
    return (await this.token(ecr)).credentials;
  }

  private token(ecr: EcrHost): Promise<Token> {
    const cached = this.tokens.get(ecr.apiHost);
    if (cached !== undefined) return cached;
    const fetched = this.fetch(ecr);
    this.tokens.set(ecr.apiHost, fetched);
    fetched.catch(() => this.tokens.delete(ecr.apiHost));
    return fetched;
  }

  private async fetch({ region, apiHost }: EcrHost): Promise<Token> {
    const call = { service: 'ecr', region, host: apiHost, headers: { 'X-Amz-Target': TARGET }, body: {} };
    const response = await callAws(call, this.options).catch(() => {
      throw new Failure(`the ECR API in ${region} could not be reached`, 'transient');
    });
    if (response.status !== 200) throw refusal(response.status, response.body, region);
    return readToken(response.body, region);
  }
}

function refusal(status: number, body: string, region: string): Failure {
  const type = errorType(body);
  const isBusy = status === 429 || type === 'ThrottlingException';
  // A permission that this very deployment has added takes some seconds to spread.
  const mayPass = status >= 500 || type === 'AccessDeniedException';
  const cure = type === 'AccessDeniedException' ? "; allow ecr:GetAuthorizationToken on '*' to the role of the function" : '';
  return new Failure(`ECR in ${region} gave no token and answered ${[status, type].filter(Boolean).join(' ')}${cure}`, isBusy ? 'busy' : mayPass ? 'transient' : undefined);
}

function readToken(body: string, region: string): Token {
  try {
    const json: { readonly authorizationData: readonly [{ readonly authorizationToken: string; readonly expiresAt: number }] } = JSON.parse(body);
    const [{ authorizationToken, expiresAt }] = json.authorizationData;
    const decoded = Buffer.from(authorizationToken, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) return { credentials: { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }, expires: expiresAt * 1000 };
  } catch {
    // The same sentence as for an answer without a token.
  }
  throw new Failure(`ECR in ${region} answered without a token`);
}
