import { copyWork, optionsOf } from '../../src/copy/handler/copy-work';
import { send } from '../../src/custom-resource/small-request';
import { AwsFederation } from '../helpers/aws-federation';
import { GOOGLE_IDENTITY_TEXT, GoogleCloud } from '../helpers/google-cloud';
import { GoogleDocker } from '../helpers/google-docker';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { image } from '../helpers/registry-images';

const NAME = 'projects/my-project/locations/europe-west1/repositories/images';
const WEB = image('web');

let aws: AwsFederation;
let google: GoogleCloud;
let upstream: TestRegistry;
let source: TestRegistry;
let front: GoogleDocker;
let clock: TestClock;

beforeEach(async () => {
  clock = new TestClock();
  [aws, upstream, source] = await Promise.all([AwsFederation.start(), TestRegistry.start({}), TestRegistry.start({})]);
  aws.clock = clock;
  google = await GoogleCloud.start(aws);
  google.repositories.set(NAME, { name: NAME, format: 'DOCKER', createTime: new Date(0).toISOString() });
  front = await GoogleDocker.start(google, upstream.origin);
  source.add('team/web', WEB, 'v1');
});
afterEach(async () => Promise.all([front.stop(), google.stop(), aws.stop(), upstream.stop(), source.stop()]));

/** Copies with a function that may use the identity for one host on both sides. */
async function copy(properties: object, logins = `destination ${GOOGLE_IDENTITY_TEXT} ${front.host},source ${GOOGLE_IDENTITY_TEXT} ${front.host}`) {
  const environment = {
    ...aws.environment, CLOUD_ORIGINS: JSON.stringify(google.origins), REGISTRY_LOGINS: logins,
    REGISTRY_ORIGINS: JSON.stringify({ [front.host]: front.origin, [source.host]: source.origin }),
  };
  const work = copyWork(optionsOf({ clock, environment, send }));
  const ResourceProperties = {
    SchemaVersion: '1', Source: `${source.host}/team/web:v1`, Destination: `${front.host}/my-project/images/web`, LiveTagPrefix: 'live-web.', ...properties,
  };
  const event = { RequestType: 'Create', ResponseURL: 'https://answer.example', StackId: 's', RequestId: 'r', LogicalResourceId: 'l', ResourceProperties } as const;
  return work(event, { deadline: Infinity, signal: new AbortController().signal });
}
const secrets = () => [...aws.tokens, ...google.federatedTokens, ...google.accessTokens.keys(), 'registry-canary'];

test('an image is pushed to Google with an access token as password, which is sent to no other registry', async () => {
  const outcome = await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT, Tags: ['v1'] });

  expect(outcome).toMatchObject({ status: 'SUCCESS', data: { DigestHex: WEB.digest.slice(7) } });
  expect(front.logins).toEqual(['oauth2accesstoken']);
  expect(await front.images(NAME)).toBe(2);
  expect(source.requests.map(({ headers }) => headers.authorization).filter(Boolean)).toEqual([]);
  expect(secrets().filter(secret => JSON.stringify(outcome).includes(secret))).toEqual([]);
});

test('an image is mirrored from Google', async () => {
  await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT, Tags: ['v1'] });

  expect(await copy({ Source: `${front.host}/my-project/images/web:v1`, SourceIdentity: GOOGLE_IDENTITY_TEXT, Destination: `${source.host}/mirror/web` }))
    .toMatchObject({ status: 'SUCCESS', data: { DigestHex: WEB.digest.slice(7) } });
  expect(source.repository('mirror/web').tags.size).toBe(1);
});

test('images of a repository are copied within it with one token', async () => {
  await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT, Tags: ['v1'] });
  const sides = { SourceIdentity: GOOGLE_IDENTITY_TEXT, DestinationIdentity: GOOGLE_IDENTITY_TEXT };

  expect(await copy({ ...sides, Source: `${front.host}/my-project/images/web:v1`, Destination: `${front.host}/my-project/images/other` })).toMatchObject({ status: 'SUCCESS' });
});

test('a token that Google rejects fails the copy, and the next copy requests another one', async () => {
  const { accessTokens } = google;
  google.lifetimeSeconds = 301;
  const real = accessTokens.set.bind(accessTokens);
  let revoked = 1;
  accessTokens.set = (token: string, end: number) => real(token, revoked-- > 0 ? 0 : end);

  expect(await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT })).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('its token endpoint answered 401') });
  expect(await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT })).toMatchObject({ status: 'SUCCESS' });
});

test.each<[string, object, RegExp]>([
  ['another host', { DestinationIdentity: GOOGLE_IDENTITY_TEXT, Destination: 'evil.example/my-project/images/web' }, /^this function may not send a token of the identity google;/],
  ['another service account', { DestinationIdentity: GOOGLE_IDENTITY_TEXT.replace('images@', 'admin@') }, /^this function may not send a token of the identity google;/],
  ['an unknown kind', { DestinationIdentity: 'aliyun;a' }, /^this function may not send a token of the identity aliyun;a/],
])('an event with %s is rejected before a token is requested', async (_, properties, sentence) => {
  expect(await copy(properties)).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(sentence) });
  expect([aws.calls.length, google.calls.length, front.logins.length, source.count()]).toEqual([0, 0, 0, 0]);
});

test('an unknown kind of identity is rejected', async () => {
  expect(await copy({ DestinationIdentity: 'aliyun;a' }, `destination aliyun;a ${front.host}`)).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('names none that is known here') });
});

test('the reason of a failure has a fix for Google', async () => {
  google.mayImpersonate = false;

  expect(await copy({ DestinationIdentity: GOOGLE_IDENTITY_TEXT })).toMatchObject({
    status: 'FAILED', reason: expect.stringMatching(/^could not .+ at the destination europe-west1-docker\.pkg\.dev\/.+: the service account images@.+ could not be impersonated: .+; grant roles\/iam\.workloadIdentityUser/),
  });
});
