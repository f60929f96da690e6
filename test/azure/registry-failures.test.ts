import { SUBSCRIPTION } from '../helpers/azure-arm';
import { IDENTITY } from '../helpers/azure-cloud';
import { CLIENT, TENANT } from '../helpers/azure-entra';
import { AzureScene } from '../helpers/azure-scene';

const ROLE = 'arn:aws:iam::111122223333:role/function';
const ISSUER = 'https://a1b2c3d4-0000-4000-8000-000000000000.tokens.sts.global.api.aws';
let scene: AzureScene;
beforeEach(async () => { scene = await AzureScene.withRegistries(); });
afterEach(async () => scene.close());

const registries = () => [...scene.cloud.arm.registries.keys()];

describe('the first errors that users meet come with a fix:', () => {
  test.each<[string, (scene: AzureScene) => void, Record<string, unknown>, RegExp]>([
    ['federation is not enabled in the account', ({ cloud }) => { cloud.sts.isEnabled = false; }, {},
      /outbound identity federation is disabled in this account; add an OutboundIdentityFederation/],
    ['the issuer is not trusted', ({ cloud }) => { cloud.entra.credentials = []; }, {},
      new RegExp(`AADSTS700211.*add a federated credential with these values to the application or managed identity ${CLIENT}: issuer '${ISSUER}', subject '${ROLE}', audience 'api://AzureADTokenExchange'`)],
    ['the subject is another role', ({ cloud }) => { cloud.entra.credentials = [{ ...cloud.entra.credentials[0], subject: 'arn:aws:iam::111122223333:role/other' }]; }, {},
      new RegExp(`AADSTS700213.*subject '${ROLE}'`)],
    ['the audience is another one', ({ cloud }) => { cloud.entra.credentials = [{ ...cloud.entra.credentials[0], audience: 'https://example.com' }]; }, {},
      /AADSTS700212.*audience 'api:\/\/AzureADTokenExchange'/],
    ['the issuer is trusted, but signs with other keys', ({ cloud }) => { Object.defineProperty(cloud.sts, 'keys', { value: [] }); }, {},
      /AADSTS50013.*check that the issuer of the federated credential is the issuer of this AWS account/],
    ['the application is not in the tenant', ({ cloud }) => { cloud.entra.failures.push({ status: 400, code: 'AADSTS700016', message: 'Application not found.' }); }, {},
      new RegExp(`AADSTS700016.*check the client ID, and that its application is in the tenant ${TENANT}`)],
    ['the tenant does not exist', ({ cloud }) => { cloud.entra.failures.push({ status: 400, code: 'AADSTS90002', message: 'Tenant not found.' }); }, {}, /AADSTS90002.*check the tenant ID/],
    ['the identity has no role', ({ cloud }) => { cloud.arm.hasRole = false; }, {},
      new RegExp(`403 AuthorizationFailed.*assign the role Contributor to the client ${CLIENT} on the resource group examples; a new assignment can take ten minutes`)],
    ['the identity has no role to create a resource group', ({ cloud }) => { cloud.arm.hasRole = false; }, { CreateResourceGroup: 'true' },
      new RegExp(`assign the role Contributor to the client ${CLIENT} on the subscription ${SUBSCRIPTION}`)],
    ['the resource provider is not registered', ({ cloud }) => { cloud.arm.isRegistered = false; }, {},
      new RegExp(`409 MissingSubscriptionRegistration.*az provider register --namespace Microsoft.ContainerRegistry --subscription ${SUBSCRIPTION}`)],
    ['the subscription is another one', () => undefined, { SubscriptionId: TENANT }, new RegExp(`404 SubscriptionNotFound.*check that the subscription ${TENANT} is enabled`)],
    ['the resource group does not exist', ({ cloud }) => cloud.arm.groups.clear(), {}, /404 ResourceGroupNotFound.*create the resource group examples, or set createResourceGroup: true/],
    ['the name is taken', ({ cloud }) => { cloud.arm.taken.add('teamimages'); }, {},
      /the name 'teamimages' cannot be used for a registry: The registry teamimages is already in use\.?; choose another registryName than 'teamimages', because names of registries are unique/],
    ['the quota is used up', ({ cloud }) => { cloud.arm.failures.push({ operation: 'Registries_Create', status: 409, code: 'MaxRegistriesReached', message: 'The maximum number of registries is reached.' }); }, {},
      /409 MaxRegistriesReached.*delete registries that are not used, or request a higher quota/],
    ['the location has no registries', () => undefined, { Location: 'antarctica' }, /400 LocationNotAvailableForResourceType.*choose another location/],
    ['an Azure policy forbids it', ({ cloud }) => { cloud.arm.failures.push({ operation: 'Registries_Create', status: 403, code: 'RequestDisallowedByPolicy', message: 'Disallowed.' }); }, {},
      /403 RequestDisallowedByPolicy.*ask for an exemption from the Azure policy/],
    ['the SKU does not allow an option', () => undefined, { PublicNetworkAccess: 'Disabled' }, /400 SkuNotSupported: The SKU does not support this feature\. Use the Premium SKU/],
    ['an operation fails later', ({ cloud }) => { cloud.arm.failures.push({ operation: 'Registries_Create', status: 500, code: 'RegistryProvisioningFailed', message: 'Storage is missing.', later: true }); }, {},
      /the operation was answered with RegistryProvisioningFailed: Storage is missing/],
  ])('%s', async (_, change, properties, message) => {
    change(scene);
    const { Status, Reason } = await scene.deploy(properties);
    expect(Status).toBe('FAILED');
    expect(Reason).toMatch(message);
    // The rollback, which `deploy` has checked, has left nothing.
    expect(registries()).toEqual([]);
  });

  test('a lock prevents the deletion', async () => {
    await scene.deploy({ OnRemoval: 'Delete' });
    scene.cloud.arm.failures.push({ operation: 'Registries_Delete', status: 409, code: 'ScopeLocked', message: 'The scope cannot perform delete operation because it is locked.' });
    expect((await scene.remove()).Reason).toMatch(/409 ScopeLocked.*remove the lock in Azure/);
  });

  test('an identity without a role in the registry cannot find out whether it has images', async () => {
    await scene.deploy({ OnRemoval: 'Delete' });
    scene.cloud.logins[0].role = 'none';
    expect((await scene.remove()).Reason).toMatch(new RegExp(`401 UNAUTHORIZED.*assign a role such as AcrPush to the client ${CLIENT} on the registry`));
  });
});

describe('a rollback leaves no new registry behind, and deletes no existing one:', () => {
  test.each(['RETAIN', 'DESTROY'])('if another resource fails, the new registry and its resource group are deleted (%s)', async policy => {
    await scene.deploy({ ResourceGroup: 'new', CreateResourceGroup: 'true', ...policy === 'DESTROY' && { OnRemoval: 'Delete' } }, 'another resource fails');
    expect(registries()).toEqual([]);
    expect([...scene.cloud.arm.groups.keys()]).toEqual(['examples']);
  });

  test('a new registry with images is kept', async () => {
    scene.repositories = ['team/web'];
    await scene.deploy({}, 'another resource fails');
    expect(registries()).toEqual(['teamimages']);
    expect(scene.lines.at(-1)).toMatch(/nothing is deleted: the registry teamimages has images/);
  });

  test('an adopted registry is kept', async () => {
    scene.cloud.arm.put('teamimages', 'examples');
    await scene.deploy({ AdoptExisting: 'true', OnRemoval: 'Delete', EmptyOnDelete: 'true' }, 'another resource fails');
    expect(registries()).toEqual(['teamimages']);
  });

  test('a registry that was found, not created, is kept', async () => {
    scene.cloud.arm.put('teamimages', 'examples', { tags: { owner: 'somebody' } });
    await scene.deploy({ OnRemoval: 'Delete', EmptyOnDelete: 'true' });
    expect(registries()).toEqual(['teamimages']);
  });

  test('an undone replacement deletes the new registry, and keeps the earlier one with its settings', async () => {
    await scene.deploy({ Sku: 'Standard' });
    await scene.deploy({ RegistryName: 'otherimages' }, 'another resource fails');
    expect(registries()).toEqual(['teamimages']);
    expect(scene.cloud.arm.registries.get('teamimages')).toMatchObject({ sku: 'Standard', state: 'Succeeded' });
  });

  test('an undone update restores the settings', async () => {
    await scene.deploy({ Tags: { team: 'web' } });
    await scene.deploy({ Sku: 'Premium', Tags: { team: 'shop', more: 'x' } }, 'another resource fails');
    expect(scene.cloud.arm.registries.get('teamimages')).toMatchObject({ sku: 'Basic', tags: { team: 'web' } });
    expect(scene.cloud.arm.registries.get('teamimages')?.tags.more).toBeUndefined();
  });

  test('a failed update leaves the registry as it was', async () => {
    await scene.deploy();
    scene.cloud.arm.failures.push({ operation: 'Registries_Update', status: 500, code: 'InternalServerError', message: 'Oops.', later: true });
    expect((await scene.deploy({ Sku: 'Premium' })).Reason).toMatch(/InternalServerError/);
    expect(scene.cloud.arm.registries.get('teamimages')).toMatchObject({ sku: 'Basic', state: 'Succeeded' });
  });

  test('if it is unknown whether CloudFormation rolls back, the removal policy counts', async () => {
    await scene.deploy();
    const told = await scene.serve({ RequestType: 'Delete', PhysicalResourceId: 'x', ResourceProperties: scene.wanted() });
    scene.stackStatus = undefined;
    expect(told.Status).toBe('SUCCESS');
    expect(registries()).toEqual(['teamimages']);
  });

  test('an invocation that continues during the rollback does not create the registry again', async () => {
    scene.milliseconds = 60_000;
    scene.cloud.arm.polls = 20;
    scene.onInvocation = number => {
      if (number < 2) return;
      scene.stackStatus = 'ROLLBACK_IN_PROGRESS';
      scene.cloud.arm.registries.clear();
      scene.cloud.arm.polls = 0;
    };
    const told = await scene.serve({ RequestType: 'Create', ResourceProperties: scene.wanted() });
    expect(told.Reason).toMatch(/CloudFormation rolls back, so the registry is not created/);
    expect(registries()).toEqual([]);
  });
});

describe('temporary failures are retried:', () => {
  test.each<[string, { status: number; code: string; retryAfter?: number }]>([
    ['a limit of requests', { status: 429, code: 'TooManyRequests', retryAfter: 7 }],
    ['a failing server', { status: 503, code: 'ServerTimeout' }],
    ['a role assignment that has not taken effect', { status: 403, code: 'AuthorizationFailed' }],
    ['another operation', { status: 409, code: 'AnotherOperationInProgress' }],
  ])('%s', async (_, failure) => {
    scene.cloud.arm.failures.push({ operation: 'Registries_Create', message: 'Try again.', ...failure });
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    if (failure.retryAfter) expect(Math.max(...scene.clock.sleeps)).toBeGreaterThanOrEqual(failure.retryAfter * 1000);
  });

  test('a federated credential that was just added', async () => {
    scene.cloud.entra.failures.push({ status: 401, code: 'AADSTS700213', message: 'No matching federated identity record found.' });
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('a token that expires during the work', async () => {
    scene.milliseconds = 14_400_000;
    scene.cloud.arm.polls = 690; // nearly one hour
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.entra.tokens).toHaveLength(2);
  });
});

describe('an event cannot choose where a token goes:', () => {
  const forged = async (changes: Record<string, unknown>, event: object = {}) => scene.serve({ RequestType: 'Create', ResourceProperties: scene.wanted(changes), ...event });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['another identity', { Identity: `azure;${TENANT};${TENANT};PUBLIC` }, /this function may not act as the client 72f988bf.*AZURE_IDENTITIES does not list that identity/],
    ['another cloud', { Identity: IDENTITY.replace('PUBLIC', 'CHINA') }, /this function may not act as the client/],
    ['another role', { Identity: `${IDENTITY};arn:aws:iam::111122223333:role/admin` }, /this function may not act as the client/],
    ['an identity of Google', { Identity: 'google;123;pool;provider;a@b.iam.gserviceaccount.com' }, /'Identity' is not an identity of Azure/],
    ['a tenant that is a path', { Identity: `azure;..;${CLIENT};PUBLIC` }, /'Identity' is not an identity of Azure/],
    ['a subscription that is a path', { SubscriptionId: '../providers' }, /'SubscriptionId' must be the ID of a subscription/],
    ['a registry that is a path', { RegistryName: 'a/../../x' }, /'RegistryName' must be 5 to 50 letters and digits/],
    ['a resource group that is a path', { ResourceGroup: 'a/providers/x' }, /'ResourceGroup' must be the name of a resource group/],
    ['an invalid secret', { AdminSecret: 'https://example.com' }, /'AdminSecret' must be the ARN of a secret/],
    ['another version', { SchemaVersion: '2' }, /'SchemaVersion' must be '1'/],
  ])('%s is rejected before anything is requested', async (_, changes, message) => {
    expect((await forged(changes)).Reason).toMatch(message);
    expect(scene.hosts.size).toBe(0);
  });

  test('without the variable, no identity is allowed', async () => {
    scene.environment.AZURE_IDENTITIES = undefined;
    expect((await forged({})).Reason).toMatch(/may not act as the client/);
  });

  test.each(['https://attacker.example/poll', '//attacker.example/poll', 'http://attacker.example', '/\\attacker.example', '/subscriptions/../..//attacker.example'])('a forged memo only leads to Azure Resource Manager: %s', async operation => {
    const hosts = () => [...scene.hosts].filter(host => !host.startsWith('127.0.0.1'));
    await forged({}, { Continuation: { Hop: 1, Memo: JSON.stringify({ operation }) } });
    expect(hosts()).toEqual([]);
  });

  test('the origin of Azure Resource Manager is not part of an event', async () => {
    await forged({ CLOUD_ORIGINS: '{}', ManagementHost: 'attacker.example' });
    expect(scene.cloud.arm.changes).toEqual(['Registries_Create']);
  });
});
