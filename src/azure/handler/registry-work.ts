import { createHash } from 'node:crypto';
import { AzureRegistryLogin } from './acr';
import { Arm } from './arm';
import { webIdentityOf } from './aws-identity';
import { AzureError, isLoginServer } from './azure-http';
import { DesiredRegistry, checkClient, decodeRegistry, tagsIn } from './decode-registry';
import { EntraTokens } from './entra';
import { explainAzure } from './fixes';
import { RegistryApi, RegistryChange, DescribedRegistry } from './registry-api';
import { AwsApi, AwsDependencies, partitionOf } from '../../custom-resource/aws';
import {
  CustomResourceEvent, InvocationContext, Outcome, ProtocolDependencies, ResourceWork, Unfinished, Work, WorkLimits,
  resourceHash, serveCustomResource,
} from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf, truncateUtf8 } from '../../custom-resource/text';
import { pause } from '../../engine/clock';
import { parseObject } from '../../engine/json';
import { ADOPTER_TAG, AzureRegistryData, CREATOR_TAG } from '../azure-registry-properties';

/** The context of one event. */
export interface RegistryRun {
  readonly desired: DesiredRegistry;
  readonly api: RegistryApi;
  readonly arm: Arm;
  readonly tokens: EntraTokens;
  /** The value of `CREATOR_TAG` for this resource. */
  readonly creator: string;
}

/** Prepares the work for an event. Throws a sentence if the event is wrong, or requests something that the function may not do. */
export function prepare(event: CustomResourceEvent, limits: WorkLimits, dependencies: AwsDependencies): RegistryRun {
  const desired = decodeRegistry(event.ResourceProperties);
  checkClient(desired.client, dependencies.environment);
  const tokens = new EntraTokens(desired.client, webIdentityOf(desired.client, dependencies, limits), dependencies);
  const arm = new Arm(tokens, dependencies, limits);
  return { desired, arm, tokens, api: new RegistryApi(arm, desired), creator: resourceHash(event) };
}

/** The states in which Azure still works on a registry. */
export const TRANSITIONAL_STATES = ['Creating', 'Updating', 'Deleting'];
export const POLL_MILLISECONDS = 5_000;

/** The work for Create and Update: creates or changes the registry until it matches the template. */
export function registryWork(dependencies: AwsDependencies): Work {
  const { clock } = dependencies;
  return async (event, limits) => {
    let desired: DesiredRegistry | undefined;
    try {
      const run = prepare(event, limits, dependencies);
      ({ desired } = run);
      const { api, arm } = run;
      if (!await finished(arm, memoOf(event))) return unfinished(memoOf(event));
      if (desired.createsGroup) await ensureGroup(run);
      // A change is sent only once per invocation. If Azure does not apply it, that is reported instead of sending it forever.
      for (let changed = false; ;) {
        const current = await api.registry();
        if (current !== undefined && TRANSITIONAL_STATES.includes(current.state)) {
          if (await pause(POLL_MILLISECONDS, { clock, ...limits })) continue;
          return unfinished();
        }
        if (current !== undefined && isAsDesired(current, desired, event)) return await succeeded(run, current, dependencies);
        if (changed) throw new Error(`Azure has not changed the registry ${desired.name} as requested: its state is ${current?.state ?? 'deleted'}`);
        // The rollback may have deleted the registry while an earlier invocation waited for it.
        if (current === undefined && event.Continuation !== undefined && await isRolledBack(event.StackId, dependencies)) {
          throw new Error('CloudFormation rolls back, so the registry is not created');
        }
        const operation = current === undefined ? await create(run) : await change(run, current, event);
        changed = true;
        if (operation !== undefined && !await arm.waitFor(operation)) return unfinished(operation);
      }
    } catch (error) {
      return { status: 'FAILED', reason: desired === undefined ? messageOf(error) : explainAzure(error, desired) };
    }
  };
}

async function ensureGroup({ api, creator }: RegistryRun): Promise<void> {
  if (await api.group() === undefined) await api.createGroup({ [CREATOR_TAG]: creator });
}

async function create({ api, desired, creator }: RegistryRun): Promise<string | undefined> {
  const obstacle = await api.obstacleToName();
  if (obstacle !== undefined) throw new AzureError(`the name '${desired.name}' cannot be used for a registry: ${obstacle}`, { status: 409, code: 'NameNotAvailable' });
  return api.create(creationBody(desired, { ...desired.tags, [CREATOR_TAG]: creator }));
}

async function change({ api, desired, creator }: RegistryRun, current: DescribedRegistry, event: CustomResourceEvent): Promise<string | undefined> {
  if (isNew(event) && !desired.adoptsExisting && !isManaged(current, creator)) {
    throw new AzureError(`the registry ${desired.name} exists already in the resource group ${desired.resourceGroup}`, { status: 409, code: 'RegistryExists' });
  }
  checkImmutableSettings(desired, current);
  // A failed creation is continued by sending the same request again.
  if (current.state === 'Failed' && isCreated(current, creator)) return api.create(creationBody(desired, desiredTags(current, desired, event)));
  return api.update(updateBody(desired, desiredTags(current, desired, event)));
}

function isCreated({ tags }: DescribedRegistry, creator: string): boolean {
  return tags[CREATOR_TAG] === creator;
}

/** Whether this resource has created the registry or adopted it before. */
function isManaged(current: DescribedRegistry, creator: string): boolean {
  return isCreated(current, creator) || current.tags[ADOPTER_TAG] === creator;
}

/** Throws for a difference that cannot be changed. */
function checkImmutableSettings({ name, location, zoneRedundancy }: DesiredRegistry, current: DescribedRegistry): void {
  const fix = 'use another registryName, so that a new registry replaces it, or leave the setting as it is';
  if (normalLocation(current.location) !== normalLocation(location)) throw new Error(`the registry ${name} is in ${current.location}, and Azure cannot move it to ${location}; ${fix}`);
  if (isOtherRedundancy(current, zoneRedundancy)) {
    throw new Error(`the registry ${name} has the zone redundancy ${current.zoneRedundancy}, and Azure cannot change it to ${zoneRedundancy}; ${fix}`);
  }
}

function isOtherRedundancy({ zoneRedundancy: is = 'Disabled' }: DescribedRegistry, wanted?: string): boolean {
  return wanted !== undefined && is !== wanted;
}

/** A location as the API writes it: `westeurope` for `West Europe`. */
function normalLocation(location: string): string {
  return location.toLowerCase().replace(/[ ()]/g, '');
}

function updateBody({ sku, adminSecret, publicNetworkAccess }: DesiredRegistry, tags: Readonly<Record<string, string>>): RegistryChange {
  return { sku: { name: sku }, tags, properties: { adminUserEnabled: adminSecret !== undefined, publicNetworkAccess } };
}

/** The body of a request that creates the registry. It includes the settings that cannot be changed later. */
function creationBody(desired: DesiredRegistry, tags: Readonly<Record<string, string>>): RegistryChange & { readonly location: string } {
  const { location, zoneRedundancy } = desired;
  const { properties, ...body } = updateBody(desired, tags);
  return { location, ...body, properties: { ...properties, ...zoneRedundancy && { zoneRedundancy } } };
}

function isAsDesired(current: DescribedRegistry, desired: DesiredRegistry, event: CustomResourceEvent): boolean {
  const tags = desiredTags(current, desired, event);
  return current.state === 'Succeeded'
    && normalLocation(current.location) === normalLocation(desired.location) && !isOtherRedundancy(current, desired.zoneRedundancy)
    && current.sku === desired.sku && current.adminUser === (desired.adminSecret !== undefined)
    && current.publicNetworkAccess === desired.publicNetworkAccess
    && Object.keys(current.tags).length === Object.keys(tags).length && Object.entries(tags).every(([name, value]) => current.tags[name] === value);
}

/** The tags that the registry should have. Tags from elsewhere, for example from an Azure policy, are kept. */
function desiredTags(current: DescribedRegistry, desired: DesiredRegistry, event: CustomResourceEvent): Record<string, string> {
  const creator = resourceHash(event);
  const { OldResourceProperties: before } = event;
  const earlier = before === undefined ? {} : tagsIn(before);
  const others = Object.entries(current.tags).filter(([name]) => !Object.hasOwn(earlier, name));
  return { ...Object.fromEntries(others), ...desired.tags, ...!isCreated(current, creator) && { [ADOPTER_TAG]: creator } };
}

/** Whether the event creates the registry: Create, or an Update that replaces it. */
function isNew(event: CustomResourceEvent): boolean {
  return event.PhysicalResourceId === undefined || physicalIdOf(event) !== event.PhysicalResourceId;
}

async function succeeded({ desired, api, tokens }: RegistryRun, current: DescribedRegistry, dependencies: AwsDependencies): Promise<Outcome> {
  if (!isLoginServer(current.loginServer, tokens.endpoints)) throw new Error(`Azure named '${truncateUtf8(current.loginServer, 100)}' as login server of the registry ${desired.name}`);
  if (desired.adminSecret !== undefined) await storeSecret(desired.adminSecret, await api.adminCredentials(), dependencies);
  const data: AzureRegistryData = { LoginServer: current.loginServer, RegistryName: desired.name, RegistryId: current.id };
  return { status: 'SUCCESS', summary: `${current.loginServer} is ready`, data: { ...data } };
}

/** Stores the user name and password of the admin user. Storing the same password again creates no new version of the secret. */
async function storeSecret(arn: string, credentials: object, dependencies: AwsDependencies): Promise<void> {
  const region = arn.split(':')[3];
  const { services } = partitionOf(region);
  const api = new AwsApi<'PutSecretValue'>({
    service: 'secretsmanager', title: 'Secrets Manager', target: 'secretsmanager', region, host: `secretsmanager.${region}.${services}`, maxResponseBytes: 128 * 1024,
  }, dependencies);
  const SecretString = JSON.stringify(credentials);
  await api.call('PutSecretValue', { SecretId: arn, SecretString, ClientRequestToken: createHash('sha256').update(SecretString).digest('hex') });
}

/** The result for an operation that is still running. */
export function unfinished(operation?: string): Unfinished {
  return { status: 'UNFINISHED', reason: 'Azure still works on the registry', ...operation !== undefined && { memo: JSON.stringify({ operation }) } };
}

/** The operation that an earlier invocation has started. */
export function memoOf({ Continuation: { Memo } = { Hop: 0 } }: CustomResourceEvent): string | undefined {
  const { operation } = Memo === undefined ? {} as Record<string, unknown> : parseObject(Buffer.from(Memo), 'the memo');
  // Anyone who may invoke the function can forge a memo, so only paths of Azure Resource Manager are accepted.
  return typeof operation === 'string' && operation.startsWith('/subscriptions/') ? operation : undefined;
}

/** Waits for an operation of an earlier invocation. Returns whether it has ended. */
export async function finished(arm: Arm, operation?: string): Promise<boolean> {
  return operation === undefined || arm.waitFor(operation);
}

/** The credentials for the login server of the registry. */
export function loginOf({ tokens }: RegistryRun, { loginServer }: DescribedRegistry, dependencies: AwsDependencies): AzureRegistryLogin {
  return new AzureRegistryLogin(loginServer, tokens, dependencies);
}

/**
 * The physical ID: the address of the registry and the resource that manages it, known before anything can fail.
 *
 * It changes with the address, because CloudFormation sends a Delete for the old ID after a change.
 */
export function physicalIdOf(event: CustomResourceEvent): string {
  const { RequestType, PhysicalResourceId: current, ResourceProperties: now = {} } = event;
  if (RequestType === 'Delete' && current !== undefined) return current;
  // Azure ignores the case of names.
  const address = [now.SubscriptionId, now.ResourceGroup, now.RegistryName].map(part => truncateUtf8(String(part), 100)).join('/');
  return `${address.toLowerCase()}#${resourceHash(event)}`;
}

/** Serves `Custom::AzureContainerRegistry`. */
export async function serveAzureRegistry(
  event: CustomResourceEvent, context: InvocationContext, { work, remove }: ResourceWork, dependencies: ProtocolDependencies,
): Promise<void> {
  await serveCustomResource(event, context, { name: 'the registry', timeoutFix: 'deploy again, which continues', physicalId: physicalIdOf, work, remove }, dependencies);
}
