import { logsOf } from './logs';
import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';
import { CommandFailed } from '../../local/process';

// On the local cloud of the story before.
const { cloud, app } = story();
const deployment = (migration: string) => new LocalDeployment(cloud, 'test/e2e/migration-app.ts', { app, migration });
const services = () => deployment('').runningContainers('Migration');

promise('a migration that fails stops the deployment before the service, with its exit code and last lines, and the rollback does not run it again', async () => {
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
