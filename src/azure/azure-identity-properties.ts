/** The Azure clouds, as they are in templates. */
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
  /** The audience of tokens that registries exchange. */
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

/** An identity of Azure, as the construct renders it and the functions read it. It contains no secret. */
export interface AzureIdentityProperties {
  readonly Kind: 'Azure';
  readonly Cloud: AzureCloudName;
  /** The ID of the tenant of Microsoft Entra ID. */
  readonly TenantId: string;
  /** The client ID of the application or the managed identity. */
  readonly ClientId: string;
  /**
   * The ARN of the role that requests the tokens of AWS.
   *
   * @default - the role of the function
   */
  readonly RoleArn?: string;
}
