import * as fs from 'fs';
import * as path from 'path';
import { openPorts, story } from './story';
import { PROJECT } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { MissingTool, say } from '../../local/process';

/** Starts the local cloud. Where it cannot run, the promises are skipped with a reason; in CI that is a failure. */
export default async function setup(): Promise<void> {
  const { cloud, app, hello } = story();
  await cloud.stop();
  process.env.OPEN_PORTS_BEFORE = openPorts().join();
  try {
    await cloud.start();
    fs.cpSync(path.join(PROJECT, HELLO.folder), app, { recursive: true });
    await hello.bootstrap();
  } catch (error) {
    // Jest calls no teardown after a setup that failed.
    await cloud.stop();
    if (!(error instanceof MissingTool) || process.env.CI) {
      throw error;
    }
    say(`\nSKIPPED: the end-to-end test needs a Docker engine and Python. ${error.message}\n`);
    process.env.LOCAL_CLOUD_MISSING = error.message;
  }
}
