import { createHash } from 'node:crypto';
import { AzureRegistryLogin } from './acr';
import { Arm } from './arm';
import { webIdentityOf } from './aws-identity';
import { AzureRefusal, isLoginServer } from './azure-http';
import { RegistryOrder, checkClient, decodeRegistry, tagsIn } from './decode-registry';
import { EntraTokens } from './entra';
import { explainAzure } from './fixes';
import { RegistryApi, RegistryChange, SeenRegistry } from './registry-api';
import { AwsApi, AwsSeams, partitionOf } from '../../custom-resource/aws';
import {
  CustomResourceEvent, InvocationContext, Outcome, Seams, Unfinished, Work, WorkLimits, resourceHash, serveCustomResource,
} from '../../custom-resource/protocol';
import { isRolledBack } from '../../custom-resource/rollback';
import { messageOf, truncateUtf8 } from '../../custom-resource/text';
import { pause } from '../../engine/clock';
import { parseObject } from '../../engine/json';
import { ADOPTER_TAG, AzureRegistryData, CREATOR_TAG } from '../azure-registry-properties';

/** The context of one event. */
export interface RegistryRun {
  readonly order: RegistryOrder;
  readonly api: RegistryApi;
  readonly arm: Arm;
  readonly tokens: EntraTokens;
  /** The value of `CREATOR_TAG` for this resource. */
  readonly creator: string;
}

/** Prepares the work for an event. Throws a sentence if the event is wrong, or requests something that the function may not do. */
export function prepare(event: CustomResourceEvent, limits: WorkLimits, seams: AwsSeams): RegistryRun {
  const order = decodeRegistry(event.ResourceProperties);
  checkClient(order.client, seams.environment);
  const tokens = new EntraTokens(order.client, webIdentityOf(order.client, seams, limits), seams);
  const arm = new Arm(tokens, seams, limits);
  return { order, arm, tokens, api: new RegistryApi(arm, order), creator: resourceHash(event) };
}

/** The states in which Azure still works on a registry. */
export const SETTLING = ['Creating', 'Updating', 'Deleting'];
export const SETTLING_MILLISECONDS = 5_000;

/** The work for Create and Update: creates or changes the registry until it matches the template. */
export function registryWork(seams: AwsSeams): Work {
  const { clock } = seams;
  return async (event, limits) => {
    let order: RegistryOrder | undefined;
    try {
      const run = prepare(event, limits, seams);
      ({ order } = run);
      const { api, arm } = run;
      if (!await finished(arm, memoOf(event))) return unfinished(memoOf(event));
      if (order.createsGroup) await ensureGroup(run);
      // A change is sent only once per invocation. If Azure does not apply it, that is reported instead of sending it forever.
      for (let changed = false; ;) {
        const seen = await api.registry();
        if (seen !== undefined && SETTLING.includes(seen.state)) {
          if (await pause(SETTLING_MILLISECONDS, { clock, ...limits })) continue;
          return unfinished();
        }
        if (seen !== undefined && isAsWanted(seen, order, event)) return await succeeded(run, seen, seams);
        if (changed) throw new Error(`Azure has not changed the registry ${order.name} as requested: its state is ${seen?.state ?? 'deleted'}`);
        // The rollback may have deleted the registry while an earlier invocation waited for it.
        if (seen === undefined && event.Continuation !== undefined && await isRolledBack(event.StackId, seams)) {
          throw new Error('CloudFormation rolls back, so the registry is not created');
        }
        const operation = seen === undefined ? await create(run) : await change(run, seen, event);
        changed = true;
        if (operation !== undefined && !await arm.waitFor(operation)) return unfinished(operation);
      }
    } catch (error) {
      return { status: 'FAILED', reason: order === undefined ? messageOf(error) : explainAzure(error, order) };
    }
  };
}

async function ensureGroup({ api, creator }: RegistryRun): Promise<void> {
  if (await api.group() === undefined) await api.createGroup({ [CREATOR_TAG]: creator });
}

async function create({ api, order, creator }: RegistryRun): Promise<string | undefined> {
  const obstacle = await api.obstacleToName();
  if (obstacle !== undefined) throw new AzureRefusal(`the name '${order.name}' cannot be used for a registry: ${obstacle}`, undefined, 409, 'NameNotAvailable');
  return api.create(newBodyOf(order, { ...order.tags, [CREATOR_TAG]: creator }));
}

async function change({ api, order, creator }: RegistryRun, seen: SeenRegistry, event: CustomResourceEvent): Promise<string | undefined> {
  if (isNew(event) && !order.adopts && !isManaged(seen, creator)) {
    throw new AzureRefusal(`the registry ${order.name} exists already in the resource group ${order.resourceGroup}`, undefined, 409, 'RegistryExists');
  }
  checkFixed(order, seen);
  // A failed creation is continued by sending the same request again.
  if (seen.state === 'Failed' && isCreated(seen, creator)) return api.create(newBodyOf(order, wantedTags(seen, order, event)));
  return api.update(bodyOf(order, wantedTags(seen, order, event)));
}

function isCreated({ tags }: SeenRegistry, creator: string): boolean {
  return tags[CREATOR_TAG] === creator;
}

/** Whether this resource has created the registry or adopted it before. */
function isManaged(seen: SeenRegistry, creator: string): boolean {
  return isCreated(seen, creator) || seen.tags[ADOPTER_TAG] === creator;
}

/** Throws for a difference that cannot be changed. */
function checkFixed({ name, location, zoneRedundancy }: RegistryOrder, seen: SeenRegistry): void {
  const fix = 'use another registryName, so that a new registry replaces it, or leave the setting as it is';
  if (plain(seen.location) !== plain(location)) throw new Error(`the registry ${name} is in ${seen.location}, and Azure cannot move it to ${location}; ${fix}`);
  if (isOtherRedundancy(seen, zoneRedundancy)) {
    throw new Error(`the registry ${name} has the zone redundancy ${seen.zoneRedundancy}, and Azure cannot change it to ${zoneRedundancy}; ${fix}`);
  }
}

function isOtherRedundancy({ zoneRedundancy: is = 'Disabled' }: SeenRegistry, wanted?: string): boolean {
  return wanted !== undefined && is !== wanted;
}

/** A location as the API writes it: `westeurope` for `West Europe`. */
function plain(location: string): string {
  return location.toLowerCase().replace(/[ ()]/g, '');
}

function bodyOf({ sku, adminSecret, publicNetworkAccess }: RegistryOrder, tags: Readonly<Record<string, string>>): RegistryChange {
  return { sku: { name: sku }, tags, properties: { adminUserEnabled: adminSecret !== undefined, publicNetworkAccess } };
}

/** The body of a request that creates the registry. It includes the settings that cannot be changed later. */
function newBodyOf(order: RegistryOrder, tags: Readonly<Record<string, string>>): RegistryChange & { readonly location: string } {
  const { location, zoneRedundancy } = order;
  const { properties, ...body } = bodyOf(order, tags);
  return { location, ...body, properties: { ...properties, ...zoneRedundancy && { zoneRedundancy } } };
}

function isAsWanted(seen: SeenRegistry, order: RegistryOrder, event: CustomResourceEvent): boolean {
  const tags = wantedTags(seen, order, event);
  return seen.state === 'Succeeded'
    && plain(seen.location) === plain(order.location) && !isOtherRedundancy(seen, order.zoneRedundancy)
    && seen.sku === order.sku && seen.adminUser === (order.adminSecret !== undefined) && seen.publicNetworkAccess === order.publicNetworkAccess
    && Object.keys(seen.tags).length === Object.keys(tags).length && Object.entries(tags).every(([name, value]) => seen.tags[name] === value);
}

/** The tags that the registry should have. Tags from elsewhere, for example from an Azure policy, are kept. */
function wantedTags(seen: SeenRegistry, order: RegistryOrder, event: CustomResourceEvent): Record<string, string> {
  const creator = resourceHash(event);
  const { OldResourceProperties: before } = event;
  const earlier = before === undefined ? {} : tagsIn(before);
  const others = Object.entries(seen.tags).filter(([name]) => !Object.hasOwn(earlier, name));
  return { ...Object.fromEntries(others), ...order.tags, ...!isCreated(seen, creator) && { [ADOPTER_TAG]: creator } };
}

/** Whether the event creates the registry: Create, or an Update that replaces it. */
function isNew(event: CustomResourceEvent): boolean {
  return event.PhysicalResourceId === undefined || physicalIdOf(event) !== event.PhysicalResourceId;
}

async function succeeded({ order, api, tokens }: RegistryRun, seen: SeenRegistry, seams: AwsSeams): Promise<Outcome> {
  if (!isLoginServer(seen.loginServer, tokens.endpoints)) throw new Error(`Azure named '${truncateUtf8(seen.loginServer, 100)}' as login server of the registry ${order.name}`);
  if (order.adminSecret !== undefined) await storeSecret(order.adminSecret, await api.adminCredentials(), seams);
  const data: AzureRegistryData = { LoginServer: seen.loginServer, RegistryName: order.name, RegistryId: seen.id };
  return { status: 'SUCCESS', summary: `${seen.loginServer} is ready`, data: { ...data } };
}

/** Stores the user name and password of the admin user. Storing the same password again creates no new version of the secret. */
async function storeSecret(arn: string, credentials: object, seams: AwsSeams): Promise<void> {
  const region = arn.split(':')[3];
  const { services } = partitionOf(region);
  const api = new AwsApi<'PutSecretValue'>({
    service: 'secretsmanager', title: 'Secrets Manager', target: 'secretsmanager', region, host: `secretsmanager.${region}.${services}`, maxAnswerBytes: 128 * 1024,
  }, seams);
  const SecretString = JSON.stringify(credentials);
  await api.ask('PutSecretValue', { SecretId: arn, SecretString, ClientRequestToken: createHash('sha256').update(SecretString).digest('hex') });
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
export function loginOf({ tokens }: RegistryRun, { loginServer }: SeenRegistry, seams: AwsSeams): AzureRegistryLogin {
  return new AzureRegistryLogin(loginServer, tokens, seams);
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
  event: CustomResourceEvent, context: InvocationContext, { work, remove }: { readonly work: Work; readonly remove: Work }, seams: Seams,
): Promise<void> {
  await serveCustomResource(event, context, { name: 'the registry', tooLong: 'deploy again, which continues', physicalId: physicalIdOf, work, remove }, seams);
}
