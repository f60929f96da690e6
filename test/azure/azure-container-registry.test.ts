import { CfnOutput, CfnParameter, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { AccountRootPrincipal, Role } from 'aws-cdk-lib/aws-iam';
import {
  AzureCloud, AzureContainerRegistry, AzureContainerRegistryProps, AzureIdentity, AzureRegistrySku, ExternalRegistry, ImageRepository, ImageSource,
} from '../../src';
import { SUBSCRIPTION } from '../helpers/azure-arm';
import { CLIENT, TENANT } from '../helpers/azure-entra';
import { APP, flatten, Match, newStack, Template } from '../helpers/stack';

const identity = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT });
const PLACE = { identity, subscriptionId: SUBSCRIPTION, resourceGroup: 'examples', location: 'westeurope' };
const TEXT = `azure;${TENANT};${CLIENT};PUBLIC`;

function registryIn(stack: Stack, props: Partial<AzureContainerRegistryProps> = {}, id = 'Azure'): AzureContainerRegistry {
  return new AzureContainerRegistry(stack, id, { ...PLACE, ...props });
}

/** The properties of the only custom resource of this type. */
function propertiesOf(stack: Stack, type = 'Custom::AzureContainerRegistry') {
  const [resource] = Object.values(Template.fromStack(stack).findResources(type));
  return resource.Properties;
}

test('the smallest registry is Basic, open to public networks, without admin user, and is kept', () => {
  const stack = newStack();
  registryIn(stack, { registryName: 'teamimages' });

  const { ServiceToken: _, ServiceTimeout: __, ...properties } = propertiesOf(stack);
  expect(properties).toEqual({
    SchemaVersion: '1', Identity: TEXT, SubscriptionId: SUBSCRIPTION, ResourceGroup: 'examples', RegistryName: 'teamimages', Location: 'westeurope', Sku: 'Basic',
    PublicNetworkAccess: 'Enabled',
  });
});

test('all options are in the properties of the custom resource', () => {
  const stack = newStack();
  registryIn(stack, {
    registryName: 'teamimages', createResourceGroup: true, sku: AzureRegistrySku.PREMIUM, adminUser: true, publicNetworkAccess: false, zoneRedundancy: true,
    tags: { team: 'web' }, removalPolicy: RemovalPolicy.DESTROY, emptyOnDelete: true, adoptExisting: true,
  });

  expect(propertiesOf(stack)).toMatchObject({
    CreateResourceGroup: 'true', Sku: 'Premium', PublicNetworkAccess: 'Disabled', ZoneRedundancy: 'Enabled', Tags: { team: 'web' }, OnRemoval: 'Delete',
    EmptyOnDelete: 'true', AdoptExisting: 'true', AdminSecret: { Ref: expect.stringMatching(/^AzureAdminCredentials/) },
  });
});

test('login server, name and ID are known at deployment, and no password is in an output', () => {
  const stack = newStack();
  const azure = registryIn(stack, { adminUser: true });
  const attributes = { Server: azure.loginServer, Name: azure.registryName, Id: azure.registryId };
  Object.entries(attributes).forEach(([name, value]) => new CfnOutput(stack, name, { value }));

  const outputs = Object.values(Template.fromStack(stack).findOutputs('*')).map(({ Value }) => flatten(Value));
  expect(outputs).toEqual([expect.stringMatching(/\.LoginServer\}$/), expect.stringMatching(/\.RegistryName\}$/), expect.stringMatching(/\.RegistryId\}$/)]);
  expect(azure.adminCredentials?.secretArn).toBeDefined();
  expect(registryIn(newStack()).adminCredentials).toBeUndefined();
});

test('without a name, the name depends on everything that Azure cannot change in place', () => {
  const nameWith = (props: Partial<AzureContainerRegistryProps>, id?: string) => {
    const stack = newStack();
    registryIn(stack, props, id);
    return propertiesOf(stack).RegistryName as string;
  };
  const names = [
    nameWith({}), nameWith({ location: 'eastus' }), nameWith({ resourceGroup: 'others' }), nameWith({ subscriptionId: TENANT }),
    nameWith({ zoneRedundancy: true, sku: AzureRegistrySku.PREMIUM }), nameWith({}, 'Other'),
  ];
  expect(new Set(names).size).toBe(names.length);
  expect(names.filter(name => !/^[a-z0-9]{5,50}$/.test(name))).toEqual([]);
  expect(nameWith({ sku: AzureRegistrySku.STANDARD, tags: { team: 'web' } })).toBe(names[0]);
  expect(nameWith({}, 'A'.repeat(200))).toMatch(/^[a-z0-9]{5,50}$/);
});

test('an image is published to it: after the registry was created, with its identity and without a secret', () => {
  const stack = newStack();
  const azure = registryIn(stack, { registryName: 'TeamImages' });
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  const address = image.publishTo(azure, { name: 'myapp', tags: ['v1.0.0'] });
  new CfnOutput(stack, 'Address', { value: address });

  const template = Template.fromStack(stack);
  const [copy] = Object.values(template.findResources('Custom::ContainerImageCopy', { Properties: { Destination: 'teamimages.azurecr.io/myapp' } }));
  expect(copy.Properties).toMatchObject({ DestinationIdentity: TEXT, Tags: ['v1.0.0'] });
  expect(copy.Properties.DestinationCredentials).toBeUndefined();
  expect(copy.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^Azure[0-9A-F]{8}$/)]));
  expect(flatten(template.findOutputs('Address').Address.Value)).toMatch(/^teamimages\.azurecr\.io\/myapp@sha256:/);
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { REGISTRY_LOGINS: `destination ${TEXT} teamimages.azurecr.io` } } });
});

test('also with a derived name, and from another stack', () => {
  const stack = newStack();
  const azure = registryIn(stack);
  const other = new Stack(stack.node.root, 'Other');
  const image = new ImageRepository(other, 'Repository').buildAndPushImage(APP);
  image.publishTo(azure, { name: 'myapp' });

  const [{ Destination }] = Object.values(Template.fromStack(other).findResources('Custom::ContainerImageCopy')).map(({ Properties }) => Properties)
    .filter(each => typeof each.Destination === 'string');
  expect(Destination).toBe(`${propertiesOf(stack).RegistryName}.azurecr.io/myapp`);
  expect(other.dependencies).toContain(stack);
});

test('its images are sources with the same identity', () => {
  const stack = newStack();
  const azure = registryIn(stack);
  new ImageRepository(stack, 'Repository').publish('web', ImageSource.registry(`${azure.loginServer}/team/web:1`, { identity }));

  const copy = propertiesOf(stack, 'Custom::ContainerImageCopy');
  expect(copy.SourceIdentity).toBe(TEXT);
  expect(flatten(copy.Source)).toMatch(/\.LoginServer\}\/team\/web:1$/);
});

test('a registry that exists gets images with an identity too', () => {
  const stack = newStack();
  const image = new ImageRepository(stack, 'Repository').buildAndPushImage(APP);
  image.publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', identity }), { name: 'web' });

  Template.fromStack(stack).hasResourceProperties('Custom::ContainerImageCopy', { Destination: 'team.azurecr.io/web', DestinationIdentity: TEXT });
});

test('the function may request tokens for Azure only, continue itself and describe its stack', () => {
  const stack = newStack();
  registryIn(stack);

  const template = Template.fromStack(stack);
  const statements = Object.values(template.findResources('AWS::IAM::Policy')).flatMap(({ Properties }) => Properties.PolicyDocument.Statement);
  expect(statements.map(({ Action }) => Action)).toEqual(expect.arrayContaining(['sts:GetWebIdentityToken', 'lambda:InvokeFunction', 'cloudformation:DescribeStacks']));
  expect(statements).toHaveLength(4); // and its own log
  expect(statements.find(({ Action }) => Action === 'sts:GetWebIdentityToken').Condition).toMatchObject({
    'ForAllValues:StringEquals': { 'sts:IdentityTokenAudience': 'api://AzureADTokenExchange' },
  });
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { AZURE_IDENTITIES: TEXT } } });
});

test('all registries of a stack share one function, which can use each of their identities', () => {
  const stack = newStack();
  registryIn(stack, {}, 'One');
  registryIn(stack, {}, 'Two');
  registryIn(stack, { identity: AzureIdentity.federated({ tenantId: TENANT, clientId: SUBSCRIPTION }) }, 'Three');

  const template = Template.fromStack(stack);
  template.resourceCountIs('AWS::Lambda::Function', 1);
  template.hasResourceProperties('AWS::Lambda::Function', { Environment: { Variables: { AZURE_IDENTITIES: `azure;${TENANT};${CLIENT};PUBLIC,azure;${TENANT};${SUBSCRIPTION};PUBLIC` } } });
});

test('only a function with a registry with an admin user may write a secret, and only that one', () => {
  const stack = newStack();
  registryIn(stack, { adminUser: true });
  Template.fromStack(stack).hasResourceProperties('AWS::IAM::Policy', {
    PolicyDocument: { Statement: Match.arrayWith([Match.objectLike({ Action: 'secretsmanager:PutSecretValue', Resource: { Ref: Match.stringLikeRegexp('^AzureAdminCredentials') } })]) },
  });
});

test('with a role, the functions assume it, and only the role may request tokens', () => {
  const stack = newStack();
  const role = new Role(stack, 'Role', { roleName: 'azure-images', assumedBy: new AccountRootPrincipal() });
  const own = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT, role });
  const azure = registryIn(stack, { identity: own });
  new ImageRepository(stack, 'Repository').buildAndPushImage(APP).publishTo(azure, { name: 'web' });

  const template = Template.fromStack(stack);
  const policies = Object.values(template.findResources('AWS::IAM::Policy')).map(({ Properties }) => Properties);
  const mayDo = (action: string) => policies
    .filter(({ PolicyDocument: { Statement } }) => Statement.some(({ Action }: { Action: unknown }) => Action === action))
    .map(({ Roles: [{ Ref }] }) => Ref.replace(/[0-9A-F]{8}$/, ''));
  expect(mayDo('sts:GetWebIdentityToken')).toEqual(['Role']);
  expect(mayDo('sts:AssumeRole').sort()).toEqual(['AzureRegistryHandlerRole', 'RepositoryCopyHandlerRole']);
  const [resource] = Object.values(template.findResources('Custom::AzureContainerRegistry'));
  expect(resource.DependsOn).toEqual(expect.arrayContaining([expect.stringMatching(/^RoleDefaultPolicy/)]));
});

test('national clouds have their own audience and domain', () => {
  const stack = newStack();
  const china = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT, cloud: AzureCloud.CHINA });
  const azure = registryIn(stack, { identity: china, registryName: 'teamimages', location: 'chinanorth3' });
  new ImageRepository(stack, 'Repository').buildAndPushImage(APP).publishTo(azure, { name: 'web' });

  const template = Template.fromStack(stack);
  template.hasResourceProperties('Custom::ContainerImageCopy', { Destination: 'teamimages.azurecr.cn/web' });
  expect(JSON.stringify(template.toJSON())).toContain('api://AzureADTokenExchangeChina');
});

test('tokens are accepted', () => {
  const stack = newStack();
  const parameter = (id: string) => new CfnParameter(stack, id).valueAsString;
  registryIn(stack, {
    identity: AzureIdentity.federated({ tenantId: parameter('Tenant'), clientId: parameter('Client') }),
    subscriptionId: parameter('Subscription'), resourceGroup: parameter('Group'), location: parameter('Location'), registryName: parameter('Name'), tags: { team: parameter('Team') },
  });
  expect(propertiesOf(stack)).toMatchObject({ SubscriptionId: { Ref: 'Subscription' }, RegistryName: { Ref: 'Name' }, Tags: { team: { Ref: 'Team' } } });
});

test.each(['Login', 'LoginLogin', 'WindowsBuild', 'MicrosoftTeams'])('a derived name contains no word that Azure reserves: %s', name => {
  const stack = new Stack(undefined, name);
  registryIn(stack);
  expect(propertiesOf(stack).RegistryName).toMatch(/^(?!login)(?!.*(?:microsoft|windows))[a-z0-9]{5,50}$/);
});

test('the same name in another cloud of Azure is another registry', () => {
  const stack = newStack();
  registryIn(stack, { registryName: 'teamimages' });
  const china = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT, cloud: AzureCloud.CHINA });
  expect(() => registryIn(stack, { registryName: 'teamimages', identity: china }, 'China')).not.toThrow();
});

describe('an identity must be known at synthesis:', () => {
  const rejected = (options: object) => {
    const stack = newStack();
    return () => registryIn(stack, { identity: AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT, ...options }) });
  };

  test('its cloud', () => {
    expect(rejected({ cloud: new CfnParameter(newStack(), 'Cloud').valueAsString })).toThrow(/^Stack\/Azure: 'identity\.cloud' must be known at synthesis/);
  });

  test('its role has a name that can be part of a list', () => {
    expect(rejected({ role: Role.fromRoleArn(newStack(), 'Role', 'arn:aws:iam::111122223333:role/a,b') })).toThrow(/^Stack\/Azure: 'identity\.role' must have an ARN with letters, digits/);
  });
});

test('tags that differ only in their case are one tag for Azure', () => {
  expect(() => registryIn(newStack(), { tags: { Team: 'a', team: 'b' } })).toThrow(/'tags\.team' must differ from the other tags in more than its case/);
});

test('an image for an existing registry waits for the permission of the role of the identity', () => {
  const stack = newStack();
  const role = new Role(stack, 'TokenRole', { assumedBy: new AccountRootPrincipal() });
  const withRole = AzureIdentity.federated({ tenantId: TENANT, clientId: CLIENT, role });
  const repository = new ImageRepository(stack, 'Repository');
  repository.buildAndPushImage(APP).publishTo(ExternalRegistry.azure({ loginServer: 'team.azurecr.io', identity: withRole }), { name: 'web' });
  repository.publish('base', ImageSource.registry('team.azurecr.io/base:1', { identity: withRole }));

  const copies = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageCopy'));
  const waiting = copies.filter(({ DependsOn, Properties }) => JSON.stringify(Properties).includes('azurecr.io') && DependsOn.some((id: string) => id.startsWith('TokenRoleDefaultPolicy')));
  expect(waiting).toHaveLength(2);
});
