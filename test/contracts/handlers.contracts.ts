import * as fs from 'node:fs';
import * as path from 'node:path';
import { ACCOUNT, DeployedHandler, REGION } from './deployed';
import { ENUMS, ENUMS_WITHOUT_MEANING } from './enums';
import { python } from './python';
import { deployed, Run, runAll } from './runs';
import { SCENARIOS } from './scenarios';
import { bundleHandler, HANDLERS } from '../../projenrc/handler-bundle';

// Actions that no call of these scenarios needs, with reasons. If one handler is concerned, its name comes first.
const WITHOUT_A_CALL: Readonly<Record<string, string>> = {
  'logs:CreateLogStream': 'Lambda writes the log of the function',
  'logs:PutLogEvents': 'Lambda writes the log of the function',
  'inspector2:ListCoverage': 'ECR calls it for DescribeImageScanFindings with enhanced scanning',
  'inspector2:ListFindings': 'ECR calls it for DescribeImageScanFindings with enhanced scanning',
  'secretsmanager:DescribeSecret': 'grantRead of aws-cdk adds it beside GetSecretValue',
  'copy/image-copy.lambda ecr:BatchCheckLayerAvailability': 'AWS documents it for every push; the copy asks for blobs only in a destination that has a part of the image',
  'traffic-shift/traffic-shift.lambda elasticloadbalancing:DeleteRule': 'a second statement, by tag, for a rule of an earlier load balancer',
  'traffic-shift/traffic-shift.lambda elasticloadbalancing:DeleteListener': 'a second statement, by tag, for a listener of an earlier load balancer',
  'build/image-build.lambda ecr:BatchCheckLayerAvailability': 'layers are looked for if the live tag of an earlier build was deleted',
  'copy/image-copy.lambda lambda:InvokeFunction': 'a copy continues when its time is over: test/copy proves it, here it would take minutes',
};
// The service names in the source of handlers: `service: 'ecs'`.
const SERVICE = /\bservice: '([a-z0-9-]+)'/g;

let handlers: readonly DeployedHandler[];
let runs: readonly Run[];
let permissions: readonly (Compared & { readonly name: string })[];
beforeAll(async () => {
  handlers = deployed().handlers(HANDLERS);
  runs = await runAll(handlers);
  const compared = await python<Compared[]>('permissions.py', { what: 'compare', handlers: handlers.map(asPermissions) });
  permissions = handlers.map(({ handler }, position) => ({ name: handler, ...compared[position] }));
}, 300_000);

interface Compared { readonly denied: readonly string[]; readonly unused: readonly string[] }

/** The policies of a handler, and all of its calls. */
function asPermissions(deployedHandler: DeployedHandler): object {
  const { statements } = deployedHandler;
  return {
    statements, region: REGION, account: ACCOUNT,
    calls: runs.filter(({ handler }) => handler === deployedHandler).flatMap(({ calls, registryCalls }) => [...calls, ...registryCalls]),
    passed: statements.filter(({ Action }) => Action === 'iam:PassRole').flatMap(({ Resource }) => Resource),
  };
}

const runsOf = (name: string) => runs.filter(({ handler }) => handler.handler === name);

describe.each(HANDLERS)('%s', name => {
  test('is in the app of the contracts, has scenarios, and its bundle is up to date', () => {
    expect(handlers.map(({ handler }) => handler)).toContain(name);
    expect(SCENARIOS[name]?.length).toBeGreaterThan(0);
    expect(fs.readFileSync(path.join('assets', name, 'index.js'), 'utf8')).toBe(bundleHandler(name).files['index.js']);
  });

  test('ends each scenario with the expected result', () => {
    const ends = runsOf(name).map(({ scenario: { title }, answers }) => `${title}: ${answers[0]?.Status ?? 'CONTINUES'} ${answers[0]?.Reason ?? ''}`);
    expect(ends).toEqual(runsOf(name).map(({ scenario: { title, ends: wanted } }) => expect.stringContaining(`${title}: ${wanted}`)));
  });

  test('calls AWS in accordance with the service models and the documentation', () => {
    expect(runsOf(name).flatMap(({ scenario: { title }, calls }) => calls.flatMap(({ operation, problems }) => problems.map(problem => `${title}, ${operation}: ${problem}`)))).toEqual([]);
  });

  test('is allowed every call, and every permission has a call or a reason', () => {
    const found = permissions.filter(each => each.name === name);
    expect(found.length).toBeGreaterThan(0);
    expect(found.flatMap(({ denied }) => denied)).toEqual([]);
    expect(found.flatMap(({ unused }) => unused).filter(action => WITHOUT_A_CALL[action] === undefined && WITHOUT_A_CALL[`${name} ${action}`] === undefined)).toEqual([]);
  });
});

test('every scenario belongs to a handler, and runs', () => {
  const ran = new Set(runs.map(({ scenario }) => scenario));
  expect(Object.values(SCENARIOS).flat().filter(scenario => !ran.has(scenario)).map(({ title }) => title)).toEqual([]);
  expect(Object.keys(SCENARIOS).sort()).toEqual([...HANDLERS].sort());
});

test('every operation in the source of a handler is called in a scenario', async () => {
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

test('each enum in a response has a decision, or a reason why its values do not matter', () => {
  const inResponses = new Set(runs.flatMap(({ calls }) => calls.flatMap(({ outputEnums }) => outputEnums ?? [])));
  const open = [...inResponses].filter(name => ENUMS[name] === undefined && ENUMS_WITHOUT_MEANING[name] === undefined);
  expect(open.sort()).toEqual([]);
  expect(Object.keys(ENUMS_WITHOUT_MEANING).filter(name => !inResponses.has(name))).toEqual([]);
});
