import { AwsDependencies } from '../../custom-resource/aws';
import { propertyText, wrongProperty } from '../../custom-resource/text';
import { isObject } from '../../engine/json';
import { AzureClient, GUID_PATTERN, formatAzureClient, parseAzureClient } from '../azure-client';
import type { AzureRegistryProperties, AzureSkuName } from '../azure-registry-properties';
import { IDENTITIES_VARIABLE } from '../azure-registry-properties';

/** The registry that the template describes. */
export interface DesiredRegistry {
  readonly client: AzureClient;
  readonly subscriptionId: string;
  readonly resourceGroup: string;
  readonly createsGroup: boolean;
  readonly name: string;
  readonly location: string;
  readonly sku: AzureSkuName;
  readonly publicNetworkAccess: 'Enabled' | 'Disabled';
  readonly zoneRedundancy?: 'Enabled' | 'Disabled';
  readonly adminSecret?: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly adoptsExisting: boolean;
  readonly deletesOnRemoval: boolean;
  readonly emptiesOnDelete: boolean;
}

type Properties = Readonly<Record<string, unknown>>;

const SKUS: readonly AzureSkuName[] = ['Basic', 'Standard', 'Premium'];
const SWITCH = ['Enabled', 'Disabled'] as const;

/** Parses the properties of the custom resource. Throws a sentence about the first error. */
export function decodeRegistry(properties: Properties = {}): DesiredRegistry {
  text(properties, 'SchemaVersion', value => value === '1', "'1'");
  return {
    client: parseAzureClient(properties.Identity) ?? wrongIdentity(),
    subscriptionId: text(properties, 'SubscriptionId', value => GUID_PATTERN.test(value), 'the ID of a subscription'),
    resourceGroup: text(properties, 'ResourceGroup', value => isResourceGroup(value), 'the name of a resource group'),
    createsGroup: properties.CreateResourceGroup === 'true',
    name: text(properties, 'RegistryName', value => /^[a-zA-Z0-9]{5,50}$/.test(value), '5 to 50 letters and digits'),
    location: text(properties, 'Location', value => /^[A-Za-z0-9 ()]{2,60}$/.test(value), 'a location of Azure'),
    sku: member(properties, 'Sku', SKUS),
    publicNetworkAccess: member(properties, 'PublicNetworkAccess', SWITCH),
    zoneRedundancy: properties.ZoneRedundancy === undefined ? undefined : member(properties, 'ZoneRedundancy', SWITCH),
    adminSecret: properties.AdminSecret === undefined ? undefined : text(properties, 'AdminSecret', value => SECRET_ARN.test(value), 'the ARN of a secret'),
    tags: tagsIn(properties),
    adoptsExisting: properties.AdoptExisting === 'true',
    deletesOnRemoval: properties.OnRemoval === 'Delete',
    emptiesOnDelete: properties.EmptyOnDelete === 'true',
  };
}

/** The tags in properties. Empty if there are none. */
export function tagsIn({ Tags: tags = {} }: Properties): Record<string, string> {
  if (!isObject(tags) || Object.values(tags).some(value => typeof value !== 'string')) throw wrongProperty('Tags', 'texts by name', 'another value');
  return tags as Record<string, string>;
}

const SECRET_ARN = /^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:\d{12}:secret:[^\s,]+$/;

/**
 * Throws a sentence if the configuration of the function does not allow the identity that an event requests.
 *
 * Anyone who may invoke the function can forge an event. Therefore the event cannot choose any identity to request tokens for.
 */
export function checkClient(client: AzureClient, { [IDENTITIES_VARIABLE]: allowed = '' }: AwsDependencies['environment']): void {
  if (allowed.split(',').includes(formatAzureClient(client))) return;
  throw new Error(`this function may not act as the client ${client.clientId} of the tenant ${client.tenantId}: its variable ${IDENTITIES_VARIABLE} does not list `
    + 'that identity; deploy the stack of the function again, which sets the variable');
}

function wrongIdentity(): never {
  throw new Error("the property 'Identity' is not an identity of Azure");
}

/** Whether a text can name a resource group. Azure also accepts letters of other languages. */
function isResourceGroup(name: string): boolean {
  return /^[-\p{L}\p{N}._()]{1,90}$/u.test(name) && !name.endsWith('.');
}

function text(properties: Properties, name: keyof AzureRegistryProperties, isRight: (value: string) => boolean, must: string): string {
  return propertyText(properties, name, isRight, must);
}

function member<T extends string>(properties: Properties, name: keyof AzureRegistryProperties, values: readonly T[]): T {
  return propertyText(properties, name, value => values.some(each => each === value), `one of ${values.join(', ')}`) as T;
}
