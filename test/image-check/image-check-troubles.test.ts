import fc from 'fast-check';
import { AMD64, ARM64, CheckScene, REPOSITORY, STACK } from '../helpers/check-scene';
import { runsOf } from '../helpers/exhaustive';
import { SIGNATURE, ScanCloud } from '../helpers/scan-cloud';

const PARENT = STACK.replace('Web', 'Around');

let scene: CheckScene;
let web: string;
beforeEach(async () => {
  scene = await CheckScene.open();
  web = scene.image(AMD64, {}, 'live-web.1');
});
afterEach(async () => scene.cloud.stop());

const times = (count: number, failure: string) => Array.from({ length: count }, () => failure);

describe('a temporary failure is retried:', () => {
  test.each<[string, string, string[]]>([
    ['ECR is busy', 'BatchGetImage', ['ThrottlingException', 'TooManyRequestsException']], ['ECR has trouble', 'GetDownloadUrlForLayer', ['ServerException']],
    ['ECR breaks the connection', 'BatchGetImage', ['reset', 'reset']], ['ECR has not heard of the permission yet', 'BatchGetImage', times(3, 'AccessDeniedException')],
    ['the storage breaks the connection', 'GET', ['reset', 'reset']], ['the storage has trouble', 'GET', ['500', '503', '429']],
    ['the storage gives other bytes', 'GET', ['body: {"os":"linux","architecture":"arm64"}']],
  ])('%s', async (_, operation, failures) => {
    scene.cloud.failures.set(operation, failures);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain('it is built for linux/amd64');
    expect(scene.clock.sleeps).not.toEqual([]);
  });

  test('each download has a new URL, because the URLs expire soon', async () => {
    scene.cloud.failures.set('GET', ['503', '503']);
    await scene.deploy({});

    expect(scene.cloud.calls.filter(({ action }) => action === 'ecr:GetDownloadUrlForLayer')).toHaveLength(3);
  });
});

describe('a permanent failure is reported within a minute, with the cause and how to skip the check:', () => {
  const WITHOUT = 'or skip the check: imageCheck: ImageCheck.none()';

  test.each<[string, string, string[], string]>([
    ['ECR denies', 'BatchGetImage', times(99, 'AccessDeniedException'), 'ECR answered BatchGetImage on team/web with 400 AccessDeniedException; allow ecr:BatchGetImage to the role of the function'],
    ['ECR denies the download', 'GetDownloadUrlForLayer', times(99, 'AccessDeniedException'), 'ECR answered GetDownloadUrlForLayer on team/web with 400 AccessDeniedException; allow ecr:GetDownloadUrlForLayer to the role of the function'],
    ['ECR is gone', 'BatchGetImage', times(99, 'reset'), 'ECR in eu-west-1 could not be reached; deploy again'],
    ['the storage is gone', 'GET', times(99, 'reset'), 'the configuration of the image could not be read: the connection failed (ECONNRESET); deploy again'],
    ['the storage has trouble', 'GET', times(99, '500'), 'the configuration of the image could not be read: the storage of ECR answered 500; deploy again'],
    ['the storage denies', 'GET', ['403'], 'the configuration of the image could not be read: the storage of ECR answered 403; deploy again'],
    ['the storage sends everything elsewhere', 'GET', times(99, '/again?X-Amz-Signature=signature-canary'), 'the configuration of the image could not be read: it redirects more than 5 times; deploy again'],
    ['the storage sends it to an inner address', 'GET', ['http://169.254.169.254/latest/meta-data'], 'the configuration of the image could not be read: 169.254.169.254 is not at a public address, and only public addresses are allowed; deploy again'],
    ['the repository is gone', 'BatchGetImage', ['RepositoryNotFoundException'], 'ECR answered BatchGetImage on team/web with 400 RepositoryNotFoundException: this text is not to be relied on; deploy again'],
  ])('%s', async (_, operation, failures, sentence) => {
    const began = scene.clock.now();
    scene.cloud.failures.set(operation, failures);

    expect(await scene.deploy({})).toMatchObject({
      Status: 'FAILED', Reason: `the image ${REPOSITORY}:live-web.1 could not be checked for the container 'web' of Stack/Service: ${sentence}, ${WITHOUT}`,
    });
    expect(scene.clock.now() - began).toBeLessThanOrEqual(60_000);
  });

  test('a missing configuration', async () => {
    scene.cloud.blobs.clear();

    expect((await scene.deploy({})).Reason).toContain('ECR answered GetDownloadUrlForLayer on team/web with 400 LayersNotFoundException');
  });

  test('or, for a Lambda function, with the option of toLambdaCode that skips the check', async () => {
    scene.cloud.failures.set('BatchGetImage', times(99, 'reset'));

    expect((await scene.deployFunction({})).Reason).toMatch(/or skip the check: toLambdaCode\(\{ imageCheck: ImageCheck\.none\(\) \}\)$/);
  });
});

test('a redirect within the storage is followed, without credentials', async () => {
  const target = `${scene.cloud.origin}/${[...scene.cloud.blobs.keys()][0]}?X-Amz-Signature=${SIGNATURE}`;
  scene.cloud.failures.set('GET', [target]);

  expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  const downloads = scene.cloud.calls.filter(({ action }) => action === 's3:GET');
  expect(downloads).toHaveLength(2);
  expect(JSON.stringify(downloads)).not.toMatch(/authorization|AKID|canary/i);
});

test('a redirect to another server of this machine is not followed', async () => {
  const other = await ScanCloud.start();
  scene.cloud.failures.set('GET', [`${other.origin}/secret`]);

  expect((await scene.deploy({})).Reason).toContain('127.0.0.1 is not at a public address');
  expect(other.calls).toEqual([]);
  await other.stop();
});

test('logs and responses contain no credentials, no response URL and no URL of a blob', async () => {
  await scene.deploy({});
  for (const failures of [['403'], times(99, 'reset'), times(99, `/x?X-Amz-Signature=${SIGNATURE}`), ['body: x', 'body: y', 'body: z', 'body: x', 'body: x'], [`https://user:${SIGNATURE}@example.com/`]]) {
    scene.cloud.failures.set('GET', failures);
    await scene.deploy({});
    expect(scene.answers.join()).not.toMatch(/canary|X-Amz|127\.0\.0\.1/);
  }

  expect(scene.logs.length).toBeGreaterThan(10);
  expect(scene.logs.join()).not.toMatch(/canary|X-Amz|127\.0\.0\.1/);
});

test('for any answer of ECR and its storage, CloudFormation gets one response within its size limit', async () => {
  const anything = fc.oneof(fc.jsonValue(), fc.constantFrom({}, { manifests: [{}] }, { manifests: [null, 1] }, { layers: 'x', config: [] }, { config: { digest: 1, size: -1 } }));
  await fc.assert(fc.asyncProperty(anything, fc.string(), fc.constantFrom('FARGATE', 'EC2', 'LAMBDA'), async (manifest, config, Runner) => {
    const digest = scene.cloud.add(typeof manifest === 'object' && manifest !== null ? manifest as object : [manifest]);
    scene.cloud.failures.set('GET', times(2, `body: ${config}`));
    const { Status, Reason } = await scene.deploy({ Version: digest, Runner });
    expect(Status === 'SUCCESS' || Reason).toBeTruthy();
    expect(Reason ?? '').not.toMatch(/TypeError|undefined|\[object|Cannot read/);
    expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
  }), runsOf(60));
});

describe('a CloudFormation rollback', () => {
  test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS'])('is not stopped by an image that cannot run: %s', async status => {
    scene.cloud.stacks.set(STACK, { status });

    expect(await scene.deploy({ Version: scene.image(ARM64) })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain('CloudFormation rolls back; otherwise: the image');
  });

  test('is recognized from the parent of a nested stack too', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_IN_PROGRESS', parent: PARENT }).set(PARENT, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });

    expect(await scene.deploy({ Version: 'gone' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('is never stopped, for any image, ECR answer and properties', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
    const images = fc.constantFrom(web, scene.image(ARM64), scene.attestation(), scene.index([]), `sha256:${'c'.repeat(64)}`);
    const failures = fc.constantFrom([], times(99, 'AccessDeniedException'), times(99, 'reset'), ['RepositoryNotFoundException']);
    const odd = fc.constantFrom({}, { SchemaVersion: '2' }, { Repository: 'x' }, { Runner: 'LAMBDA' }, { Architecture: 'ARM64' });
    await fc.assert(fc.asyncProperty(images, failures, odd, async (Version, failing, properties) => {
      scene.cloud.failures.set('BatchGetImage', [...failing]);
      const { Status, Data } = await scene.deploy({ Version, ...properties });
      expect(Status).toBe('SUCCESS');
      if ('Runner' in properties) expect(Data?.DigestHex).toMatch(/^[a-f0-9]{64}$/);
    }), runsOf(40));
  });

  test('of a Lambda function whose image is only known by its tag needs the image, because the digest is unknown', async () => {
    scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });

    expect(await scene.deployFunction({ Version: 'live-web.1' })).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.slice(7) } });
    expect(await scene.deployFunction({ Version: 'gone' })).toMatchObject({ Status: 'FAILED' });
  });
});

describe('if the stack status is unknown,', () => {
  beforeEach(() => scene.cloud.stacks.clear());

  test('an image that can run passes without a request for it', async () => {
    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.actions).toEqual(['ecr:BatchGetImage', 'ecr:GetDownloadUrlForLayer', 's3:GET']);
  });

  test('another image fails, and the message names the permission', async () => {
    expect((await scene.deploy({ Architecture: 'ARM64' })).Reason).toMatch(/CpuArchitecture\.X86_64\. CloudFormation did not report whether it rolls back: allow cloudformation:DescribeStacks to the role of the function$/);
  });

  test('the message does not mention it for a new stack, because a rollback creates nothing', async () => {
    expect((await scene.deploy({ Architecture: 'ARM64' }, { RequestType: 'Create' })).Reason).toMatch(/CpuArchitecture\.X86_64$/);
  });
});
