import * as http from 'http';
import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';

// A stack of aws-ecs-patterns that this library takes over, deployed by the CDK CLI.
const { cloud, app } = story();
const version = (step: string) => new LocalDeployment(cloud, 'test/e2e/takeover-app.ts', { app, step });

/** The page behind the load balancer, or the status or error if there is none. */
function pageOf(host: string): Promise<string> {
  const { hostname, port } = new URL(String(cloud.env.AWS_ENDPOINT_URL));
  return new Promise(resolve => {
    http.get({ hostname, port, path: '/', headers: { host } }, answer => {
      let page = '';
      answer.on('data', (part: Buffer) => { page += part.toString(); });
      answer.on('end', () => resolve(answer.statusCode === 200 ? page : `status ${answer.statusCode}`));
    }).on('error', error => resolve(error.message));
  });
}

/** Requests the page until the work is done, and returns the different answers. */
async function answersDuring(host: string, work: Promise<unknown>): Promise<string[]> {
  const answers = new Set<string>();
  let isDone = false;
  void work.finally(() => { isDone = true; }).catch(() => undefined);
  while (!isDone) {
    answers.add(await pageOf(host));
    await new Promise(resolve => setTimeout(resolve, 200));
  }
  return [...answers];
}

promise('a service of aws-ecs-patterns is taken over in place: service, load balancer and repository stay, and the URL works the whole time', async () => {
  const old = version('before');
  const { outputs: { Takeover: before } } = await old.deploy();
  const [{ container: first, page }] = await old.pages('Takeover');

  const now = version('after');
  const deployment = now.deploy();
  const answers = await answersDuring(before.Host, deployment);
  const { outputs: { Takeover: after } } = await deployment;
  const [{ container: second }, ...others] = await now.pages('Takeover');

  expect(after).toEqual(before);
  expect(answers).toEqual([page]);
  expect(await pageOf(after.Host)).toBe(page);
  expect(others).toEqual([]);
  // A new revision of the task, whose image is in the user's repository.
  expect(second.id).not.toBe(first.id);
  expect(second.image).toMatch(/\/takeover\/web\S*@sha256:/);
  await now.destroy();
});
