import fc from 'fast-check';
import { evaluateScans } from '../../src/scanning/handler/evaluate-scans';
import { endOfDay, SEVERITIES, Severity } from '../../src/scanning/severity';
import { basicFinding, basicScan, PASSED, ScanScene } from '../helpers/scan-scene';

const accept = (Name: string, LastDay: string) => ({ Name, LastDay, Reason: 'we do not parse XML' });
const found = (...names: string[]) => [{ image: { digest: 'sha256:1' }, findings: names.map(name => ({ name, severity: Severity.CRITICAL })) }];

describe('an accepted finding', () => {
  let scene: ScanScene;
  let web: string;
  beforeEach(async () => {
    scene = await ScanScene.open();
    web = scene.image('web', 'live-web.1');
    scene.cloud.scans.set(web, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'))]);
  });
  afterEach(async () => scene.cloud.stop());

  test('lets the image pass, and the log has its date and reason', async () => {
    expect(await scene.deploy({ Accept: [accept('cve-2025-1', '2026-12-31')] })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain('passed: clean but for what is accepted: cve-2025-1 until 2026-12-31 (we do not parse XML)');
    expect(scene.cloud.tags.get(PASSED + web.slice(7, 19))).toBe(web);
  });

  // The test clock is at 2026-01-01T00:00:00Z.
  test('fails the gate again after its date, and the message says so', async () => {
    expect((await scene.deploy({ Accept: [accept('CVE-2025-1', '2025-12-31')] })).Reason).toMatch(/CRITICAL CVE-2025-1 .*no longer accepted: CVE-2025-1 \(until 2025-12-31\)/);
  });

  test('passes on its last day', async () => {
    expect(await scene.deploy({ Accept: [accept('CVE-2025-1', '2026-01-01')] })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('does not accept another finding', async () => {
    scene.cloud.scans.set(web, [basicScan(basicFinding('CVE-2025-1', 'CRITICAL'), basicFinding('CVE-2025-10', 'CRITICAL'))]);

    const { Reason } = await scene.deploy({ Accept: [accept('CVE-2025-1', '2026-12-31')] });
    expect(Reason).toContain('1 finding of severity HIGH or worse: CRITICAL CVE-2025-10 in');
  });

  test('with an invalid date is not accepted', async () => {
    expect(await scene.deploy({ Accept: [accept('CVE-2025-1', 'for ever')] })).toMatchObject({ Status: 'FAILED' });
  });
});

const DAYS = fc.date({ min: new Date('2000-01-01T00:00:00Z'), max: new Date('2099-12-31T23:59:59Z'), noInvalidDate: true });

test('a finding is accepted up to the last millisecond of its day in UTC, and no longer', () => {
  fc.assert(fc.property(DAYS, time => {
    const day = time.toISOString().slice(0, 10);
    const verdictAt = (now: number) => evaluateScans(found('CVE-1'), { failOn: Severity.LOW, accept: [accept('CVE-1', day)] }, now);
    const end = Date.parse(`${day}T23:59:59.999Z`);
    expect(verdictAt(time.getTime()).blocking).toEqual([]);
    expect(verdictAt(end).blocking).toEqual([]);
    expect(verdictAt(end + 1)).toMatchObject({ blocking: [{ name: 'CVE-1' }], expired: [{ Name: 'CVE-1' }] });
  }));
});

test('only a valid date in the form YYYY-MM-DD is accepted', () => {
  fc.assert(fc.property(fc.integer({ min: 0, max: 9999 }), fc.integer({ min: 0, max: 20 }), fc.integer({ min: 0, max: 40 }), (year, month, day) => {
    const text = [String(year).padStart(4, '0'), String(month).padStart(2, '0'), String(day).padStart(2, '0')].join('-');
    const isLeap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
    const last = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1] ?? 0;
    expect(endOfDay(text) !== undefined).toBe(day >= 1 && day <= last);
  }));
  fc.assert(fc.property(fc.string(), text => /^\d{4}-\d\d-\d\d$/.test(text) || endOfDay(text) === undefined));
});

test('an accepted finding never fails a deployment, and every other one at or above the severity does', () => {
  const names = fc.array(fc.tuple(fc.integer({ min: 1, max: 9 }), fc.constantFrom(...SEVERITIES)), { maxLength: 12 });
  fc.assert(fc.property(names, fc.uniqueArray(fc.integer({ min: 1, max: 9 })), fc.constantFrom(...SEVERITIES), (findings, accepted, failOn) => {
    const results = [{ image: { digest: 'sha256:1' }, findings: findings.map(([id, severity]) => ({ name: `CVE-${id}`, severity })) }];
    const { blocking } = evaluateScans(results, { failOn, accept: accepted.map(id => accept(`cve-${id}`, '2026-01-01')) }, Date.UTC(2026, 0, 1));
    const expected = findings.filter(([id, severity]) => !accepted.includes(id) && SEVERITIES.indexOf(severity) <= SEVERITIES.indexOf(failOn));
    const keys = (list: readonly string[]) => [...new Set(list)].sort();
    expect(keys(blocking.map(({ name, severity }) => `${name} ${severity}`))).toEqual(keys(expected.map(([id, severity]) => `CVE-${id} ${severity}`)));
    const order = blocking.map(({ severity }) => SEVERITIES.indexOf(severity));
    expect(order).toEqual([...order].sort((one, other) => one - other));
  }));
});
