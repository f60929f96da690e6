import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { handler } from '../../src/copy/image-copy.lambda';
import { TestRegistry } from '../helpers/registry';
import { image } from '../helpers/registry-images';

const ECR = '111122223333.dkr.ecr.eu-west-1.amazonaws.com';
const web = image('web');

describe('the deployed Lambda handler with a local cloud', () => {
  const environment = { ...process.env };
  const received: { readonly method?: string; readonly path?: string; readonly target?: unknown; readonly body: string }[] = [];
  let cloud: Server;
  let registry: TestRegistry;

  beforeAll(async () => {
    registry = await TestRegistry.start({ basic: 'AWS:token' });
    registry.add('assets', web, 'abc');
    cloud = createServer((request, response) => {
      let body = '';
      request.on('data', chunk => { body += chunk; });
      request.on('end', () => {
        received.push({ method: request.method, path: request.url, target: request.headers['x-amz-target'], body });
        const authorizationToken = Buffer.from('AWS:token').toString('base64');
        response.end(JSON.stringify({ authorizationData: [{ authorizationToken, expiresAt: Date.now() / 1000 + 43_200 }] }));
      });
    });
    await new Promise<void>(resolve => cloud.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, {
      AWS_ENDPOINT_URL: address(),
      AWS_ACCESS_KEY_ID: 'AKID',
      AWS_SECRET_ACCESS_KEY: 'secret',
      REGISTRY_ORIGINS: JSON.stringify({ [ECR]: registry.origin }),
    });
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });

  afterAll(async () => {
    process.env = environment;
    cloud.closeAllConnections();
    cloud.close();
    await registry.stop();
  });

  const address = () => `http://127.0.0.1:${(cloud.address() as AddressInfo).port}`;

  test('gets a token, copies, and answers CloudFormation once', async () => {
    await handler({
      RequestType: 'Create',
      ResponseURL: `${address()}/answer?signature=x`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'Image',
      ResourceProperties: { SchemaVersion: '1', Source: `${ECR}/assets:abc`, Destination: `${ECR}/team/web`, LiveTagPrefix: 'live-web.' },
    }, { getRemainingTimeInMillis: () => 900_000 });

    expect(received.map(({ method, path }) => `${method} ${path}`)).toEqual(['POST /', 'PUT /answer?signature=x']);
    expect(received[0].target).toBe('AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken');
    expect(JSON.parse(received[1].body)).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.digest.slice(7) } });
    expect(registry.repository('team/web').tags.get(`live-web.${web.digest.slice(7, 19)}`)).toBe(web.digest);
  });
});
