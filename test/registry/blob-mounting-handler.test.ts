import { BlobMountingScene } from '../helpers/blob-mounting-scene';
import { SIGNATURE } from '../helpers/cloudformation-answers';
import { EcrSettings } from '../helpers/ecr-settings';
import { TestClock } from '../helpers/registry-clock';

const DENIED = { status: 400, type: 'AccessDeniedException' };
const GONE = ['DELETE_COMPLETE', 'DELETE_COMPLETE'];

let scene: BlobMountingScene;
let ecr: EcrSettings;

beforeEach(async () => {
  scene = await BlobMountingScene.open();
  ({ ecr } = scene);
});
afterEach(async () => scene.close());

describe('blob mounting', () => {
  test.each([undefined, 'DISABLED'])('that was %p is enabled by one signed request', async value => {
    ecr.value = value;
    expect(await scene.deploy()).toBe('CREATE_COMPLETE');

    expect(ecr.value).toBe('ENABLED');
    expect(ecr.calls.map(({ operation }) => operation)).toEqual(['GetAccountSetting', 'GetAccountSetting', 'PutAccountSetting']);
    expect(ecr.calls[2]).toEqual({
      operation: 'PutAccountSetting',
      body: { name: 'BLOB_MOUNTING', value: 'ENABLED' },
      authorization: expect.stringMatching(/Credential=AKID\/\d{8}\/eu-west-1\/ecr\/aws4_request/),
    });
  });

  test('that is already enabled is left unchanged, now and when the stack is deleted', async () => {
    ecr.value = 'ENABLED';
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect([ecr.value, ecr.changes]).toEqual(['ENABLED', []]);
  });

  test('stays enabled when the stack is deleted', async () => {
    await scene.deploy();
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('ENABLED');
  });

  test.each([undefined, 'DISABLED'])('that was %p is disabled again when the stack is deleted, if you asked for it', async value => {
    ecr.value = value;
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect([ecr.value, ecr.changes]).toEqual(['DISABLED', ['ENABLED', 'DISABLED']]);
  });

  test('that was disabled by hand meanwhile is not disabled again', async () => {
    await scene.deploy('Restore');
    ecr.value = 'DISABLED';
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.changes).toEqual(['ENABLED']);
  });

  test('is restored to its value before the first deployment, however often the stack is deployed', async () => {
    await scene.deploy();
    expect(await scene.deploy('Restore')).toBe('UPDATE_COMPLETE');
    // Another function, for example: every property can change.
    expect(await scene.look({ ServiceToken: 'other' })).toBe('UPDATE_COMPLETE');
    expect(scene.before.resource?.data).toEqual({ Before: 'DISABLED' });
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('DISABLED');
  });

  test('is not restored if you no longer ask for it', async () => {
    await scene.deploy('Restore');
    await scene.deploy();
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('ENABLED');
  });

  test('is restored if the first deployment fails later, but only if you asked for it', async () => {
    expect(await scene.deploy('Restore', { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe('DISABLED');
    expect(await scene.deploy(undefined, { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe('ENABLED');
  });
});

describe('an event that is delivered again', () => {
  test.each<[string, () => void]>([
    ['without reason', () => { scene.lambda.duplicates = 2; }],
    ['at the same time', () => Object.assign(scene.lambda, { duplicates: 2, atOnce: true })],
    ['because the process died before its answer', () => { scene.deaths = 1; }],
  ])('%s does not treat the value that this stack has set as the original value', async (_, trouble) => {
    trouble();
    await scene.look();
    trouble();
    expect(await scene.deploy('Restore')).toBe('CREATE_COMPLETE');

    expect(scene.before.resource?.data).toEqual({ Before: 'DISABLED' });
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('DISABLED');
  });

  test('after everything is done changes nothing that CloudFormation knows', async () => {
    await scene.deploy('Restore');
    const [look] = scene.before.events;
    await scene.serve(look);

    expect(scene.answers.received(look.RequestId)).toHaveLength(2);
    expect(scene.answers.answerTo(look)).toMatchObject({ status: 'SUCCESS', data: { Before: 'DISABLED' } });
  });
});

describe('an ECR error', () => {
  test.each(['enabled', 'SOMETIMES', ''])('or an unknown answer, %j, is never treated as the original value', async value => {
    ecr.value = value;
    expect(await scene.deploy()).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe(value);
  });

  test.each<[string, Parameters<EcrSettings['refuse']>[1][]]>([
    ['a permission that is new', [DENIED, DENIED, DENIED]],
    ['too many requests', [{ status: 400, type: 'ThrottlingException' }, { status: 429, type: 'TooManyRequests' }]],
    ['an error of the service', [{ status: 500, type: 'ServerException' }, { status: 503, type: 'ServiceUnavailable' }]],
    ['a lost connection', ['reset', 'reset']],
  ])('that is temporary is retried: %s', async (_, refusals) => {
    ecr.refuse('GetAccountSetting', ...refusals);
    ecr.refuse('PutAccountSetting', ...refusals);
    expect(await scene.deploy()).toBe('CREATE_COMPLETE');
    expect(ecr.value).toBe('ENABLED');
    expect(scene.clock.sleeps).toHaveLength(2 * refusals.length);
  });

  test.each<[string, string, Parameters<EcrSettings['refuse']>[1], string]>([
    ['GetAccountSetting', 'read', DENIED, 'ECR answered GetAccountSetting with 400 AccessDeniedException; allow ecr:GetAccountSetting to the role of the function'],
    ['PutAccountSetting', 'change', DENIED, 'ECR answered PutAccountSetting with 400 AccessDeniedException; allow ecr:PutAccountSetting to the role of the function'],
    ['PutAccountSetting', 'change', { status: 400, type: 'LimitExceededException' }, 'ECR answered PutAccountSetting with 400 LimitExceededException: not now'],
    ['GetAccountSetting', 'read', 'reset', 'ECR in eu-west-1 could not be reached'],
  ])('that persists (%s) fails the deployment with one sentence, and the stack can still be deleted', async (operation, task, refusal, end) => {
    ecr.refuse(operation, ...Array<typeof refusal>(30).fill(refusal));
    expect(await scene.deploy('Restore')).toBe('ROLLBACK_COMPLETE');

    expect(scene.logs.join('\n')).toContain(`ended with FAILED: could not ${task} the setting BLOB_MOUNTING: ${end}`);
    expect(ecr.changes.every(change => change === 'ENABLED')).toBe(true);
    expect(scene.clock.now() - new TestClock().now()).toBeLessThanOrEqual(60_000);
  });

  test('that is permanent is reported at once', async () => {
    ecr.refuse('PutAccountSetting', { status: 400, type: 'ValidationException' });
    expect(await scene.deploy()).toBe('ROLLBACK_COMPLETE');
    expect(scene.clock.sleeps).toEqual([]);
  });

  test('message contains no secrets', async () => {
    ecr.refuse('PutAccountSetting', DENIED);
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect(scene.logs.join('\n')).not.toMatch(new RegExp(`${SIGNATURE}|secret-canary|AKID`));
    expect(scene.logs).toContain('Create Image ended with SUCCESS: blob mounting was DISABLED');
    expect(scene.logs).toContain('Delete Image ended with SUCCESS: blob mounting is now disabled again');
  });
});
