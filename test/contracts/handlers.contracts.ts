import * as fs from 'node:fs';
import * as path from 'node:path';
import { DeployedHandler } from './deployed';
import { ENUMS, ENUMS_WITHOUT_MEANING } from './enums';
import { python } from './python';
import { deployed, Run, runAll } from './runs';
import { SCENARIOS } from './scenarios';
import { bundleHandler, HANDLERS } from '../../projenrc/handler-bundle';

// Statements that no call of these scenarios needs, and why they are there.
const WITHOUT_A_CALL: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': 'Lambda writes the log of the function',
  'logs:PutLogEvents': 'Lambda writes the log of the function',
  'inspector2:ListCoverage': 'ECR calls it for DescribeImageScanFindings with enhanced scanning',
  'inspector2:ListFindings': 'ECR calls it for DescribeImageScanFindings with enhanced scanning',
  'secretsmanager:DescribeSecret': 'grantRead of aws-cdk adds it beside GetSecretValue',
  'ecr:BatchCheckLayerAvailability': 'grantPull of aws-cdk adds it for the source',
};
// The marks of services in the source of handlers: `service: 'ecs'`.
const SERVICE = /\bservice: '([a-z0-9-]+)'/g;

let handlers: readonly DeployedHandler[];
let runs: readonly Run[];
beforeAll(async () => {
  handlers = deployed().handlers(HANDLERS);
  runs = await runAll(handlers);
}, 300_000);

const runsOf = (name: string) => runs.filter(({ handler }) => handler.handler === name);

describe.each(HANDLERS)('%s', name => {
  test('is in the app of the contracts, has scenarios, and its bundle is up to date', () => {
    expect(handlers.map(({ handler }) => handler)).toContain(name);
    expect(SCENARIOS[name]?.length).toBeGreaterThan(0);
    expect(fs.readFileSync(path.join('assets', name, 'index.js'), 'utf8')).toBe(bundleHandler(name).files['index.js']);
  });

  test('ends each scenario as written', () => {
    const ends = runsOf(name).map(({ scenario: { title }, answers, output }) => `${title}: ${answers[0]?.Status ?? 'CONTINUES'} ${answers[0]?.Reason ?? ''} ${output.includes('ask for the answer') ? output : ''}`);
    expect(ends).toEqual(runsOf(name).map(({ scenario: { title, ends: wanted } }) => expect.stringContaining(`${title}: ${wanted}`)));
  });

  test('calls AWS as the service models and the documentation say', () => {
    expect(runsOf(name).flatMap(({ scenario: { title }, calls }) => calls.flatMap(({ operation, problems }) => problems.map(problem => `${title}, ${operation}: ${problem}`)))).toEqual([]);
  });

  test('may make every call, and every permission has a call or a reason', async () => {
    const own = runsOf(name);
    const order = handlers.filter(({ handler }) => handler === name).map(({ statements }) => ({
      statements, region: 'eu-west-1', account: '111122223333',
      calls: own.flatMap(({ calls, registryCalls }) => [...calls, ...registryCalls]),
      passed: statements.filter(({ Action }) => Action === 'iam:PassRole').flatMap(({ Resource }) => Resource),
    }));
    const [{ denied, unused }] = await python<{ denied: string[]; unused: string[] }[]>('permissions.py', { what: 'compare', handlers: order });
    expect(denied).toEqual([]);
    expect(unused.filter(action => WITHOUT_A_CALL[action] === undefined)).toEqual([]);
  });
});

test('every scenario belongs to a handler', () => {
  expect(Object.keys(SCENARIOS).sort()).toEqual([...HANDLERS].sort());
});

test('every operation that the source of a handler names is called in a scenario', async () => {
  const files = new Set(HANDLERS.flatMap(handler => bundleHandler(handler).inputs).filter(file => file.startsWith('src/')));
  const source = [...files].map(file => fs.readFileSync(file, 'utf8')).join('\n').replace(/^\s*(?:\*|\/\/).*$/gm, '');
  const services = [...new Set([...source.matchAll(SERVICE)].map(([, service]) => service))];
  const operations = await python<Record<string, string[]>>('requests.py', { what: 'operations', services });
  const known = new Set(Object.values(operations).flat());
  const named = new Set([...source.matchAll(/['".]([A-Z][A-Za-z]+)['"]/g)].map(([, word]) => word).filter(word => known.has(word)));
  const called = new Set(runs.flatMap(({ calls }) => calls.map(({ operation }) => operation)));

  expect([...named].filter(operation => !called.has(operation))).toEqual([]);
  expect(called.size).toBeGreaterThanOrEqual(13);
});

describe('enums of AWS:', () => {
  test.each(Object.keys(ENUMS))('somebody has decided what to do with each value of %s', async name => {
    const { [name]: values } = await python<Record<string, string[]>>('requests.py', { what: 'enums', names: [name] });
    expect(Object.keys(ENUMS[name]).sort()).toEqual([...values].sort());
  });

  test('each enum in a response is decided, or has a reason for which its values do not matter', () => {
    const inResponses = new Set(runs.flatMap(({ calls }) => calls.flatMap(({ outputEnums }) => outputEnums ?? [])));
    const open = [...inResponses].filter(name => ENUMS[name] === undefined && ENUMS_WITHOUT_MEANING[name] === undefined);
    expect(open.sort()).toEqual([]);
    expect(Object.keys(ENUMS_WITHOUT_MEANING).filter(name => !inResponses.has(name))).toEqual([]);
  });
});
