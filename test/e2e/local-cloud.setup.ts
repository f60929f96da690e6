import * as fs from 'fs';
import * as path from 'path';
import { openPorts, story } from './story';
import { hasImage } from '../../local/base';
import { LocalCloud, PROJECT } from '../../local/cloud';
import { HELLO } from '../../local/hello';
import { MissingTool, run, say } from '../../local/process';

/** The public image of an example. If it cannot be pulled, a web server of the base image gets its name. */
async function providePublicImage({ env, name }: LocalCloud): Promise<void> {
  const image = 'public.ecr.aws/nginx/nginx:1.27';
  if (hasImage(image, env)) return;
  say('  a web server of the base image takes its name until the local cloud is removed');
  await run('docker', ['build', '--quiet', '--label', `local-cloud=${name}`, '--tag', image, path.join(__dirname, '..', 'fixtures', 'web-server')], { env });
}

/** Starts the local cloud. If it cannot run, the tests are skipped with a reason; in CI that is a failure. */
export default async function setup(): Promise<void> {
  const { cloud, app, hello } = story();
  await cloud.stop();
  process.env.OPEN_PORTS_BEFORE = openPorts().join();
  try {
    await cloud.start();
    fs.cpSync(path.join(PROJECT, HELLO.folder), app, { recursive: true });
    await providePublicImage(cloud);
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
