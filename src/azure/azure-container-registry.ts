import { createHash } from 'crypto';
import { RemovalPolicy, Stack, Token } from 'aws-cdk-lib';
import { Grant } from 'aws-cdk-lib/aws-iam';
import { ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct, IConstruct } from 'constructs';
import { AZURE_CLOUDS } from './azure-client';
import { AzureIdentity, GUID } from './azure-identity';
import { AzureRegistryHandler } from './azure-registry-handler';
import type { AzureRegistryData, AzureRegistryProperties } from './azure-registry-properties';
import { CREATOR_TAG } from './azure-registry-properties';
import { identityRule } from '../federation/cloud-identity';
import { IExternalRegistry } from '../federation/external-registry-contract';
import { ClaimedNames } from '../private/claims';
import { isKnown } from '../private/lookups';
import { checkEmptyOnDelete, RETAIN_OR_DESTROY } from '../private/removal';
import { KNOWN_BOOLEAN } from '../private/rules';
import { Shape } from '../private/shape';
import { checkOwnScope } from '../private/stacks';
import { reject } from '../private/validation';

/** The service tiers of Azure Container Registry. */
export enum AzureRegistrySku {
  /** 10 GiB, for development. */
  BASIC = 'Basic',
  /** 100 GiB, for most uses. */
  STANDARD = 'Standard',
  /** 500 GiB, with private networking, geo-replication and customer-managed keys. */
  PREMIUM = 'Premium',
}

/** Properties of an `AzureContainerRegistry`. */
export interface AzureContainerRegistryProps {
  /** The identity that creates the registry and pushes images. It needs a role such as Contributor on the resource group. */
  readonly identity: AzureIdentity;

  /** The ID of the subscription, a GUID. A change replaces the registry. */
  readonly subscriptionId: string;

  /** The name of the resource group. A change replaces the registry. */
  readonly resourceGroup: string;

  /**
   * Create the resource group if it does not exist. The identity then needs a role on the subscription. The resource group is deleted with the registry
   * if it was created for it and nothing else is in it.
   *
   * @default false - it must exist
   */
  readonly createResourceGroup?: boolean;

  /**
   * The name of the registry, which is unique in all of Azure: 5 to 50 letters and digits. It is the first part of the login server. A change
   * replaces the registry.
   *
   * @default - a name that is derived from the construct path and from all properties that cannot be changed in place
   */
  readonly registryName?: string;

  /** The location, e.g. `westeurope`. A change replaces a registry without a `registryName`, and fails with one. */
  readonly location: string;

  /**
   * The service tier. It can be changed at any time.
   *
   * @default AzureRegistrySku.BASIC
   */
  readonly sku?: AzureRegistrySku;

  /**
   * Enable the admin user: one user with a password for everything. Its name and password are stored in a secret, `adminCredentials`.
   *
   * @default false
   */
  readonly adminUser?: boolean;

  /**
   * Allow access from public networks. Without it, the functions of this library cannot push images. `false` needs `AzureRegistrySku.PREMIUM`.
   *
   * @default true
   */
  readonly publicNetworkAccess?: boolean;

  /**
   * Request zone redundancy explicitly. `true` needs `AzureRegistrySku.PREMIUM`. Cannot be changed in place.
   *
   * @default - Azure makes registries of all tiers zone redundant in locations with availability zones
   * @see https://learn.microsoft.com/azure/container-registry/zone-redundancy
   */
  readonly zoneRedundancy?: boolean;

  /**
   * Tags in Azure.
   *
   * @default - no tags except those by which this library recognizes its registries
   */
  readonly tags?: { [name: string]: string };

  /**
   * What happens when the registry is removed from the app, or replaced. With `DESTROY`, the removal fails while the registry contains images, unless
   * you set `emptyOnDelete`. If the deployment that creates the registry fails, the registry is deleted, unless it contains images and
   * `emptyOnDelete` is not set.
   *
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;

  /**
   * Delete the images together with the registry. Throws without `RemovalPolicy.DESTROY`.
   *
   * @default false
   */
  readonly emptyOnDelete?: boolean;

  /**
   * Adopt a registry with this name if it exists already in the resource group. Its settings are changed to these. An adopted registry is never deleted.
   *
   * @default false - an existing registry is an error
   */
  readonly adoptExisting?: boolean;
}

export const AZURE_CONTAINER_REGISTRY = new Shape<AzureContainerRegistryProps>('Write { identity, subscriptionId, resourceGroup, location }.', {
  identity: { ...identityRule('AzureIdentity'), required: true },
  subscriptionId: GUID,
  resourceGroup: {
    kind: 'text', required: true, pattern: /^[-\p{L}\p{N}._()]{0,89}[-\p{L}\p{N}_()]$/u,
    must: 'be 1 to 90 letters, digits, ".", "_", "-" or parentheses, and not end with "."', fix: 'Write the name of the resource group, not its ID.',
  },
  createResourceGroup: KNOWN_BOOLEAN,
  registryName: {
    kind: 'text', pattern: /^[a-zA-Z0-9]{5,50}$/, must: 'be 5 to 50 letters and digits', fix: 'Write it like "teamimages", without ".azurecr.io", or leave it out.',
  },
  location: { kind: 'text', required: true, pattern: /^[A-Za-z0-9 ()]{2,60}$/, must: 'be a location of Azure', fix: 'Write it like "westeurope".' },
  sku: { kind: 'enum', values: Object.values(AzureRegistrySku), must: 'be a member of AzureRegistrySku', fix: 'Use AzureRegistrySku.BASIC, STANDARD or PREMIUM.' },
  adminUser: KNOWN_BOOLEAN,
  publicNetworkAccess: KNOWN_BOOLEAN,
  zoneRedundancy: KNOWN_BOOLEAN,
  tags: {
    kind: 'map', of: { kind: 'text', pattern: /^[^]{0,256}$/, must: 'have at most 256 characters', fix: 'Write a shorter text.' },
    names: { pattern: /^[^<>%&\\?/]{1,512}$/, must: 'be 1 to 512 characters without < > % & \\ ? /' }, fix: 'Write tags such as { team: \'web\' }.',
  },
  removalPolicy: RETAIN_OR_DESTROY,
  emptyOnDelete: KNOWN_BOOLEAN,
  adoptExisting: KNOWN_BOOLEAN,
}, {
  name: 'Write `registryName`.', resourceGroupName: 'Write `resourceGroup`.', region: 'Write `location`.', adminUserEnabled: 'Write `adminUser`.',
  adminEnabled: 'Write `adminUser`.', subscription: 'Write `subscriptionId`.', publicNetworkAccessEnabled: 'Write `publicNetworkAccess`.',
  zoneRedundancyEnabled: 'Write `zoneRedundancy`.', labels: 'Write `tags`.',
});

const OWNERS = new ClaimedNames();
// Azure allows 50, and this library needs two.
const MAX_TAGS = 48;
const DIGITS = 12;
const MAX_PREFIX = 30;

/**
 * A container registry in Azure, created during the deployment without a password.
 *
 * A function of the stack takes on the identity and calls Azure. You can pass the registry to `PublishedImage.publishTo`.
 *
 * @see https://learn.microsoft.com/azure/container-registry/
 */
export class AzureContainerRegistry extends Construct implements IExternalRegistry {
  /** The host of the registry, e.g. `teamimages.azurecr.io`. Known at deployment. */
  public readonly loginServer: string;

  /** The name of the registry. Known at deployment. */
  public readonly registryName: string;

  /** The resource ID of the registry in Azure. Known at deployment. */
  public readonly registryId: string;

  /** The secret with user and password of the admin user, as JSON: `{"username":"…","password":"…"}`; undefined without `adminUser`. */
  public readonly adminCredentials?: ISecret;

  /** @internal */
  public readonly _identity: AzureIdentity;

  private readonly props: AzureContainerRegistryProps;
  private readonly ownName: string;

  /**
   * Throws if a property is wrong, if the SKU does not allow a property, and if the app creates a registry with this name already.
   *
   * @param scope a stack, or a construct in one
   * @param id the ID in the scope
   * @param props identity, place and settings
   */
  constructor(scope: Construct, id: string, props: AzureContainerRegistryProps) {
    super(scope, id);
    checkOwnScope(this);
    AZURE_CONTAINER_REGISTRY.check(this, '', props);
    const { identity, sku = AzureRegistrySku.BASIC, registryName } = props;
    identity._check(this, 'identity');
    checkSku(this, props, sku);
    checkEmptyOnDelete(this, props);
    checkTags(this, props);
    this.props = props;
    this._identity = identity;
    this.ownName = registryName ?? derivedName(this, props);
    checkNew(this, `${this.ownName}.${AZURE_CLOUDS[identity._cloud].registries}`, this.ownName);
    const handler = AzureRegistryHandler.in(Stack.of(this));
    handler.mayActAs(identity);
    this.adminCredentials = props.adminUser ? new Secret(this, 'AdminCredentials', { description: `Admin user of the registry ${this.node.path} in Azure` }) : undefined;
    if (this.adminCredentials !== undefined) {
      Grant.addToPrincipal({ grantee: handler, actions: ['secretsmanager:PutSecretValue'], resourceArns: [this.adminCredentials.secretArn] });
    }
    const resource = handler.addResource(this, 'Resource', 'Custom::AzureContainerRegistry', this.properties(sku));
    resource.node.addDependency(...identity._roles());
    const data = (name: keyof AzureRegistryData) => resource.getAttString(name);
    this.loginServer = data('LoginServer');
    this.registryName = data('RegistryName');
    this.registryId = data('RegistryId');
  }

  /** @internal */
  public _repository(scope: IConstruct, name: string): string {
    const { publicNetworkAccess, registryName } = this.props;
    if (publicNetworkAccess === false) {
      reject(scope, {
        property: 'registry.publicNetworkAccess', must: 'be allowed, because the function that copies images is in no virtual network of Azure', got: false,
        fix: 'Leave out publicNetworkAccess, or push the images from inside the virtual network.',
      });
    }
    const known = { 'registry.registryName': registryName, name };
    Object.entries(known).filter(([, value]) => Token.isUnresolved(value)).forEach(([property]) => reject(scope, {
      property, must: 'be known at synthesis', got: 'a token', fix: 'Write it as plain text.',
    }));
    return `${this.ownName.toLowerCase()}.${AZURE_CLOUDS[this._identity._cloud].registries}/${name}`;
  }

  private properties(sku: AzureRegistrySku): AzureRegistryProperties {
    const {
      identity, zoneRedundancy, tags = {}, removalPolicy, emptyOnDelete, adoptExisting, createResourceGroup, publicNetworkAccess = true, ...props
    } = this.props;
    return {
      SchemaVersion: '1',
      Identity: identity._text,
      SubscriptionId: props.subscriptionId,
      ResourceGroup: props.resourceGroup,
      CreateResourceGroup: createResourceGroup ? 'true' : undefined,
      RegistryName: this.ownName,
      Location: props.location,
      Sku: sku,
      PublicNetworkAccess: publicNetworkAccess ? 'Enabled' : 'Disabled',
      ZoneRedundancy: zoneRedundancy === undefined ? undefined : zoneRedundancy ? 'Enabled' : 'Disabled',
      AdminSecret: this.adminCredentials?.secretArn,
      ...Object.keys(tags).length > 0 && { Tags: tags },
      AdoptExisting: adoptExisting ? 'true' : undefined,
      OnRemoval: removalPolicy === RemovalPolicy.DESTROY ? 'Delete' : undefined,
      EmptyOnDelete: emptyOnDelete ? 'true' : undefined,
    };
  }
}

function checkSku(scope: IConstruct, { publicNetworkAccess, zoneRedundancy }: AzureContainerRegistryProps, sku: AzureRegistrySku): void {
  if (sku === AzureRegistrySku.PREMIUM || Token.isUnresolved(sku)) return;
  const must = 'come with AzureRegistrySku.PREMIUM';
  if (publicNetworkAccess === false) {
    reject(scope, { property: 'publicNetworkAccess', must, got: sku, fix: 'Set sku: AzureRegistrySku.PREMIUM, or leave publicNetworkAccess out.' });
  }
  if (zoneRedundancy === true) {
    reject(scope, {
      property: 'zoneRedundancy', must, got: sku,
      fix: 'Leave it out: Azure makes registries of all tiers zone redundant in locations with availability zones. Or set sku: AzureRegistrySku.PREMIUM.',
    });
  }
}

function checkTags(scope: IConstruct, { tags = {} }: AzureContainerRegistryProps): void {
  if (Token.isUnresolved(tags)) return;
  const reserved = CREATOR_TAG.slice(0, CREATOR_TAG.indexOf(':') + 1);
  const own = Object.keys(tags).find(name => name.toLowerCase().startsWith(reserved));
  if (own !== undefined) reject(scope, { property: `tags.${own}`, must: `not start with ${reserved}, by which this library recognizes its registries`, got: own, fix: 'Choose another name.' });
  const names = Object.keys(tags).map(name => name.toLowerCase());
  const twice = Object.keys(tags).find((name, index) => names.indexOf(name.toLowerCase()) < index);
  if (twice !== undefined) reject(scope, { property: `tags.${twice}`, must: 'differ from the other tags in more than its case, which Azure ignores', got: twice, fix: 'Remove one of them.' });
  if (Object.keys(tags).length > MAX_TAGS) {
    reject(scope, { property: 'tags', must: `have at most ${MAX_TAGS} tags, because Azure allows 50 and this library needs two`, got: Object.keys(tags).length, fix: 'Remove tags.' });
  }
}

function checkNew(scope: IConstruct, host: string, name: string): void {
  const other = isKnown(host) ? OWNERS.claim(scope, host.toLowerCase(), scope.node.root) : undefined;
  if (other !== undefined) {
    reject(scope, {
      property: 'registryName', must: 'be new in this app, because names of registries are unique in all of Azure', got: name,
      fix: `Use the registry of ${other.node.path}, or another name.`,
    });
  }
}

// https://learn.microsoft.com/azure/azure-resource-manager/templates/error-reserved-resource-name
const RESERVED_WORDS = /^(?:login)+|microsoft|windows/g;

/** A name that changes with everything that Azure cannot change in place. So a replacement is created before the earlier registry is removed. */
function derivedName(scope: IConstruct, { subscriptionId, resourceGroup, location, zoneRedundancy }: AzureContainerRegistryProps): string {
  const stack = Stack.of(scope);
  const place = [scope.node.path, stack.account, stack.region, subscriptionId, resourceGroup, location, String(zoneRedundancy)];
  const prefix = scope.node.path.replace(/[^A-Za-z0-9]/g, '').toLowerCase().slice(-MAX_PREFIX).replace(RESERVED_WORDS, '');
  return prefix + createHash('sha256').update(JSON.stringify(stack.resolve(place))).digest('hex').slice(0, DIGITS);
}
