import { EcrCredentials, registryOrigins } from '../../src/copy/handler/credentials';
import { explainCopy } from '../../src/copy/handler/fixes';
import { parseEcrHost } from '../../src/custom-resource/ecr';
import { SmallRequest, SmallResponse } from '../../src/custom-resource/small-request';
import { CopyError, Failure } from '../../src/engine/errors';
import { TestClock } from '../helpers/registry-clock';

const HOST = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const KEYS = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret-canary', AWS_SESSION_TOKEN: 'session' };

describe('an ECR host', () => {
  test.each([
    [HOST, 'api.ecr.eu-west-1.amazonaws.com'],
    ['111122223333.dkr-ecr.us-east-1.on.aws', 'api.ecr.us-east-1.amazonaws.com'],
    ['111122223333.dkr.ecr-fips.us-gov-west-1.amazonaws.com', 'ecr-fips.us-gov-west-1.amazonaws.com'],
    ['111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn', 'api.ecr.cn-north-1.amazonaws.com.cn'],
    ['111122223333.dkr-ecr.cn-north-1.on.amazonwebservices.com.cn', 'api.ecr.cn-north-1.amazonaws.com.cn'],
    ['111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov', 'api.ecr.us-iso-east-1.c2s.ic.gov'],
    ['111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu', 'api.ecr.eusc-de-east-1.amazonaws.eu'],
  ])('%s gets its tokens from %s', (host, apiHost) => {
    expect(parseEcrHost(host)).toMatchObject({ account: '111122223333', apiHost });
  });

  test.each([
    'evil.example', 'dkr.ecr.us-east-1.amazonaws.com', `${HOST}.evil.example`, `${HOST}:443`, `evil.${HOST}`, '11112222333.dkr.ecr.us-east-1.amazonaws.com',
    '111122223333.dkr.ecr.us-east-1.amazonaws.com.evil.example', '111122223333.dkr.ecr.evil.example', '111122223333.dkr.ecr.us-east-1.__proto__',
    'public.ecr.aws', '111122223333.dkr.ecr.us-east-1@evil.amazonaws.com', '111122223333xdkr.ecr.us-east-1.amazonaws.com', '',
    '111122223333.dkr.ecr.cn-north-1.amazonaws.com', '111122223333.dkr.ecr.us-east-1.amazonaws.com.cn',
  ])('is not %j', host => {
    expect(parseEcrHost(host)).toBeUndefined();
  });
});

describe('ECR credentials', () => {
  let clock: TestClock;
  let sent: SmallRequest[];
  let answer: (count: number) => SmallResponse;

  beforeEach(() => {
    clock = new TestClock();
    sent = [];
    answer = count => ({ status: 200, body: tokenAnswer(`password-${count}`) });
  });

  function tokenAnswer(password: string): string {
    const authorizationToken = Buffer.from(`AWS:${password}`).toString('base64');
    return JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: clock.now() / 1000 + 12 * 3600 }] });
  }

  function provider(environment: Record<string, string> = {}): EcrCredentials {
    const send = async (request: SmallRequest) => {
      sent.push(request);
      return answer(sent.length);
    };
    return new EcrCredentials({ environment: { ...KEYS, ...environment }, clock, send });
  }

  test('are a token of the region, requested with a signed request', async () => {
    await expect(provider().credentialsFor(HOST)).resolves.toEqual({ username: 'AWS', password: 'password-1' });

    expect(sent[0]).toMatchObject({ method: 'POST', body: '{}' });
    expect(sent[0].url.href).toBe('https://api.ecr.eu-west-1.amazonaws.com/');
    expect(sent[0].headers).toMatchObject({
      'X-Amz-Target': 'AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken',
      'X-Amz-Security-Token': 'session',
      'X-Amz-Date': '20260101T000000Z',
      'Authorization': expect.stringContaining('Credential=AKIDEXAMPLE/20260101/eu-west-1/ecr/aws4_request'),
    });
    expect(JSON.stringify(sent)).not.toContain('secret-canary');
  });

  test('are never requested for another host', async () => {
    await expect(provider().credentialsFor('evil.example')).resolves.toBeUndefined();
    expect(sent).toEqual([]);
  });

  test('are fetched once per region, also by concurrent requests', async () => {
    const credentials = provider();
    await Promise.all([HOST, HOST.replace('1111', '4444'), HOST, HOST.replace('eu-west-1', 'us-east-1')].map(async host => credentials.credentialsFor(host)));
    expect(sent).toHaveLength(2);
  });

  test('are renewed before they expire', async () => {
    const credentials = provider();
    await credentials.credentialsFor(HOST);
    clock.advance(11 * 3600_000);
    await expect(credentials.credentialsFor(HOST)).resolves.toMatchObject({ password: 'password-1' });
    clock.advance(40 * 60_000);
    await expect(credentials.credentialsFor(HOST)).resolves.toMatchObject({ password: 'password-2' });
  });

  test('are renewed after the registry rejected them, but only once for all concurrent requests', async () => {
    const credentials = provider();
    const rejected = await credentials.credentialsFor(HOST);

    const renewed = await Promise.all([1, 2, 3].map(async () => credentials.credentialsFor(HOST, rejected)));

    expect(renewed.map(each => each?.password)).toEqual(['password-2', 'password-2', 'password-2']);
    expect(sent).toHaveLength(2);
  });

  test.each([
    [{ AWS_ENDPOINT_URL: 'http://localhost:4566' }, 'http://localhost:4566/'],
    [{ AWS_ENDPOINT_URL: 'http://localhost:4566', AWS_ENDPOINT_URL_ECR: 'http://localhost:5555' }, 'http://localhost:5555/'],
  ])('use the standard environment variables of the AWS SDKs: %j', async (environment, address) => {
    await provider(environment).credentialsFor(HOST);
    expect(sent[0].url.href).toBe(address);
    expect(sent[0].headers.Host).toBe(new URL(address).host);
  });

  test.each([
    [{ status: 400, body: '{"__type":"com.amazon#AccessDeniedException"}' }, "ECR in eu-west-1 gave no token and answered 400 AccessDeniedException; allow ecr:GetAuthorizationToken on '*' to the role of the function", 'transient'],
    [{ status: 400, body: '{"__type":"ThrottlingException"}' }, 'ECR in eu-west-1 gave no token and answered 400 ThrottlingException', 'busy'],
    [{ status: 503, body: '<html>' }, 'ECR in eu-west-1 gave no token and answered 503', 'transient'],
    [{ status: 200, body: '{}' }, 'ECR in eu-west-1 answered without a token', undefined],
    [{ status: 200, body: 'null' }, 'ECR in eu-west-1 answered without a token', undefined],
  ])('that are missing cause an error with the reason: %j', async (response, reason, retry) => {
    answer = () => response;
    const failure = await provider().credentialsFor(HOST).then(() => undefined, (error: unknown) => error);
    expect(failure).toBeInstanceOf(Failure);
    expect(failure).toMatchObject({ reason, retry });
  });

  test('are requested again after a failure', async () => {
    answer = count => count === 1 ? { status: 503, body: '' } : { status: 200, body: tokenAnswer('late') };
    const credentials = provider();
    await expect(credentials.credentialsFor(HOST)).rejects.toThrow();
    await expect(credentials.credentialsFor(HOST)).resolves.toMatchObject({ password: 'late' });
  });
});

const LIMITED = '; the registry limits how often an address may read, and functions of Lambda share addresses: use ';
const OTHERS = 'a pull-through cache (RegistrySettings), or fewer platforms (the option platforms)';

describe('an error with a known fix names the fix', () => {
  const failure = { operation: 'x', reference: `${HOST}/team/web:v1`, reason: 'y' } as const;

  test.each([
    [{ side: 'source', status: 403 }, 'allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on this repository to the role of the function'],
    [{ side: 'destination', status: 403 }, 'ecr:PutImage and ecr:BatchGetImage on this repository to the role of the function'],
    [{ side: 'destination', status: 404, code: 'NAME_UNKNOWN' }, 'the repository must exist before the copy starts'],
    [{ side: 'destination', code: 'TAG_INVALID' }, 'choose another tag: tags do not move'],
    [{ side: 'source', status: 401, reference: 'ghcr.io/a:b' }, 'the image is private, or it does not exist; give credentials for this host, or check those in its secret'],
    [{ side: 'destination', status: 401, reference: 'ghcr.io/a:b' }, 'give credentials for this host, or check those in its secret'],
    [{ side: 'source', status: 403, reference: 'ghcr.io/a:b' }, 'the image is private, or it does not exist; check that the credentials for this host may pull from this repository'],
    [{ side: 'destination', status: 403, reference: 'ghcr.io/a:b' }, 'check that the credentials for this host may push to this repository'],
    [{ side: 'destination', status: 403, reference: 'europe-west1-docker.pkg.dev/p/r/a:b' }, 'check that the credentials for this host may push to this repository (roles/artifactregistry.writer)'],
    [{ side: 'source', status: 403, reference: 'eu.gcr.io/p/a:b' }, 'the image is private, or it does not exist; check that the credentials for this host may pull from this repository (roles/artifactregistry.reader)'],
    [{ side: 'source', status: 404, reference: 'ghcr.io/a:b' }, 'check repository and tag: the image is private, or it does not exist'],
    [{ side: 'source', status: 404, code: 'NAME_UNKNOWN', reference: 'ghcr.io/a:b' }, 'check repository and tag: the image is private, or it does not exist'],
    [{ side: 'source', status: 429, reference: 'registry-1.docker.io/library/nginx:1.27' }, `${LIMITED}credentials for this host, the same image at public.ecr.aws/docker/library/nginx:1.27, ${OTHERS}`],
    [{ side: 'source', status: 429, reference: `registry-1.docker.io/library/nginx@sha256:${'a'.repeat(64)}` }, `${LIMITED}credentials for this host, the same image at public.ecr.aws/docker/library/nginx@sha256:${'a'.repeat(64)}, ${OTHERS}`],
    [{ side: 'source', status: 429, reference: 'registry-1.docker.io/grafana/grafana:12' }, `${LIMITED}credentials for this host, ${OTHERS}`],
    [{ side: 'source', status: 503, code: 'TOOMANYREQUESTS', reference: 'quay.io/a:b' }, `${LIMITED}credentials for this host, ${OTHERS}`],
    [{ side: 'source', status: 404, reference: `${HOST}/cdk-hnb659fds-container-assets-111122223333-eu-west-1:abc` }, 'deploy again, so that it is built'],
    [{ side: 'source', status: 404 }, 'check repository and tag: the image does not exist'],
    [{ side: 'source', reason: 'the connection failed (ENOTFOUND)' }, 'check the spelling of the host'],
    [{ side: 'source', reason: 'r.example is not at a public address, and only public addresses are allowed' }, 'use a registry on the public internet'],
  ] as const)('%j', (details, cure) => {
    expect(explainCopy(new CopyError({ ...failure, ...details }))).toContain(cure);
  });

  test.each([{ side: 'source', status: 429 }, { side: 'destination', status: 429 }] as const)('and an ECR rate limit, which is per account and not per IP address, has no fix: %j', details => {
    expect(explainCopy(new CopyError({ ...failure, ...details }))).toMatch(/: y$/);
  });

  test('and any other error is unchanged', () => {
    expect(explainCopy(new CopyError({ ...failure, side: 'source' }))).toBe(`could not x from the source ${HOST}/team/web:v1: y`);
  });
});

describe('REGISTRY_ORIGINS', () => {
  test('maps exact hosts to origins', () => {
    expect(registryOrigins(`{"${HOST}":"http://localhost:5000/"}`)).toEqual({ [HOST]: 'http://localhost:5000' });
  });

  test.each([undefined, ''])('can be missing (%j)', value => {
    expect(registryOrigins(value)).toEqual({});
  });

  test.each(['nonsense', '{"a":"b"}', 'null'])('fails with a clear message if it is %s', value => {
    expect(() => registryOrigins(value)).toThrow('must be a JSON object of registry hosts and origins');
  });
});
