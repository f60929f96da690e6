import { RunScene, definition, runEvent, runProperties } from '../helpers/run-scene';

let scene: RunScene;
beforeEach(async () => { scene = await RunScene.open(); });
afterEach(async () => scene.cloud.stop());

const update = async (now: string, before: unknown) => scene.serve(runEvent({
  ResourceProperties: runProperties({ TaskDefinition: now }), OldResourceProperties: runProperties({ TaskDefinition: before }),
}));

test.each(['UPDATE_ROLLBACK_IN_PROGRESS', 'ROLLBACK_IN_PROGRESS', 'IMPORT_ROLLBACK_IN_PROGRESS'])('a rollback runs nothing and succeeds: %s', async status => {
  scene.cloud.stackStatus = status;
  scene.cloud.lives = [{ containers: { migrate: 1 } }];

  expect(await update(definition('migrate:1'), definition('migrate:2'))).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.cloud.calls.map(({ action }) => action)).toEqual(['cloudformation:DescribeStacks']);
  expect(scene.lines.pop()).toContain('CloudFormation rolls back, so nothing ran');
});

test('a rollback needs neither the cluster nor ECS permissions', async () => {
  scene.cloud.stackStatus = 'UPDATE_ROLLBACK_IN_PROGRESS';
  scene.cloud.failures.set('RunTask', ['AccessDeniedException']).set('ListTasks', ['ClusterNotFoundException']);
  expect(await update(definition('migrate:1'), definition('migrate:2'))).toMatchObject({ Status: 'SUCCESS' });
});

test('a deployment of an older image runs the task, because it is a deployment', async () => {
  expect(await update(definition('migrate:3'), definition('migrate:2'))).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.cloud.tasks).toHaveLength(1);
});

describe('if the stack status is unknown', () => {
  beforeEach(() => { scene.cloud.stackStatus = undefined; });

  test('an older revision of the task definition means a rollback: nothing runs', async () => {
    expect(await update(definition('migrate:9'), definition('migrate:10'))).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toEqual([]);
  });

  test.each<[string, string, unknown]>([
    ['a newer revision', definition('migrate:10'), definition('migrate:9')], ['the same revision', definition('migrate:2'), definition('migrate:2')],
    ['another family', definition('migrate:1'), definition('migrate:2').replace('migrate', 'other')], ['a task without an earlier revision', definition('migrate:1'), undefined],
  ])('%s runs the task', async (_, now, before) => {
    expect(await update(now, before)).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
  });

  test('a new resource runs the task', async () => {
    expect(await scene.deploy({}, { RequestType: 'Create' })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.cloud.tasks).toHaveLength(1);
  });
});
