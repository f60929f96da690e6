import { LONG_REASON_BYTES } from '../../src/custom-resource/log-lines';
import { decodeGate, passedTag } from '../../src/scanning/handler/decode-gate';
import { FindingOnPlatforms, Verdict, describeAccepted, describeFindings, evaluateScans, failureReason, isClean } from '../../src/scanning/handler/evaluate-scans';
import { Severity } from '../../src/scanning/severity';
import { messageOf, wrong } from '../helpers/wrong-input';

const { CRITICAL, HIGH } = Severity;
const NOW = Date.UTC(2026, 0, 1);
const finding = (name: string, inPackage?: string) => ({ name, severity: CRITICAL, inPackage });
const accept = (Name: string, LastDay = '2026-12-31') => ({ Name, LastDay, Reason: 'once' });
const on = (platform: string | undefined, ...findings: ReturnType<typeof finding>[]) => ({ image: { digest: 'sha256:1', hasForeignLayers: false, platform }, findings });

describe('the result of a gate', () => {
  const blocking = (...results: Parameters<typeof evaluateScans>[0]) => evaluateScans(results, { failOn: HIGH, accept: [] }, NOW).blocking;

  test('lists findings of the same severity by name, and those of the same name in the order of the scan', () => {
    const named = (...names: string[]) => blocking(on('p', ...names.map(name => finding(name)))).map(({ name }) => name);
    for (const names of [['a', 'b', 'c'], ['c', 'b', 'a'], ['b', 'c', 'a'], ['b', 'a', 'c']]) expect(named(...names)).toEqual(['a', 'b', 'c']);

    const packages = ['zlib', 'bash', 'curl'];
    expect(blocking(on('p', ...packages.map(name => finding('CVE-1', name)))).map(({ inPackage }) => inPackage)).toEqual(packages);
  });

  test('lists findings that are accepted, or were accepted until a date', () => {
    const list = [accept('CVE-1'), accept('CVE-2', '2025-12-31'), accept('CVE-3'), accept('CVE-4', '2025-12-31')];
    const verdict = evaluateScans([on('p', finding('CVE-1'), finding('CVE-2'))], { failOn: HIGH, accept: list }, NOW);

    expect(verdict).toMatchObject({ blocking: [{ name: 'CVE-2' }], accepted: [accept('CVE-1')], expired: [accept('CVE-2', '2025-12-31')], unknown: [] });
    expect([verdict.accepted.length, verdict.expired.length]).toEqual([1, 1]);
  });

  test('lists the platforms of a finding, and none for a single-platform image', () => {
    const platforms = (...names: (string | undefined)[]) => blocking(...names.map(name => on(name, finding('CVE-1')))).map(each => each.platforms);
    expect(platforms(undefined)).toStrictEqual([[]]);
    expect(platforms('linux/amd64', 'linux/arm64', 'linux/amd64')).toEqual([['linux/amd64', 'linux/arm64']]);
  });

  test('is clean without findings, if everything is known', () => {
    const verdict: Verdict = { blocking: [], accepted: [], expired: [], unknown: [] };
    const found: FindingOnPlatforms = { ...finding('CVE-1'), platforms: [] };
    expect([verdict, { ...verdict, blocking: [found] }, { ...verdict, unknown: [on('p')] }, { ...verdict, accepted: [accept('CVE-1')] }].map(isClean)).toEqual([true, false, false, true]);
  });
});

describe('the message of a gate', () => {
  const NOTHING: Verdict = { blocking: [], accepted: [], expired: [], unknown: [] };
  const found = (name: string, ...platforms: string[]): FindingOnPlatforms => ({ name, severity: CRITICAL, platforms });
  const report = (verdict: Partial<Verdict>, image = 'web') => failureReason({ image, verdict: { ...NOTHING, ...verdict }, failOn: HIGH });
  const bytes = (text: string) => Buffer.byteLength(JSON.stringify(text));

  test('shows 450 bytes of the image name', () => {
    expect(report({}, 'w'.repeat(450))).toBe(`the image ${'w'.repeat(450)} may not be used`);
    expect(report({}, 'w'.repeat(451))).toBe(`the image ${'w'.repeat(447)}… may not be used`);
  });

  test('is one line, also without findings', () => {
    expect(report({}, 'a\nb')).toBe('the image a b may not be used');
    expect(report({ blocking: [found('a\nb')] })).toContain('1 finding of severity HIGH or worse: CRITICAL a b. update the packages or the base image');
  });

  test('names five platforms of a finding, and says that there are more', () => {
    expect(describeFindings([found('CVE-1', '1', '2', '3', '4', '5')])).toBe('CRITICAL CVE-1 (1, 2, 3, 4, 5)');
    expect(describeFindings([found('CVE-1', '1', '2', '3', '4', '5', '6')])).toBe('CRITICAL CVE-1 (1, 2, 3, 4, 5, …)');
    expect(describeFindings([found('CVE-1'), { ...found('CVE-2'), inPackage: 'zlib 1' }])).toBe('CRITICAL CVE-1; CRITICAL CVE-2 in zlib 1');
  });

  test('uses the space for accepted findings up to the last byte', () => {
    // Each part can need a separator and quotation marks, and there is always space for the number of omitted findings.
    const room = 1000 - '"; and 2 more"'.length;
    const second = accept('CVE-2');
    const words = (Name: string) => `${Name} until 2026-12-31 (once)`;
    const used = `"; ${words('')}""; ${words(second.Name)}"`.length;
    const name = 'x'.repeat(room - used);

    expect(describeAccepted([accept(name), second])).toBe(`${words(name)}; ${words('CVE-2')}`);
    expect(describeAccepted([accept(`${name}x`), second])).toBe(`${words(`${name}x`)}; and 1 more`);
    expect(describeAccepted([accept('x'.repeat(1000)), second])).toBe('and 2 more');
    expect(describeAccepted([])).toBe('');
  });

  test('uses the space for findings up to the last byte', () => {
    const long = (length: number) => report({ blocking: [found('x'.repeat(length)), found('CVE-2')] });
    const most = Array.from({ length: LONG_REASON_BYTES }, (_, length) => length).filter(length => long(length).includes('; CRITICAL CVE-2')).length - 1;
    const reserve = '"; and 2 more"""""; '.length;

    expect(bytes(long(most))).toBe(LONG_REASON_BYTES - reserve);
    expect(long(most + 1)).toContain('; and 1 more. update the packages');
  });

  test('has space for findings next to unknown results and expired acceptances', () => {
    const unknown = Array.from({ length: 9 }, (_, at) => ({ ...on(`p${at}`), obstacle: { why: 'w'.repeat(200), fix: 'do something' } }));
    const expired = Array.from({ length: 99 }, (_, at) => accept(`CVE-${at}`, '2025-12-31'));
    const text = report({ unknown, expired, blocking: [found('CVE-1')] });

    expect(text).toContain(`it is unknown whether it is clean: p0: ${'w'.repeat(200)}; do something; p1: `);
    expect(text).toMatch(/; and 6 more\. no longer accepted: CVE-0 \(until 2025-12-31\); .+; and 82 more\. update the packages/);
  });
});

describe('the properties of a gate', () => {
  const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;
  const PROPERTIES = {
    SchemaVersion: '1', Repository: '111122223333.dkr.ecr.eu-west-1.amazonaws.com/team/web', Tag: 'live-web.1', PassedTagPrefix: 'live-web.passed-', FailOn: 'HIGH', WaitMinutes: '15',
  };
  const told = (changes: object) => messageOf(() => decodeGate(wrong({ ...PROPERTIES, ...changes })));

  test('are accepted as they are', () => {
    expect(decodeGate(PROPERTIES)).toMatchObject({
      repositoryName: 'team/web', tag: 'live-web.1', digest: undefined, passedTagPrefix: 'live-web.passed-', failOn: 'HIGH', waitMilliseconds: 900_000, accept: [],
    });
    expect(decodeGate({ ...PROPERTIES, Digest: DIGEST, WaitMinutes: '5', Accept: [{ ...accept('CVE-1'), More: 1 }] }))
      .toMatchObject({ digest: DIGEST, waitMilliseconds: 300_000, accept: [accept('CVE-1')] });
  });

  test.each<[object, string]>([
    [{ SchemaVersion: '10' }, "the property 'SchemaVersion' must be '1', the only version that this handler supports, not '10'"],
    [{ Tag: '-a' }, "the property 'Tag' must be a tag, not '-a'"], [{ Tag: 'a b' }, "the property 'Tag' must be a tag, not 'a b'"],
    [{ Tag: 'a'.repeat(129) }, "the property 'Tag' must be a tag, not 'aaa"],
    [{ PassedTagPrefix: 'a'.repeat(117) }, "the property 'PassedTagPrefix' must be the beginning of a tag, not 'aaa"], [{ PassedTagPrefix: '.a' }, "the property 'PassedTagPrefix' must be the beginning of a tag"],
    [{ FailOn: 'high' }, "the property 'FailOn' must be a severity, not 'high'"],
    ...['', '100', '1.5', '-1', ' 1', '1 '].map((WaitMinutes): [object, string] => [{ WaitMinutes }, `the property 'WaitMinutes' must be a number of minutes, not '${WaitMinutes}'`]),
    ...[`${DIGEST}0`, DIGEST.slice(0, -1), ` ${DIGEST}`, DIGEST.toUpperCase(), 'sha256:', null].map((Digest): [object, string] => [{ Digest }, `the property 'Digest' must be a digest, not '${Digest}'`]),
    [{ Accept: {} }, "the property 'Accept' must be a list of findings"],
    ...['Name', 'LastDay', 'Reason'].map((name): [object, string] => [{ Accept: [{ ...accept('CVE-1'), [name]: 7 }] }, `the property '${name}' must be a text, not '7'`]),
  ])('are rejected if they are wrong: %j', (changes, sentence) => {
    expect(told(changes)).toContain(sentence);
  });

  test.each([{ Tag: 'a'.repeat(128) }, { Tag: '_' }, { PassedTagPrefix: 'a'.repeat(116) }, { WaitMinutes: '0' }, { WaitMinutes: '99' }])('are accepted up to their limits: %j', changes => {
    expect(() => decodeGate({ ...PROPERTIES, ...changes })).not.toThrow();
  });

  test('determine the tag that remembers an image, with twelve characters of its digest', () => {
    expect(passedTag(decodeGate(PROPERTIES), DIGEST)).toBe('live-web.passed-0123456789ab');
  });
});
