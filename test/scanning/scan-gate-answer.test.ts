import fc from 'fast-check';
import { shortText } from '../../src/custom-resource/text';
import { EXHAUSTIVE, runsOf } from '../helpers/exhaustive';
import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';
import { ScanScene, basicFinding, basicScan, statusOf } from '../helpers/scan-scene';

let scene: ScanScene;
let web: string;

beforeEach(async () => {
  scene = await ScanScene.open();
  web = scene.image('web', 'live-web.1');
});
afterEach(async () => scene.cloud.stop());

const scan = (...looks: (object | string)[]) => scene.cloud.scans.set(web, looks as []);

test('the message names as many of a hundred findings as CloudFormation can show, counts the others, and ends with the fix', async () => {
  scan(basicScan(...Array.from({ length: 100 }, (_, at) => basicFinding(`CVE-2025-${String(at).padStart(5, '0')}`, 'CRITICAL'))));

  const { Reason = '' } = await scene.deploy({ Accept: [{ Name: 'CVE-2025-00007', LastDay: '2020-01-01', Reason: 'once' }] });
  const named = Reason.match(/CRITICAL CVE-2025-\d{5}/g)?.length ?? 0;
  expect(named).toBeGreaterThan(40);
  expect(Reason).toContain('100 findings of severity HIGH or worse: CRITICAL CVE-2025-00000 in openssl 3.0.1; ');
  expect(Reason).toContain(`; and ${100 - named} more. no longer accepted: CVE-2025-00007 (until 2020-01-01). update the packages`);
  expect(Reason).toMatch(/AcceptedFinding\.until\(name, lastDay, reason\)$/);
  expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
});

test('no answer is longer than 4096 bytes, and each one names the findings that fit', async () => {
  const text = fc.string({ unit: fc.constantFrom('a', '"', '\\', '\u0000', 'é', '日', '🚢', '\ud800'), maxLength: 120 });
  const finding = fc.tuple(text, fc.constantFrom('CRITICAL', 'HIGH', 'NEW'), text);
  await fc.assert(fc.asyncProperty(fc.array(finding, { minLength: 1, maxLength: 60 }), async all => {
    scan(basicScan(...all.map(each => basicFinding(...each))));
    const { Status, Reason } = await scene.deploy({}, { LogicalResourceId: 'G'.repeat(255), StackId: `arn:aws:cloudformation:eu-west-1:111122223333:stack/${'s'.repeat(128)}/${'1'.repeat(36)}` });
    expect(Status).toBe('FAILED');
    expect(Reason).toMatch(/of severity HIGH or worse: \S.+AcceptedFinding\.until/);
    expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
  }), runsOf(40));
});

const LETTERS = [['letters', 'x'], ['letters that take two bytes', 'é'], ['quotation marks', '"'], ['characters that cannot be shown', '\u0000\u001b\ufffe\ud800']];

test.each(EXHAUSTIVE ? LETTERS : [LETTERS[1], LETTERS[3]])(
  'the longest possible message fits, with findings, expired acceptances, unknown results, the fix and the missing permission: %s', async (_, letter) => {
    const repository = `team/${'w'.repeat(240)}`;
    const StackId = `arn:aws-us-gov:cloudformation:us-gov-west-1:111122223333:stack/${'s'.repeat(128)}/${'1'.repeat(36)}`;
    const long = (name: string) => name + letter.repeat(128 - name.length);
    const platforms = Array.from({ length: 60 }, (__, at) => ({ os: long(`os${at}`), architecture: long('cpu'), variant: long('v') }));
    const manifests = platforms.map((platform, at) => {
      const digest = scene.image(`image ${at}`);
      scene.cloud.scans.set(digest, [at % 2 === 0 ? statusOf('FAILED', long('why')) : basicScan(...platforms.map((__, number) => basicFinding(long(`CVE-${number}`), 'CRITICAL', long('package'))))]);
      return { mediaType: OCI_MANIFEST, digest, size: 1, platform };
    });
    scene.cloud.repositoryName = repository;
    const Digest = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, 'live-web.1');
    const Accept = platforms.map((__, number) => ({ Name: shortened(long(`CVE-${number}`)), LastDay: '2020-01-01', Reason: long('once') }));

    const { Status, Reason = '' } = await scene.deploy({ Digest, Accept, Repository: `111122223333.dkr.ecr.us-gov-west-1.amazonaws.com/${repository}` }, {
      StackId, LogicalResourceId: 'G'.repeat(255), RequestId: '1'.repeat(36), PhysicalResourceId: `scan-gate-${'1'.repeat(16)}`,
    });
    expect(Status).toBe('FAILED');
    expect(Reason).toMatch(/^the image team\/w+@sha256:[a-f0-9]{64} may not be used\. 60 findings of severity HIGH or worse: CRITICAL CVE-0/);
    for (const part of ['it is unknown whether it is clean: os0', 'no longer accepted: CVE-0', 'AcceptedFinding.until(name, lastDay, reason)']) expect(Reason).toContain(part);
    expect(Reason).toMatch(/allow cloudformation:DescribeStacks to the role of the function$/);
    // The characters that CloudFormation cannot show: https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1601
    expect(Reason).not.toMatch(/[\p{Cc}\p{Cs}\ufffe\uffff]/u);
    expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
    expect(Buffer.byteLength(scene.answers[0])).toBeGreaterThan(3000);
  });

/** The name of a finding in the input of the handler. */
const shortened = (name: string) => shortText(name, 128) ?? '';

test('a finding of very many platforms names some of them', async () => {
  const platforms = Array.from({ length: 60 }, (_, at) => ({ os: 'o'.repeat(30), architecture: `${at}${'a'.repeat(30)}`, variant: 'v'.repeat(30) }));
  const manifests = platforms.map((platform, at) => {
    const digest = scene.image(`image ${at}`);
    scene.cloud.scans.set(digest, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))]);
    return { mediaType: OCI_MANIFEST, digest, size: 1, platform };
  });
  scene.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, 'live-web.1');

  const { Reason } = await scene.deploy({});
  expect(Reason).toMatch(/1 finding of severity HIGH or worse: CRITICAL CVE-2025-1 in openssl 3\.0\.1 \(o{17}…\/0a{16}…\/v{17}…, .*, …\)\. update/);
  expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
});

test('a scan that outlasts an invocation is awaited in the next one, and CloudFormation is answered once', async () => {
  scan(...Array.from({ length: 100 }, () => statusOf('IN_PROGRESS')), basicScan());

  expect(await scene.deploy({ WaitMinutes: '30' })).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.invocations).toBe(2);
});

test.each([['15', 2], ['50', 4]])('the waiting time of a gate (%s minutes) continues from one invocation to the next', async (WaitMinutes, invocations) => {
  scan(statusOf('PENDING'));
  const began = scene.clock.now();

  expect((await scene.deploy({ WaitMinutes })).Reason).toContain('its scan is not over (PENDING)');
  expect(scene.invocations).toBe(invocations);
  expect(scene.clock.now() - began).toBe(Number(WaitMinutes) * 60_000);
});

describe('if ECR', () => {
  test.each<[string, string[]]>([
    ['is busy', ['ThrottlingException', 'TooManyRequestsException']], ['has trouble', ['ServerException', 'ServerException']], ['breaks the connection', ['reset', 'reset']],
    ['has not heard of the permission yet', ['AccessDeniedException', 'AccessDeniedException', 'AccessDeniedException']],
  ])('%s, the request is retried', async (_, failures) => {
    scene.cloud.failures.set('DescribeImageScanFindings', failures);
    scan(basicScan());

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('rejects a request permanently, the deployment fails within a minute, and the message names the permission', async () => {
    const began = scene.clock.now();
    scene.cloud.failures.set('DescribeImageScanFindings', Array.from({ length: 99 }, () => 'AccessDeniedException'));

    expect((await scene.deploy({})).Reason).toBe(
      'ECR answered DescribeImageScanFindings on team/web with 400 AccessDeniedException; allow ecr:DescribeImageScanFindings to the role of the function',
    );
    expect(scene.clock.now() - began).toBeLessThanOrEqual(60_000);
  });

  test('rejects a request because of Inspector, the message names the Inspector permission', async () => {
    const refusal = 'AccessDeniedException: User arn is not authorized to perform: inspector2:ListFindings on resource';
    scene.cloud.failures.set('DescribeImageScanFindings', Array.from({ length: 99 }, () => refusal));

    expect((await scene.deploy({})).Reason).toContain('; allow inspector2:ListFindings to the role of the function');
  });

  test('cannot be reached, the deployment fails', async () => {
    scene.cloud.failures.set('BatchGetImage', Array.from({ length: 99 }, () => 'reset'));

    expect((await scene.deploy({})).Reason).toBe('ECR in eu-west-1 could not be reached');
  });
});

test.each<[object, string]>([
  [{ SchemaVersion: '2' }, "the property 'SchemaVersion' must be '1'"], [{ Repository: 'registry.example/team/web' }, "the property 'Repository' is not a repository of ECR"],
  [{ Repository: 1 }, "the property 'Repository' must be a repository of ECR, not '1'"], [{ Tag: 'a b' }, "the property 'Tag' must be a tag"],
  [{ Digest: 'sha256:1' }, "the property 'Digest' must be a digest"], [{ PassedTagPrefix: '-' }, "the property 'PassedTagPrefix' must be the beginning of a tag"],
  [{ FailOn: 'WHATEVER' }, "the property 'FailOn' must be a severity"], [{ WaitMinutes: 'x' }, "the property 'WaitMinutes' must be a number of minutes"],
  [{ Accept: 'CVE-1' }, "the property 'Accept' must be a list of findings"], [{ Accept: [null] }, "the property 'Name' must be a text"],
])('an invalid property fails with a message: %j', async (properties, sentence) => {
  expect((await scene.deploy(properties as {})).Reason).toContain(sentence);
});

test('logs and answers contain neither the response URL nor credentials', async () => {
  scan(basicScan(basicFinding('CVE-2025-1', 'CRITICAL')));
  await scene.deploy({});

  expect(JSON.stringify([scene.logs, scene.answers])).not.toContain('canary');
  expect(JSON.stringify(scene.logs)).not.toContain('X-Amz');
});
