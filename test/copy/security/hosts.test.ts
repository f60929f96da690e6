import { CopyWorkOptions, copyWork } from '../../../src/copy/handler/copy-work';
import { EcrCredentials } from '../../../src/copy/handler/credentials';
import { Work } from '../../../src/custom-resource/protocol';
import { send } from '../../../src/custom-resource/small-request';
import { CredentialsProvider } from '../../../src/engine/contract';
import { copyImage } from '../../../src/engine/copy';
import { HostileServer, Resolver, serving } from '../../helpers/hostile';
import { TestRegistry } from '../../helpers/registry';
import { TestClock } from '../../helpers/registry-clock';
import { failureOf, live, noSecret, passwordFor } from '../../helpers/registry-copy';
import { image } from '../../helpers/registry-images';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const TOKEN = 'ecr-token-canary';
const ARN = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf';
const web = image('web');

let stranger: HostileServer;
let ecr: TestRegistry;
let aws: HostileServer;
let credentials: CredentialsProvider;

beforeEach(async () => {
  const authorizationToken = Buffer.from(`AWS:${TOKEN}`).toString('base64');
  [stranger, ecr, aws] = await Promise.all([
    HostileServer.start(serving(web)),
    TestRegistry.start({ basic: `AWS:${TOKEN}` }),
    HostileServer.start((_, response) => response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: 1e12 }] }))),
  ]);
  const environment = { AWS_ENDPOINT_URL: aws.origin, AWS_ACCESS_KEY_ID: 'key', AWS_SECRET_ACCESS_KEY: 'aws-secret-canary', AWS_SESSION_TOKEN: 'session' };
  credentials = new EcrCredentials({ environment, clock: new TestClock(), send });
});
afterEach(async () => { await Promise.all([stranger.stop(), ecr.stop(), aws.stop()]); });

/** Copies with the whole handler. */
async function copy(
  properties: { readonly Source: string; readonly [name: string]: string }, host: string, options: Partial<CopyWorkOptions> = {},
): Promise<Awaited<ReturnType<Work>>> {
  const origins = () => ({ [host]: stranger.origin, [ECR]: ecr.origin });
  const work = copyWork({ clock: new TestClock(), credentials, secret: noSecret, origins, ...options });
  return work({
    RequestType: 'Create', ResponseURL: 'https://answer.example', StackId: 's', RequestId: 'r', LogicalResourceId: 'l',
    ResourceProperties: { SchemaVersion: '1', Destination: `${ECR}/team/web`, LiveTagPrefix: 'live-web.', ...properties },
  }, { deadline: Infinity, signal: new AbortController().signal });
}

const authorizations = () => stranger.caught.map(({ headers }) => headers.authorization).filter(header => header !== undefined);

describe('the ECR login is sent to ECR only, and not to', () => {
  test.each([
    ['evil.example', 'dkr.ecr/x'],
    ['evil.example', `dkr.ecr/eu-west-1.amazonaws.com/${'1'.repeat(12)}`],
    [`${ECR}.evil.example`, 'x'],
    [`evil.${ECR}`, 'x'],
    [`${ECR}:8443`, 'x'],
    [`${ECR}:443`, 'x'],
    [`x${ECR}`, 'x'],
    [`1${ECR}`, 'x'],
    [ECR.slice(1), 'x'],
    ['111122223333.dkr.ecr.eu-west-1.amazonaws.comevil.example', 'x'],
    ['111122223333.dkr.ecr.eu-west-1.evil-amazonaws.com', 'x'],
    ['111122223333.dkr.ecr.eu-west-1.amazonaws.com.cn.evil.example', 'x'],
    ['111122223333.dkr.ecr.evil.example', 'x'],
    ['111122223333.dkr.ecr.evil.amazonaws.com', 'x'],
    ['111122223333.dkr-ecr.eu-west-1.evil.aws', 'x'],
    ['111122223333xdkr.ecr.eu-west-1.amazonaws.com', 'x'],
    ['111122223333.dkr.ecr.eu-west-1xamazonaws.com', 'x'],
    ['111122223333.dkr.ecr.eu-west-1.amazonaws.co', 'x'],
    ['api.ecr.eu-west-1.amazonaws.com', 'x'],
    ['public.ecr.aws', 'x'],
    ['localhost', 'dkr.ecr.eu-west-1.amazonaws.com/x'],
  ])('%s/%s', async (host, repository) => {
    expect(await copy({ Source: `${host}/${repository}:v1` }, host)).toMatchObject({ status: 'SUCCESS' });

    expect(stranger.caught.length).toBeGreaterThan(0);
    expect(authorizations()).toEqual([]);
    // One token, for the destination, which is allowed to receive it.
    expect(aws.caught).toHaveLength(1);
    expect(ecr.requests.every(({ headers }) => headers.authorization !== undefined)).toBe(true);
  });
});

describe('the login of a secret is sent to one host only, and not to', () => {
  const secret = async () => ({ username: 'bob', password: 'secret-canary' });

  test.each(['hub.example:8443', 'hub.example.evil.example', 'evil-hub.example', 'sub.hub.example', 'HUB.example'])(
    '%s as the source, if the login is for the destination hub.example', async host => {
      const hub = await TestRegistry.start();
      const outcome = await copy(
        { Source: `${host}/x:v1`, Destination: 'hub.example/team/web', DestinationCredentials: ARN }, host,
        { secret, origins: () => ({ [host]: stranger.origin, 'hub.example': hub.origin }) },
      );
      await hub.stop();

      expect(outcome).toMatchObject({ status: 'SUCCESS' });
      expect(authorizations()).toEqual([]);
      expect(hub.requests.every(({ headers }) => headers.authorization?.startsWith('Basic '))).toBe(true);
      expect(aws.caught).toEqual([]);
    });

  test('hub.example itself after a redirect from another host', async () => {
    const other = await HostileServer.start((_, response) => response.writeHead(307, { location: `${stranger.origin}/v2/x/manifests/v1` }).end());
    const origins = { 'other.example': other.origin, 'hub.example': stranger.origin, [ECR]: ecr.origin };

    await copy({ Source: 'other.example/x:v1', SourceCredentials: ARN }, 'hub.example', { secret, origins: () => origins });
    await other.stop();

    expect(stranger.caught.length).toBeGreaterThan(0);
    expect(authorizations()).toEqual([]);
  });
});

test('two logins for one registry are each used for their side only, and nothing is mounted with the wrong one', async () => {
  const registry = await TestRegistry.start();
  const basic = (userAndPassword: string) => `Basic ${Buffer.from(userAndPassword).toString('base64')}`;

  const copied = await copyImage(registry.add('assets', web, 'v1'), { host: registry.host, repository: 'team/web' }, { tags: live }, {
    clock: new TestClock(),
    origins: { [registry.host]: registry.origin },
    sourceCredentials: passwordFor(registry.host, 'reader:one'),
    credentials: passwordFor(registry.host, 'writer:two'),
  });
  await registry.stop();

  expect(copied).toMatchObject({ streamed: 2, mounted: 0 });
  const wrong = registry.requests.filter(({ url, headers }) => headers.authorization !== basic(url.startsWith('/v2/assets/') ? 'reader:one' : 'writer:two'));
  expect(wrong).toEqual([]);
});

describe('a source at a private address is not read', () => {
  test.each([
    '169.254.169.254', '169.254.170.2:80', '127.0.0.1', '127.0.0.1:80', '10.0.0.1', '192.168.1.1:5000', '[::1]:5000', '[::ffff:169.254.169.254]',
    '[fd00:ec2::254]', '2130706433', '0x7f000001', '0177.0.0.1', '127.1', '0', 'localhost', 'localhost:1',
  ])('%s', async host => {
    const outcome = await copy({ Source: `${host}/latest/meta-data:x` }, 'unused.example');

    // A name that is no valid address of a registry is rejected even earlier.
    expect(outcome).toMatchObject({ status: 'FAILED', reason: expect.stringMatching(/is not at a public address, and only public addresses are allowed; use a registry on the public internet|is not an? (?:image|repository): expected/) });
    expect(stranger.connections).toBe(0);
  });

  test('even if the caller trusts another port of the same address', async () => {
    const port = new URL(aws.origin).port;

    const outcome = await copy({ Source: `127.0.0.1:${port}/x:v1` }, 'hub.example');

    expect(outcome).toMatchObject({ status: 'FAILED', reason: expect.stringContaining('is not at a public address') });
    expect(aws.caught.filter(({ method }) => method === 'GET')).toEqual([]);
  });
});

test.each(['constructor', 'toString', 'valueOf', 'hasOwnProperty'])('a host with the name of a JavaScript property (%s) is an ordinary host', async host => {
  const { lookup, asked } = new Resolver();

  const failure = await failureOf(copyImage(
    { host, repository: 'x', version: 'v1' }, { host: ECR, repository: 'team/web' }, { tags: live }, { clock: new TestClock(), lookup, origins: {} },
  ));

  expect(failure.message).toMatch(new RegExp(`^could not read the manifest from the source ${host}/x:v1: the connection failed \\(ENOTFOUND\\)`));
  expect(new Set(asked)).toEqual(new Set([host.toLowerCase()]));
});

describe('credentials in a reference', () => {
  test.each([
    ['Source', 'bob:hunter2-canary@hub.example/x:v1'],
    ['Source', 'https://bob:hunter2-canary@hub.example/x:v1'],
    ['Destination', 'bob:hunter2-canary@hub.example/x'],
  ])('(%s: %s) are rejected without being shown', async (name, value) => {
    const outcome = await copy({ Source: 'hub.example/x:v1', [name]: value }, 'hub.example');

    expect(outcome).toMatchObject({ status: 'FAILED' });
    expect(JSON.stringify(outcome)).not.toContain('hunter2-canary');
  });
});
