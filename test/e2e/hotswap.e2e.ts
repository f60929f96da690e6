import * as fs from 'fs';
import * as path from 'path';
import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';
import { HELLO } from '../../local/hello';
import { waitFor } from '../../local/process';

// `cdk deploy --hotswap` of the real CDK CLI, before the story of the other files starts.
const { cloud, app } = story();
const page = path.join(app, 'index.html');
const withMode = new LocalDeployment(cloud, HELLO.app, { 'app': app, 'cdk-container-delivery:development': 'true' });
const withoutMode = new LocalDeployment(cloud, HELLO.app, { app });
const direct = new LocalDeployment(cloud, 'examples/direct/app.ts', { app });

const HOTSWAPPED = /AWS::ECS::TaskDefinition.* hotswapped!/;
const REJECTED = /non-hotswappable changes were found/;

/** Writes a page, deploys it, and waits until all containers of a stack answer with it. */
async function deployed(deployment: LocalDeployment, stack: string, text: string, ...flags: string[]) {
  fs.writeFileSync(page, text);
  const { outputs, log } = await deployment.deploy(`cdk deploy ${flags.join(' ')}: ${text.trim()}`, ...flags);
  const containers = await waitFor(`the page ${text.trim()}`, 120, async () => {
    const answers = await deployment.pages(stack);
    return answers.every(answer => answer.page === text) ? answers.map(({ container }) => container) : undefined;
  }, () => JSON.stringify(deployment.runningContainers(stack)));
  return { outputs, log: log.replace(/\u001b\[\d+m/g, ''), images: containers.map(({ image }) => image) };
}

promise('in development mode, an edited file is hotswapped; without the mode, the same stack runs from its own repository again', async () => {
  const first = fs.readFileSync(page, 'utf8');
  const { images } = await deployed(withMode, 'Hello', '<h1>development</h1>\n');
  expect(images).toEqual(Array(2).fill(expect.stringContaining('/cdk-hnb659fds-container-assets-')));

  for (const [text, flag] of [['<h1>hotswap</h1>\n', '--hotswap'], ['<h1>fallback</h1>\n', '--hotswap-fallback']]) {
    const { log } = await deployed(withMode, 'Hello', text, flag);
    expect(log).toMatch(HOTSWAPPED);
    expect(log).not.toMatch(REJECTED);
  }

  const { images: own } = await deployed(withoutMode, 'Hello', first);
  expect(own).toEqual(Array(2).fill(expect.stringMatching(/\/hello-repository\S+@sha256:[a-f0-9]{64}$/)));
  await withoutMode.destroy();
});

promise('an edited file of an image that is pushed directly is hotswapped, without a full deployment', async () => {
  const first = fs.readFileSync(page, 'utf8');
  await deployed(direct, 'Web', '<h1>direct</h1>\n');

  const { log } = await deployed(direct, 'Web', '<h1>direct hotswap</h1>\n', '--hotswap-fallback');
  expect(log).toMatch(HOTSWAPPED);
  expect(log).not.toMatch(REJECTED);
  fs.writeFileSync(page, first);
  await direct.destroy();
});
