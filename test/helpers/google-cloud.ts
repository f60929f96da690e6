import { createServer, IncomingMessage, Server, ServerResponse } from 'node:http';
import { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { AwsFederation, ISSUER, SECRET_KEY } from './aws-federation';
import { verifySignature } from './aws-signature';
import { discovered, DiscoveredCall } from './google-discovery';
import { verified } from './json-web-tokens';

export const PROVIDER = 'projects/123456789012/locations/global/workloadIdentityPools/aws-pool/providers/aws-outbound';
export const EMAIL = 'images@my-project.iam.gserviceaccount.com';
export const GOOGLE_IDENTITY = { projectNumber: '123456789012', poolId: 'aws-pool', providerId: 'aws-outbound', serviceAccountEmail: EMAIL };
export const GOOGLE_IDENTITY_TEXT = `google;123456789012;aws-pool;aws-outbound;${EMAIL}`;

/** An error of an API: HTTP status, code and message, and the reason in the details. */
export interface GoogleRefusal {
  readonly code: number;
  readonly status: string;
  readonly message: string;
  readonly reason?: string;
}

/** A repository as the API returns it. */
export type StoredRepository = Record<string, unknown> & { name: string; labels?: Record<string, string> };

interface PendingOperation {
  /** How often it is still reported as not done. */
  left: number;
  readonly finish: () => object;
}

const STATUS: Readonly<Record<number, string>> = { 400: 'INVALID_ARGUMENT', 401: 'UNAUTHENTICATED', 403: 'PERMISSION_DENIED', 404: 'NOT_FOUND', 409: 'ALREADY_EXISTS' };

/**
 * Google STS, IAM Credentials and Artifact Registry, based on the published discovery documents. Every request is checked against them. AWS tokens
 * are verified with the published keys, and signed requests with the key of the function.
 */
export class GoogleCloud {
  public static async start(aws: AwsFederation): Promise<GoogleCloud> {
    const cloud = new GoogleCloud(aws);
    await Promise.all(cloud.servers.map(async server => new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))));
    return cloud;
  }

  public readonly calls: DiscoveredCall[] = [];
  /** The repositories by name. */
  public readonly repositories = new Map<string, StoredRepository>();
  /** How often an operation is read before it is done. */
  public operationReads = 1;
  /** The images of a repository. */
  public images?: (name: string) => number | Promise<number>;
  /** The values that the attribute condition of the provider accepts. */
  public condition?: (subject: string) => boolean;
  /** Whether the provider is an AWS provider. */
  public isAwsProvider = false;
  public issuer = ISSUER;
  public audiences: readonly string[] = [`https://iam.googleapis.com/${PROVIDER}`, `//iam.googleapis.com/${PROVIDER}`];
  /** Whether the function has `roles/iam.workloadIdentityUser` on the service account. */
  public mayImpersonate = true;
  /** The secret key of the function. */
  public secretKey = SECRET_KEY;
  public lifetimeSeconds = 3600;
  /** Access tokens of service accounts, with their expiration in milliseconds. */
  public readonly accessTokens = new Map<string, number>();
  public readonly federatedTokens = new Set<string>();
  /** Whether the connection of the next call that changes something breaks after it. */
  public losesResponse = false;
  private readonly pending = new Set<string>();
  private readonly operations = new Map<string, PendingOperation>();
  private readonly refusals = new Map<string, (GoogleRefusal | 'reset' | 503)[]>();
  private readonly servers: readonly Server[];
  private count = 0;

  private constructor(private readonly aws: AwsFederation) {
    this.servers = ['sts', 'iamcredentials', 'artifactregistry'].map(api => createServer((request, response) => void this.serve(api, request, response)));
  }

  /** The origins of the hosts, for `CLOUD_ORIGINS`. */
  public get origins(): Readonly<Record<string, string>> {
    const [sts, iam, registry] = this.servers.map(server => `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
    return { 'sts.googleapis.com': sts, 'iamcredentials.googleapis.com': iam, 'artifactregistry.googleapis.com': registry };
  }

  /** Rejects the next calls of a method, e.g. `repositories.create`. */
  public refuse(method: string, ...refusals: (GoogleRefusal | 'reset' | 503)[]): void {
    this.refusals.set(method, refusals);
  }

  /** The calls of a method. */
  public callsOf(method: string): DiscoveredCall[] {
    return this.calls.filter(({ id }) => id.endsWith(`.${method}`) || id === method);
  }

  /** Whether a token of a service account is valid now. */
  public isValid(token: string): boolean {
    return (this.accessTokens.get(token) ?? 0) > this.now();
  }

  public async stop(): Promise<void> {
    await Promise.all(this.servers.map(async server => {
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    }));
  }

  private now(): number {
    return this.aws.clock?.now() ?? Date.now();
  }

  private async serve(api: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request);
    const answer = (status: number, json: object) => response.writeHead(status, { 'content-type': 'application/json; charset=UTF-8' }).end(JSON.stringify(json));
    try {
      if (body !== '' && request.headers['content-type'] !== 'application/json') throw new Error('the body must be JSON');
      const call = discovered(api, String(request.method), String(request.url), body);
      this.calls.push(call);
      const method = [...this.refusals.keys()].find(each => call.id.endsWith(each));
      const refusal = method === undefined ? undefined : this.refusals.get(method)?.shift();
      if (refusal === 'reset') {
        request.socket.destroy();
      } else if (refusal === 503) {
        answer(503, {});
      } else {
        if (refusal !== undefined) throw new Refused(refusal);
        const result = await this.result(call, /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]);
        if (this.losesResponse && /\.(create|delete|patch)$/.test(call.id)) {
          this.losesResponse = false;
          // A started operation continues.
          setTimeout(() => this.finishAll(), 20);
          request.socket.destroy();
          return;
        }
        answer(200, result);
      }
    } catch (error) {
      if (error instanceof OAuthError) return void answer(error.status, { error: error.code, error_description: error.message });
      const { code, status, message, reason } = error instanceof Refused ? error.refusal : { code: 400, status: 'INVALID_ARGUMENT', message: String(error), reason: undefined };
      answer(code, { error: { code, status, message, details: reason && [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason, 'domain': 'googleapis.com' }] } });
    }
  }

  private async result(call: DiscoveredCall, token?: string): Promise<object> {
    if (call.id === 'sts.token') {
      if (token !== undefined) throw new OAuthError(400, 'invalid_request', 'An authorization header is not allowed.');
      return this.exchange(call.body as Record<string, string>);
    }
    if (call.id.endsWith('generateAccessToken')) return this.impersonate(call, token);
    if (token === undefined || !this.isValid(token)) throw refused(401, 'Request had invalid authentication credentials.');
    return this.artifactRegistry(call);
  }

  private exchange({ audience, grantType, requestedTokenType, scope, subjectToken, subjectTokenType }: Readonly<Record<string, string>>): object {
    if (grantType !== 'urn:ietf:params:oauth:grant-type:token-exchange' || !scope || requestedTokenType !== 'urn:ietf:params:oauth:token-type:access_token') {
      throw new OAuthError(400, 'invalid_request', 'grantType, requestedTokenType or scope is wrong.');
    }
    if (audience !== `//iam.googleapis.com/${PROVIDER}`) {
      throw new OAuthError(400, 'invalid_target', 'The target service indicated by the "audience" parameters is invalid.');
    }
    const isAws = subjectTokenType === 'urn:ietf:params:aws:token-type:aws4_request';
    if (isAws !== this.isAwsProvider) throw new OAuthError(400, 'invalid_grant', 'The subject token type does not match the provider.');
    const subject = isAws ? this.callerOf(subjectToken, audience) : this.subjectOf(subjectToken);
    if (this.condition?.(subject) === false) throw new OAuthError(401, 'unauthorized_client', 'The given credential is rejected by the attribute condition.');
    const token = `federated-canary-${++this.count}`;
    this.federatedTokens.add(token);
    return { access_token: token, issued_token_type: requestedTokenType, token_type: 'Bearer', expires_in: 3600 };
  }

  /** The subject of an AWS token, which is verified according to RFC 7523. */
  private subjectOf(token: string): string {
    const claims = verified(token, this.aws.issuer.jwks);
    const seconds = this.now() / 1000;
    if (claims.iss !== this.issuer) throw new OAuthError(400, 'invalid_grant', `The issuer in ID Token ${String(claims.iss)} does not match the expected ones.`);
    if (!this.audiences.includes(String(claims.aud))) {
      throw new OAuthError(400, 'invalid_grant', `The audience in ID Token [${String(claims.aud)}] does not match the expected audience.`);
    }
    if (Number(claims.exp) <= seconds || Number(claims.iat) > seconds) throw new OAuthError(400, 'invalid_grant', `The ID Token ${token} is expired.`);
    return String(claims.sub);
  }

  /** The caller that AWS would report for a signed request. */
  private callerOf(token: string, audience: string): string {
    interface Serialized {
      readonly url: string;
      readonly method: string;
      readonly headers: readonly { readonly key: string; readonly value: string }[];
    }
    const { url, method, headers } = JSON.parse(decodeURIComponent(token)) as Serialized;
    const given = Object.fromEntries(headers.map(({ key, value }) => [key.toLowerCase(), value]));
    const { host, search } = new URL(url);
    if (!/^https:\/\/sts\.[a-z0-9-]+\.amazonaws\.com\?Action=GetCallerIdentity&Version=2011-06-15$/.test(url) || host !== given.host) {
      throw new OAuthError(400, 'invalid_grant', 'The URL is not one of AWS STS.');
    }
    const { signed, service } = verifySignature({ method, path: `/${search}`, headers: given, body: '' }, this.secretKey);
    const target = 'x-goog-cloud-target-resource';
    if (service !== 'sts' || given[target] !== audience || !signed.includes(target) || !signed.includes('x-amz-security-token')) {
      throw new OAuthError(400, 'invalid_grant', 'The signed request is for somebody else.');
    }
    return 'arn:aws:sts::111122223333:assumed-role/copy-function/session';
  }

  private impersonate({ name, body: { scope, lifetime } }: DiscoveredCall, token?: string): object {
    if (token === undefined || !this.federatedTokens.has(token)) throw refused(401, `Request had invalid authentication credentials ${token}.`);
    if (!Array.isArray(scope) || scope.length === 0) throw refused(400, 'scope is required');
    if (parseInt(String(lifetime), 10) > 3600) throw refused(400, 'The access token lifetime cannot exceed 3600s.');
    if (!this.mayImpersonate || name !== `projects/-/serviceAccounts/${EMAIL}`) {
      throw refused(403, 'Permission \'iam.serviceAccounts.getAccessToken\' denied on resource (or it may not exist).', 'IAM_PERMISSION_DENIED');
    }
    const accessToken = `ya29.access-canary-${++this.count}`;
    this.accessTokens.set(accessToken, this.now() + this.lifetimeSeconds * 1000);
    return { accessToken, expireTime: new Date(this.now() + this.lifetimeSeconds * 1000).toISOString() };
  }

  private async artifactRegistry({ id, name, query, body }: DiscoveredCall): Promise<object> {
    const known = this.repositories.get(name.replace(/\/dockerImages$/, ''));
    switch (id.replace('artifactregistry.projects.locations.', '')) {
      case 'repositories.create': return this.create(`${name}/repositories/${query.repositoryId}`, body);
      case 'operations.get': return this.operation(name);
      case 'repositories.get': return known ?? absent(name);
      case 'repositories.dockerImages.list': {
        const count = await this.images?.((known ?? absent(name)).name) ?? 0;
        const images = Array.from({ length: Math.min(count, Number(query.pageSize ?? 100)) }, (_, index) => ({ name: `${name}/dockerImages/${index}` }));
        return count === 0 ? {} : { dockerImages: images };
      }
      case 'repositories.patch': return this.patch(known ?? absent(name), query.updateMask, body);
      default: return this.begin(name, () => {
        this.repositories.delete((known ?? absent(name)).name);
        return { '@type': 'type.googleapis.com/google.protobuf.Empty' };
      });
    }
  }

  private create(name: string, body: DiscoveredCall['body']): object {
    if (body.format !== 'DOCKER') throw refused(400, 'format is required');
    if (this.repositories.has(name) || this.pending.has(name)) throw refused(409, 'the repository already exists');
    checkLabels(body.labels);
    const host = `${name.split('/')[3]}-docker.pkg.dev`;
    const created = {
      mode: 'STANDARD_REPOSITORY', ...body, name, createTime: new Date(this.now()).toISOString(),
      registryUri: `${host}/${name.split('/')[1].replace(':', '/')}/${name.split('/')[5]}`,
    };
    this.pending.add(name);
    return this.begin(name, () => {
      this.pending.delete(name);
      this.repositories.set(name, created);
      return { '@type': 'type.googleapis.com/google.devtools.artifactregistry.v1.Repository', ...created };
    });
  }

  private patch(known: StoredRepository, updateMask: string | undefined, body: DiscoveredCall['body']): object {
    const fields = updateMask?.split(',') ?? [];
    const wrong = fields.filter(field => !['description', 'labels', 'dockerConfig', 'cleanupPolicies', 'cleanupPolicyDryRun'].includes(field));
    if (fields.length === 0 || wrong.length > 0) throw refused(400, `the update mask must name fields that can change, not ${wrong.join()}`);
    const others = Object.keys(body).filter(field => field !== 'name' && !fields.includes(field));
    if (others.length > 0) throw refused(400, `${others.join()} is not in the update mask`);
    checkLabels(body.labels);
    for (const field of fields) {
      if (body[field] === undefined) delete known[field];
      else known[field] = body[field];
    }
    return known;
  }

  private begin(name: string, finish: () => object): object {
    const [, project, , location] = name.split('/');
    const operation = `projects/${project}/locations/${location}/operations/${++this.count}`;
    this.operations.set(operation, { left: this.operationReads, finish });
    return { name: operation, metadata: { '@type': 'type.googleapis.com/google.devtools.artifactregistry.v1.OperationMetadata' } };
  }

  private finishAll(): void {
    for (const operation of this.operations.values()) {
      if (operation.left >= 0) operation.finish();
      operation.left = -1;
    }
  }

  private operation(name: string): object {
    const operation = this.operations.get(name);
    if (operation === undefined) return absent(name);
    if (operation.left-- > 0) return { name };
    // Its result stays.
    const response = operation.left < -1 ? {} : operation.finish();
    return { name, done: true, response };
  }
}

class Refused extends Error {
  constructor(public readonly refusal: GoogleRefusal) {
    super(refusal.message);
  }
}

class OAuthError extends Error {
  constructor(public readonly status: number, public readonly code: string, message: string) {
    super(message);
  }
}

function refused(code: number, message: string, reason?: string): Refused {
  return new Refused({ code, status: STATUS[code], message, reason });
}

function absent(name: string): never {
  throw refused(404, `Requested entity was not found: ${name}`);
}

// According to the description of `labels` in the discovery document.
function checkLabels(labels: unknown): void {
  const entries = Object.entries((labels ?? {}) as Record<string, string>);
  if (entries.length > 64 || entries.some(([key, value]) => !/^[a-z][a-z0-9_-]{0,62}$/.test(key) || !/^[a-z0-9_-]{0,63}$/.test(value))) throw refused(400, 'a label is wrong');
}
