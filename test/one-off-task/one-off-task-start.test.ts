import fc from 'fast-check';
import { runsOf } from '../helpers/exhaustive';
import { RunScene, definition, runEvent } from '../helpers/run-scene';

let scene: RunScene;
beforeEach(async () => { scene = await RunScene.open(); });
afterEach(async () => scene.cloud.stop());

const MINUTE = 60_000;
const times = <T>(count: number, value: T) => Array.from({ length: count }, () => value);
const NO_CAPACITY = { reason: 'Capacity is unavailable at this time. Please try again later or in a different availability zone' };

describe('an event that Lambda delivers again', () => {
  test('while its task runs, runs nothing, and has the same result', async () => {
    scene.cloud.lives = [{ looks: 20, containers: { migrate: 4 } }];
    const [first, second] = await Promise.all([scene.serve(runEvent()), RunScene.beside(scene).serve(runEvent())]);
    expect(first.Reason).toContain('exit code 4');
    expect(second.Reason).toBe(first.Reason);
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test('after its task has ended, runs nothing, even if ECS no longer lists the task', async () => {
    await scene.deploy();
    scene.cloud.forgetsStopped = true;
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test('after its task has ended, finds it among hundreds of the same family, and runs nothing', async () => {
    await scene.deploy();
    scene.cloud.stoppedStrangers = 250;
    scene.cloud.failures.set('RunTask', ['ClientException: not to be called']);
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
    expect(scene.cloud.bodiesOf('ListTasks').filter(({ desiredStatus }) => desiredStatus === 'STOPPED')).toHaveLength(1 + 3);
  });

  test('after its task needed several tries, runs nothing, even if there is capacity at once this time', async () => {
    scene.cloud.placementFailures = times(3, NO_CAPACITY);
    await scene.deploy();
    expect(scene.cloud.bodiesOf('RunTask')).toHaveLength(4);

    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test('never runs its task twice, after any failure of the first delivery', async () => {
    await fc.assert(fc.asyncProperty(
      fc.array(fc.constantFrom('reset', 'lost', 'ThrottlingException', 'ServerException'), { maxLength: 4 }),
      fc.array(fc.constantFrom('reset', 'lost', 'ThrottlingException'), { maxLength: 3 }), fc.nat(3), fc.boolean(),
      async (running, listing, without, forgets) => {
        const own = await RunScene.open();
        own.cloud.failures.set('RunTask', [...running]).set('ListTasks', [...listing]);
        own.cloud.placementFailures = times(without, NO_CAPACITY);
        for (let delivery = 0; delivery < 3; delivery++) {
          expect(await own.deploy()).toMatchObject({ Status: 'SUCCESS' });
          own.cloud.forgetsStopped = forgets && without === 0;
        }
        expect(own.cloud.tasks).toHaveLength(1);
        await own.cloud.stop();
      },
    ), runsOf(40));
  });
});

test('tasks are listed by startedBy or by family, because ECS allows no other filter next to the first', async () => {
  await scene.deploy();
  expect(scene.cloud.bodiesOf('ListTasks')).toEqual([
    { cluster: expect.any(String), startedBy: expect.stringMatching(/^one-off-task-/) },
    { cluster: expect.any(String), family: 'migrate', desiredStatus: 'STOPPED' },
  ]);
});

test('the simulated ECS rejects requests that the documentation excludes', async () => {
  const ask = async (operation: string, body: object) => (await fetch(scene.cloud.origin, {
    method: 'POST', body: JSON.stringify(body), headers: { 'x-amz-target': `Ecs.${operation}`, 'authorization': 'Credential=AKID/20300101/eu-west-1/ecs/aws4_request' },
  })).json();
  const network = { awsvpcConfiguration: { subnets: ['subnet-1'] } };
  const run = { cluster: 'main', count: 1, startedBy: 'me', clientToken: 'token', networkConfiguration: network };
  const refused = { __type: 'InvalidParameterException' };

  expect(await ask('ListTasks', { startedBy: 'me', desiredStatus: 'STOPPED' })).toMatchObject(refused);
  expect(await ask('DescribeTasks', { tasks: [] })).toMatchObject(refused);
  expect(await ask('RunTask', { ...run, launchType: 'EC2', platformVersion: 'LATEST' })).toMatchObject(refused);
  expect(await ask('RunTask', { ...run, launchType: 'FARGATE', capacityProviderStrategy: [] })).toMatchObject(refused);
  expect(await ask('GetLogEvents', { logGroupName: 'one', logGroupIdentifier: 'one' })).toMatchObject(refused);
});

test('another deployment of the same task definition is another event, and runs the task again', async () => {
  await scene.deploy();
  await scene.deploy({}, { RequestId: 'another' });
  await scene.deploy({}, { RequestId: 'another', LogicalResourceId: 'Other' });
  expect(scene.cloud.tasks).toHaveLength(3);
  expect(new Set(scene.cloud.tasks.map(({ request }) => request.startedBy)).size).toBe(3);
});

test('if ECS already knows a start with other parameters, its task is used', async () => {
  await scene.deploy();
  scene.cloud.forgetsStopped = true;
  expect(await scene.deploy({ Subnets: ['subnet-9'] })).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.cloud.bodiesOf('RunTask')).toHaveLength(2);
  expect(scene.cloud.tasks).toHaveLength(1);
});

describe('if there is no capacity', () => {
  test.each([
    NO_CAPACITY, { reason: 'RESOURCE:MEMORY' }, { reason: 'RESOURCE:ENI' }, { reason: 'AGENT' },
  ])('for a while ($reason), the function waits', async failure => {
    scene.cloud.placementFailures = times(4, failure);
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test.each([
    'InvalidParameterException: No Container Instances were found in your cluster.', 'ClientException: You\'ve reached the limit on the number of vCPUs you can run concurrently',
    'ClientException: The number of tasks in PROVISIONING state has reached its quota',
  ])('for a while, and ECS returns an error, the function waits: %s', async error => {
    scene.cloud.failures.set('RunTask', times(3, error));
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('for a task that was accepted but never started, another one is started, because the first one has done nothing', async () => {
    const without = { looks: 1, stopCode: 'TaskFailedToStart', stoppedReason: NO_CAPACITY.reason, containers: { migrate: 'none' } };
    scene.cloud.lives = [without, without, {}];
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(3);
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(3);
  });

  test.each<[string, RegExp]>([
    ['RESOURCE:CPU', /^ECS did not start the task: RESOURCE:CPU, ask for less \(tried \d+ times\); give the cluster more room, or the task less$/],
    ['Capacity is unavailable', /\(tried \d+ times\); deploy again later, or give it subnets in more availability zones$/],
  ])('for ten minutes, the function fails with the reason: %s', async (reason, message) => {
    scene.cloud.placementFailures = times(100, { reason, detail: 'ask for less' });
    const began = scene.clock.now();

    expect((await scene.deploy()).Reason).toMatch(message);
    expect(scene.clock.now() - began).toBeGreaterThan(8 * MINUTE);
    expect(scene.clock.now() - began).toBeLessThan(11 * MINUTE);
    expect(scene.cloud.tasks).toEqual([]);
  });

  test('the function waits no longer than the timeout of the task', async () => {
    scene.cloud.placementFailures = times(100, NO_CAPACITY);
    const began = scene.clock.now();
    expect(await scene.deploy({ TimeoutSeconds: '60' })).toMatchObject({ Status: 'FAILED' });
    expect(scene.clock.now() - began).toBeLessThan(MINUTE);
  });

  test('for a task that never started, the message says so', async () => {
    scene.cloud.lives = [{ looks: 1, stopCode: 'TaskFailedToStart', stoppedReason: NO_CAPACITY.reason, containers: { migrate: 'none' } }];
    expect((await scene.deploy()).Reason).toMatch(/^ECS did not start the task: it never began to run \(tried \d+ times\)/);
  });
});

describe('an error that is permanent', () => {
  test.each<[string, string]>([
    ['ATTRIBUTE', 'ECS did not start the task: ATTRIBUTE; no instance of the cluster can run it: look at its architecture and subnets'],
    ['MISSING', 'ECS did not start the task: MISSING; check that the cluster and everything that the task needs exist'],
    ['something new', 'ECS did not start the task: something new'],
  ])('fails at once: %s', async (reason, message) => {
    scene.cloud.placementFailures = [{ reason }];
    expect((await scene.deploy()).Reason).toBe(message);
    expect(scene.cloud.bodiesOf('RunTask')).toHaveLength(1);
  });

  test.each<[string, string]>([
    ['ClientException: TaskDefinition is inactive', 'ECS answered RunTask with 400 ClientException: TaskDefinition is inactive'],
    ['InvalidParameterException: SecurityGroup and subnets are of different VPCs', 'ECS answered RunTask with 400 InvalidParameterException: SecurityGroup and subnets are of different VPCs'],
  ])('fails at once with the error of ECS: %s', async (error, message) => {
    scene.cloud.failures.set('RunTask', [error]);
    expect((await scene.deploy()).Reason).toBe(message);
  });
});

describe('an error that is temporary is retried:', () => {
  test.each(['RunTask', 'ListTasks', 'DescribeTasks', 'StopTask'])('throttling and connection errors of %s', async operation => {
    scene.cloud.lives = [{ isEndless: true }];
    scene.cloud.failures.set(operation, ['ThrottlingException', 'reset', 'ServerException', 'ThrottlingException']);
    expect((await scene.deploy({ TimeoutSeconds: '120' })).Reason).toContain('it took longer than its timeout and was stopped');
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test.each([
    'AccessDeniedException: User: x is not authorized to perform: iam:PassRole on resource: y', 'ClientException: ECS was unable to assume the role that was provided for this task.',
  ])('a permission or a role that this deployment has just created: %s', async error => {
    scene.cloud.failures.set('RunTask', times(5, error));
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('an outage of several minutes while the task runs', async () => {
    scene.cloud.failures.set('DescribeTasks', times(60, 'ServerException'));
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });

  test('a task that ECS does not know yet', async () => {
    scene.cloud.unknownLooks = 5;
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
  });
});

describe('an error that does not go away is reported:', () => {
  test('a missing permission, by its name', async () => {
    scene.cloud.failures.set('RunTask', times(50, 'AccessDeniedException: User: x is not authorized to perform: iam:PassRole on resource: y'));
    expect((await scene.deploy()).Reason).toBe('ECS answered RunTask with 400 AccessDeniedException; allow iam:PassRole to the role of the function');
  });

  test('no answer to a start, with the startedBy value to search for', async () => {
    scene.cloud.failures.set('RunTask', times(50, 'reset'));
    expect((await scene.deploy()).Reason).toMatch(/^ECS in eu-west-1 could not be reached; look whether a task runs that was started by one-off-task-[0-9a-f]{40}$/);
  });

  test('a task that ECS forgets', async () => {
    scene.cloud.unknownLooks = 1000;
    expect((await scene.deploy()).Reason).toMatch(/^ECS no longer describes the task \S+: check whether it ran$/);
  });

  test('a task that cannot be stopped', async () => {
    scene.cloud.lives = [{ isEndless: true }];
    scene.cloud.failures.set('StopTask', times(50, 'AccessDeniedException'));
    expect((await scene.deploy({ TimeoutSeconds: '60' })).Reason).toMatch(
      /^the task \S+ takes longer than its timeout and could not be stopped: ECS answered StopTask with 400 AccessDeniedException; allow ecs:StopTask to the role of the function$/,
    );
  });
});

test('the stack status is read once, and a started task is watched to its end', async () => {
  scene.cloud.lives = [{ looks: 250 }];
  expect(await scene.deploy({ TaskDefinition: definition('migrate:7') })).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.invocations).toBe(2);
  expect(scene.cloud.bodiesOf('DescribeStacks')).toHaveLength(1);
});
