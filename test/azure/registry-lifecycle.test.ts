import { SUBSCRIPTION } from '../helpers/azure-arm';
import { ADMIN_SECRET, AzureScene } from '../helpers/azure-scene';

let scene: AzureScene;
beforeEach(async () => { scene = await AzureScene.withRegistries(); });
afterEach(async () => scene.close());

const registry = () => scene.cloud.arm.registries.get('teamimages');
const changes = () => scene.cloud.arm.changes.splice(0);

test('a registry is created, and its login server, name and ID are returned', async () => {
  const told = await scene.deploy({ Tags: { team: 'web' } });

  expect(told).toMatchObject({
    Status: 'SUCCESS',
    Data: {
      LoginServer: 'teamimages.azurecr.io', RegistryName: 'teamimages',
      RegistryId: `/subscriptions/${SUBSCRIPTION}/resourceGroups/examples/providers/Microsoft.ContainerRegistry/registries/teamimages`,
    },
  });
  expect(registry()).toMatchObject({ state: 'Succeeded', sku: 'Basic', tags: { team: 'web' }, properties: { adminUserEnabled: false, publicNetworkAccess: 'Enabled' } });
  expect(changes()).toEqual(['Registries_Create']);
  expect(scene.cloud.sts.issued).toEqual([{ subject: 'arn:aws:iam::111122223333:role/function', audience: 'api://AzureADTokenExchange', seconds: 300 }]);
});

test('with its own role, an identity requests the AWS tokens as that role', async () => {
  const RoleArn = 'arn:aws:iam::111122223333:role/azure';
  const Identity = `${scene.wanted().Identity};${RoleArn}`;
  scene.environment.AZURE_IDENTITIES = Identity;
  scene.cloud.sts.roles.add(RoleArn);
  scene.cloud.entra.credentials = [{ ...scene.cloud.entra.credentials[0], subject: RoleArn }];

  expect(await scene.deploy({ Identity })).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.cloud.sts.issued).toMatchObject([{ subject: RoleArn }]);
});

test('the resource group is created if requested, and an existing one is not changed', async () => {
  await scene.deploy({ ResourceGroup: 'new', CreateResourceGroup: 'true', RegistryName: 'otherimages' });
  expect(changes()).toEqual(['ResourceGroups_CreateOrUpdate', 'Registries_Create']);
  expect(scene.cloud.arm.groups.get('new')).toMatchObject({ location: 'westeurope' });

  const again = await AzureScene.open();
  again.cloud.arm.groups.set('new', { location: 'eastus', tags: { owner: 'somebody' } });
  await again.deploy({ ResourceGroup: 'new', CreateResourceGroup: 'true' });
  expect(again.cloud.arm.changes).toEqual(['Registries_Create']);
  expect(again.cloud.arm.groups.get('new')).toEqual({ location: 'eastus', tags: { owner: 'somebody' } });
  await again.close();
});

test('an update changes SKU, public network access and tags in place, and keeps tags that others added', async () => {
  const { PhysicalResourceId } = await scene.deploy({ Tags: { team: 'web', old: 'yes' } });
  const created = registry();
  if (created) created.tags = { ...created.tags, policy: 'added by Azure Policy' };
  changes();

  const told = await scene.deploy({ Sku: 'Premium', PublicNetworkAccess: 'Disabled', Tags: { team: 'shop' } });

  expect(told).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId });
  expect(changes()).toEqual(['Registries_Update']);
  expect(registry()).toMatchObject({ sku: 'Premium', properties: { publicNetworkAccess: 'Disabled' } });
  expect(registry()?.tags).toEqual({ 'team': 'shop', 'policy': 'added by Azure Policy', 'cdk-container-delivery:created-by': expect.stringMatching(/^[0-9a-f]{16}$/) });
});

test('settings that are already correct are not changed, also if the event arrives twice', async () => {
  const event = { RequestType: 'Create' as const, ResourceProperties: scene.wanted(), RequestId: 'one' };
  const first = await scene.serve(event);
  changes();

  expect(await scene.serve(event)).toEqual(first);
  expect(changes()).toEqual([]);
});

test('two deliveries of one Create at the same time create one registry', async () => {
  const event = { RequestType: 'Create' as const, ResourceProperties: scene.wanted(), RequestId: 'one' };
  const other = Object.assign(Object.create(Object.getPrototypeOf(scene)), scene, { lines: [] }) as AzureScene;
  const [first, second] = await Promise.all([scene.serve(event), other.serve(event)]);

  expect(second).toEqual(first);
  expect(first.Status).toBe('SUCCESS');
  expect(scene.cloud.arm.registries.size).toBe(1);
});

test('another name replaces the registry, and the earlier one is kept by default', async () => {
  const { PhysicalResourceId } = await scene.deploy();
  const told = await scene.deploy({ RegistryName: 'otherimages' });

  expect(told.PhysicalResourceId).not.toBe(PhysicalResourceId);
  expect([...scene.cloud.arm.registries.keys()]).toEqual(['teamimages', 'otherimages']);
});

test('another spelling of the same name is no replacement, so that the registry is not deleted', async () => {
  const { PhysicalResourceId } = await scene.deploy({ OnRemoval: 'Delete', EmptyOnDelete: 'true' });
  expect(await scene.deploy({ RegistryName: 'TeamImages', ResourceGroup: 'Examples', OnRemoval: 'Delete', EmptyOnDelete: 'true' })).toMatchObject({ PhysicalResourceId });
  expect(registry()).toBeDefined();
});

test.each([
  ['location', { Location: 'northeurope' }, /the registry teamimages is in westeurope, and Azure cannot move it to northeurope; use another registryName/],
  ['zone redundancy', { ZoneRedundancy: 'Enabled', Sku: 'Premium' }, /has the zone redundancy Disabled, and Azure cannot change it to Enabled; use another registryName/],
])('another %s of the same registry fails with a fix, and the rollback succeeds', async (_, change, message) => {
  await scene.deploy();
  changes();
  expect((await scene.deploy(change)).Reason).toMatch(message);
  expect(changes()).toEqual([]);
});

test('user and password of the admin user are stored in a secret and returned nowhere', async () => {
  const told = await scene.deploy({ AdminSecret: ADMIN_SECRET });

  const [password] = registry()?.passwords ?? [];
  expect(scene.stored).toEqual([{ SecretId: ADMIN_SECRET, SecretString: JSON.stringify({ username: 'teamimages', password }), ClientRequestToken: expect.stringMatching(/^[0-9a-f]{64}$/) }]);
  expect(JSON.stringify(told)).not.toContain(password);
  // The same password is the same version of the secret.
  await scene.deploy({ AdminSecret: ADMIN_SECRET, Tags: { team: 'web' } });
  expect(scene.stored[1]).toEqual(scene.stored[0]);

  await scene.deploy();
  expect(registry()?.properties.adminUserEnabled).toBe(false);
});

test('an existing registry is adopted only if requested, and then never deleted', async () => {
  scene.cloud.arm.put('teamimages', 'examples', { tags: { owner: 'somebody' } });
  expect((await scene.deploy()).Reason).toMatch(/the registry teamimages exists already in the resource group examples; set adoptExisting: true/);
  expect(registry()?.tags).toEqual({ owner: 'somebody' });

  expect(await scene.deploy({ AdoptExisting: 'true', OnRemoval: 'Delete', EmptyOnDelete: 'true' })).toMatchObject({ Status: 'SUCCESS' });
  expect(registry()?.tags).toMatchObject({ owner: 'somebody' });
  // An adopted registry can be left to the stack without the option later.
  expect(await scene.deploy({ OnRemoval: 'Delete', EmptyOnDelete: 'true', Sku: 'Standard' })).toMatchObject({ Status: 'SUCCESS' });
  expect(await scene.remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(registry()).toMatchObject({ state: 'Succeeded', sku: 'Standard' });
});

test('a long operation continues in the next invocation', async () => {
  scene.milliseconds = 60_000;
  scene.cloud.arm.polls = 20;
  expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.invocations).toBeGreaterThan(1);
  expect(changes()).toEqual(['Registries_Create']);
});

test('removal keeps the registry by default', async () => {
  await scene.deploy();
  changes();
  expect(await scene.remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(changes()).toEqual([]);
  expect(scene.lines.at(-1)).toMatch(/nothing is deleted: its removal policy is RETAIN/);
});

test('with removal policy DESTROY, an empty registry is deleted, and its own resource group with it', async () => {
  await scene.deploy({ ResourceGroup: 'new', CreateResourceGroup: 'true', OnRemoval: 'Delete' });
  expect(await scene.remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.cloud.arm.registries.size).toBe(0);
  expect([...scene.cloud.arm.groups.keys()]).toEqual(['examples']);
});

test('a resource group with other resources, or with another owner, is kept', async () => {
  await scene.deploy({ ResourceGroup: 'new', CreateResourceGroup: 'true', OnRemoval: 'Delete' });
  scene.cloud.arm.put('another', 'new');
  await scene.remove();
  expect([...scene.cloud.arm.groups.keys()]).toEqual(['examples', 'new']);
});

test('a registry with images is not deleted, unless the user wants that', async () => {
  scene.repositories = ['team/web'];
  await scene.deploy({ OnRemoval: 'Delete' });
  expect((await scene.remove()).Reason).toMatch(/the registry teamimages has images, for example in team\/web; delete them in Azure and try again, because emptyOnDelete: true has to be deployed before the removal/);
  expect(registry()?.state).toBe('Succeeded');

  await scene.deploy({ OnRemoval: 'Delete', EmptyOnDelete: 'true' });
  expect(await scene.remove()).toMatchObject({ Status: 'SUCCESS' });
  expect(registry()).toBeUndefined();
});

test.each([
  ['without images is deleted', {}, [], false],
  ['with images is kept', {}, ['team/web'], true],
  ['with images is kept, also with RemovalPolicy.DESTROY', { OnRemoval: 'Delete' }, ['team/web'], true],
  ['with images is deleted if the user has chosen emptyOnDelete', { OnRemoval: 'Delete', EmptyOnDelete: 'true' }, ['team/web'], false],
])('in the rollback of its creation never fails: a registry %s', async (_, settings, images, isKept) => {
  scene.repositories = images;
  // The scene expects that the rollback succeeds.
  await scene.deploy(settings, 'another resource fails');
  expect(registry() !== undefined).toBe(isKept);
});

test('a registry that failed later is not deleted with its images either', async () => {
  scene.repositories = ['team/web'];
  await scene.deploy({ OnRemoval: 'Delete' });
  Object.assign(registry() ?? {}, { state: 'Failed' });

  // The fake Azure does not answer for such a registry.
  expect((await scene.remove()).Reason).toMatch(/it is unknown whether the registry teamimages has images, so it is not deleted/);
  expect(registry()).toBeDefined();
});

test('a registry whose identity was removed from the function in the same deployment is reported, not forgotten', async () => {
  await scene.deploy({ OnRemoval: 'Delete' });
  scene.environment = { ...scene.environment, AZURE_IDENTITIES: '' };

  expect(await scene.remove()).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('remove the registry in one deployment and its identity in the next') });
});

test('if it is unknown whether a registry has images, it is not deleted', async () => {
  await scene.deploy({ OnRemoval: 'Delete' });
  scene.cloud.logins[0].isReachable = false;
  expect((await scene.remove()).Reason).toMatch(/it is unknown whether the registry teamimages has images, so it is not deleted: .*403 DENIED.*or deploy emptyOnDelete: true before the removal/);
  expect(registry()).toBeDefined();
});

test('a registry that is already deleted does not prevent its removal', async () => {
  await scene.deploy({ OnRemoval: 'Delete' });
  scene.cloud.arm.registries.clear();
  expect(await scene.remove()).toMatchObject({ Status: 'SUCCESS' });
});
