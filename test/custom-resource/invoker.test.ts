import { handler as copyImage } from '../../src/copy/image-copy.lambda';
import { CustomResourceEvent } from '../../src/custom-resource/protocol';
import { isRolledBack } from '../../src/custom-resource/rollback';
import { SmallRequest } from '../../src/custom-resource/small-request';
import { handler as checkImage } from '../../src/image-check/image-check.lambda';
import { handler as oneOffTask } from '../../src/one-off-task/one-off-task.lambda';
import { handler as enableBlobMounting } from '../../src/registry/blob-mounting.lambda';
import { handler as passGate } from '../../src/scanning/scan-gate.lambda';
import { handler as manageRules } from '../../src/traffic-shift/traffic-shift.lambda';
import { HostileServer } from '../helpers/hostile';
import { TestClock } from '../helpers/registry-clock';
import { RunScene, runEvent } from '../helpers/run-scene';

const CANARY = 'signature-canary';

describe.each([
  ['copies images', copyImage], ['checks images', checkImage], ['lets images pass', passGate], ['runs tasks', oneOffTask], ['enables blob mounting', enableBlobMounting],
  ['manages rules', manageRules],
])('a caller of the function that %s', (_, handler) => {
  const before = { ...process.env };
  let server: HostileServer;

  beforeEach(async () => {
    server = await HostileServer.start((__, response) => response.end());
    jest.spyOn(console, 'log').mockImplementation(() => undefined);
  });
  afterEach(async () => {
    delete process.env.AWS_ENDPOINT_URL;
    Object.assign(process.env, before);
    await server.stop();
  });

  const invoke = async (ResponseURL: unknown) => handler({
    RequestType: 'Delete', ResponseURL, StackId: 's', RequestId: 'r', LogicalResourceId: 'l', PhysicalResourceId: 'id', ResourceProperties: {},
  } as CustomResourceEvent, { getRemainingTimeInMillis: () => 60_000 });

  test('cannot make it respond without TLS, and the error does not show the address', async () => {
    for (const address of [`${server.origin}/?${CANARY}`, `HTTP://${server.host}/?${CANARY}`, `file:///etc/passwd?${CANARY}`, CANARY, '', undefined]) {
      const failure = await invoke(address).then(() => undefined, (error: unknown) => error);
      expect(failure).toEqual(new Error('the address for the response is not on https, so the event is not from CloudFormation'));
    }
    expect(server.connections).toBe(0);
  });

  test('gets a response without TLS in a local cloud', async () => {
    process.env.AWS_ENDPOINT_URL = server.origin;
    await invoke(`${server.origin}/answer`);

    expect(server.caught.map(({ method, url }) => `${method} ${url}`)).toEqual(['PUT /answer']);
  });
});

describe('the stack status is requested from CloudFormation only', () => {
  test.each([
    'arn:aws:cloudformation:evil.example/:111122223333:stack/a/b', 'arn:aws:cloudformation:evil.example#:1:stack/a/b', 'arn:aws:cloudformation:a@evil.example/:1:stack/a',
    'arn:aws:cloudformation:evil.example?:1:stack/a', 'arn:aws:cloudformation:evil.example\\:1:stack/a', 'arn:aws:cloudformation:EU-WEST-1:1:stack/a', 'x', '',
  ])('for any stack ARN in the event (%j)', async stackId => {
    const hosts: string[] = [];
    const send = async ({ url }: SmallRequest) => {
      hosts.push(url.host);
      return { status: 200, body: '<StackStatus>UPDATE_ROLLBACK_IN_PROGRESS</StackStatus>' };
    };
    await isRolledBack(stackId, { clock: new TestClock(), send, environment: { AWS_ACCESS_KEY_ID: 'AKID', AWS_SECRET_ACCESS_KEY: 'secret' } });

    expect(hosts).toEqual(['cloudformation..amazonaws.com']);
  });
});

describe('a caller of the function that runs a task', () => {
  test('cannot make it stop or watch a task that it has not started', async () => {
    const scene = await RunScene.open();
    scene.cloud.lives = [{ isEndless: true }, {}];
    // Another deployment runs a task that takes longer than one invocation.
    scene.isAlone = true;
    await scene.serve(runEvent({ RequestId: 'another' }));
    const [victim] = scene.cloud.tasks;
    const stopped = scene.cloud.bodiesOf('StopTask').length;

    const answer = await scene.serve(runEvent({ Continuation: { Hop: 1, Since: scene.clock.now() - 3_000_000, Memo: victim.arn } }));
    await scene.cloud.stop();

    expect(answer).toMatchObject({ Status: 'FAILED', Reason: `the task ${victim.arn} was not started for this event` });
    expect(scene.cloud.bodiesOf('StopTask')).toHaveLength(stopped);
    expect(victim.isStopped).toBe(false);
  });
});
