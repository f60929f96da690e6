import { Arm, ArmResponse } from './arm';
import { DesiredRegistry } from './decode-registry';
import { AwsResponse } from '../../custom-resource/aws';
import { isObject, records } from '../../engine/json';

// https://learn.microsoft.com/rest/api/containerregistry/registries
const REGISTRY_API_VERSION = '2025-04-01';
// https://learn.microsoft.com/rest/api/resources/resource-groups
const GROUP_API_VERSION = '2021-04-01';

/** A registry as Azure describes it. */
export interface DescribedRegistry {
  /** For example `Succeeded`, `Creating` or `Failed`. */
  readonly state: string;
  readonly id: string;
  readonly location: string;
  readonly sku: string;
  readonly loginServer: string;
  readonly adminUser: boolean;
  readonly publicNetworkAccess: string;
  readonly zoneRedundancy?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** A resource group as Azure describes it. */
export interface DescribedGroup {
  readonly state?: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** The body of a request that creates or changes a registry. */
export interface RegistryChange {
  readonly location?: string;
  readonly sku: { readonly name: string };
  readonly tags: Readonly<Record<string, string>>;
  readonly properties: {
    readonly adminUserEnabled: boolean;
    readonly publicNetworkAccess: string;
    readonly zoneRedundancy?: string;
  };
}

/** The operations of Azure Resource Manager on one registry and its resource group. */
export class RegistryApi {
  private readonly groupId: string;
  private readonly subscriptionPath: string;

  constructor(private readonly arm: Arm, private readonly desired: DesiredRegistry) {
    this.subscriptionPath = `/subscriptions/${desired.subscriptionId}`;
    this.groupId = `${this.subscriptionPath}/resourceGroups/${encodeURIComponent(desired.resourceGroup)}`;
  }

  /** The registry, or `undefined` if it or its resource group does not exist. */
  public async registry(): Promise<DescribedRegistry | undefined> {
    const { status, json } = await this.arm.call({ method: 'GET', path: this.registryPath(), expectedStatuses: [404] });
    return status === 404 ? undefined : describedRegistry(json);
  }

  /** The reason why the name is not available for a new registry. `undefined` if it is available. */
  public async obstacleToName(): Promise<string | undefined> {
    const path = `${this.subscriptionPath}/providers/Microsoft.ContainerRegistry/checkNameAvailability?api-version=${REGISTRY_API_VERSION}`;
    const { json } = await this.arm.call({ method: 'POST', path, body: { name: this.desired.name, type: 'Microsoft.ContainerRegistry/registries' } });
    return json.nameAvailable === false ? String(json.message ?? json.reason ?? 'it is not available') : undefined;
  }

  /** Creates the registry. Returns the operation to wait for. */
  public async create(change: RegistryChange): Promise<string | undefined> {
    return (await this.arm.call({ method: 'PUT', path: this.registryPath(), body: change })).operation;
  }

  /** Changes the registry. Returns the operation to wait for. */
  public async update(change: RegistryChange): Promise<string | undefined> {
    return (await this.arm.call({ method: 'PATCH', path: this.registryPath(), body: change })).operation;
  }

  /** Deletes the registry with its images. Returns the operation to wait for. */
  public async delete(): Promise<string | undefined> {
    return (await this.arm.call({ method: 'DELETE', path: this.registryPath(), expectedStatuses: [404] })).operation;
  }

  /** The user name and password of the admin user. */
  public async adminCredentials(): Promise<{ readonly username: string; readonly password: string }> {
    const { json: { username, passwords } } = await this.arm.call({ method: 'POST', path: this.registryPath('/listCredentials') });
    const password = records(passwords).find(({ name }) => name === 'password')?.value;
    if (typeof username === 'string' && typeof password === 'string') return { username, password };
    throw new Error('Azure did not return the password of the admin user');
  }

  /** The resource group, or `undefined` if it does not exist. */
  public async group(): Promise<DescribedGroup | undefined> {
    const { status, json } = await this.arm.call({ method: 'GET', path: this.groupPath(), expectedStatuses: [404] });
    if (status === 404) return undefined;
    const { properties, tags } = json;
    return { state: isObject(properties) ? String(properties.provisioningState) : undefined, tags: textsByName(tags) };
  }

  /** Creates the resource group. */
  public async createGroup(tags: Readonly<Record<string, string>>): Promise<void> {
    await this.arm.call({ method: 'PUT', path: this.groupPath(), body: { location: this.desired.location, tags } });
  }

  /** Whether the resource group contains any resource. */
  public async hasResources(): Promise<boolean> {
    const { json } = await this.arm.call({ method: 'GET', path: `${this.groupId}/resources?$top=1&api-version=${GROUP_API_VERSION}` });
    return !Array.isArray(json.value) || json.value.length > 0;
  }

  /** Deletes the resource group with everything in it. Returns the operation to wait for. */
  public async deleteGroup(): Promise<string | undefined> {
    const { operation }: ArmResponse = await this.arm.call({ method: 'DELETE', path: this.groupPath(), expectedStatuses: [404] });
    return operation;
  }

  private registryPath(action = ''): string {
    return `${this.groupId}/providers/Microsoft.ContainerRegistry/registries/${this.desired.name}${action}?api-version=${REGISTRY_API_VERSION}`;
  }

  private groupPath(): string {
    return `${this.groupId}?api-version=${GROUP_API_VERSION}`;
  }
}

function describedRegistry({ id, location, sku, properties, tags }: AwsResponse): DescribedRegistry {
  const details = isObject(properties) ? properties : {};
  return {
    state: String(details.provisioningState ?? 'Succeeded'),
    id: String(id),
    location: String(location),
    sku: isObject(sku) ? String(sku.name) : '',
    loginServer: String(details.loginServer ?? ''),
    adminUser: details.adminUserEnabled === true,
    publicNetworkAccess: String(details.publicNetworkAccess ?? 'Enabled'),
    zoneRedundancy: details.zoneRedundancy === undefined ? undefined : String(details.zoneRedundancy),
    tags: textsByName(tags),
  };
}

function textsByName(value: unknown): Record<string, string> {
  return isObject(value) ? Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string')) : {};
}
