import { IdentityText, formatIdentity, parseIdentity } from '../federation/identity-text';

/** The name of an Azure cloud in templates. */
export type AzureCloudName = 'PUBLIC' | 'CHINA' | 'US_GOVERNMENT';

/** The hosts and audiences of one Azure cloud. */
export interface AzureEndpoints {
  /** The host that issues tokens of Microsoft Entra ID. */
  readonly login: string;
  /** The host of Azure Resource Manager. */
  readonly management: string;
  /** The domain of login servers. */
  readonly registries: string;
  /** The audience of federated credentials. */
  readonly federation: string;
  /** The audience of the Entra ID tokens that a registry exchanges for a refresh token. */
  readonly registryAudience: string;
}

/**
 * The endpoints by cloud. The function reads them from here and never from an event, so that an event cannot choose where a token goes.
 *
 * @see https://learn.microsoft.com/entra/identity-platform/authentication-national-cloud
 * @see https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations
 */
export const AZURE_CLOUDS: Readonly<Record<AzureCloudName, AzureEndpoints>> = {
  PUBLIC: {
    login: 'login.microsoftonline.com', management: 'management.azure.com', registries: 'azurecr.io',
    federation: 'api://AzureADTokenExchange', registryAudience: 'https://containerregistry.azure.net',
  },
  CHINA: {
    login: 'login.partner.microsoftonline.cn', management: 'management.chinacloudapi.cn', registries: 'azurecr.cn',
    federation: 'api://AzureADTokenExchangeChina', registryAudience: 'https://management.chinacloudapi.cn',
  },
  US_GOVERNMENT: {
    login: 'login.microsoftonline.us', management: 'management.usgovcloudapi.net', registries: 'azurecr.us',
    federation: 'api://AzureADTokenExchangeUSGov', registryAudience: 'https://management.usgovcloudapi.net',
  },
};

/** An Azure identity, as the functions use it. It contains no secret. */
export interface AzureClient {
  readonly cloud: AzureCloudName;
  /** The ID of the tenant of Microsoft Entra ID. */
  readonly tenantId: string;
  /** The client ID of the application or the managed identity. */
  readonly clientId: string;
  /**
   * The ARN of the IAM role that requests the AWS tokens.
   *
   * @default - the role of the function
   */
  readonly roleArn?: string;
}

/** Formats an identity for templates and environment variables. */
export function formatAzureClient({ tenantId, clientId, cloud, roleArn }: AzureClient): string {
  return formatIdentity('azure', [tenantId, clientId, cloud, ...roleArn === undefined ? [] : [roleArn]]);
}

/** A GUID, such as the ID of a tenant. */
export const GUID_PATTERN = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A role ARN without the separators of identities and of lists of identities. */
export const ROLE_ARN = /^arn:[a-z-]+:iam::\d{12}:role\/[\w+=.@/-]+$/;

/** Parses an identity. Returns `undefined` if the text is not an Azure identity. */
export function parseAzureClient(text: unknown): AzureClient | undefined {
  const identity = parseIdentity(text);
  return identity && azureClientOf(identity);
}

/** Converts a parsed identity to an Azure client. Returns `undefined` for an identity of another kind. */
export function azureClientOf({ kind, fields: [tenantId = '', clientId = '', cloud = '', roleArn, ...others] }: IdentityText): AzureClient | undefined {
  const isGuid = [tenantId, clientId].every(id => GUID_PATTERN.test(id));
  const isKnown = kind === 'azure' && others.length === 0 && isGuid && Object.hasOwn(AZURE_CLOUDS, cloud);
  if (!isKnown || (roleArn !== undefined && !ROLE_ARN.test(roleArn))) return undefined;
  return { tenantId, clientId, cloud: cloud as AzureCloudName, roleArn };
}
