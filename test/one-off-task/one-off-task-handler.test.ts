import { CLUSTER } from '../helpers/run-cloud';
import { RunScene, definition, runEvent, runProperties } from '../helpers/run-scene';

let scene: RunScene;
beforeEach(async () => { scene = await RunScene.open(); });
afterEach(async () => scene.cloud.stop());

const MINUTE = 60_000;
const helper = { Containers: [{ Name: 'migrate', Essential: 'true', StreamPrefix: 'migrate' }, { Name: 'proxy', Essential: 'true', StreamPrefix: 'proxy' }] };

describe.each(['Create', 'Update'] as const)('a %s', RequestType => {
  test('runs the task with the network and cluster that you give, and succeeds if it ends with exit code 0', async () => {
    expect(await scene.deploy({}, { RequestType })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
    expect(scene.cloud.tasks[0].request).toMatchObject({
      cluster: CLUSTER, taskDefinition: definition('migrate:2'), launchType: 'FARGATE', count: 1,
      networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'], securityGroups: ['sg-1'], assignPublicIp: 'DISABLED' } },
    });
  });

  test('fails if it ends with another exit code, and the message has the exit code and the last log lines', async () => {
    scene.cloud.lives = [{ containers: { migrate: 3 } }];
    scene.writes('migrate', ['connecting', 'relation "users" does not exist']);

    expect(await scene.deploy({}, { RequestType })).toMatchObject({
      Status: 'FAILED',
      Reason: 'the task failed: container \'migrate\' ended with exit code 3. Its last log lines (all are in /migrate, migrate/migrate/0001): '
        + 'connecting | relation "users" does not exist',
    });
  });
});

test.each(['1.4.0', 'LATEST', undefined])('the task runs on the platform version of the template: %p', async PlatformVersion => {
  await scene.deploy({ PlatformVersion });
  expect(scene.cloud.tasks[0].request.platformVersion).toBe(PlatformVersion);
});

test('on instances, the request has no public IP option, because ECS would reject it', async () => {
  await scene.deploy({ LaunchType: 'EC2', AssignPublicIp: undefined });
  expect(scene.cloud.tasks[0].request).toMatchObject({ launchType: 'EC2', networkConfiguration: { awsvpcConfiguration: { subnets: ['subnet-1', 'subnet-2'] } } });
  expect(JSON.stringify(scene.cloud.tasks[0].request)).not.toContain('assignPublicIp');
});

test('a Delete event runs nothing and sends no request', async () => {
  expect(await scene.serve(runEvent({ RequestType: 'Delete', PhysicalResourceId: 'one-off-task-1' }))).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'one-off-task-1' });
  expect(scene.cloud.calls).toEqual([]);
});

test('the physical id never changes, so that CloudFormation never deletes the resource', async () => {
  const { PhysicalResourceId } = await scene.deploy({}, { RequestType: 'Create' });
  expect(PhysicalResourceId).toMatch(/^one-off-task-[0-9a-f]{16}$/);
  expect(await scene.deploy({ TaskDefinition: definition('migrate:3') }, { PhysicalResourceId, RequestId: 'another' })).toMatchObject({ PhysicalResourceId });
});

describe('the error message says', () => {
  const reasonOf = async (changes: Readonly<Record<string, unknown>> = {}) => (await scene.deploy(changes)).Reason;

  test('why an image could not be pulled, without waiting for a log that does not exist', async () => {
    scene.cloud.lives = [{
      stopCode: 'TaskFailedToStart', stoppedReason: 'CannotPullContainerError: pull image manifest has been retried 1 time(s): not found', containers: { migrate: 'image not found' },
    }];
    expect(await reasonOf()).toBe('the task failed: container \'migrate\' did not run to its end (image not found); '
      + 'CannotPullContainerError: pull image manifest has been retried 1 time(s): not found');
    expect(scene.cloud.bodiesOf('GetLogEvents')).toEqual([]);
  });

  test('that there was not enough memory', async () => {
    scene.cloud.lives = [{ containers: { migrate: 137 } }];
    scene.cloud.lives[0] = { ...scene.cloud.lives[0], stoppedReason: 'OutOfMemoryError: Container killed due to memory usage' };
    expect(await reasonOf()).toMatch(/^the task failed: container 'migrate' ended with exit code 137; OutOfMemoryError: Container killed due to memory usage\. Its log is empty/);
  });

  test('that the task was stopped by hand, even if its exit code is 0', async () => {
    scene.cloud.lives = [{ stopCode: 'UserInitiated', stoppedReason: 'Task stopped by user', containers: { migrate: 0 } }];
    expect(await reasonOf()).toMatch(/^the task failed: it was stopped before it ended; Task stopped by user\. Its log is empty \(\/migrate, migrate\/migrate\/0001\)$/);
  });

  test.each(['SpotInterruption', 'TerminationNotice', 'ServiceSchedulerInitiated'])('that the task was interrupted: %s', async stopCode => {
    scene.cloud.lives = [{ stopCode, stoppedReason: 'Your Spot Task was interrupted.', containers: { migrate: 0 } }];
    expect(await reasonOf()).toContain('it was stopped before it ended; Your Spot Task was interrupted. Its log');
  });

  test.each(['InfrastructureHealth', 'SomethingNewOfEcs'])('that the task was interrupted, with the stop code if there is no better reason: %s', async stopCode => {
    scene.cloud.lives = [{ stopCode, stoppedReason: 'Essential container in task exited', containers: { migrate: 0 } }];
    expect(await reasonOf()).toContain(`it was stopped before it ended (${stopCode}). Its log`);
  });

  test('that the task did not start, even if its containers have exit code 0', async () => {
    scene.cloud.lives = [{ stopCode: 'TaskFailedToStart', stoppedReason: 'Task failed ELB health checks', containers: { migrate: 0 } }];
    expect(await reasonOf()).toContain('the task failed: it did not start; Task failed ELB health checks');
  });

  test('that ECS gave no stop code, which never counts as success', async () => {
    scene.cloud.lives = [{ stopCode: '', containers: { migrate: 0 } }];
    expect(await reasonOf()).toContain('it was stopped before it ended (ECS gave no stop code)');
  });

  test('which of several containers failed first, with its log', async () => {
    scene.cloud.lives = [{ containers: { proxy: 143, migrate: 1 } }];
    scene.writes('migrate', ['no']);
    scene.writes('proxy', ['stopping']);
    expect(await reasonOf(helper)).toBe('the task failed: container \'migrate\' ended with exit code 1; container \'proxy\' ended with exit code 143. '
      + 'Its last log lines (all are in /migrate, migrate/migrate/0001): no');
  });

  test('how to mark a container as not essential if it was stopped because the work was done', async () => {
    scene.cloud.lives = [{ containers: { proxy: 143, migrate: 0 } }];
    expect(await reasonOf(helper)).toMatch(/container 'proxy' ended with exit code 143; if 'proxy' only helps, give it essential: false\./);
  });

  test('which container failed first, if the essential one never ran', async () => {
    scene.cloud.lives = [{ stopCode: 'TaskFailedToStart', stoppedReason: 'Dependent container exited', containers: { init: 2, migrate: 'never' } }];
    scene.writes('init', ['no route to the database']);
    const Containers = [{ Name: 'init', Essential: 'false', StreamPrefix: 'init' }, { Name: 'migrate', Essential: 'true', StreamPrefix: 'migrate' }];
    expect(await reasonOf({ Containers })).toBe('the task failed: container \'migrate\' did not run to its end (never); container \'init\' ended with exit code 2; '
      + 'Dependent container exited. Its last log lines (all are in /migrate, init/init/0001): no route to the database');
  });
});

test('a container that is not essential can end with any exit code', async () => {
  scene.cloud.lives = [{ containers: { migrate: 0, proxy: 143 } }];
  const Containers = [{ Name: 'migrate', Essential: 'true' }, { Name: 'proxy', Essential: 'false' }];
  expect(await scene.deploy({ Containers })).toMatchObject({ Status: 'SUCCESS' });
});

describe('a task that runs', () => {
  test('longer than an invocation is watched by the next one, and runs once', async () => {
    scene.cloud.lives = [{ looks: 300 }];
    expect(await scene.deploy()).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.invocations).toBe(2);
    expect(scene.cloud.tasks).toHaveLength(1);
    expect(scene.cloud.bodiesOf('RunTask')).toHaveLength(1);
  });

  test.each([[60, 1], [1800, 3], [3000, 4]])('longer than its timeout of %i seconds is stopped, and the message says so', async (TimeoutSeconds, invocations) => {
    scene.cloud.lives = [{ isEndless: true }];
    scene.writes('migrate', ['waiting for a lock']);
    const began = scene.clock.now();

    expect((await scene.deploy({ TimeoutSeconds: String(TimeoutSeconds) })).Reason).toBe(
      'the task failed: it took longer than its timeout and was stopped; container \'migrate\' ended with exit code 137. '
      + 'Its last log lines (all are in /migrate, migrate/migrate/0001): waiting for a lock',
    );
    expect(scene.invocations).toBe(invocations);
    expect(scene.cloud.bodiesOf('StopTask')).toEqual([{ cluster: CLUSTER, task: scene.cloud.tasks[0].arn, reason: 'It took longer than its timeout' }]);
    expect(scene.clock.now() - began).toBeGreaterThanOrEqual(TimeoutSeconds * 1000);
    expect(scene.clock.now() - began).toBeLessThan(TimeoutSeconds * 1000 + MINUTE);
  });

  test('too long and does not stop is reported before CloudFormation times out', async () => {
    scene.cloud.lives = [{ isEndless: true, isDeaf: true }];
    const began = scene.clock.now();

    expect(await scene.deploy({ TimeoutSeconds: '3000' })).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('it takes longer than its timeout and does not stop') });
    expect(scene.clock.now() - began).toBeLessThan(58 * MINUTE);
  });

  test('too long counts as failed, even if it exits with 0 when it is stopped', async () => {
    scene.cloud.lives = [{ isEndless: true, stopsWith: 0 }];
    expect(await scene.deploy({ TimeoutSeconds: '60' })).toMatchObject({ Status: 'FAILED' });
  });

  test('longer than an invocation is named in the message if no further invocation can be started', async () => {
    scene.cloud.lives = [{ isEndless: true }];
    scene.isAlone = true;
    const { Status, Reason } = await scene.deploy();
    expect(Status).toBe('FAILED');
    expect(Reason).toBe(`the task ${scene.cloud.tasks[0].arn} still runs: wait for its end before you deploy again`);
  });
});

test('logs and messages contain no credentials, no response URL and no event', async () => {
  scene.cloud.lives = [{ looks: 300, containers: { migrate: 1 } }];
  scene.cloud.failures.set('DescribeTasks', ['reset', 'ThrottlingException']);
  await scene.deploy();
  const said = [...scene.lines, ...scene.answers].join('\n');
  for (const secret of ['canary', 'AKID', 'ResponseURL', 'Signature', 'subnet-1']) expect(said).not.toContain(secret);
});

test.each<[string, unknown]>([
  ['SchemaVersion', '2'], ['SchemaVersion', undefined], ['Cluster', 'main'], ['TaskDefinition', 'migrate'], ['LaunchType', 'EXTERNAL'], ['Subnets', []], ['Subnets', 'subnet-1'],
  ['SecurityGroups', undefined], ['AssignPublicIp', 'yes'], ['PlatformVersion', 'the latest'], ['TimeoutSeconds', 'PT1M'], ['Containers', []], ['LogGroup', ''], ['LogLines', 'all'], ['Containers', [null]], ['Containers', [{ Name: 'a', Essential: 'maybe' }]],
])('an unknown property is named in the message, and nothing runs: %s %j', async (name, value) => {
  const { Status, Reason } = await scene.serve(runEvent({ ResourceProperties: { ...runProperties(), [name]: value } }));
  expect(Status).toBe('FAILED');
  expect(Reason).toMatch(new RegExp(`^the property '(${name}|Name|Essential)' must be `));
  expect(scene.cloud.calls).toEqual([]);
});
