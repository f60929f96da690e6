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

  test('that is enabled already is left alone, now and when the stack goes', async () => {
    ecr.value = 'ENABLED';
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect([ecr.value, ecr.changes]).toEqual(['ENABLED', []]);
  });

  test('stays enabled when the stack goes', async () => {
    await scene.deploy();
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('ENABLED');
  });

  test.each([undefined, 'DISABLED'])('that was %p is disabled again when the stack goes and the user has asked for it', async value => {
    ecr.value = value;
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect([ecr.value, ecr.changes]).toEqual(['DISABLED', ['ENABLED', 'DISABLED']]);
  });

  test('that somebody has disabled meanwhile is not disabled again', async () => {
    await scene.deploy('Restore');
    ecr.value = 'DISABLED';
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.changes).toEqual(['ENABLED']);
  });

  test('is restored to what it was before the first deployment, however often the stack is deployed', async () => {
    await scene.deploy();
    expect(await scene.deploy('Restore')).toBe('UPDATE_COMPLETE');
    // Another function, for example: every property may change.
    expect(await scene.look({ ServiceToken: 'other' })).toBe('UPDATE_COMPLETE');
    expect(scene.before.resource?.data).toEqual({ Before: 'DISABLED' });
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('DISABLED');
  });

  test('is not restored when the user asks no longer', async () => {
    await scene.deploy('Restore');
    await scene.deploy();
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('ENABLED');
  });

  test('is restored when the first deployment fails after it, and not before the user has asked for it', async () => {
    expect(await scene.deploy('Restore', { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe('DISABLED');
    expect(await scene.deploy(undefined, { thenFails: true })).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe('ENABLED');
  });
});

describe('an event that comes again', () => {
  test.each<[string, () => void]>([
    ['without reason', () => { scene.lambda.duplicates = 2; }],
    ['at the same time', () => Object.assign(scene.lambda, { duplicates: 2, atOnce: true })],
    ['because the process died before its answer', () => { scene.deaths = 1; }],
  ])('%s does not take what this stack has made of the setting for what it was', async (_, trouble) => {
    trouble();
    await scene.look();
    trouble();
    expect(await scene.deploy('Restore')).toBe('CREATE_COMPLETE');

    expect(scene.before.resource?.data).toEqual({ Before: 'DISABLED' });
    expect(await scene.remove()).toEqual(GONE);
    expect(ecr.value).toBe('DISABLED');
  });

  test('after all is done changes nothing that CloudFormation knows', async () => {
    await scene.deploy('Restore');
    const [look] = scene.before.events;
    await scene.serve(look);

    expect(scene.answers.received(look.RequestId)).toHaveLength(2);
    expect(scene.answers.answerTo(look)).toMatchObject({ status: 'SUCCESS', data: { Before: 'DISABLED' } });
  });
});

describe('trouble with ECR', () => {
  test.each(['enabled', 'SOMETIMES', ''])('is an answer that is not known, %j: it is not taken for what the setting was', async value => {
    ecr.value = value;
    expect(await scene.deploy()).toBe('ROLLBACK_COMPLETE');
    expect(ecr.value).toBe(value);
  });

  test.each<[string, Parameters<EcrSettings['refuse']>[1][]]>([
    ['a permission that is new', [DENIED, DENIED, DENIED]],
    ['too many requests', [{ status: 400, type: 'ThrottlingException' }, { status: 429, type: 'TooManyRequests' }]],
    ['an error of the service', [{ status: 500, type: 'ServerException' }, { status: 503, type: 'ServiceUnavailable' }]],
    ['a lost connection', ['reset', 'reset']],
  ])('passes: %s is waited for', async (_, refusals) => {
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
  ])('that lasts (%s) fails the deployment with one sentence, and wedges nothing', async (operation, task, refusal, end) => {
    ecr.refuse(operation, ...Array<typeof refusal>(30).fill(refusal));
    expect(await scene.deploy('Restore')).toBe('ROLLBACK_COMPLETE');

    expect(scene.logs.join('\n')).toContain(`ended with FAILED: could not ${task} the setting BLOB_MOUNTING: ${end}`);
    expect(ecr.changes.every(change => change === 'ENABLED')).toBe(true);
    expect(scene.clock.now() - new TestClock().now()).toBeLessThanOrEqual(60_000);
  });

  test('is told once when nothing would come of trying again', async () => {
    ecr.refuse('PutAccountSetting', { status: 400, type: 'ValidationException' });
    expect(await scene.deploy()).toBe('ROLLBACK_COMPLETE');
    expect(scene.clock.sleeps).toEqual([]);
  });

  test('tells nothing that is secret', async () => {
    ecr.refuse('PutAccountSetting', DENIED);
    await scene.deploy('Restore');
    expect(await scene.remove()).toEqual(GONE);
    expect(scene.logs.join('\n')).not.toMatch(new RegExp(`${SIGNATURE}|secret-canary|AKID`));
    expect(scene.logs).toContain('Create Image ended with SUCCESS: blob mounting was DISABLED');
    expect(scene.logs).toContain('Delete Image ended with SUCCESS: blob mounting is now disabled again');
  });
});
