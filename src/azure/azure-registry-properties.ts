/** The environment variable of the function that lists the allowed identities. The construct writes it, the function reads it. */
export const IDENTITIES_VARIABLE = 'AZURE_IDENTITIES';

/** The tag that identifies the custom resource that created a registry or resource group. Nothing without this tag is ever deleted. */
export const CREATOR_TAG = 'cdk-container-delivery:created-by';

/** The tag that identifies the custom resource that adopted a registry. */
export const ADOPTER_TAG = 'cdk-container-delivery:adopted-by';

/** The service tier of a registry, in templates and requests. */
export type AzureSkuName = 'Basic' | 'Standard' | 'Premium';

/**
 * Properties of `Custom::AzureContainerRegistry`, which the construct renders and the handler reads. All scalars are strings.
 *
 * A change of `SubscriptionId`, `ResourceGroup` or `RegistryName` replaces the registry.
 */
export interface AzureRegistryProperties {
  /** The version of this contract. */
  readonly SchemaVersion: '1';
  /** The identity, as text (`formatAzureClient`). */
  readonly Identity: string;
  readonly SubscriptionId: string;
  readonly ResourceGroup: string;

  /**
   * `true` to create the resource group if it does not exist.
   *
   * @default - it must exist
   */
  readonly CreateResourceGroup?: 'true';

  readonly RegistryName: string;
  readonly Location: string;
  readonly Sku: AzureSkuName;
  readonly PublicNetworkAccess: 'Enabled' | 'Disabled';

  /**
   * The value of `zoneRedundancy` in requests.
   *
   * @default - Azure decides
   */
  readonly ZoneRedundancy?: 'Enabled' | 'Disabled';

  /**
   * The ARN of the secret that stores the user name and password of the admin user.
   *
   * @default - no admin user
   */
  readonly AdminSecret?: string;

  /** @default - none */
  readonly Tags?: Readonly<Record<string, string>>;

  /**
   * `true` to adopt a registry that already exists.
   *
   * @default - an existing registry is an error
   */
  readonly AdoptExisting?: 'true';

  /**
   * `Delete` to delete the registry with the resource.
   *
   * @default - it is kept
   */
  readonly OnRemoval?: 'Delete';

  /**
   * `true` to delete the registry even if it has images.
   *
   * @default - the deletion fails while it has images
   */
  readonly EmptyOnDelete?: 'true';
}

/** The attributes of the custom resource (`Fn::GetAtt`). */
export interface AzureRegistryData {
  /** The host of the registry, for example `team.azurecr.io`. */
  readonly LoginServer: string;
  readonly RegistryName: string;
  /** The resource ID of the registry in Azure. */
  readonly RegistryId: string;
}
