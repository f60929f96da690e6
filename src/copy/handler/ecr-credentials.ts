// eslint-disable-next-line import/no-extraneous-dependencies -- bundled into the asset, so nobody has to install it (ADR 2)
import { sign } from 'aws4';
import { EcrHost, parseEcrHost } from './ecr-host';
import { Send } from './small-request';
import { Clock } from '../engine/clock';
import { Credentials, CredentialsProvider } from '../engine/contract';
import { Failure } from '../engine/errors';

/** What the provider takes from the outside world. */
export interface EcrCredentialsOptions {
  /** Environment with the credentials of the function and, for local clouds, `AWS_ENDPOINT_URL_ECR` or `AWS_ENDPOINT_URL`. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly send: Send;
}

interface Token {
  readonly credentials: Credentials;
  readonly expires: number;
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';
// A copy that starts with a token should not outlive it.
const SAFETY_MILLISECONDS = 30 * 60 * 1000;
const TIMEOUT_MILLISECONDS = 10_000;

/** Credentials for private ECR registries and for no other host: one token per region. */
export class EcrCredentials implements CredentialsProvider {
  private readonly tokens = new Map<string, Promise<Token>>();

  constructor(private readonly options: EcrCredentialsOptions) {}

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
    const { environment, clock, send } = this.options;
    const url = new URL(environment.AWS_ENDPOINT_URL_ECR ?? environment.AWS_ENDPOINT_URL ?? `https://${apiHost}/`);
    const body = '{}';
    const headers = {
      'Host': url.host,
      'Content-Type': 'application/x-amz-json-1.1',
      'X-Amz-Target': TARGET,
      'X-Amz-Date': new Date(clock.now()).toISOString().replace(/[-:]|\.\d{3}/g, ''),
    };
    const signed = sign({ service: 'ecr', region, method: 'POST', host: url.host, path: url.pathname, headers, body }, {
      accessKeyId: environment.AWS_ACCESS_KEY_ID,
      secretAccessKey: environment.AWS_SECRET_ACCESS_KEY,
      sessionToken: environment.AWS_SESSION_TOKEN,
    });
    const flat = Object.fromEntries(Object.entries(signed.headers ?? {}).map(([name, value]) => [name, String(value)]));
    const response = await send({ method: 'POST', url, headers: flat, body, timeoutMilliseconds: TIMEOUT_MILLISECONDS }).catch(() => {
      throw new Failure(`the ECR API in ${region} could not be reached`, 'transient');
    });
    if (response.status !== 200) throw refusal(response.status, response.body, region);
    return readToken(response.body, region);
  }
}

function refusal(status: number, body: string, region: string): Failure {
  const type = /"__type"\s*:\s*"(?:[^"#]*#)?([A-Za-z]{1,64})"/.exec(body)?.[1];
  // A permission that this very deployment has added takes some seconds to spread.
  const busy = status === 429 || status >= 500 || type === 'ThrottlingException' || type === 'AccessDeniedException';
  const cure = type === 'AccessDeniedException' ? "; allow ecr:GetAuthorizationToken on '*' to the role of the function" : '';
  return new Failure(`ECR in ${region} gave no token and answered ${[status, type].filter(Boolean).join(' ')}${cure}`, busy ? 'transient' : undefined);
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
