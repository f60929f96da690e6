import { AwsDependencies, callAws, errorType, partitionOf } from '../../custom-resource/aws';
import { EcrHost, parseEcrHost } from '../../custom-resource/ecr';
import { SmallResponse } from '../../custom-resource/small-request';
import { parseOrigins } from '../../custom-resource/text';
import { Credentials, CredentialsProvider } from '../../engine/contract';
import { Failure } from '../../engine/errors';

interface Token {
  readonly credentials: Credentials;
  readonly expires: number;
}

const TARGET = 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken';
// A copy that starts with a token should not outlive it.
const SAFETY_MILLISECONDS = 30 * 60 * 1000;

/** Credentials for private ECR registries: one token per region. Other hosts get none. */
export class EcrCredentials implements CredentialsProvider {
  private readonly tokens = new Map<string, Promise<Token>>();

  constructor(private readonly dependencies: AwsDependencies) {}

  public async credentialsFor(host: string, rejected?: Credentials): Promise<Credentials | undefined> {
    const ecr = parseEcrHost(host);
    if (ecr === undefined) return undefined;
    const pending = this.token(ecr);
    const { credentials, expires } = await pending;
    if (credentials !== rejected && expires - SAFETY_MILLISECONDS > this.dependencies.clock.now()) return credentials;
    // The first of several rejected requests fetches a new token for all.
    if (this.tokens.get(ecr.apiHost) === pending) this.tokens.delete(ecr.apiHost);
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
    const response = await callAws(call, this.dependencies).catch(() => {
      throw new Failure(`the ECR API in ${region} could not be reached`, { retry: 'transient' });
    });
    if (response.status !== 200) throw refused(response, region);
    return readToken(response.body, region);
  }
}

function refused({ status, body }: SmallResponse, region: string): Failure {
  const type = errorType(body);
  const isBusy = status === 429 || type === 'ThrottlingException';
  // A permission that this deployment has just added takes some seconds to take effect.
  const isTemporary = status >= 500 || type === 'AccessDeniedException';
  const fix = type === 'AccessDeniedException' ? "; allow ecr:GetAuthorizationToken on '*' to the role of the function" : '';
  return new Failure(`ECR in ${region} gave no token and answered ${[status, type].filter(Boolean).join(' ')}${fix}`, {
    retry: isBusy ? 'busy' : isTemporary ? 'transient' : undefined,
  });
}

function readToken(body: string, region: string): Token {
  try {
    const json: { readonly authorizationData: readonly [{ readonly authorizationToken: string; readonly expiresAt: number }] } = JSON.parse(body);
    const [{ authorizationToken, expiresAt }] = json.authorizationData;
    const decoded = Buffer.from(authorizationToken, 'base64').toString('utf8');
    const colon = decoded.indexOf(':');
    if (colon > 0) return { credentials: { username: decoded.slice(0, colon), password: decoded.slice(colon + 1) }, expires: expiresAt * 1000 };
  } catch {
    // The message is the same as for a response without a token.
  }
  throw new Failure(`ECR in ${region} answered without a token`);
}

/** The error for a secret that may become readable soon: the permission is new, or Secrets Manager is busy. */
export class SecretUnavailable extends Error {}

/** Reads the user name and password of a registry from Secrets Manager. Errors contain no part of the secret. */
export async function readSecret(arn: string, dependencies: AwsDependencies): Promise<Credentials> {
  const [, , , region] = arn.split(':');
  const host = `secretsmanager.${region}.${partitionOf(region).services}`;
  const call = { service: 'secretsmanager', region, host, headers: { 'X-Amz-Target': 'secretsmanager.GetSecretValue' }, body: { SecretId: arn } };
  const { status, body } = await callAws(call, dependencies).catch(() => {
    throw new SecretUnavailable(`could not read the secret ${arn}: Secrets Manager in ${region} could not be reached`);
  });
  if (status !== 200) {
    const type = errorType(body);
    const sentence = `could not read the secret ${arn}: Secrets Manager answered ${[status, type].filter(Boolean).join(' ')}`;
    if (type === 'AccessDeniedException') {
      throw new SecretUnavailable(`${sentence}; allow secretsmanager:GetSecretValue, and kms:Decrypt on its key, to the role of the function`);
    }
    if (type === 'ResourceNotFoundException') throw new Error(`${sentence}; create it before the copy starts`);
    throw status >= 500 || status === 429 || type === 'ThrottlingException' ? new SecretUnavailable(sentence) : new Error(sentence);
  }
  return credentialsIn(body, arn);
}

/** Uses one provider for one exact host, and another provider for all other hosts. */
export function forHost(host: string, provider: CredentialsProvider, others: CredentialsProvider): CredentialsProvider {
  return { credentialsFor: async (asked, rejected) => (asked === host ? provider : others).credentialsFor(asked, rejected) };
}

/** A provider that always returns the same credentials. It has no others, so a refusal is final. */
export function fixedCredentials(credentials: Credentials): CredentialsProvider {
  return { credentialsFor: async (_, rejected) => rejected === undefined ? credentials : undefined };
}

function credentialsIn(body: string, arn: string): Credentials {
  try {
    const { username, password } = JSON.parse(JSON.parse(body).SecretString);
    if (typeof username === 'string' && typeof password === 'string' && username !== '') return { username, password };
  } catch {
    // The message of the parser would quote the secret.
  }
  throw new Error(`the secret ${arn} must be JSON like {"username":"...","password":"..."}`);
}

/** The origins of registries that do not listen on `https://host`. */
export function registryOrigins(json: string | undefined): Readonly<Record<string, string>> {
  return parseOrigins(json, { variable: 'REGISTRY_ORIGINS', hosts: 'registry hosts' });
}
