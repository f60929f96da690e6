import { promise } from './promise';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';
import { CommandFailed, waitFor } from '../../local/process';

// The services of the examples, and others for this test only, on the local cloud of the previous file.
const { cloud, app } = story();
const example = (name: string, context = {}) => new LocalDeployment(cloud, `examples/${name}/app.ts`, context);

promise('a public image runs in two tasks behind a listener, and both answer', async () => {
  const nginx = example('public-image');
  const { outputs } = await nginx.deploy();

  const pages = await nginx.pages('PublicImage');
  expect(pages.map(({ container }) => [container.name, container.image])).toEqual(Array(2).fill(['nginx', 'public.ecr.aws/nginx/nginx:1.27']));
  expect(new Set(pages.map(({ page }) => page)).size).toBe(1);
  expect(outputs.PublicImage.Endpoint).toMatch(/^http:\/\/\S+\.elb\.amazonaws\.com$/);
  await nginx.destroy();
});

promise('a service on EC2 instances runs the image of a Dockerfile, and answers', async () => {
  const ec2 = example('ec2', { app });
  await ec2.deploy();

  const pages = await ec2.pages('Ec2');
  expect(pages).toHaveLength(1);
  expect(pages[0].container.image).toMatch(/\/ec2-repository\S+@sha256:[a-f0-9]{64}$/);
  await ec2.destroy();
});

promise('the containers of a task share a network and a volume', async () => {
  const sidecar = example('sidecar');
  await sidecar.deploy();

  const web = await sidecar.pages('Sidecar');
  expect(web.map(({ container }) => container.name)).toEqual(['web']);
  expect(sidecar.runningContainers('Sidecar').map(({ name }) => name).sort()).toEqual(['web', 'writer']);
  // The writer has reached the page on localhost, and the other container serves the file that it wrote.
  const news = async () => fetch(`${web[0].container.url}news/`).then(answer => answer.ok ? answer.text() : undefined);
  expect(await waitFor('the news', 30, news, () => 'no news')).toBe('the page answers\n');
  await sidecar.destroy();
});

promise('a worker runs without a port, and has the URL of its queue', async () => {
  const worker = example('worker');
  await worker.deploy();

  const containers = worker.runningContainers('Worker');
  expect(containers.map(({ name, url }) => [name, url])).toEqual([['worker', '']]);
  expect(worker.logOf(containers[0])).toMatch(/^working on http\S+Worker-Queue/);
  await worker.destroy();
});

promise('a service whose new tasks stop at once fails the deployment with the reason, and keeps running the old tasks', async () => {
  const broken = new LocalDeployment(cloud, 'test/e2e/unhealthy-app.ts', { app });
  await broken.deploy();
  const before = broken.runningContainers('Unhealthy');
  expect(before).toHaveLength(1);

  const failing = new LocalDeployment(cloud, 'test/e2e/unhealthy-app.ts', { app, command: 'exit 3' });
  const error = await failing.deploy('cdk deploy, which has to fail: tasks that stop at once').then(() => undefined, (reason: unknown) => reason);

  expect(error).toBeInstanceOf(CommandFailed);
  expect((error as CommandFailed).output.replace(/\s+/g, ' ')).toMatch(/circuit breaker was triggered.*Essential container exited/);
  expect(broken.runningContainers('Unhealthy').map(({ id }) => id)).toEqual(before.map(({ id }) => id));
  await broken.destroy();
});
