import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';
import { ScanScene, basicFinding, basicScan, enhancedScan } from '../helpers/scan-scene';

const TAG = 'live-web.1';

let scene: ScanScene;

beforeEach(async () => { scene = await ScanScene.open(); });
afterEach(async () => scene.cloud.stop());

const critical = () => [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))];

describe('the state of an image is unknown', () => {
  const complete = { imageScanStatus: { status: 'COMPLETE' } };

  test.each<[string, object]>([
    ['ECR counts more findings than it lists', { ...complete, imageScanFindings: { imageScanCompletedAt: 1, findings: [], findingSeverityCounts: { CRITICAL: 5 } } }],
    ['ECR counts more findings of Inspector than it lists', {
      imageScanStatus: { status: 'ACTIVE' }, imageScanFindings: { enhancedFindings: [], findingSeverityCounts: { HIGH: 1 } },
    }],
    ['ECR tells no findings at all', complete],
    ['the findings are not a list', { ...complete, imageScanFindings: { imageScanCompletedAt: 1, findings: { a: 1 } } }],
    ['a finding is invalid', { ...complete, imageScanFindings: { imageScanCompletedAt: 1, findings: [null, 'CVE-1'] } }],
    ['there is neither list', { ...complete, imageScanFindings: { imageScanCompletedAt: 1 } }],
  ])('if %s', async (_, look) => {
    scene.cloud.scans.set(scene.image('web', TAG), [look as never]);

    const { Status, Reason } = await scene.deploy({});
    expect(Status).toBe('FAILED');
    expect(Reason).toContain('it is unknown whether it is clean');
  });

  test('but it is known if the counts match the findings', async () => {
    const counted = basicScan(basicFinding('CVE-2025-1', 'LOW'));
    scene.cloud.scans.set(scene.image('web', TAG), [{ ...counted, imageScanFindings: { ...Object(counted).imageScanFindings, findingSeverityCounts: { LOW: 1 } } } as never]);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('an image in an index that can run is checked, although', () => {
  const platform = { os: 'linux', architecture: 'arm64' };

  test.each<[string, (digest: string) => object]>([
    ['its kind is missing', digest => ({ digest, size: 1, platform })],
    ['its kind is unknown', digest => ({ mediaType: 'application/vnd.example.image', digest, size: 1, platform })],
    ['its kind is written in another way', digest => ({ mediaType: `${OCI_MANIFEST}; charset=utf-8`, digest, size: 1, platform })],
    ['its platform is unknown, and it is no attestation', digest => ({ mediaType: OCI_MANIFEST, digest, size: 1, platform: { os: 'unknown', architecture: 'unknown' } })],
    ['it has no platform', digest => ({ mediaType: OCI_MANIFEST, digest, size: 1 })],
  ])('%s', async (_, listed) => {
    const [clean, bad] = [scene.image('clean'), scene.image('bad')];
    const manifests = [{ mediaType: OCI_MANIFEST, digest: clean, size: 1, platform }, listed(bad)];
    scene.cloud.add({ schemaVersion: 2, mediaType: OCI_INDEX, manifests }, TAG);
    scene.cloud.scans.set(clean, [basicScan()]).set(bad, critical());

    expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-1');
  });

  test('the index does not have the media type of an index', async () => {
    const bad = scene.image('bad');
    scene.cloud.add({ schemaVersion: 2, manifests: [{ mediaType: OCI_MANIFEST, digest: bad, size: 1, platform }] }, TAG);
    scene.cloud.scans.set(bad, critical());

    expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-1');
  });

  test('statements about an image are skipped even without a mark', async () => {
    const clean = scene.image('clean');
    const statement = scene.cloud.add({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: [{ mediaType: 'application/vnd.in-toto+json', digest: clean, size: 1 }] });
    scene.cloud.add({
      schemaVersion: 2, mediaType: OCI_INDEX, manifests: [
        { mediaType: OCI_MANIFEST, digest: clean, size: 1, platform }, { mediaType: OCI_MANIFEST, digest: statement, size: 1, platform: { os: 'unknown', architecture: 'unknown' } },
      ],
    }, TAG);
    scene.cloud.scans.set(clean, [enhancedScan()]);

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });
});
