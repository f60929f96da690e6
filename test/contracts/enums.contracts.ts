import * as fs from 'node:fs';
import { ENUMS, PUBLIC_ENUMS } from './enums';
import { python } from './python';
import * as library from '../../src';
import { EcrApi, findImage } from '../../src/custom-resource/ecr';
import { isRolledBack } from '../../src/custom-resource/rollback';
import { failureOf } from '../../src/one-off-task/handler/task-failure';
import { findingsOn } from '../../src/scanning/handler/findings';
import { readScanState } from '../../src/scanning/handler/scans';
import { ElbApi } from '../../src/traffic-shift/handler/elb';
import { TestClock } from '../helpers/registry-clock';

const ecr = (answer: object) => ({ call: async () => answer }) as unknown as EcrApi;

/** The API of ELB with one answer. */
function elb(operation: string, result: string): ElbApi {
  const body = `<${operation}Response><${operation}Result>${result}</${operation}Result></${operation}Response>`;
  const environment = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'x', AWS_SECRET_ACCESS_KEY: 'x' };
  return new ElbApi({ clock: new TestClock(), environment, send: async () => ({ status: 200, body }) }, {});
}

/** How the code handles a value, in the words of the table. */
const PROBED: Readonly<Record<string, (value: string) => Promise<string> | string>> = {
  'ecs:TaskStopCode': stopCode => {
    const failure = failureOf({ isLate: false, task: { lastStatus: 'STOPPED', stopCode, containers: [{ name: 'one', exitCode: 0 }] } }, [{ name: 'one', isEssential: true }]);
    if (failure === undefined) return 'completed';
    return failure.reasons.includes('it did not start') ? 'not started' : 'interrupted';
  },
  'ecr:ScanStatus': async status => (await readScanState(ecr({ imageScanStatus: { status }, imageScanFindings: { findings: [] } }), 'sha256:1')).state,
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
  'elbv2:TargetHealthStateEnum': async state => {
    const target = `<member><TargetHealth><State>${state}</State></TargetHealth></member>`;
    const api = elb('DescribeTargetHealth', `<TargetHealthDescriptions>${target}</TargetHealthDescriptions>`);
    return await api.hasTargets('arn') ? 'stays' : 'leaves';
  },
  'elbv2:ActionTypeEnum': async type => {
    const action = `<member><Type>${type}</Type><TargetGroupArn>arn</TargetGroupArn></member>`;
    const [rule] = await elb('DescribeRules', `<Rules><member><Actions>${action}</Actions></member></Rules>`).rules({ RuleArns: ['arn'] });
    return rule.weights.length > 0 ? 'has weights' : 'has none';
  },
};

let values: Readonly<Record<string, readonly string[]>>;
beforeAll(async () => {
  values = await python('requests.py', { what: 'enums', names: Object.keys(ENUMS) });
});

test.each(Object.keys(ENUMS))('there is a decision for each value of %s', name => {
  expect(Object.keys(ENUMS[name]).sort()).toEqual([...values[name]].sort());
});

test.each(Object.entries(PROBED))('the code handles each value of %s as decided', async (name, probe) => {
  const done: [string, string][] = [];
  for (const [value, decision] of Object.entries(ENUMS[name])) done.push([value, decision === 'kept' && await probe(value) === value ? 'kept' : await probe(value)]);
  expect(Object.fromEntries(done)).toEqual(ENUMS[name]);
});

test.each(['ecs:TaskStopCode', 'ecr:ScanStatus', 'ecr:ImageFailureCode', 'cloudformation:StackStatus'])('an unknown value of %s never counts as success', async name => {
  expect(['interrupted', 'NOT_SCANNABLE', 'failure', 'unknown']).toContain(await PROBED[name]('SOMETHING_NEW'));
});

test('each enum of the public API has the values of its AWS enum, or a reason for the difference', () => {
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

test('there is a factory for each supported upstream registry', () => {
  const source = fs.readFileSync('src/registry/pull-through-cache.ts', 'utf8');
  const offered = Object.entries(ENUMS['ecr:UpstreamRegistry']).filter(([, decision]) => decision === 'offered').map(([value]) => value);
  expect(offered.filter(value => !source.includes(`'${value}'`))).toEqual([]);
  expect(source).not.toContain("'chainguard'");
});
