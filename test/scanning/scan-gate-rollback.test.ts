import fc from 'fast-check';
import { runsOf } from '../helpers/exhaustive';
import { PASSED, STACK, ScanScene, basicFinding, basicScan, statusOf } from '../helpers/scan-scene';

const BAD = basicScan(basicFinding('CVE-2025-1', 'CRITICAL'));
const PARENT = STACK.replace('Web', 'Around');

let scene: ScanScene;
let web: string;

beforeEach(async () => {
  scene = await ScanScene.open();
  web = scene.image('web', 'live-web.1');
});
afterEach(async () => scene.cloud.stop());

const scan = (...looks: (object | string)[]) => scene.cloud.scans.set(web, looks as []);
const passedTag = () => PASSED + web.slice(7, 19);

describe('an image that passed once', () => {
  beforeEach(async () => {
    scan(basicScan());
    await scene.deploy({});
  });

  test('is remembered in the registry', () => {
    expect(scene.cloud.tags.get(passedTag())).toBe(web);
  });

  test('passes again whatever its findings are now, because a rollback must work; the log has the findings', async () => {
    scan(BAD);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.slice(7) } });
    expect(scene.logs.pop()).toContain('it has passed before; known now: CRITICAL CVE-2025-1 in openssl 3.0.1');
  });

  test.each([[statusOf('IN_PROGRESS')], [statusOf('FAILED')], ['ScanNotFoundException'], ['ServerException']])('passes again while its scan shows %j, without waiting', async look => {
    scan(look);
    const before = scene.clock.now();

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.clock.now() - before).toBeLessThan(60_000);
    expect(scene.cloud.calls.map(({ action }) => action)).not.toContain('ecr:StartImageScan');
  });

  test('does not let another image pass', async () => {
    const other = scene.image('other', 'live-web.2');
    scene.cloud.scans.set(other, [BAD]);

    expect(await scene.deploy({ Tag: 'live-web.2' })).toMatchObject({ Status: 'FAILED' });
  });

  test('does not let another image pass to which its tag was moved', async () => {
    const other = scene.image('other', 'live-web.2');
    scene.cloud.scans.set(other, [BAD]);
    scene.cloud.tags.set(PASSED + other.slice(7, 19), web);

    expect(await scene.deploy({ Tag: 'live-web.2' })).toMatchObject({ Status: 'FAILED' });
  });
});

test('two deployments can remember the same image at the same time', async () => {
  scan(basicScan());
  scene.cloud.failures.set('PutImage', ['ImageAlreadyExistsException']);

  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.logs.pop()).toMatch(/passed: clean; remembered$/);
});

test('a tag that another deployment wrote for the same image at the same time counts as remembered', async () => {
  scan(basicScan());
  scene.cloud.rewrites.set('PutImage', () => {
    scene.cloud.tags.set(PASSED + web.slice(7, 19), web);
    return 'ImageTagAlreadyExistsException';
  });

  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.logs.pop()).toMatch(/passed: clean; remembered$/);
});

test.each(['LimitExceededException', 'ImageTagAlreadyExistsException'])('an image that cannot be remembered (%s) passes nevertheless, and the log says so', async error => {
  scan(basicScan());
  scene.cloud.failures.set('PutImage', [error]);

  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.logs.pop()).toContain(`not recorded, so it is evaluated again in the next deployment: ECR answered PutImage on team/web with 400 ${error}`);
  // A request makes sense only for a tag that already exists.
  const actions = scene.cloud.calls.map(({ action }) => action);
  expect(actions.slice(actions.indexOf('ecr:PutImage') + 1)).toEqual(error === 'ImageTagAlreadyExistsException' ? ['ecr:BatchGetImage'] : []);
});

test('an image that passed before waits at most 30 seconds for its findings, which are only for the log', async () => {
  scan(basicScan());
  await scene.deploy({});
  const began = scene.clock.now();
  scene.cloud.failures.set('DescribeImageScanFindings', Array.from({ length: 99 }, () => 'ThrottlingException'));

  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.clock.now() - began).toBeLessThanOrEqual(30_000);
  expect(scene.logs.pop()).toContain('it has passed before; the findings that are known now could not be read: ECR answered DescribeImageScanFindings');
});

describe('a rollback of CloudFormation', () => {
  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS'])('is not stopped by scan findings: %s', async status => {
    scene.cloud.stacks.set(STACK, { status });
    scan(BAD);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.slice(7) } });
  });

  test('is recognized from the parent of a nested stack too', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS', parent: PARENT }).set(PARENT, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    scan(BAD);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('does not need ECR if the digest is known', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    scene.cloud.manifests.clear();

    expect(await scene.deploy({ Digest: web })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.actions).toEqual(['cloudformation:DescribeStacks']);
  });

  test('needs the image if only its tag is known, as with the direct route', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    scene.cloud.manifests.clear();

    const { Status, Reason } = await scene.deploy({});
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('the image live-web.1 is not in the repository');
  });

  test('does not remember the image: if it is deployed again, it is checked', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    scan(BAD);
    await scene.deploy({});
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS' });

    expect(await scene.deploy({})).toMatchObject({ Status: 'FAILED' });
  });

  test('of an existing image never fails, whatever the scan and the gate say', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    const looks = fc.oneof(
      fc.constantFrom('ScanNotFoundException', 'ImageNotFoundException', 'ServerException'), fc.constantFrom('FAILED', 'PENDING', 'NEW').map(name => statusOf(name)),
      fc.array(fc.tuple(fc.string(), fc.constantFrom('CRITICAL', 'HIGH', 'x')), { maxLength: 5 }).map(all => basicScan(...all.map(each => basicFinding(...each)))),
    );
    await fc.assert(fc.asyncProperty(looks, fc.constantFrom('CRITICAL', 'INFORMATIONAL'), fc.boolean(), async (look, FailOn, isKnown) => {
      scan(look);
      expect(await scene.deploy({ FailOn, ...(isKnown && { Digest: web }) })).toMatchObject({ Status: 'SUCCESS' });
    }), runsOf(40));
  });
});

describe('if CloudFormation', () => {
  test.each<[string, string[]]>([['is busy', ['Throttling', 'Throttling']], ['breaks the connection', ['reset', 'reset']]])('%s, the request is retried', async (_, failures) => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    scene.cloud.failures.set('DescribeStacks', failures);
    scan(BAD);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('does not return the stack status, a clean image passes', async () => {
    scene.cloud.stacks.clear();
    scan(basicScan());

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('does not return the stack status, an image with findings fails, and the message names the permission', async () => {
    scene.cloud.stacks.clear();
    scan(BAD);

    expect((await scene.deploy({})).Reason).toMatch(/CVE-2025-1.*\. CloudFormation did not report whether it rolls back: allow cloudformation:DescribeStacks to the role of the function$/);
  });

  test('does not return the status of a new stack, the message does not mention it, because a rollback creates nothing', async () => {
    scene.cloud.stacks.clear();
    scan(BAD);

    expect((await scene.deploy({}, { RequestType: 'Create' })).Reason).toMatch(/CVE-2025-1.*lastDay, reason\)$/);
  });

  test('does not return the status of the parent stack, the status of the stack itself counts', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS', parent: PARENT });
    scan(BAD);

    expect((await scene.deploy({})).Reason).not.toContain('cloudformation:DescribeStacks');
  });
});
