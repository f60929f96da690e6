import { RemovalPolicy } from 'aws-cdk-lib';
import { AzureContainerRegistry, AzureIdentity, AzureRegistrySku, ExternalRegistry, ImageRepository, ImageSource } from '../../src';
import { SUBSCRIPTION } from '../helpers/azure-arm';
import { CLIENT, TENANT } from '../helpers/azure-entra';
import { APP, newStack } from '../helpers/stack';
import { messageOf, told, wrong } from '../helpers/wrong-input';

const identity = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT });
const saidOf = (props: object) => messageOf(() => new AzureContainerRegistry(newStack(), 'Azure', wrong({
  identity, subscriptionId: SUBSCRIPTION, resourceGroup: 'examples', location: 'westeurope', ...props,
})));

test.each<[string, object]>([
  ['identity', { identity: undefined }],
  ['identity', { identity: {} }],
  ['identity', { identity: AzureIdentity.federated }],
  ['identity.tenantId', { identity: AzureIdentity.federated({ tenantId: 'contoso.onmicrosoft.com', clientId: CLIENT }) }],
  ['identity.clientId', { identity: AzureIdentity.federated(wrong({ tenantId: TENANT })) }],
  ['identity.clientSecret', { identity: AzureIdentity.federated(wrong({ tenantId: TENANT, clientId: CLIENT, clientSecret: 'x' })) }],
  ['identity.role', { identity: AzureIdentity.federated(wrong({ tenantId: TENANT, clientId: CLIENT, role: 'azure' })) }],
  ['identity.cloud', { identity: AzureIdentity.federated(wrong({ tenantId: TENANT, clientId: CLIENT, cloud: 'AzureCloud' })) }],
  ['subscriptionId', { subscriptionId: 'my subscription' }],
  ['subscriptionId', { subscriptionId: `/subscriptions/${SUBSCRIPTION}` }],
  ['resourceGroup', { resourceGroup: '' }],
  ['resourceGroup', { resourceGroup: 'ends-with.' }],
  ['resourceGroup', { resourceGroup: `/subscriptions/${SUBSCRIPTION}/resourceGroups/examples` }],
  ['resourceGroup', { resourceGroup: 'a'.repeat(91) }],
  ['registryName', { registryName: 'four' }],
  ['registryName', { registryName: 'a'.repeat(51) }],
  ['registryName', { registryName: 'team-images' }],
  ['registryName', { registryName: 'team.azurecr.io' }],
  ['location', { location: 'west_europe' }],
  ['location', { location: undefined }],
  ['sku', { sku: 'Classic' }],
  ['publicNetworkAccess', { publicNetworkAccess: false }],
  ['publicNetworkAccess', { publicNetworkAccess: false, sku: AzureRegistrySku.STANDARD }],
  ['publicNetworkAccess', { publicNetworkAccess: 'Disabled' }],
  ['zoneRedundancy', { zoneRedundancy: true }],
  ['removalPolicy', { removalPolicy: RemovalPolicy.SNAPSHOT }],
  ['emptyOnDelete', { emptyOnDelete: true }],
  ['emptyOnDelete', { emptyOnDelete: true, removalPolicy: RemovalPolicy.RETAIN }],
  ['tags', { tags: ['team'] }],
  ['tags', { tags: { 'a/b': 'c' } }],
  ['tags.team', { tags: { team: 'x'.repeat(257) } }],
  ['tags.cdk-container-delivery:created-by', { tags: { 'cdk-container-delivery:created-by': 'me' } }],
  ['tags', { tags: Object.fromEntries(Array.from({ length: 49 }, (_, at) => [`tag${at}`, 'x'])) }],
  ['resourceGroupName', { resourceGroupName: 'examples' }],
  ['adminUserEnabled', { adminUserEnabled: true }],
])('a wrong %s is reported with construct path, rule and fix: %j', (property, props) => {
  expect(saidOf(props)).toMatch(told(property));
});

test.each<[string, object]>([
  ['a name with capital letters', { registryName: 'TeamImages' }],
  ['a location as the portal shows it', { location: 'West Europe' }],
  ['a resource group with letters of other languages', { resourceGroup: 'größe_(1).x' }],
  ['a GUID in capital letters', { subscriptionId: SUBSCRIPTION.toUpperCase() }],
  ['the longest name', { registryName: 'a'.repeat(50) }],
  ['public network access and zone redundancy with Premium', { publicNetworkAccess: false, zoneRedundancy: true, sku: AzureRegistrySku.PREMIUM }],
  ['explicit defaults', { publicNetworkAccess: true, zoneRedundancy: false, emptyOnDelete: false, adminUser: false }],
])('accepted: %s', (_, props) => {
  expect(saidOf(props)).toBe('accepted');
});

test('two registries with one name are reported, because names are unique in all of Azure', () => {
  const stack = newStack();
  const create = (id: string, registryName: string) => new AzureContainerRegistry(stack, id, { identity, subscriptionId: SUBSCRIPTION, resourceGroup: 'examples', location: 'westeurope', registryName });
  create('One', 'teamimages');
  expect(messageOf(() => create('Two', 'TeamImages'))).toMatch(/^Stack\/Two: 'registryName' must be new in this app.*Use the registry of Stack\/One/);
});

test('an image cannot be published to a registry that the copy function cannot reach', () => {
  const stack = newStack();
  const azure = new AzureContainerRegistry(stack, 'Azure', {
    identity, subscriptionId: SUBSCRIPTION, resourceGroup: 'examples', location: 'westeurope', sku: AzureRegistrySku.PREMIUM, publicNetworkAccess: false,
  });
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  expect(messageOf(() => image.publishTo(azure, { name: 'web' }))).toMatch(told('registry.publicNetworkAccess'));
  expect(messageOf(() => image.publishTo(wrong({}), { name: 'web' }))).toMatch(told('registry'));
});

test('an Azure identity can only be used for registries of its cloud', () => {
  const image = new ImageRepository(newStack(), 'Repository').buildAndPushImage(APP);
  expect(messageOf(() => image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.cn', identity }), { name: 'web' }))).toMatch(/'registry\.identity' must .*\.azurecr\.io/);
  expect(messageOf(() => image.publishTo(ExternalRegistry.azure(wrong({ loginServer: 'team.azurecr.io' })), { name: 'web' }))).toMatch(told('registry.credentials'));
  expect(messageOf(() => new ImageRepository(newStack(), 'Repository').publish('web', ImageSource.registry('ghcr.io/team/web:1', { identity })))).toMatch(/'identity' must .*\.azurecr\.io/);
});
