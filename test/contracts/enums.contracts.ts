import * as fs from 'node:fs';
import { ENUMS, PUBLIC_ENUMS } from './enums';
import { python } from './python';
import * as library from '../../src';
import { EcrApi, findImage } from '../../src/custom-resource/ecr';
import { isRolledBack } from '../../src/custom-resource/rollback';
import { failureOf } from '../../src/one-off-task/handler/verdict';
import { findingsOn } from '../../src/scanning/handler/findings';
import { lookAtScan } from '../../src/scanning/handler/scans';
import { TestClock } from '../helpers/registry-clock';

const ecr = (answer: object) => ({ ask: async () => answer }) as unknown as EcrApi;

/** What the code does with a value, in the words of the ledger. */
const PROBED: Readonly<Record<string, (value: string) => Promise<string> | string>> = {
  'ecs:TaskStopCode': stopCode => {
    const failure = failureOf({ isLate: false, task: { lastStatus: 'STOPPED', stopCode, containers: [{ name: 'one', exitCode: 0 }] } }, [{ name: 'one', isEssential: true }]);
    if (failure === undefined) return 'completed';
    return failure.reasons.includes('it did not start') ? 'not started' : 'interrupted';
  },
  'ecr:ScanStatus': async status => (await lookAtScan(ecr({ imageScanStatus: { status }, imageScanFindings: { findings: [] } }), 'sha256:1')).state,
  'ecr:ImageFailureCode': async failureCode => {
    try {
      return await findImage(ecr({ failures: [{ failureCode }] }), 'web') === undefined ? 'missing' : 'found';
    } catch (error) {
      return String(error).includes('; ') ? 'failure with a fix' : 'failure';
    }
  },
  'ecr:FindingSeverity': severity => findingsOn({ findings: [{ name: 'CVE-1', severity }] })[0].severity,
  'inspector2:Severity': severity => findingsOn({ enhancedFindings: [{ title: 'CVE-1', severity, status: 'ACTIVE' }] })[0].severity,
  'inspector2:FindingStatus': status => findingsOn({ enhancedFindings: [{ title: 'CVE-1', severity: 'HIGH', status }] }).length === 1 ? 'counts' : 'does not count',
  'cloudformation:StackStatus': async status => {
    const send = async () => ({ status: 200, body: `<StackStatus>${status}</StackStatus>` });
    const answer = await isRolledBack('arn:aws:cloudformation:eu-west-1:1:stack/Web/1', { clock: new TestClock(), environment: { AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' }, send });
    return answer === undefined ? 'unknown' : answer ? 'rolls back' : 'does not';
  },
};

let values: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  values = await python('requests.py', { what: 'enums', names: Object.keys(ENUMS) });
});

test.each(Object.keys(ENUMS))('somebody has decided what to do with each value of %s', name => {
  expect(Object.keys(ENUMS[name]).sort()).toEqual([...values[name]].sort());
});

test.each(Object.entries(PROBED))('the code does with each value of %s what was decided', async (name, probe) => {
  const done: [string, string][] = [];
  for (const [value, decision] of Object.entries(ENUMS[name])) done.push([value, decision === 'kept' && await probe(value) === value ? 'kept' : await probe(value)]);
  expect(Object.fromEntries(done)).toEqual(ENUMS[name]);
});

test.each(['ecs:TaskStopCode', 'ecr:ScanStatus', 'ecr:ImageFailureCode', 'cloudformation:StackStatus'])('a value of %s that is not known yet is never taken for success', async name => {
  expect(['interrupted', 'NOT_SCANNABLE', 'failure', 'unknown']).toContain(await PROBED[name]('SOMETHING_NEW'));
});

test('each enum of the public API has the values of its enum of AWS, or a reason', () => {
  const entry = library as unknown as Readonly<Record<string, unknown>>;
  const isEnum = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0 && Object.values(value).every(each => typeof each === 'string');
  const names = Object.keys(entry).filter(name => /^[A-Z]/.test(name) && isEnum(entry[name]));
  expect(names.sort()).toEqual(Object.keys(PUBLIC_ENUMS).sort());

  for (const [name, { of: shape, also = [] }] of Object.entries(PUBLIC_ENUMS)) {
    if (shape === undefined) continue;
    const offered = Object.entries(ENUMS[shape]).filter(([, decision]) => decision === 'offered' || decision === 'kept').map(([value]) => value);
    expect({ [name]: Object.values(entry[name] as object).sort() }).toEqual({ [name]: [...offered, ...also].sort() });
  }
});

test('each upstream registry that is offered has a factory', () => {
  const source = fs.readFileSync('src/registry/pull-through-cache.ts', 'utf8');
  const offered = Object.entries(ENUMS['ecr:UpstreamRegistry']).filter(([, decision]) => decision === 'offered').map(([value]) => value);
  expect(offered.filter(value => !source.includes(`'${value}'`))).toEqual([]);
  expect(source).not.toContain("'chainguard'");
});
