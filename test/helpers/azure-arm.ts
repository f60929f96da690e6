import { EntraDouble } from './azure-entra';
import { ArmRequest, armRequest } from './azure-specification';
import { Asked, SmallServer, Told } from './small-server';

export const SUBSCRIPTION = '99999999-8888-4777-8666-555555555555';
const HOST = 'https://management.azure.com';
const LOCATIONS = ['westeurope', 'northeurope', 'eastus'];

type Tags = Readonly<Record<string, string>>;

/** A registry in the state of the fake. */
export interface Registry {
  readonly name: string;
  readonly group: string;
  location: string;
  sku: string;
  tags: Tags;
  properties: Readonly<Record<string, unknown>>;
  state: string;
  readonly passwords: readonly string[];
}

/** A failure of the next request for an operation, or of the operation that it starts. */
export interface PlannedFailure {
  readonly operation: string;
  readonly status: number;
  readonly code: string;
  readonly message: string;
  /** Whether the request is accepted, and the operation fails. */
  readonly later?: boolean;
  readonly retryAfter?: number;
}

interface Running {
  polls: number;
  readonly failure?: PlannedFailure;
  readonly end: (failed: boolean) => void;
  readonly isLocation: boolean;
}

/** Azure Resource Manager with one subscription. Requests are checked against the published specification, and tokens are verified. */
export class ArmDouble {
  public static async start(entra: EntraDouble): Promise<ArmDouble> {
    const arm = new ArmDouble(entra);
    arm.server = await SmallServer.start(async asked => arm.answer(asked));
    return arm;
  }

  public readonly registries = new Map<string, Registry>();
  public readonly groups = new Map<string, { location: string; tags: Tags }>();
  /** Names of registries of other owners. */
  public readonly taken = new Set<string>();
  public readonly failures: PlannedFailure[] = [];
  /** The requested operations, in order, without reads. */
  public readonly changes: string[] = [];
  /** All requests. */
  public readonly requests: ArmRequest[] = [];
  public isRegistered = true;
  /** Whether the identity has a role. */
  public hasRole = true;
  /** The number of times that an operation is reported as running. */
  public polls = 2;
  private readonly running = new Map<string, Running>();
  private server?: SmallServer;
  private operations = 0;

  private constructor(private readonly entra: EntraDouble) {}

  public get origin(): string {
    return this.server?.origin ?? '';
  }

  public async stop(): Promise<void> {
    await this.server?.stop();
  }

  /** Adds an existing registry. */
  public put(name: string, group: string, changes: Partial<Registry> = {}): Registry {
    const registry: Registry = {
      name, group, location: 'westeurope', sku: 'Basic', tags: {}, properties: {}, state: 'Succeeded',
      passwords: [1, 2].map(at => `admin-password-${at}-of-${name}-0123456789abcdef0123456789`), ...changes,
    };
    this.groups.set(group.toLowerCase(), this.groups.get(group.toLowerCase()) ?? { location: registry.location, tags: {} });
    this.registries.set(name.toLowerCase(), registry);
    return registry;
  }

  private async answer(asked: Asked): Promise<Told> {
    try {
      this.entra.verified(asked.headers.authorization, HOST);
    } catch (error) {
      return failed(401, 'InvalidAuthenticationToken', `The access token is invalid: ${(error as Error).message}`);
    }
    const operation = /\/operationStatuses\/(\w+)$/.exec(asked.url.pathname)?.[1];
    if (operation !== undefined && asked.method === 'GET') return this.poll(operation);
    const request = armRequest(asked);
    this.requests.push(request);
    const isRead = /_(?:Get|ListByResourceGroup|CheckNameAvailability|ListCredentials)$/.test(request.id);
    if (!isRead) this.changes.push(request.id);
    const at = this.failures.findIndex(({ operation: id, later }) => id === request.id && !later);
    if (at >= 0) {
      const [{ status, code, message, retryAfter }] = this.failures.splice(at, 1);
      return { ...failed(status, code, message), ...retryAfter !== undefined && { headers: { 'retry-after': String(retryAfter) } } };
    }
    return this.refusalOf(request) ?? this.serve(request);
  }

  private refusalOf({ id, parameters: { subscriptionId, resourceGroupName: group } }: ArmRequest): Told | undefined {
    if (subscriptionId !== SUBSCRIPTION) return failed(404, 'SubscriptionNotFound', `The subscription '${subscriptionId}' could not be found.`);
    if (!this.hasRole) {
      return failed(403, 'AuthorizationFailed', `The client '11111111-2222-4333-8444-555555555555' does not have authorization to perform action 'Microsoft.ContainerRegistry/registries/write' over scope '/subscriptions/${subscriptionId}'.`);
    }
    if (!this.isRegistered && id === 'Registries_Create') {
      return failed(409, 'MissingSubscriptionRegistration', 'The subscription is not registered to use namespace \'Microsoft.ContainerRegistry\'. See https://aka.ms/rps-not-found for how to register subscriptions.');
    }
    if (id.startsWith('Registries_') && group !== undefined && !this.groups.has(group.toLowerCase())) {
      return failed(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
    }
    return undefined;
  }

  private serve({ id, parameters: { resourceGroupName: group = '', registryName: name = '' }, body }: ArmRequest): Told {
    const found = this.registries.get(name.toLowerCase());
    const registry = found?.group.toLowerCase() === group.toLowerCase() ? found : undefined;
    switch (id) {
      case 'ResourceGroups_Get': return this.group(group);
      case 'ResourceGroups_CreateOrUpdate': {
        const isNew = !this.groups.has(group.toLowerCase());
        this.groups.set(group.toLowerCase(), { location: String(body.location), tags: tagsOf(body) });
        return { ...this.group(group), status: isNew ? 201 : 200 };
      }
      case 'ResourceGroups_Delete':
        if (!this.groups.has(group.toLowerCase())) return failed(404, 'ResourceGroupNotFound', `Resource group '${group}' could not be found.`);
        return this.start(id, { isLocation: true, end: isFailed => { if (!isFailed) this.deleteGroup(group); } });
      case 'Resources_ListByResourceGroup':
        return { status: 200, json: { value: this.registriesIn(group).map(each => this.shown(each)) } };
      case 'Registries_CheckNameAvailability': {
        const wanted = String(body.name).toLowerCase();
        const isTaken = this.taken.has(wanted) || this.registries.has(wanted);
        const message = `The registry ${wanted} is already in use.`;
        return { status: 200, json: isTaken ? { nameAvailable: false, reason: 'AlreadyExists', message } : { nameAvailable: true } };
      }
      case 'Registries_Create': return this.create(group, name, body, registry);
      default: return registry === undefined ? notFound(name, group) : this.serveRegistry(id, registry, body);
    }
  }

  private serveRegistry(id: string, registry: Registry, body: Readonly<Record<string, unknown>>): Told {
    switch (id) {
      case 'Registries_Get': return { status: 200, json: this.shown(registry) };
      case 'Registries_ListCredentials':
        if (registry.properties.adminUserEnabled !== true) return failed(400, 'UnAuthorizedForCredentialOperations', 'Cannot perform credential operations as admin user is disabled.');
        return { status: 200, json: { username: registry.name, passwords: registry.passwords.map((value, at) => ({ name: at === 0 ? 'password' : 'password2', value })) } };
      case 'Registries_Delete':
        registry.state = 'Deleting';
        return this.start(id, {
          isLocation: true, end: isFailed => {
            if (isFailed) registry.state = 'Succeeded'; else this.registries.delete(registry.name.toLowerCase());
          },
        });
      case 'Registries_Update': {
        const problem = problemOf(body);
        if (problem !== undefined) return problem;
        const before = { sku: registry.sku, tags: registry.tags, properties: registry.properties };
        this.change(registry, body);
        registry.state = 'Updating';
        return this.start(id, {
          isLocation: false, json: () => this.shown(registry), status: 201, end: isFailed => {
            if (isFailed) Object.assign(registry, before);
            registry.state = 'Succeeded';
          },
        });
      }
      default: throw new Error(`the double has no ${id}`);
    }
  }

  private create(group: string, name: string, body: Readonly<Record<string, unknown>>, existing?: Registry): Told {
    const location = String(body.location).toLowerCase().replace(/ /g, '');
    if (existing === undefined && (this.taken.has(name.toLowerCase()) || this.registries.has(name.toLowerCase()))) {
      return failed(409, 'AlreadyInUse', `The registry DNS name ${name.toLowerCase()}.azurecr.io is already in use.`);
    }
    if (!LOCATIONS.includes(location)) {
      return failed(400, 'LocationNotAvailableForResourceType', `The provided location '${location}' is not available for resource type 'Microsoft.ContainerRegistry/registries'.`);
    }
    if (existing !== undefined && existing.location !== location) {
      return failed(409, 'InvalidResourceLocation', `The resource '${name}' already exists in location '${existing.location}'.`);
    }
    const problem = problemOf(body);
    if (problem !== undefined) return problem;
    const registry = existing ?? this.put(name, group, { location });
    this.change(registry, body);
    registry.state = 'Creating';
    return this.start('Registries_Create', {
      isLocation: false, json: () => this.shown(registry), status: 201, end: isFailed => {
        registry.state = isFailed ? 'Failed' : 'Succeeded';
      },
    });
  }

  private change(registry: Registry, body: Readonly<Record<string, unknown>>): void {
    const { sku, tags, properties } = body as { sku?: { name: string }; tags?: Tags; properties?: object };
    if (sku !== undefined) registry.sku = sku.name;
    if (tags !== undefined) registry.tags = tags;
    registry.properties = { ...registry.properties, ...properties };
  }

  private start(id: string, { isLocation, end, json, status = 202 }: {
    readonly isLocation: boolean; readonly end: Running['end']; readonly json?: () => unknown; readonly status?: number;
  }): Told {
    const at = this.failures.findIndex(({ operation, later }) => operation === id && later);
    const [failure] = at < 0 ? [] : this.failures.splice(at, 1);
    const name = `op${++this.operations}`;
    this.running.set(name, { polls: this.polls, failure, end, isLocation });
    const address = `${HOST}/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ContainerRegistry/locations/westeurope/operationStatuses/${name}?api-version=2025-04-01&t=0`;
    return { status, json: json?.(), headers: isLocation ? { 'location': address, 'retry-after': '10' } : { 'azure-asyncoperation': address } };
  }

  private poll(name: string): Told {
    const running = this.running.get(name);
    if (running === undefined) return failed(404, 'NotFound', 'The operation was not found.');
    const { isLocation, failure } = running;
    if (running.polls-- > 0) return isLocation ? { status: 202, headers: { 'retry-after': '10' } } : { status: 200, json: { status: 'InProgress' } };
    this.running.delete(name);
    running.end(failure !== undefined);
    const error = failure && { code: failure.code, message: failure.message };
    if (isLocation) return failure === undefined ? { status: 204 } : { status: failure.status, json: { error } };
    return { status: 200, json: failure === undefined ? { status: 'Succeeded' } : { status: 'Failed', error } };
  }

  private deleteGroup(group: string): void {
    this.groups.delete(group.toLowerCase());
    this.registriesIn(group).forEach(each => this.registries.delete(each.name.toLowerCase()));
  }

  private registriesIn(group: string): Registry[] {
    return [...this.registries.values()].filter(each => each.group.toLowerCase() === group.toLowerCase());
  }

  private group(name: string): Told {
    const found = this.groups.get(name.toLowerCase());
    if (found === undefined) return failed(404, 'ResourceGroupNotFound', `Resource group '${name}' could not be found.`);
    const { location, tags } = found;
    return { status: 200, json: { id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${name}`, name, location, tags, properties: { provisioningState: 'Succeeded' } } };
  }

  private shown({ name, group, location, sku, tags, properties, state }: Registry): object {
    return {
      id: `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.ContainerRegistry/registries/${name}`,
      name, type: 'Microsoft.ContainerRegistry/registries', location, tags, sku: { name: sku, tier: sku },
      properties: {
        loginServer: `${name.toLowerCase()}.azurecr.io`, creationDate: '2026-01-01T00:00:00Z', provisioningState: state, adminUserEnabled: false,
        publicNetworkAccess: 'Enabled', zoneRedundancy: 'Disabled', ...properties,
      },
    };
  }
}

/** Options that the SKU does not allow. */
function problemOf({ sku, properties = {} }: Readonly<Record<string, unknown>>): Told | undefined {
  const { publicNetworkAccess, zoneRedundancy } = properties as Record<string, unknown>;
  if ((sku as { name: string } | undefined)?.name === 'Premium') return undefined;
  if (publicNetworkAccess === 'Disabled' || zoneRedundancy === 'Enabled') return failed(400, 'SkuNotSupported', 'The SKU does not support this feature. Use the Premium SKU.');
  return undefined;
}

function tagsOf({ tags = {} }: Readonly<Record<string, unknown>>): Tags {
  return tags as Tags;
}

function notFound(name: string, group: string): Told {
  return failed(404, 'ResourceNotFound', `The Resource 'Microsoft.ContainerRegistry/registries/${name}' under resource group '${group}' was not found.`);
}

function failed(status: number, code: string, message: string): Told {
  return { status, json: { error: { code, message } } };
}
