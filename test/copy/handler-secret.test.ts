import { copyWork } from '../../src/copy/handler/copy-work';
import { SecretUnavailable, readSecret } from '../../src/copy/handler/credentials';
import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { image } from '../helpers/registry-images';

const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf';
const PASSWORD = 'password-canary';
const ENVIRONMENT = { AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'secret', AWS_SESSION_TOKEN: 'token' };

describe('the credentials of a private registry', () => {
  let sent: SmallRequest[];
  const read = async (answer: SmallResponse | Error, arn = ARN) => readSecret(arn, {
    environment: ENVIRONMENT,
    clock: new TestClock(),
    send: async request => {
      sent.push(request);
      if (answer instanceof Error) throw answer;
      return answer;
    },
  });
  beforeEach(() => { sent = []; });

  test('are read from Secrets Manager, in the region of the secret, when the image is copied', async () => {
    const SecretString = JSON.stringify({ username: 'bob', password: PASSWORD });

    expect(await read({ status: 200, body: JSON.stringify({ SecretString }) })).toEqual({ username: 'bob', password: PASSWORD });
    expect(sent).toEqual([expect.objectContaining({ method: 'POST', body: JSON.stringify({ SecretId: ARN }) })]);
    expect(sent[0].url.href).toBe('https://secretsmanager.eu-west-1.amazonaws.com/');
    expect(sent[0].headers).toMatchObject({
      'X-Amz-Target': 'secretsmanager.GetSecretValue',
      'Authorization': expect.stringMatching(/Credential=key\/\d{8}\/eu-west-1\/secretsmanager\/aws4_request/),
    });
  });

  test.each<[string, SmallResponse | Error, string]>([
    ['when they may not be read', { status: 400, body: '{"__type":"AccessDeniedException"}' }, `could not read the secret ${ARN}: Secrets Manager answered 400 AccessDeniedException; allow secretsmanager:GetSecretValue, and kms:Decrypt on its key, to the role of the function`],
    ['without an answer', new Error(`connect ${PASSWORD}`), `could not read the secret ${ARN}: Secrets Manager in eu-west-1 could not be reached`],
    ['when they are no JSON', { status: 200, body: JSON.stringify({ SecretString: PASSWORD }) }, `the secret ${ARN} must be JSON like {"username":"...","password":"..."}`],
    ['when a part is missing', { status: 200, body: JSON.stringify({ SecretString: '{"username":"bob"}' }) }, `the secret ${ARN} must be JSON like {"username":"...","password":"..."}`],
    ['when they are binary', { status: 200, body: JSON.stringify({ SecretBinary: 'AAAA' }) }, `the secret ${ARN} must be JSON like {"username":"...","password":"..."}`],
  ])('fail %s with one sentence that shows no part of them', async (_, answer, sentence) => {
    await expect(read(answer)).rejects.toThrow(sentence);
    await expect(read(answer)).rejects.not.toThrow(PASSWORD);
  });
});

describe('an image of a private registry', () => {
  let source: TestRegistry;
  let destination: TestRegistry;
  const web = image('web');

  beforeEach(async () => {
    [source, destination] = [await TestRegistry.start({ basic: `bob:${PASSWORD}` }), await TestRegistry.start({})];
    source.add('team/web', web, 'v1');
  });
  afterEach(async () => Promise.all([source.stop(), destination.stop()]));

  async function mirror(properties: Record<string, unknown>, secret = async (arn: string) => (
    { username: 'bob', password: arn === ARN ? PASSWORD : 'wrong' }
  )) {
    const work = copyWork({
      clock: new TestClock(),
      credentials: { credentialsFor: async () => undefined },
      secret,
      origins: () => ({ [source.host]: source.origin, [destination.host]: destination.origin }),
    });
    return work({
      RequestType: 'Create', ResponseURL: 'https://answer.example', StackId: 's', RequestId: 'r', LogicalResourceId: 'l',
      ResourceProperties: {
        SchemaVersion: '1', Source: `${source.host}/team/web:v1`, Destination: `${destination.host}/mirror/web`, LiveTagPrefix: 'live-web.', ...properties,
      },
    }, { deadline: Infinity, signal: new AbortController().signal });
  }

  test('is mirrored with the credentials of its secret, which are never sent to another registry', async () => {
    expect(await mirror({ SourceCredentials: ARN })).toMatchObject({ status: 'SUCCESS', data: { DigestHex: web.digest.slice(7) } });
    expect(destination.requests.map(({ headers }) => headers.authorization).filter(Boolean)).toEqual([]);
  });

  test('is not read if its token host is invalid', async () => {
    expect(await mirror({ SourceCredentials: ARN, SourceTokenHost: 'https://tokens.example' })).toMatchObject({
      status: 'FAILED', reason: expect.stringMatching(/^the property 'SourceTokenHost' is wrong: /),
    });
    expect(source.count()).toBe(0);
  });

  test('waits for a secret whose permission is new', async () => {
    let denied = 2;
    const patient = await mirror({ SourceCredentials: ARN }, async () => {
      if (denied-- > 0) throw new SecretUnavailable('not yet');
      return { username: 'bob', password: PASSWORD };
    });
    expect(patient).toMatchObject({ status: 'SUCCESS' });
  });

  test('is copied to another private registry, each with its own password', async () => {
    await destination.stop();
    destination = await TestRegistry.start({ basic: `bob:${PASSWORD}` });

    expect(await mirror({ SourceCredentials: ARN, DestinationCredentials: ARN })).toMatchObject({ status: 'SUCCESS' });
    expect(destination.repository('mirror/web').tags.get(`live-web.${web.digest.slice(7, 19)}`)).toBe(web.digest);
    expect(await mirror({ SourceCredentials: ARN })).toMatchObject({
      status: 'FAILED', reason: expect.stringMatching(/at the destination .* answered 401/),
    });
  });

  test('is copied within its registry, and mounted only if source and target have the same secret', async () => {
    const within = { Destination: `${source.host}/mirror/web`, SourceCredentials: ARN };
    expect(await mirror({ ...within, DestinationCredentials: ARN })).toMatchObject({ status: 'SUCCESS' });
    expect(source.count('mount')).toBeGreaterThan(0);

    const mounts = source.count('mount');
    const other = { Destination: `${source.host}/mirror/other`, DestinationCredentials: `${ARN}-2` };
    expect(await mirror({ ...within, ...other }, async () => ({ username: 'bob', password: PASSWORD }))).toMatchObject({ status: 'SUCCESS' });
    expect(source.count('mount')).toBe(mounts);
  });

  test.each<[string, Record<string, unknown>, RegExp]>([
    ['without credentials', {}, /^could not read the manifest from the source \S+\/team\/web:v1: the registry answered 401.*; the image is private, or it does not exist; give credentials for this host, or check those in its secret$/],
    ['with wrong ones', { SourceCredentials: ARN.replace('hub', 'other') }, /^could not read the manifest from the source \S+\/team\/web:v1: the registry answered 401/],
    ['with a secret for the other side only', { Destination: 'HOST/mirror/web', DestinationCredentials: ARN }, /^could not read the manifest from the source \S+\/team\/web:v1: the registry answered 401/],
    ['with an invalid secret', { SourceCredentials: 'bob:password' }, /^the property 'SourceCredentials' is not the ARN of a secret$/],
  ])('fails %s, with the fix and without the password', async (_, properties, sentence) => {
    const here = Object.entries(properties).map(([name, value]) => [name, String(value).replace('HOST', source.host)]);
    const outcome = await mirror(Object.fromEntries(here));
    expect(outcome).toEqual({ status: 'FAILED', reason: expect.stringMatching(sentence) });
    expect(JSON.stringify(outcome)).not.toContain(PASSWORD);
  });
});
