import { createServer, Server } from 'node:http';
import { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';
import { handler } from '../../src/registry/blob-mounting.lambda';
import { EcrSettings } from '../helpers/ecr-settings';

describe('the whole handler with a local cloud', () => {
  const environment = { ...process.env };
  const answers: unknown[] = [];
  let ecr: EcrSettings;
  let bucket: Server;

  beforeAll(async () => {
    ecr = await EcrSettings.start();
    bucket = createServer((request, response) => void json(request).then(body => {
      answers.push(body);
      response.end();
    }));
    await new Promise<void>(resolve => bucket.listen(0, '127.0.0.1', resolve));
    Object.assign(process.env, { AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: ecr.origin, AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' });
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });

  afterAll(async () => {
    process.env = environment;
    bucket.closeAllConnections();
    bucket.close();
    await ecr.stop();
  });

  test('reads the setting, enables it, and answers CloudFormation once per event', async () => {
    const event = (ResourceProperties: Record<string, string>) => handler({
      RequestType: 'Create',
      ResponseURL: `http://127.0.0.1:${(bucket.address() as AddressInfo).port}/answer?signature=x`,
      StackId: 'stack',
      RequestId: 'request',
      LogicalResourceId: 'BlobMounting',
      ResourceProperties: { SchemaVersion: '1', ...ResourceProperties },
    }, { getRemainingTimeInMillis: () => 120_000 });
    await event({ Step: 'Look' });
    await event({ Step: 'Enable', Before: 'DISABLED' });

    expect(answers).toEqual([
      expect.objectContaining({ Status: 'SUCCESS', Data: { Before: 'DISABLED' }, PhysicalResourceId: expect.stringMatching(/^blob-mounting-before-DISABLED#/) }),
      expect.objectContaining({ Status: 'SUCCESS', PhysicalResourceId: expect.stringMatching(/^blob-mounting#/) }),
    ]);
    expect(ecr.value).toBe('ENABLED');
  });
});
