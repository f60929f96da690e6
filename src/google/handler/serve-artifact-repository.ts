import { isDeepStrictEqual } from 'node:util';
import { ArtifactRegistry, ArtifactRegistryError, Repository, StillRunning } from './artifact-registry';
import { GoogleTokenError, GoogleTokens } from './google-tokens';
import { AwsDependencies } from '../../custom-resource/aws';
import {
  CustomResourceEvent, InvocationContext, Outcome, ProtocolDependencies, ResourceWork, Unfinished, WorkLimits, resourceHash, serveCustomResource,
} from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf, propertyText, wrongProperty } from '../../custom-resource/text';
import { isObject } from '../../engine/json';
import { parseIdentity } from '../../federation/identity-text';
import { IDENTITY_VARIABLE, OWNER_LABEL } from '../artifact-repository-properties';
import type { ArtifactRepositoryData } from '../artifact-repository-properties';

/** A repository as the template describes it. */
interface DesiredRepository {
  /** `projects/…/locations/…/repositories/…` */
  readonly name: string;
  readonly settings: Repository;
  readonly labels: Readonly<Record<string, string>>;
  readonly adoptsExisting: boolean;
}

type Properties = Readonly<Record<string, unknown>>;

const ADOPTED = '-adopted';
const ACCESS_DENIED_CODES = [401, 403];
const FIELDS = ['description', 'labels', 'dockerConfig', 'cleanupPolicies', 'cleanupPolicyDryRun'] as const;

/** Serves `Custom::GoogleArtifactRepository`. The physical ID is the name of the repository and a hash of the resource. */
export async function serveArtifactRepository(
  event: CustomResourceEvent, context: InvocationContext, { work, remove }: ResourceWork, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, {
    name: 'the change of the repository', timeoutFix: 'deploy again', work, remove,
    physicalId: each => each.RequestType === 'Delete' && each.PhysicalResourceId !== undefined ? each.PhysicalResourceId : physicalIdOf(each),
  }, dependencies);
}

function physicalIdOf(event: CustomResourceEvent): string {
  try {
    return `${nameIn(event.ResourceProperties ?? {})}#${resourceHash(event)}`;
  } catch {
    // CloudFormation requires an ID even if the properties are rejected.
    return event.PhysicalResourceId ?? `unknown-repository#${resourceHash(event)}`;
  }
}

/** The work for all events of a process, which share one access token. */
export function artifactRepositoryWork(dependencies: AwsDependencies): ResourceWork {
  let tokens: GoogleTokens | undefined;
  const open = (limits: WorkLimits) => {
    // Always the identity of the function, so that an event cannot choose one.
    const identity = parseIdentity(dependencies.environment[IDENTITY_VARIABLE]);
    if (identity === undefined) throw new Error(`the variable ${IDENTITY_VARIABLE} of the function is not an identity; deploy the stack of the function again`);
    tokens ??= new GoogleTokens(identity, dependencies);
    return new ArtifactRegistry(tokens, dependencies, limits);
  };
  return {
    work: async (event, limits) => resumable(async () => ensure(decode(event.ResourceProperties ?? {}), event, open(limits))),
    remove: async (event, limits) => resumable(async () => removeRepository(event, dependencies, () => open(limits))),
  };
}

/** Continues in another invocation if an operation has not ended. */
async function resumable(work: () => Promise<Outcome>): Promise<Outcome | Unfinished> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StillRunning)) throw error;
    return { status: 'UNFINISHED', reason: error.message, memo: error.operation };
  }
}

/** Creates or changes the repository so that it matches the template. */
async function ensure(desired: DesiredRepository, event: CustomResourceEvent, api: ArtifactRegistry): Promise<Outcome> {
  const { name, settings, labels, adoptsExisting } = desired;
  const owner = resourceHash(event);
  const memo = event.Continuation?.Memo;
  if (memo !== undefined) await api.resume(memo);
  let found = await api.find(name);
  if (found === undefined) {
    const isNew = await api.create(name, { format: 'DOCKER', mode: 'STANDARD_REPOSITORY', ...settings, labels: { ...labels, [OWNER_LABEL]: owner } });
    found = await api.appearing(name);
    if (found === undefined) throw new Error(`the repository ${name} ${isNew ? 'was created and cannot be read' : 'exists and cannot be read'}; deploy again`);
  }
  const own = found.labels?.[OWNER_LABEL];
  const isOwn = own === owner || own === owner + ADOPTED || event.PhysicalResourceId === physicalIdOf(event);
  if (!isOwn && !adoptsExisting) {
    throw new Error(`the repository ${name} exists already, and this stack has not created it; set adoptExisting: true to take it over, or use another repositoryId`);
  }
  checkKind(name, found);
  const merged = mergedLabels(found, labels, event.OldResourceProperties, isOwn && own !== undefined ? own : owner + ADOPTED);
  const complete: Repository = { ...settings, labels: merged };
  const changed = FIELDS.filter(field => !isDeepStrictEqual(comparable(field, found), comparable(field, complete)));
  const after = changed.length === 0 ? found : await api.patch(name, changed, complete);
  const data: ArtifactRepositoryData = { RegistryUri: after.registryUri ?? addressOf(name), Name: name };
  return { status: 'SUCCESS', data: { ...data }, summary: `${name} ${changed.length === 0 ? 'is as the template says' : `has new values of ${changed.join(', ')}`}` };
}

/** Rejects anything but a standard repository for Docker images. */
function checkKind(name: string, { format, mode = 'STANDARD_REPOSITORY' }: Repository): void {
  if (format !== 'DOCKER' || mode !== 'STANDARD_REPOSITORY') {
    throw new Error(`the repository ${name} is ${mode} for ${String(format)}, and must be STANDARD_REPOSITORY for DOCKER; use another repositoryId`);
  }
}

/** The labels of the template and the label of the owner. Labels from elsewhere are kept. */
function mergedLabels(
  { labels: current = {} }: Repository, wanted: DesiredRepository['labels'], before: Properties | undefined, owner: string,
): Readonly<Record<string, string>> {
  const removed = Object.keys(labelsIn(before ?? {})).filter(key => !Object.hasOwn(wanted, key));
  const kept = Object.entries(current).filter(([key]) => !removed.includes(key));
  return { ...Object.fromEntries(kept), ...wanted, [OWNER_LABEL]: owner };
}

/** A field in a form that can be compared. The API leaves out empty values. */
function comparable(field: keyof Repository, repository: Repository): unknown {
  const value = repository[field];
  if (field === 'dockerConfig') return repository.dockerConfig?.immutableTags ?? false;
  if (field === 'cleanupPolicyDryRun') return value ?? false;
  return value === undefined ? field === 'description' ? '' : {} : value;
}

/**
 * The work for Delete. The repository is deleted if `OnRemoval` is `Delete` or if its creation is rolled back. A rollback keeps a repository with
 * images, and a repository without the label of this resource is never deleted.
 */
async function removeRepository(event: CustomResourceEvent, dependencies: AwsDependencies, open: () => ArtifactRegistry): Promise<Outcome> {
  const properties = event.ResourceProperties ?? {};
  const deletes = properties.OnRemoval === 'Delete';
  const isRollback = await isRolledBack(event.StackId, dependencies) === true;
  if (!deletes && !isRollback) return { status: 'SUCCESS', summary: 'the repository is kept' };
  let name: string;
  try {
    name = nameIn(properties);
  } catch {
    return { status: 'SUCCESS', summary: 'the properties were rejected, so there is no repository' };
  }
  const api = open();
  const memo = event.Continuation?.Memo;
  let found: Repository | undefined;
  try {
    if (memo !== undefined) await api.resume(memo);
    found = await api.find(name);
  } catch (error) {
    // Otherwise, the rollback of a deployment that failed for this reason would fail too.
    if (isRollback && isAccessDenied(error)) return { status: 'SUCCESS', summary: `${name} is kept, if it exists: ${messageOf(error)}` };
    throw error;
  }
  if (found === undefined) return { status: 'SUCCESS', summary: `${name} does not exist` };
  const owner = resourceHash(event);
  const own = found.labels?.[OWNER_LABEL];
  if (own !== owner && (own !== owner + ADOPTED || isRollback)) return { status: 'SUCCESS', summary: `${name} is kept: this resource has not created it` };
  if (!(deletes && properties.EmptyOnDelete === 'true') && await api.hasImages(name)) {
    if (isRollback) return { status: 'SUCCESS', summary: `${name} is kept: it has images` };
    return { status: 'FAILED', reason: `the repository ${name} has images; delete them and try again, or deploy emptyOnDelete: true before the next deletion` };
  }
  await api.delete(name);
  return { status: 'SUCCESS', summary: `${name} is deleted` };
}

/** Whether the function got no token, lacks a role, or the API is disabled. In all cases it cannot have created anything. */
function isAccessDenied(error: unknown): boolean {
  return error instanceof GoogleTokenError || (error instanceof ArtifactRegistryError && ACCESS_DENIED_CODES.includes(error.code));
}

function decode(properties: Properties): DesiredRepository {
  const { SchemaVersion: version, CleanupPolicies: policies, Description: description } = properties;
  if (version !== '1') throw new Error(`the property 'SchemaVersion' is '${String(version).slice(0, 20)}', this handler understands '1'`);
  return {
    name: nameIn(properties),
    settings: {
      description: typeof description === 'string' ? description : '',
      dockerConfig: { immutableTags: properties.ImmutableTags === 'true' },
      cleanupPolicies: policiesIn(policies),
      cleanupPolicyDryRun: properties.CleanupDryRun === 'true',
    },
    labels: labelsIn(properties),
    adoptsExisting: properties.AdoptExisting === 'true',
  };
}

/** The name of the repository for the API. */
function nameIn(properties: Properties): string {
  const part = (name: 'Project' | 'Location' | 'RepositoryId', pattern: RegExp, must: string) => propertyText(properties, name, value => pattern.test(value), must);
  return `projects/${part('Project', /^(?:[a-z0-9.-]+:)?[a-z0-9-]+$/, 'the ID of a project')}/locations/${
    part('Location', /^[a-z0-9-]+$/, 'a location')}/repositories/${part('RepositoryId', /^[a-z][a-z0-9.-]*$/, 'the ID of a repository')}`;
}

function addressOf(name: string): string {
  const [, project, , location, , id] = name.split('/');
  return `${location}-docker.pkg.dev/${project.replace(':', '/')}/${id}`;
}

function labelsIn({ Labels: labels }: Properties): Readonly<Record<string, string>> {
  return isObject(labels) ? Object.fromEntries(Object.entries(labels).map(([key, value]) => [key, String(value)])) : {};
}

function policiesIn(text: unknown): Readonly<Record<string, unknown>> {
  if (text === undefined) return {};
  try {
    const json: unknown = JSON.parse(String(text));
    if (isObject(json)) return json;
  } catch {
    // The same error follows below.
  }
  throw wrongProperty('CleanupPolicies', 'a JSON object', text);
}
