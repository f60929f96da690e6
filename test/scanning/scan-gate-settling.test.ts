import { ScanScene, basicScan, enhancedFinding, enhancedScan } from '../helpers/scan-scene';

let scene: ScanScene;
let web: string;

beforeEach(async () => {
  scene = await ScanScene.open();
  web = scene.image('web', 'live-web.1');
});
afterEach(async () => scene.cloud.stop());

const scan = (...looks: (object | string)[]) => scene.cloud.scans.set(web, looks as []);

describe('an enhanced scan is complete after two minutes without a change:', () => {
  const low = enhancedFinding('CVE-2025-1', 'LOW');
  const complete = { ...enhancedScan(low), imageScanStatus: { status: 'COMPLETE' } };
  const withoutTime = { imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: { findings: [] } };
  const active = { ...basicScan(), imageScanStatus: { status: 'ACTIVE' } };

  test.each<[string, object]>([
    ['ACTIVE, without findings', enhancedScan()], ['ACTIVE, with findings', enhancedScan(low)], ['COMPLETE, with findings of Inspector', complete],
    ['COMPLETE, without a time, as it looks at first', withoutTime], ['ACTIVE, with the list of a basic scan', active],
  ])('%s', async (_, look) => {
    scan(look);
    const began = scene.clock.now();

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.clock.now() - began).toBe(120_000);
  });

  test('each change starts the two minutes again, and the last state counts', async () => {
    const critical = enhancedFinding('CVE-2025-2', 'CRITICAL');
    scan(...Array.from({ length: 12 }, () => enhancedScan()), ...Array.from({ length: 12 }, () => enhancedScan(low)), enhancedScan(low, critical));
    const began = scene.clock.now();

    expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-2');
    expect(scene.clock.now() - began).toBe(360_000);
  });

  test('with less time than that the result is unknown', async () => {
    scan(enhancedScan());

    expect((await scene.deploy({ WaitMinutes: '1' })).Reason).toContain('its scan is not over (findings still arrive); deploy again, or give the gate a longer waitAtMost');
  });

  test('a basic scan is complete at once', async () => {
    scan(basicScan());
    await scene.deploy({});

    expect(scene.clock.sleeps).toEqual([]);
  });
});

test('the gate waits until an enhanced scan has not changed for two minutes', async () => {
  const first = { imageScanStatus: { status: 'COMPLETE' }, imageScanFindings: { findings: [] } };
  const [low, critical] = [enhancedFinding('CVE-2025-1', 'LOW'), enhancedFinding('CVE-2025-2', 'CRITICAL')];
  const times = (count: number, look: object) => Array.from({ length: count }, () => look);
  scan(...times(10, first), ...times(10, enhancedScan(low)), enhancedScan(low, critical));

  expect((await scene.deploy({})).Reason).toContain('CRITICAL CVE-2025-2');
});
