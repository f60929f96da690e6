import { copyWork } from '../../src/copy/handler/copy-work';
import { Work } from '../../src/custom-resource/protocol';
import { TestRegistry } from '../helpers/registry';
import { TestClock } from '../helpers/registry-clock';
import { noSecret, passwordFor } from '../helpers/registry-copy';
import { image } from '../helpers/registry-images';

const ECR = '111122223333.dkr.ecr.us-east-1.amazonaws.com';
const web = image('web');

let registry: TestRegistry;
let clock: TestClock;

beforeEach(async () => {
  registry = await TestRegistry.start({});
  registry.add('assets', web, 'abc');
  clock = new TestClock();
});
afterEach(async () => registry.stop());

/** Copies within one registry that has this host name. */
async function copyOn(host: string): ReturnType<Work> {
  const work = copyWork({ clock, secret: noSecret, credentials: passwordFor(host, 'AWS:secret'), origins: () => ({ [host]: registry.origin }) });
  const properties = { SchemaVersion: '1', Source: `${host}/assets:abc`, Destination: `${host}/team/web`, LiveTagPrefix: 'live-web.' };
  return work({
    RequestType: 'Create', ResponseURL: 'https://answer.example', StackId: 's', RequestId: 'r', LogicalResourceId: 'l',
    ResourceProperties: properties,
  }, { deadline: clock.now() + 900_000, signal: new AbortController().signal });
}

test('a permission that has not reached ECR yet is awaited, so the deployment that adds it can use it', async () => {
  registry.fail('GET manifest', { status: 403, code: 'DENIED' }, { times: 4 });

  expect(await copyOn(ECR)).toMatchObject({ status: 'SUCCESS' });
  expect(clock.sleeps.every(pause => pause === 5_000)).toBe(true);
});

test('a missing permission fails within a minute, and the message names the permission', async () => {
  const started = clock.now();
  registry.fail('GET manifest', { status: 403, code: 'DENIED' }, { times: 99 });

  expect(await copyOn(ECR)).toEqual({
    status: 'FAILED',
    reason: expect.stringMatching(/^could not read the manifest from the source .*answered 403.*; allow ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on this repository/),
  });
  expect(clock.now() - started).toBeLessThanOrEqual(30_000);
});

test('a rejection by another registry is final at once', async () => {
  registry.fail('GET manifest', { status: 403, code: 'DENIED' }, { times: 99 });

  expect(await copyOn('registry.example')).toMatchObject({ status: 'FAILED' });
  expect(clock.sleeps).toEqual([]);
});
