import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { Account, Contents } from './account';
import { runSuite } from '../../integ/account/run';

interface Failure {
  /** A part of the CDK CLI command. */
  readonly when: string;
  readonly message: string;
}

interface Trial {
  readonly args: string[];
  readonly contents?: Contents;
  readonly failures?: Failure[];
  /** The output of the CDK CLI. */
  readonly changes?: string;
  readonly pageStatuses?: number[];
  /** The outputs of the stack with the assertions. */
  readonly assertions?: Record<string, string>;
  readonly answer?: string;
  readonly env?: Record<string, string | undefined>;
  readonly interruptedAfter?: string;
}

interface Ran {
  readonly code: number;
  readonly text: string;
  readonly account: Account;
  /** The calls of the CDK CLI, which is a child process. */
  readonly calls: string[];
  readonly environments: { readonly region: string; readonly key: string }[];
}

const CIRCUIT_BREAKER: Failure = { when: 'start=exit 3', message: 'ECS Deployment Circuit Breaker was\n triggered' };

const HOLDS = { AssertionResultsHttpApiCallexample: '{"status":"success"}' };

/** Runs the suite in a fake account, with a fake CDK CLI. */
async function run(trial: Trial): Promise<Ran> {
  const { args, contents, failures = [CIRCUIT_BREAKER], changes, pageStatuses, assertions = HOLDS, answer, env, interruptedAfter } = trial;
  const account = new Account(contents);
  account.pageStatuses = pageStatuses ?? [];
  const endpoint = await account.start();
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'account-suite-'));
  const log = path.join(folder, 'calls');
  fs.writeFileSync(log, '');
  let text = '';
  try {
    const code = await runSuite(args, {
      cdk: [process.execPath, path.join(__dirname, 'fake-cdk.mjs')],
      env: {
        PATH: '/nowhere', AWS_ACCESS_KEY_ID: 'AKIAEXAMPLE', AWS_SECRET_ACCESS_KEY: 'secret', AWS_REGION: 'eu-west-1', AWS_ENDPOINT_URL: endpoint,
        FAKE_LOG: log, FAKE_ENDPOINT: `${endpoint}/page`, FAKE_FAILURES: JSON.stringify(failures), FAKE_CHANGES: changes, FAKE_ASSERTIONS: JSON.stringify(assertions), ...env,
      },
      print: part => {
        text += part;
      },
      ask: answer === undefined ? undefined : async question => {
        text += question;
        return answer;
      },
      pause: 10,
      interrupted: () => interruptedAfter !== undefined && text.includes(interruptedAfter),
    });
    const lines = fs.readFileSync(log, 'utf8').split('\n').filter(Boolean).map(line => JSON.parse(line));
    return { code, text, account, calls: lines.map(({ call }) => call), environments: lines };
  } finally {
    await account.stop();
    fs.rmSync(folder, { recursive: true });
  }
}

const HELLO_CALLS = ['deploy hello', 'deploy hello version=2', 'deploy hello version=3 start=exit 3', 'deploy hello version=2', 'destroy hello'];

test('a test runs its steps in order, watches the page, and is destroyed at the end', async () => {
  const { code, text, calls, environments, account } = await run({ args: ['--yes', '--only', 'hello'] });

  expect(code).toBe(0);
  expect(calls).toEqual(HELLO_CALLS);
  expect(text).toContain('PASSED  hello');
  expect(account.pageRequests).toBeGreaterThan(2);
  expect(environments[0]).toMatchObject({ region: 'eu-west-1', key: 'AKIAEXAMPLE' });
});

test('the suite first shows its account, its resources, their cost and duration, and asks for confirmation', async () => {
  const { code, text, calls } = await run({ args: ['--only', 'hello'], answer: 'no' });

  expect(text).toContain('Runs in account 111122223333 in eu-west-1.');
  expect(text).toMatch(/creates {3}VPC .* load balancer/);
  expect(text).toMatch(/costs {5}\$0\.045 per hour for tasks and addresses \+ 1 load balancer/);
  expect(text).toContain('https://aws.amazon.com/elasticloadbalancing/pricing/');
  expect(text).toMatch(/takes {5}about 35 minutes \(estimate\)/);
  expect(text).toContain('Type yes: ');
  expect(text).toContain('Not confirmed. Nothing was created.');
  expect([code, calls]).toEqual([2, []]);
});

test('a confirmation starts the suite', async () => {
  expect((await run({ args: ['--only', 'mirror'], answer: ' YES ' })).calls).toEqual(['deploy mirror', 'destroy mirror']);
});

test.each<[string, Trial, string]>([
  ['no terminal and no --yes', { args: ['--only', 'hello'] }, 'Pass --yes. Nothing was created.'],
  ['no credentials', { args: ['--yes'], env: { AWS_ACCESS_KEY_ID: undefined } }, 'There are no AWS credentials. Sign in'],
  ['a profile that cannot be read', { args: ['--yes'], env: { AWS_PROFILE: 'work' } }, 'There are no AWS credentials. Sign in'],
  ['no region', { args: ['--yes'], env: { AWS_REGION: undefined } }, 'There is no AWS region. Set AWS_REGION'],
  ['credentials that AWS refuses', { args: ['--yes'], contents: { denied: ['GetCallerIdentity'] } }, 'AWS does not accept the credentials'],
  ['an account that is not bootstrapped', { args: ['--yes'], contents: { bootstrapped: false } }, 'npx cdk bootstrap aws://111122223333/eu-west-1'],
  ['an unknown test', { args: ['--yes', '--only', 'helo'] }, '--only is \'helo\'. Use one of: hello, '],
  ['an unknown option', { args: ['--force'] }, 'Usage: npx projen integ:aws'],
  ['an unknown endpoint', { args: ['--endpoint', 'moon'] }, '--endpoint is \'moon\'. Use local'],
])('%s stops the suite before it creates anything', async (_, trial, message) => {
  const { code, text, calls } = await run(trial);

  expect(text).toContain(message);
  expect([code, calls]).toEqual([2, []]);
});

test('--list needs no account', async () => {
  const { code, text, account } = await run({ args: ['--list'], env: { AWS_ACCESS_KEY_ID: undefined } });

  expect(code).toBe(0);
  expect(text).toContain('blue-green-network: ');
  expect(account.calls).toEqual([]);
});

test('a test that changes a setting of the account runs only if it is named', async () => {
  const all = await run({ args: ['--list'] });
  expect((await run({ args: ['--', '--list'] })).text).toBe(all.text);
  expect(all.text).not.toMatch(/^signatures:/m);
  expect(all.text).toContain('Not included: signatures. It replaces the signing settings');

  expect((await run({ args: ['--list', '--only', 'signatures'] })).text).toMatch(/REPLACES {2}the signing settings of the registry/);
});

test.each<[string, Partial<Trial>, string]>([
  ['a deployment that fails', { failures: [{ when: 'version=2', message: 'no' }] }, 'roll to version 2: cdk deploy failed'],
  ['a deployment that succeeds but has to fail', { failures: [] }, 'cdk deploy succeeded, but has to fail with /circuit breaker/i'],
  ['a failure for another reason', { failures: [{ ...CIRCUIT_BREAKER, message: 'no quota' }] }, 'its output does not match /circuit breaker/i'],
  ['a stack that changes after a rollback', { changes: 'UPDATE_COMPLETE' }, 'version 2 still runs: the stack changed'],
  [
    'an assertion that does not hold, which is only an output,',
    { assertions: { ...HOLDS, [`AssertionResultsAwsApiCallECSdescribeTasks${'0'.repeat(32)}`]: '{"status":"fail","message":"!! Expected\\n sha256:1"}' } },
    'deploy version 1: assertions failed: AwsApiCallECSdescribeTasks: !! Expected sha256:1',
  ],
  ['a deployment without a result of an assertion', { assertions: {} }, 'deploy version 1: no assertion has a result'],
  ['a page that does not answer once', { pageStatuses: [200, 503] }, 'roll to version 2: the page did not answer 1 of'],
])('%s fails the test, and all resources are deleted', async (_, trial, message) => {
  const contents = {
    repositories: ['cdk-container-integ/hello/repository', 'shop'], logGroups: ['/aws/lambda/CdkContainerIntegHello-Copy', '/aws/lambda/shop'],
  };
  const { code, text, calls, account } = await run({ args: ['--yes', '--only', 'hello'], contents, ...trial });

  expect(code).toBe(1);
  expect(text).toContain('FAILED  hello: ');
  expect(text).toContain(message);
  expect(calls[calls.length - 1]).toBe('destroy hello');
  expect(account.contents).toMatchObject({ repositories: ['shop'], logGroups: ['/aws/lambda/shop'] });
});

test('after a failure, the next test runs', async () => {
  const { text } = await run({ args: ['--yes', '--only', 'hello,mirror'], failures: [{ when: 'deploy hello', message: 'no' }] });

  expect(text).toMatch(/FAILED {2}hello: .*\nPASSED {2}mirror/);
});

test('resources that cannot be deleted are reported, and fail the run', async () => {
  const contents = {
    repositories: ['cdk-container-integ/mirror/repository'], denied: ['DeleteRepository'],
    tagged: ['arn:aws:ec2:eu-west-1:111122223333:vpc/vpc-1', 'arn:aws:ecs:eu-west-1:111122223333:task-definition/web:1'],
  };
  const { code, text, calls } = await run({ args: ['--yes', '--only', 'mirror'], contents, failures: [{ when: 'destroy', message: 'in use' }] });

  expect(code).toBe(1);
  expect(calls).toEqual(['deploy mirror', 'destroy mirror', 'destroy mirror']);
  expect(text).toContain('COULD NOT BE REMOVED: the stacks of mirror');
  expect(text).toContain('the repository cdk-container-integ/mirror/repository: ecr answered 400 AccessDeniedException');
  expect(text).toContain('vpc/vpc-1 still has the tag');
  expect(text).not.toContain('task-definition');
});

test('certificates are imported for a test, passed to the app, and deleted', async () => {
  const { code, calls, account } = await run({ args: ['--yes', '--only', 'blue-green'] });

  expect(code).toBe(0);
  expect(calls[0]).toMatch(/^deploy blue-green certificate=arn:aws:acm:\S+certificate\/0$/);
  expect(calls[3]).toContain('certificate/1');
  expect(account.contents.certificates).toEqual([]);
});

test('--keep destroys nothing, and warns about the cost', async () => {
  const { text, calls, account } = await run({ args: ['--yes', '--keep', '--only', 'mirror'] });

  expect(calls).toEqual(['deploy mirror']);
  expect(text).toContain('Nothing is destroyed, because of --keep. AWS charges for it');
  expect(account.calls).not.toContain('DescribeRepositories');
});

test('an interruption ends the suite after the current step, and all resources are deleted', async () => {
  const { code, text, calls } = await run({ args: ['--yes', '--only', 'hello,mirror'], interruptedAfter: 'roll to version 2' });

  expect(code).toBe(1);
  expect(calls).toEqual([...HELLO_CALLS.slice(0, 2), 'destroy hello']);
  expect(text).toContain('SKIPPED mirror: interrupted');
});
