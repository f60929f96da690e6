import { handler } from '../../../src/copy/image-copy.lambda';
import { HostileServer, serving } from '../../helpers/hostile';
import { TestRegistry } from '../../helpers/registry';
import { image } from '../../helpers/registry-images';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const PASSWORD = 'password-canary';
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:hub-AbCdEf';
const OTHER_SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:database-GhIjKl';
const web = image('web');

type Properties = Readonly<Record<string, unknown>>;

/** The real function, with a fake AWS, its own registry, a private one, and a server of the attacker. */
describe('a caller of the copy function', () => {
  const before = { ...process.env };
  let aws: HostileServer;
  let ecr: TestRegistry;
  let hub: TestRegistry;
  let attacker: HostileServer;

  beforeEach(async () => {
    const authorizationToken = Buffer.from('AWS:token').toString('base64');
    [ecr, hub, attacker, aws] = await Promise.all([
      TestRegistry.start({ basic: 'AWS:token' }),
      TestRegistry.start({ basic: `bob:${PASSWORD}` }),
      HostileServer.start(serving(web)),
      HostileServer.start((request, response) => {
        const isSecret = request.headers['x-amz-target'] === 'secretsmanager.GetSecretValue';
        response.end(JSON.stringify(isSecret
          ? { SecretString: JSON.stringify({ username: 'bob', password: PASSWORD }) }
          : { authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + 43_200 }] }));
      }),
    ]);
    ecr.add('assets', web, 'v1');
    hub.add('team/web', web, 'v1');
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: aws.origin,
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
      REGISTRY_ORIGINS: JSON.stringify({ [ECR]: ecr.origin }),
      REGISTRY_LOGINS: [
        `source ${SECRET} ${hub.host}`, `destination ${SECRET} push.example`, `source ${SECRET} hub.example tokens.example`,
      ].join(','),
    });
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });

  afterEach(async () => {
    // The function keeps the object that it received first.
    Object.keys(process.env).filter(name => !Object.hasOwn(before, name)).forEach(name => { delete process.env[name]; });
    Object.assign(process.env, before);
    await Promise.all([aws.stop(), ecr.stop(), hub.stop(), attacker.stop()]);
  });

  async function invoke(properties: Properties): Promise<{ Status: string; Reason?: string }> {
    await handler({
      RequestType: 'Create', ResponseURL: `${aws.origin}/answer`, StackId: 's', RequestId: 'r', LogicalResourceId: 'Image',
      ResourceProperties: {
        SchemaVersion: '1', Source: `${ECR}/assets:v1`, Destination: `${ECR}/team/web`, LiveTagPrefix: 'live-web.', ...properties,
      },
    }, { getRemainingTimeInMillis: () => 60_000 });
    const [answer] = aws.caught.filter(({ method }) => method === 'PUT');
    return JSON.parse(answer.body);
  }

  const asked = () => aws.caught.filter(({ method }) => method === 'POST').map(({ headers }) => String(headers['x-amz-target']).split('.').pop());
  const trust = (host: string, origin: string) => {
    process.env.REGISTRY_ORIGINS = JSON.stringify({ [ECR]: ecr.origin, [host]: origin });
  };

  test.each<[string, (hosts: { hub: string; attacker: string }) => Properties]>([
    ['send a secret of the role to a host of his own', each => ({ Source: `${each.attacker}/x:v1`, SourceCredentials: SECRET })],
    ['send it there as the destination', each => ({ Destination: `${each.attacker}/x`, DestinationCredentials: SECRET })],
    ['send another secret of the role to the registry', each => ({ Source: `${each.hub}/team/web:v1`, SourceCredentials: OTHER_SECRET })],
    ['write to a registry that the function only reads', each => ({ Destination: `${each.hub}/team/web`, DestinationCredentials: SECRET })],
    ['have the token fetched from another host', each => ({
      Source: `${each.hub}/team/web:v1`, SourceCredentials: SECRET, SourceTokenHost: 'evil.example',
    })],
    ['leave out the token host of a pair', () => ({ Source: 'hub.example/team/web:v1', SourceCredentials: SECRET })],
    ['use the token host of one pair for another', each => ({
      Source: `${each.hub}/team/web:v1`, SourceCredentials: SECRET, SourceTokenHost: 'tokens.example',
    })],
    ['use the port of another server on the host', () => ({ Source: 'hub.example:8443/x:v1', SourceCredentials: SECRET, SourceTokenHost: 'tokens.example' })],
    ['write the host in another way', () => ({ Source: 'HUB.example/x:v1', SourceCredentials: SECRET, SourceTokenHost: 'tokens.example' })],
    ['log in on one side that is allowed and one that is not', each => ({
      Source: `${each.hub}/team/web:v1`, SourceCredentials: SECRET, Destination: `${each.attacker}/x`, DestinationCredentials: SECRET,
    })],
    ['send the secret to ECR, where another account may log its requests', () => ({ Source: `${ECR}/assets:v1`, SourceCredentials: SECRET })],
    ['have an image copied to a registry of his own, without any secret', each => ({ Destination: `${each.attacker}/stolen` })],
    ['have it copied to a host whose name every object has', () => ({ Destination: 'constructor/stolen' })],
    ['have it copied to his registry with a secret for reading', each => ({
      Source: `${each.hub}/team/web:v1`, SourceCredentials: SECRET, Destination: `${each.attacker}/stolen`,
    })],
  ])('cannot %s: no secret is read, and no connection is made', async (_, properties) => {
    // Only the hub has a private address. A connection to any other server would be recorded.
    trust(hub.host, hub.origin);

    const answer = await invoke(properties({ hub: hub.host, attacker: attacker.host }));

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringMatching(/^this function may not (send the secret|write to) /) });
    expect(asked()).toEqual([]);
    expect([ecr.count(), hub.count(), attacker.connections]).toEqual([0, 0, 0]);
  });

  test.each([`${SECRET} ${ECR}`, `${SECRET},x`, `source ${SECRET}`, `${SECRET}\n`])('cannot hide a space or a comma in an ARN (%j)', async arn => {
    expect(await invoke({ Source: 'hub.example/x:v1', SourceCredentials: arn })).toMatchObject({
      Status: 'FAILED', Reason: "the property 'SourceCredentials' is not the ARN of a secret",
    });
    expect(asked()).toEqual([]);
  });

  test.each([undefined, ''])('cannot send any secret if the variable is %j', async logins => {
    delete process.env.REGISTRY_LOGINS;
    if (logins !== undefined) process.env.REGISTRY_LOGINS = logins;

    expect(await invoke({ Source: `${hub.host}/team/web:v1`, SourceCredentials: SECRET })).toMatchObject({ Status: 'FAILED' });
    expect(asked()).toEqual([]);
  });

  test('gets an error with the missing pair and the fix, and nothing of the secret', async () => {
    const { Reason } = await invoke({ Source: 'evil.example/x:v1', SourceCredentials: SECRET, SourceTokenHost: 'tokens.evil.example' });

    expect(Reason).toBe(`this function may not send the secret ${SECRET} to evil.example and tokens.evil.example as the source: `
      + 'its variable REGISTRY_LOGINS does not list them together; deploy the stack of the function again, which sets the variable');
  });

  test('can mirror an image with the pair of the template', async () => {
    trust(hub.host, hub.origin);

    expect(await invoke({ Source: `${hub.host}/team/web:v1`, SourceCredentials: SECRET })).toMatchObject({ Status: 'SUCCESS' });
    expect(asked()).toContain('GetSecretValue');
    expect(ecr.repository('team/web').tags.get(`live-web.${web.digest.slice(7, 19)}`)).toBe(web.digest);
  });

  test('can copy an image to the registry of the template', async () => {
    trust('push.example', hub.origin);

    expect(await invoke({ Destination: 'push.example/mirror/web', DestinationCredentials: SECRET })).toMatchObject({ Status: 'SUCCESS' });
    expect(hub.repository('mirror/web').tags.size).toBe(1);
  });

  test('cannot send the ECR login to a token host', async () => {
    const asking = await HostileServer.start((_, response) => response.writeHead(401, {
      'www-authenticate': 'Bearer realm="https://tokens.evil.example/token"',
    }).end());
    trust(ECR, asking.origin);

    const answer = await invoke({ SourceTokenHost: 'tokens.evil.example' });
    await asking.stop();

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('its token endpoint is on another host (tokens.evil.example)') });
  });
});
