import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';
import { PASSED, ScanScene, basicFinding, basicScan, enhancedFinding, enhancedScan, statusOf } from '../helpers/scan-scene';

const TAG = 'live-web.1';

let scene: ScanScene;
let web: string;

beforeEach(async () => {
  scene = await ScanScene.open();
  web = scene.image('web', TAG);
});
afterEach(async () => scene.cloud.stop());

const scan = (...looks: (object | string)[]) => scene.cloud.scans.set(web, looks as []);
const passedTag = (digest: string) => PASSED + digest.slice(7, 19);

describe('an image passes the scan gate', () => {
  test('if its scan finds nothing, and the answer contains its digest and its tag', async () => {
    scan(basicScan());

    expect(await scene.deploy({ Digest: web })).toEqual(expect.objectContaining({
      Status: 'SUCCESS', Data: { DigestHex: web.slice(7), Tag: TAG }, PhysicalResourceId: expect.stringMatching(/^scan-gate-[a-f0-9]{16}$/),
    }));
  });

  test('by its tag alone, if its digest is unknown', async () => {
    scan(basicScan());

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.slice(7), Tag: TAG } });
  });

  test('with findings below the severity of the gate', async () => {
    scan(basicScan(basicFinding('CVE-2025-1', 'MEDIUM'), basicFinding('CVE-2025-2', 'UNDEFINED')));

    expect(await scene.deploy({ FailOn: 'HIGH' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('as soon as its scan is complete', async () => {
    scan(statusOf('PENDING'), statusOf('IN_PROGRESS'), statusOf('IN_PROGRESS'), basicScan());

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.clock.sleeps).toHaveLength(3);
  });
});

describe('a deployment fails', () => {
  test('with the names of the findings, most severe first, with package and fixed version, and with the fix', async () => {
    scan(enhancedScan(
      enhancedFinding('CVE-2025-2', 'HIGH'), enhancedFinding('CVE-2025-3', 'LOW'),
      enhancedFinding('CVE-2025-1', 'CRITICAL', { packageVulnerabilityDetails: { vulnerabilityId: 'CVE-2025-1', vulnerablePackages: [{ name: 'zlib', version: '1', fixedInVersion: 'NotAvailable' }] } }),
    ));

    expect(await scene.deploy({})).toMatchObject({
      Status: 'FAILED',
      Reason: `the image team/web@${web} may not be used. 2 findings of severity HIGH or worse: CRITICAL CVE-2025-1 in zlib 1; HIGH CVE-2025-2 in libssh2 1.4.3, fixed in 1.9.1. `
        + 'update the packages or the base image, or accept a finding for some time: AcceptedFinding.until(name, lastDay, reason)',
    });
  });

  test('because of a finding on the last of many pages', async () => {
    scan(basicScan(...Array.from({ length: 7 }, (_, at) => basicFinding(`CVE-2025-${at}`, 'LOW')), basicFinding('CVE-2025-9', 'CRITICAL')));

    expect((await scene.deploy({})).Reason).toContain('1 finding of severity HIGH or worse: CRITICAL CVE-2025-9 in openssl 3.0.1');
    expect(scene.cloud.calls.filter(({ action }) => action === 'ecr:DescribeImageScanFindings')).toHaveLength(4);
  });

  test('because of a severity that AWS adds in the future', async () => {
    scan(basicScan(basicFinding('CVE-2025-1', 'APOCALYPTIC')));

    expect(await scene.deploy({ FailOn: 'CRITICAL' })).toMatchObject({ Status: 'FAILED' });
  });

  test.each(['UNDEFINED', 'UNTRIAGED'])('because of %s findings only if the gate includes all severities', async severity => {
    scan(severity === 'UNDEFINED' ? basicScan(basicFinding('CVE-2025-1', severity)) : enhancedScan(enhancedFinding('CVE-2025-1', severity)));

    expect(await scene.deploy({ FailOn: 'INFORMATIONAL' })).toMatchObject({ Status: 'FAILED' });
    expect(await scene.deploy({ FailOn: 'LOW' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each(['SUPPRESSED', 'CLOSED'])('but not because of findings that Inspector marks as %s', async status => {
    scan(enhancedScan(enhancedFinding('CVE-2025-1', 'CRITICAL', { status })));

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('if the image does not exist', async () => {
    expect((await scene.deploy({ Tag: 'live-web.2' })).Reason).toBe('the image live-web.2 is not in the repository; deploy again, so that it is published again');
  });
});

describe('a missing scan is not a clean scan:', () => {
  test.each([
    ['FAILED', 'the scan failed (UnsupportedImageError: why); use a base image that ECR can scan'],
    ['UNSUPPORTED_IMAGE', 'it is of a kind that cannot be scanned (UnsupportedImageError: why); use a base image that ECR can scan'],
    ['FINDINGS_UNAVAILABLE', 'its findings are not available'],
    ['SCAN_ELIGIBILITY_EXPIRED', 'enhanced scanning has stopped looking at it'],
    ['LIMIT_EXCEEDED', 'the account may not scan more images now'],
    ['IMAGE_ARCHIVED', 'it is archived'],
    ['IMAGE_SIZE_EXCEEDED', 'it is larger than what can be scanned (UnsupportedImageError: why); make the image smaller'],
    ['SOMETHING_NEW', "its scan has the status 'SOMETHING_NEW', which is not known here"],
  ])('%s fails the deployment at once, with a reason and a fix', async (status, sentence) => {
    scan(statusOf(status, 'UnsupportedImageError: why'));

    const { Status, Reason } = await scene.deploy({});
    expect(Status).toBe('FAILED');
    expect(Reason).toContain(`it is unknown whether it is clean: ${sentence}`);
    expect(Reason).toMatch(/; [a-z].+$/);
    expect(Reason).not.toContain('0 findings');
    expect(scene.clock.sleeps).toEqual([]);
  });

  test.each(['IN_PROGRESS', 'PENDING'])('%s is awaited, and fails the deployment after the time of the gate', async status => {
    const began = scene.clock.now();
    scan(statusOf(status));

    expect((await scene.deploy({ WaitMinutes: '5' })).Reason).toContain(`its scan is not over (${status}); deploy again, or give the gate a longer waitAtMost`);
    expect(scene.clock.now() - began).toBe(5 * 60_000);
  });

  test.each<[string, string]>([
    ['ImageArchivedException', 'it is archived, and archived images are not scanned; restore it in ECR'],
    ['UnsupportedImageTypeException', 'it is of a kind that cannot be scanned'],
  ])('an image whose scan ECR refuses to start (%s) fails the deployment at once', async (error, sentence) => {
    scene.cloud.started = error;
    expect((await scene.deploy({})).Reason).toContain(`it is unknown whether it is clean: ${sentence}`);
  });

  test('an image without a scan is scanned by the gate, once', async () => {
    scene.cloud.started = basicScan(basicFinding('CVE-2025-1', 'CRITICAL'));

    expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-1');
    expect(scene.cloud.calls.filter(({ action }) => action === 'ecr:StartImageScan')).toHaveLength(1);
  });

  test.each(['LimitExceededException', 'ValidationException', 'InvalidParameterException'])('if ECR answers the scan request with %s, the gate waits for a scan, and fails without one', async error => {
    scene.cloud.started = error;

    expect((await scene.deploy({})).Reason).toContain('it was never scanned; turn on scanning for the repository');
  });

  test('if ECR answers the scan request with UnsupportedImageTypeException, the deployment fails without waiting longer', async () => {
    scene.cloud.started = 'UnsupportedImageTypeException';

    expect((await scene.deploy({})).Reason).toContain('it is of a kind that cannot be scanned');
    expect(scene.clock.sleeps).toHaveLength(1);
  });

  test('an image that is unknown to Inspector is awaited during the first minute', async () => {
    scan(...Array.from({ length: 6 }, () => 'ScanNotFoundException'), statusOf('PENDING'), enhancedScan());
    scene.cloud.started = 'ValidationException';

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('an image index', () => {
  const child = (digest: string, os: string, architecture: string, more = {}) => (
    { mediaType: OCI_MANIFEST, digest, size: 1, platform: { os, architecture, ...more } }
  );
  let amd64: string;
  let arm64: string;
  beforeEach(() => {
    [amd64, arm64] = [scene.image('amd64'), scene.image('arm64')];
    const attestation = scene.attestation();
    web = scene.cloud.add({
      schemaVersion: 2, mediaType: OCI_INDEX,
      manifests: [child(amd64, 'linux', 'amd64'), child(arm64, 'linux', 'arm64', { variant: 'v8' }), child(attestation, 'unknown', 'unknown')],
    }, TAG);
  });

  test('passes if all of its platforms pass; attachments of builders are skipped', async () => {
    scene.cloud.scans.set(amd64, [basicScan()]).set(arm64, [basicScan()]);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.slice(7) } });
    expect(scene.cloud.tags.get(passedTag(web))).toBe(web);
  });

  test('fails with the platform that has a finding', async () => {
    scene.cloud.scans.set(amd64, [basicScan()]).set(arm64, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))]);

    expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-1 in openssl 3.0.1 (linux/arm64/v8)');
  });

  test('names a finding of several platforms once', async () => {
    const both = [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))];
    scene.cloud.scans.set(amd64, both).set(arm64, both);

    expect((await scene.deploy({})).Reason).toContain('1 finding of severity HIGH or worse: CRITICAL CVE-2025-1 in openssl 3.0.1 (linux/amd64, linux/arm64/v8)');
  });

  test('fails if one platform cannot be scanned', async () => {
    scene.cloud.scans.set(amd64, [basicScan()]).set(arm64, [statusOf('UNSUPPORTED_IMAGE')]);

    expect((await scene.deploy({})).Reason).toContain('it is unknown whether it is clean: linux/arm64/v8: it is of a kind that cannot be scanned');
  });

  test('inside an index is checked', async () => {
    web = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [{ mediaType: OCI_INDEX, digest: web, size: 1 }] }, TAG);
    scene.cloud.scans.set(amd64, [basicScan()]).set(arm64, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))]);

    expect((await scene.deploy({})).Reason).toContain('(linux/arm64/v8)');
  });

  test('without anything that can run fails', async () => {
    scene.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: [] }, TAG);

    expect((await scene.deploy({})).Reason).toMatch(/^the index sha256:[a-f0-9]{64} has no image that can run$/);
  });
});

test('Delete removes nothing and sends no request', async () => {
  expect(await scene.deploy({}, { RequestType: 'Delete', PhysicalResourceId: 'whatever' })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'whatever' });
  expect(scene.cloud.calls).toEqual([]);
});
