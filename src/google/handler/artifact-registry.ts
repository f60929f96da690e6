import { GoogleError, GoogleTokens, googleError } from './google-tokens';
import { AwsDependencies } from '../../custom-resource/aws';
import { WorkLimits } from '../../custom-resource/protocol';
import { pause } from '../../engine/clock';
import { Failure } from '../../engine/errors';
import { isObject } from '../../engine/json';
import { CloudCall, CloudResponse, callCloud } from '../../federation/handler/cloud-api';

/** A repository as the API reads and writes it. */
export interface Repository {
  readonly format?: string;
  readonly mode?: string;
  readonly registryUri?: string;
  readonly description?: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly dockerConfig?: { readonly immutableTags?: boolean };
  readonly cleanupPolicies?: Readonly<Record<string, unknown>>;
  readonly cleanupPolicyDryRun?: boolean;
}

/** The error for a request that the API refused. */
export class ArtifactRegistryError extends Failure {
  constructor(message: string, public readonly code: number) {
    super(message);
  }
}

/** The error for an operation that has not ended when the time of the invocation is over. */
export class StillRunning extends Error {
  constructor(public readonly operation: string) {
    super(`the operation ${operation} has not ended yet`);
  }
}

const HOST = 'artifactregistry.googleapis.com';
const PAUSE_MILLISECONDS = 2_000;
const APPEARING_MILLISECONDS = 120_000;
const MAX_TOKENS = 2;

/**
 * The API of Artifact Registry for repositories of one location.
 *
 * @see https://cloud.google.com/artifact-registry/docs/reference/rest/v1/projects.locations.repositories
 */
export class ArtifactRegistry {
  constructor(private readonly tokens: GoogleTokens, private readonly dependencies: AwsDependencies, private readonly limits: WorkLimits) {}

  /** A repository. `undefined` if there is none. */
  public async find(name: string): Promise<Repository | undefined> {
    const response = await this.send('read the repository', { method: 'GET', path: `/v1/${encodePath(name)}` }, [404]);
    return response.status === 404 ? undefined : response.json;
  }

  /** Creates a repository and waits for it. Returns `false` if it exists already. Throws `StillRunning` if the time is over. */
  public async create(name: string, repository: Repository): Promise<boolean> {
    const [parent, id] = name.split('/repositories/');
    const path = `/v1/${encodePath(parent)}/repositories?repositoryId=${encodeURIComponent(id)}`;
    const response = await this.send('create the repository', { method: 'POST', path, body: repository }, [409]);
    if (response.status === 409) return false;
    await this.waitForEnd(response.json);
    return true;
  }

  /** Waits for a repository that is being created, e.g. by an earlier attempt whose response was lost. Returns `undefined` if it does not appear. */
  public async appearing(name: string): Promise<Repository | undefined> {
    const { clock } = this.dependencies;
    const until = Math.min(this.limits.deadline, clock.now() + APPEARING_MILLISECONDS);
    let found = await this.find(name);
    while (found === undefined && await pause(PAUSE_MILLISECONDS, { clock, deadline: until, signal: this.limits.signal })) {
      found = await this.find(name);
    }
    return found;
  }

  /** Changes some fields of a repository. Fields without a value are reset. */
  public async patch(name: string, fields: readonly (keyof Repository)[], repository: Repository): Promise<Repository> {
    const body = Object.fromEntries(fields.map(field => [field, repository[field]]));
    const path = `/v1/${encodePath(name)}?updateMask=${encodeURIComponent(fields.join(','))}`;
    return (await this.send('change the repository', { method: 'PATCH', path, body })).json;
  }

  /** Whether a repository has at least one image. */
  public async hasImages(name: string): Promise<boolean> {
    const { json: { dockerImages } } = await this.send('list the images', { method: 'GET', path: `/v1/${encodePath(name)}/dockerImages?pageSize=1` });
    return Array.isArray(dockerImages) && dockerImages.length > 0;
  }

  /** Deletes a repository with all images and waits for the end. Throws `StillRunning` if the time is over. */
  public async delete(name: string): Promise<void> {
    const response = await this.send('delete the repository', { method: 'DELETE', path: `/v1/${encodePath(name)}` }, [404]);
    if (response.status !== 404) await this.waitForEnd(response.json);
  }

  /** Waits for the end of an operation of an earlier invocation. An operation that no longer exists has ended. */
  public async resume(operation: string): Promise<void> {
    await this.waitForEnd({ name: operation });
  }

  private async waitForEnd(first: CloudResponse['json']): Promise<void> {
    const { clock } = this.dependencies;
    let operation = first;
    while (operation.done !== true) {
      const name = String(operation.name);
      if (!OPERATION_NAME.test(name)) throw new Failure('Artifact Registry answered without an operation');
      if (!await pause(PAUSE_MILLISECONDS, { clock, ...this.limits })) throw new StillRunning(name);
      const response = await this.send('follow the operation', { method: 'GET', path: `/v1/${encodePath(name)}` }, [404]);
      if (response.status === 404) return;
      operation = { name, ...response.json };
    }
    if (isObject(operation.error)) {
      const { code, message } = operation.error;
      throw new ArtifactRegistryError(messageOfRefusal('finish the operation', { status: Number(code), json: { error: { message } } }), Number(code));
    }
  }

  /** Sends a call. A token that was refused is renewed once. */
  private async send(operation: string, call: Pick<CloudCall, 'method' | 'path' | 'body'>, expected: readonly number[] = []): Promise<CloudResponse> {
    let rejected: string | undefined;
    for (let tries = 1; ; tries++) {
      const token = await this.tokens.accessToken(rejected);
      const response = await callCloud({ ...call, host: HOST, title: 'Artifact Registry', operation, token }, this.dependencies, this.limits);
      if (response.status === 200 || expected.includes(response.status)) return response;
      if (response.status !== 401 || tries === MAX_TOKENS) throw new ArtifactRegistryError(messageOfRefusal(operation, response), response.status);
      rejected = token;
    }
  }
}

const OPERATION_NAME = /^projects\/[^/]+\/locations\/[^/]+\/operations\/[^/]+$/;

/** Encodes a name for a path, except its separators. */
function encodePath(name: string): string {
  return name.split('/').map(encodeURIComponent).join('/');
}

/** The message for a refusal, with the fix if one is known. */
function messageOfRefusal(operation: string, response: Pick<CloudResponse, 'status' | 'json'>): string {
  const error = googleError(response);
  const fix = fixOf(error);
  return `could not ${operation}: Artifact Registry answered ${error.text}${fix === undefined ? '' : `; ${fix}`}`;
}

function fixOf({ reason, status, message }: GoogleError): string | undefined {
  if (reason === 'SERVICE_DISABLED') return `enable the API in the project: gcloud services enable ${HOST}`;
  if (reason === 'BILLING_DISABLED' || /billing/i.test(message)) return 'enable billing for the project';
  if (/constraint|org(?:anization)? policy/i.test(message)) return 'a policy of the organization forbids it, e.g. the location';
  if (status === 'PERMISSION_DENIED') {
    const missing = /artifactregistry\.[a-zA-Z.]+/.exec(message)?.[0];
    return `check project and location, and grant roles/artifactregistry.admin on the project to the service account${missing === undefined ? '' : ` (it lacks ${missing})`}`;
  }
  if (status === 'RESOURCE_EXHAUSTED' || /quota/i.test(message)) return 'request a higher quota for Artifact Registry in the project, or delete repositories that you do not need';
  if (/location/i.test(message) && status === 'INVALID_ARGUMENT') return 'check the location: gcloud artifacts locations list';
  return undefined;
}
