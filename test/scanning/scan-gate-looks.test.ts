import { EcrApi } from '../../src/custom-resource/ecr';
import { evaluateScans, failureReason } from '../../src/scanning/handler/evaluate-scans';
import { findingsOn, isReadable, listedOn } from '../../src/scanning/handler/findings';
import { readScanState, startScan } from '../../src/scanning/handler/scans';
import { Severity } from '../../src/scanning/severity';
import { TestClock } from '../helpers/registry-clock';
import { basicFinding, basicScan, enhancedFinding, enhancedScan, statusOf } from '../helpers/scan-scene';

let asked: Record<string, unknown>[];
beforeEach(() => { asked = []; });

/** ECR with these answers, one after another. A text is the name of an error. */
function ecr(...answers: (object | string)[]): EcrApi {
  return new EcrApi({ account: '1', region: 'eu-west-1', apiHost: 'api.ecr.example' }, 'web', {
    environment: {}, clock: new TestClock(), send: async ({ body }) => {
      asked.push(JSON.parse(body));
      const given = answers.shift() ?? 'NoMoreAnswers';
      return typeof given === 'string' ? { status: 400, body: JSON.stringify({ __type: given }) } : { status: 200, body: JSON.stringify(given) };
    },
  }, {});
}
const look = async (...answers: (object | string)[]) => readScanState(ecr(...answers), 'sha256:1');

describe('a request for the scan results', () => {
  test('returns the findings of the image, page by page', async () => {
    expect(await look({ ...basicScan(basicFinding('CVE-1', 'LOW')), nextToken: 'next' }, basicScan(basicFinding('CVE-2', 'HIGH')))).toMatchObject({
      state: 'SCANNED', isFinal: true, findings: [{ name: 'CVE-1' }, { name: 'CVE-2' }],
    });
    expect(asked).toEqual([{ registryId: '1', repositoryName: 'web', imageId: { imageDigest: 'sha256:1' }, maxResults: 50 }, expect.objectContaining({ nextToken: 'next' })]);
  });

  test.each<[string, object, boolean]>([
    ['basic', basicScan(), true], ['enhanced', enhancedScan(), false], ['complete without a time', { ...statusOf('COMPLETE'), imageScanFindings: { findings: [] } }, false],
    ['active like a basic one', { ...basicScan(), ...statusOf('ACTIVE') }, false], ['enhanced and complete', { ...enhancedScan(), ...statusOf('COMPLETE') }, false],
  ])('is final only for a complete basic scan: %s', async (_, answer, isFinal) => {
    expect(await look(answer)).toEqual({ state: 'SCANNED', findings: [], isFinal });
  });

  test.each<[string, object | string, object]>([
    ['no scan', 'ScanNotFoundException', { state: 'NO_SCAN' }], ['a scan that waits', statusOf('PENDING'), { state: 'WAITING', why: 'PENDING' }],
    ['a scan that runs', statusOf('IN_PROGRESS'), { state: 'WAITING', why: 'IN_PROGRESS' }], ['no findings', statusOf('COMPLETE'), { state: 'WAITING', why: 'COMPLETE, without findings that can be read' }],
    ['findings that are none', { ...statusOf('ACTIVE'), imageScanFindings: { findings: 'x' } }, { state: 'WAITING', why: 'ACTIVE, without findings that can be read' }],
    ['a dead end', statusOf('FAILED', 'why\nnot'), { state: 'NOT_SCANNABLE', why: 'the scan failed (why not)', fix: expect.stringContaining('base image') }],
    ['a failed scan without a reason', statusOf('LIMIT_EXCEEDED'), { state: 'NOT_SCANNABLE', why: 'the account may not scan more images now', fix: expect.stringContaining('quota') }],
    ['a new status', statusOf('toString'), { state: 'NOT_SCANNABLE', why: "its scan has the status 'toString', which is not known here", fix: expect.stringContaining('look up its meaning in ECR') }],
    ['no status', {}, { state: 'NOT_SCANNABLE', why: "its scan has the status 'undefined', which is not known here", fix: expect.any(String) }],
  ])('shows %s', async (_, answer, shown) => {
    expect(await look(answer)).toEqual(shown);
  });

  test.each([[{ LOW: 1 }, true], [{ LOW: 2 }, false], [{ LOW: 1, HIGH: 1 }, false], [{ LOW: 0 }, true], [undefined, true], ['LOW', true]])('counts the listed findings: %j', async (findingSeverityCounts, isAll) => {
    const { imageScanStatus, imageScanFindings } = basicScan(basicFinding('CVE-1', 'LOW'));
    const shown = await look({ imageScanStatus, imageScanFindings: { ...imageScanFindings, findingSeverityCounts } });
    expect(shown.state).toBe(isAll ? 'SCANNED' : 'WAITING');
    if (!isAll) expect(shown).toMatchObject({ why: expect.stringMatching(/^[12] findings of severity (LOW|HIGH) are counted, and [01] are listed$/) });
  });

  test('fails for any other error', async () => {
    await expect(look('RepositoryNotFoundException')).rejects.toThrow('400 RepositoryNotFoundException');
    await expect(look({ ...basicScan(), imageId: { imageDigest: 'sha256:2' } })).rejects.toThrow('ECR returned the findings of another image than sha256:1');
  });
});

describe('a request to start a scan', () => {
  test.each<[object | string, unknown]>([
    [{}, undefined], ['LimitExceededException', undefined], ['ValidationException', undefined], ['InvalidParameterException', undefined],
    ['UnsupportedImageTypeException', { state: 'NOT_SCANNABLE', why: 'it is of a kind that cannot be scanned', fix: expect.any(String) }],
  ])('with the answer %j shows %j', async (answer, shown) => {
    expect(await startScan(ecr(answer), 'sha256:1')).toEqual(shown);
    expect(asked).toEqual([{ registryId: '1', repositoryName: 'web', imageId: { imageDigest: 'sha256:1' } }]);
  });

  test('fails for any other error', async () => {
    await expect(startScan(ecr('RepositoryNotFoundException'), 'sha256:1')).rejects.toThrow('RepositoryNotFoundException');
  });
});

describe('the findings of a page', () => {
  test('are the findings of both kinds of scan', () => {
    expect(findingsOn({ findings: [basicFinding('CVE-1', 'LOW')], enhancedFindings: [enhancedFinding('CVE-2', 'HIGH')] })).toEqual([
      { name: 'CVE-1', severity: 'LOW', inPackage: 'openssl 3.0.1' }, { name: 'CVE-2', severity: 'HIGH', inPackage: 'libssh2 1.4.3', fixedIn: '1.9.1' },
    ]);
  });

  test.each([['SUPPRESSED', 0], ['CLOSED', 0], ['ACTIVE', 1], [undefined, 1]])('that Inspector marks as %s count %i times, and are listed', (status, count) => {
    const page = { enhancedFindings: [enhancedFinding('CVE-1', 'LOW', { status })] };
    expect([findingsOn(page).length, listedOn(page).length]).toEqual([count, 1]);
  });

  test.each([['UNDEFINED', 'INFORMATIONAL'], ['UNTRIAGED', 'INFORMATIONAL'], ['HIGH', 'HIGH'], ['NEW', 'CRITICAL'], [undefined, 'CRITICAL'], ['low', 'CRITICAL']])('with the severity %s are %s', (severity, taken) => {
    expect(findingsOn({ findings: [{ name: 'a', severity }] })).toMatchObject([{ severity: taken }]);
  });

  test('are findings even with few properties', () => {
    expect(findingsOn({ findings: [{}], enhancedFindings: [{ title: 'a title' }, {}, { packageVulnerabilityDetails: { vulnerablePackages: [{ fixedInVersion: 'NotAvailable', name: 'zlib' }] } }] })).toMatchObject([
      { name: 'a finding without a name', inPackage: undefined }, { name: 'a title', inPackage: undefined, fixedIn: undefined }, { name: 'a finding without a name' }, { inPackage: 'zlib', fixedIn: undefined },
    ]);
  });

  test.each<[object, boolean]>([
    [{ findings: [] }, true], [{ enhancedFindings: [] }, true], [{ findings: [], enhancedFindings: null }, true],
    [{}, false], [{ findings: null }, false],
    [{ findings: [], enhancedFindings: {} }, false], [{ findings: [{}, null] }, false], [{ findings: ['a'] }, false],
  ])('%j can be read: %p', (page, readable) => {
    expect(isReadable(page as Record<string, unknown>)).toBe(readable);
  });
});

describe('a report', () => {
  const finding = (name: string, severity: Severity, more = {}) => ({ name, severity, ...more });
  type Evaluation = Parameters<typeof evaluateScans>;
  const report = (results: Evaluation[0], accept: Evaluation[1]['accept'] = [], note = '') => {
    const verdict = evaluateScans(results, { failOn: Severity.HIGH, accept }, Date.UTC(2026, 0, 1));
    return failureReason({ image: 'web@sha256:1', verdict, failOn: Severity.HIGH, note });
  };

  test('names findings, most severe first, with package, fix and platforms', () => {
    const shared = finding('CVE-2', Severity.CRITICAL, { inPackage: 'zlib 1', fixedIn: '2' });
    expect(report([
      { image: { digest: 'a', platform: 'linux/amd64' }, findings: [finding('CVE-3', Severity.HIGH), shared, finding('CVE-4', Severity.LOW)] },
      { image: { digest: 'b', platform: 'linux/arm64' }, findings: [shared, finding('CVE-1', Severity.HIGH, { inPackage: 'bash' })] },
    ], [], 'and more')).toBe('the image web@sha256:1 may not be used. 3 findings of severity HIGH or worse: CRITICAL CVE-2 in zlib 1, fixed in 2 (linux/amd64, linux/arm64); '
      + 'HIGH CVE-1 in bash (linux/arm64); HIGH CVE-3 (linux/amd64). update the packages or the base image, or accept a finding for some time: AcceptedFinding.until(name, lastDay, reason). and more');
  });

  test('names what is unknown, and which acceptances have expired', () => {
    expect(report([{ image: { digest: 'a' }, findings: [], obstacle: { why: 'it failed', fix: 'do something' } }, { image: { digest: 'b', platform: 'p' }, findings: [], obstacle: { why: 'no', fix: 'yes' } }]))
      .toBe('the image web@sha256:1 may not be used. it is unknown whether it is clean: it failed; do something; p: no; yes');
    expect(report([{ image: { digest: 'a' }, findings: [finding('CVE-1', Severity.HIGH)] }], [{ Name: 'cve-1', LastDay: '2025-12-31', Reason: 'once' }]))
      .toContain('1 finding of severity HIGH or worse: HIGH CVE-1. no longer accepted: cve-1 (until 2025-12-31). update the packages');
  });

  test('has three thousand bytes, and counts the findings that do not fit', () => {
    const text = report([{ image: { digest: 'a' }, findings: Array.from({ length: 200 }, (_, at) => finding(`CVE-${at}-"`, Severity.HIGH)) }]);
    expect(text).toMatch(/; and \d+ more\. update the packages/);
    expect(Buffer.byteLength(JSON.stringify(text))).toBeLessThanOrEqual(3002);
    expect(Buffer.byteLength(JSON.stringify(text))).toBeGreaterThan(2600);
  });
});
