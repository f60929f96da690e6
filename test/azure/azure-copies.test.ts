import { copyWork, optionsOf } from '../../src/copy/handler/copy-work';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { send } from '../../src/custom-resource/small-request';
import { AzureCloud, IDENTITY } from '../helpers/azure-cloud';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { image } from '../helpers/registry-images';

const SERVER = 'teamimages.azurecr.io';
const WEB = image('web');
let source: TestRegistry;
let backend: TestRegistry;
let cloud: AzureCloud;
let clock: TestClock;
let environment: Record<string, string>;
beforeEach(async () => {
  clock = new TestClock();
  [source, backend] = await Promise.all([TestRegistry.start(), TestRegistry.start()]);
  cloud = await AzureCloud.start({ teamimages: backend.origin }, () => clock.now());
  cloud.arm.put('teamimages', 'examples');
  source.add('team/web', WEB, 'v1');
  // Unlike Azure, the registry of the tests creates no repository by itself.
  backend.repository('team/web');
  environment = {
    AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret-canary', ...cloud.variables,
    REGISTRY_LOGINS: `destination ${IDENTITY} ${SERVER},source ${IDENTITY} ${SERVER}`,
    REGISTRY_ORIGINS: JSON.stringify({ ...cloud.loginOrigins, [source.host]: source.origin }),
  };
});
afterEach(async () => {
  await Promise.all([cloud.stop(), source.stop(), backend.stop()]);
});

const PROPERTIES = { SchemaVersion: '1', Destination: `${SERVER}/team/web`, DestinationIdentity: IDENTITY, LiveTagPrefix: 'live-web.1234.', Tags: ['v1'] };

/** The work of one process: all copies share its tokens. */
function newCopies() {
  const work = copyWork(optionsOf({ environment, clock, send }));
  return async (changes: object = {}) => {
    const event = { RequestType: 'Create', ResourceProperties: { ...PROPERTIES, Source: `${source.host}/team/web:v1`, ...changes } } as unknown as CustomResourceEvent;
    const outcome = await work(event, { deadline: clock.now() + 600_000, signal: new AbortController().signal });
    for (const secret of cloud.secrets) expect(JSON.stringify(outcome)).not.toContain(secret);
    return outcome;
  };
}

test('an image is pushed with the refresh token of the identity, and arrives unchanged', async () => {
  expect(await newCopies()()).toMatchObject({ status: 'SUCCESS', data: { DigestHex: WEB.digest.slice(7) } });
  expect(Object.fromEntries(backend.repository('team/web').tags)).toMatchObject({ v1: WEB.digest });
  // The token of Entra ID is for registries only, not for Azure Resource Manager.
  expect(cloud.entra.tokens).toHaveLength(1);
  expect(() => cloud.entra.verified(cloud.entra.tokens[0], 'https://containerregistry.azure.net')).not.toThrow();
});

test('an image is pulled from Azure with an identity', async () => {
  backend.add('team/web', WEB, 'v2');
  const { host, origin } = source;
  environment.REGISTRY_ORIGINS = JSON.stringify({ ...cloud.loginOrigins, [host]: origin });
  const changes = { Source: `${SERVER}/team/web:v2`, SourceIdentity: IDENTITY, Destination: `${host}/copied`, DestinationIdentity: undefined };
  source.repository('copied');
  expect(await newCopies()(changes)).toMatchObject({ status: 'SUCCESS' });
});

test('copies of one process share their tokens until shortly before these expire', async () => {
  const copy = newCopies();
  await copy();
  await copy();
  expect([cloud.sts.issued.length, cloud.entra.tokens.length, cloud.logins[0].tokens.length]).toEqual([1, 1, 1]);

  clock.advance(2 * 3600_000 + 57 * 60_000);
  expect(await copy()).toMatchObject({ status: 'SUCCESS' });
  expect([cloud.sts.issued.length, cloud.entra.tokens.length, cloud.logins[0].tokens.length]).toEqual([2, 2, 2]);
});

test.each<[string, () => void, RegExp]>([
  ['the identity has no role in the registry', () => { cloud.logins[0].role = 'none'; }, /teamimages\.azurecr\.io: the exchange of its token was answered with 401 UNAUTHORIZED.*assign a role such as AcrPush/],
  ['the registry rejects public networks', () => { cloud.logins[0].isReachable = false; }, /403 DENIED: client with IP '192\.0\.2\.1' is not allowed access.*check its public network access/],
  ['no federated credential matches', () => { cloud.entra.credentials = []; }, /AADSTS700211.*add a federated credential with these values/],
  ['federation is disabled', () => { cloud.sts.isEnabled = false; }, /outbound identity federation is disabled in this account/],
])('if %s, the failure comes with a fix', async (_, change, message) => {
  change();
  expect(await newCopies()()).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(message) });
  expect(await newCopies()()).toMatchObject({ reason: expect.not.stringContaining('its secret') });
});

test('an identity that may only pull cannot push', async () => {
  cloud.logins[0].role = 'AcrPull';
  expect(await newCopies()()).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/could not .* at the destination teamimages\.azurecr\.io\/team\/web.*check those in its secret, or the roles of its identity/) });
});

test.each([
  ['another identity', { DestinationIdentity: IDENTITY.replace(/^azure;[^;]+/, 'azure;99999999-8888-4777-8666-555555555555') }],
  ['another registry', { Destination: 'attacker.azurecr.io/team/web' }],
  ['another host', { Destination: 'attacker.example/team/web' }],
  ['the other side', { Source: `${SERVER}/team/web:v1`, SourceIdentity: `${IDENTITY};arn:aws:iam::111122223333:role/x` }],
])('an event cannot choose %s', async (_, changes) => {
  expect(await newCopies()(changes)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/this function may not send a token of the identity .* its variable REGISTRY_LOGINS does not list them together/) });
  expect(cloud.sts.issued).toEqual([]);
});

test('a host that is not a login server gets no token, even if the function allows it', async () => {
  environment.REGISTRY_LOGINS = `destination ${IDENTITY} attacker.example`;
  expect(await newCopies()({ Destination: 'attacker.example/team/web' })).toMatchObject({
    status: 'FAILED', reason: expect.stringMatching(/'attacker\.example' is not the login server of a registry in \*\.azurecr\.io, so it gets no token/),
  });
  expect(cloud.sts.issued).toEqual([]);
});
