import { AzureError } from './azure-http';
import { DesiredRegistry } from './decode-registry';
import { NO_WEB_IDENTITY } from './entra';
import { messageOf } from '../../custom-resource/text';

type Fix = (desired: DesiredRegistry) => string;

const role: Fix = ({ client: { clientId }, subscriptionId, resourceGroup, createsGroup }) =>
  `assign the role Contributor to the client ${clientId} on ${createsGroup ? `the subscription ${subscriptionId}` : `the resource group ${resourceGroup}`}; `
  + 'a new assignment can take ten minutes to take effect';
const subscription: Fix = ({ subscriptionId, client: { clientId, tenantId } }) =>
  `check that the subscription ${subscriptionId} is enabled and in the tenant ${tenantId}, and that the client ${clientId} has a role in it`;
const otherName: Fix = ({ name }) => `choose another registryName than '${name}', because names of registries are unique in all of Azure; or, if the registry is yours, set `
  + 'its resource group and subscription, and adoptExisting: true';

/** The fixes, by error code. @see https://learn.microsoft.com/azure/azure-resource-manager/troubleshooting/common-deployment-errors */
const FIXES: Readonly<Record<string, Fix>> = {
  AuthorizationFailed: role,
  LinkedAuthorizationFailed: role,
  MissingSubscriptionRegistration: ({ subscriptionId }) =>
    `register the resource provider: az provider register --namespace Microsoft.ContainerRegistry --subscription ${subscriptionId}`,
  SubscriptionNotFound: subscription,
  InvalidSubscriptionId: subscription,
  ReadOnlyDisabledSubscription: subscription,
  InvalidAuthenticationTokenTenant: subscription,
  ResourceGroupNotFound: ({ resourceGroup }) => `create the resource group ${resourceGroup}, or set createResourceGroup: true`,
  ResourceGroupBeingDeleted: () => 'wait until the resource group is deleted, and deploy again',
  InvalidResourceGroupLocation: () => 'leave out createResourceGroup, because the resource group exists in another location',
  NameNotAvailable: otherName,
  AlreadyInUse: otherName,
  RegistryExists: () => 'set adoptExisting: true to manage the registry that exists, or choose another registryName',
  LocationNotAvailableForResourceType: () => 'choose another location',
  InvalidResourceLocation: () => 'use another registryName, because Azure cannot move a registry',
  NoRegisteredProviderFound: () => 'choose another location',
  RequestDisallowedByPolicy: () => 'change the settings of the registry, or ask for an exemption from the Azure policy',
  ScopeLocked: () => 'remove the lock in Azure',
  SubscriptionNotRegistered: ({ subscriptionId }) =>
    `register the resource provider: az provider register --namespace Microsoft.ContainerRegistry --subscription ${subscriptionId}`,
};

/** The message for a failure, with the fix if one is known. */
export function explainAzure(error: unknown, desired: DesiredRegistry): string {
  const message = messageOf(error);
  if (!(error instanceof AzureError)) return message;
  const fix = fixOf(error);
  return fix === undefined ? message : `${message}; ${fix(desired)}`;
}

function fixOf({ code = '', message, status }: AzureError): Fix | undefined {
  if (Object.hasOwn(FIXES, code)) return FIXES[code];
  // Each resource provider has its own codes for quotas.
  if (/quota|limit (?:has been )?(?:reached|exceeded)|max(?:imum)?.{0,30}registries/i.test(`${code} ${message}`) && status !== 429) {
    return () => 'delete registries that are not used, or request a higher quota in the Azure portal';
  }
  return undefined;
}

const ACCESS_DENIED_CODES = [
  NO_WEB_IDENTITY, 'AuthorizationFailed', 'LinkedAuthorizationFailed', 'SubscriptionNotFound', 'InvalidSubscriptionId', 'invalid_client', 'unauthorized_client',
];

/** Whether the identity could not get a token or lacks a role. In both cases it cannot have created anything. */
export function isAccessDenied(error: unknown): boolean {
  if (!(error instanceof AzureError)) return false;
  const { code = '' } = error;
  return code.startsWith('AADSTS') || ACCESS_DENIED_CODES.includes(code);
}
