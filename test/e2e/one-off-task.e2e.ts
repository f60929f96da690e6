import { logsOf } from './logs';
import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';
import { CommandFailed, waitFor } from '../../local/process';

// Uses the local cloud of the previous file.
const { cloud, app } = story();
const deployment = (migration: string) => new LocalDeployment(cloud, 'test/e2e/migration-app.ts', { app, migration });
const services = () => deployment('').runningContainers('Migration');

promise('a failed migration stops the deployment before the service, with its exit code and last log lines, and the rollback does not run it again', async () => {
  const { outputs: { Migration: { LogGroup } } } = await deployment('echo tables are there').deploy();
  const before = services();
  expect(before).toHaveLength(1);
  expect(await logsOf(cloud, LogGroup)).toEqual([['tables are there']]);

  const failing = deployment('echo adding a column; echo no such table; exit 3').deploy('cdk deploy, which has to fail: a migration');
  const error = await failing.then(() => undefined, (reason: unknown) => reason);
  expect(error).toBeInstanceOf(CommandFailed);
  expect((error as CommandFailed).output.replace(/\s+/g, ' ')).toMatch(
    /the task failed: container 'migrate' ended with exit code 3\. Its last log lines \(all are in [^)]+\): adding a column \| no such table/,
  );
  expect(services()).toEqual(before);
  expect((await logsOf(cloud, LogGroup)).sort()).toEqual([['adding a column', 'no such table'], ['tables are there']]);

  const { log } = await deployment('echo tables are there').deploy();
  expect(log).toContain('Migration (no changes)');
  await deployment('').destroy();
});

promise('a scheduled task runs at its time, with the image of a Dockerfile, and leaves nothing running', async () => {
  const scheduled = new LocalDeployment(cloud, 'test/e2e/scheduled-app.ts', { app, at: new Date(Date.now() + 10_000).toISOString() });
  const { outputs: { Scheduled: { LogGroup } } } = await scheduled.deploy();
  const lines = async () => (await logsOf(cloud, LogGroup)).find(stream => stream.length > 0);

  expect(await waitFor('the report', 60, lines, () => 'no log')).toEqual(['all is well']);
  expect(scheduled.runningContainers('Scheduled')).toEqual([]);
  await scheduled.destroy();
});
