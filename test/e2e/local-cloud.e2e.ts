import * as fs from 'fs';
import * as path from 'path';
import { promise } from './promise';
import { manifestOf, registryOf, tagsOf } from './registry';
import { openPorts, story } from './story';
import { LocalDeployment, RunningContainer } from '../../local/cdk';
import { CommandFailed } from '../../local/process';
import { attached, listOf, tagOfList } from '../helpers/registry-artifacts';

// One story: each test continues where the previous one ended.
const { cloud, app, hello } = story();
const page = path.join(app, 'index.html');
const firstPage = fs.existsSync(page) ? fs.readFileSync(page, 'utf8') : '';
let firstDigest: string | undefined;

function digestOf(image: string): string | undefined {
  return /@(sha256:[a-f0-9]{64})$/.exec(image)?.[1];
}

async function pagesOf(deployment: LocalDeployment, stack: string): Promise<{ pages: string[]; containers: RunningContainer[] }> {
  const answers = await deployment.pages(stack);
  return { pages: answers.map(answer => answer.page), containers: answers.map(answer => answer.container) };
}

/** The output of the CLI, without its line breaks. */
async function outputOfFailing(command: Promise<unknown>): Promise<string> {
  const error = await command.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof CommandFailed)) throw new Error('The command was expected to fail.');
  return error.output.replace(/\s+/g, ' ');
}

promise('one command deploys a Dockerfile as a running service, with exactly the published image', async () => {
  const { outputs: { Hello } } = await hello.deploy();

  const { pages, containers } = await pagesOf(hello, 'Hello');
  expect(containers).toHaveLength(2);
  expect(new Set(pages)).toEqual(new Set([fs.readFileSync(page, 'utf8')]));
  firstDigest = digestOf(Hello.Image);
  expect(firstDigest).toBeDefined();
  expect(containers.map(({ image }) => digestOf(image))).toEqual([digestOf(Hello.Image), digestOf(Hello.Image)]);
});

promise('nothing of it is reachable from another machine', async () => {
  const before = (process.env.OPEN_PORTS_BEFORE ?? '').split(',');
  expect(openPorts().filter(port => !before.includes(port))).toEqual([]);
});

promise('an unchanged app has nothing to deploy: the same containers keep running', async () => {
  const before = hello.runningContainers();
  const { log } = await hello.deploy();

  expect(log).toContain('Hello (no changes)');
  expect(hello.runningContainers()).toEqual(before);
});

promise('a changed page updates the service to exactly the new image', async () => {
  const before = hello.runningContainers();
  fs.writeFileSync(page, '<h1>changed</h1>\n');
  const { outputs: { Hello } } = await hello.deploy();

  const { pages, containers } = await pagesOf(hello, 'Hello');
  expect(pages).toEqual(['<h1>changed</h1>\n', '<h1>changed</h1>\n']);
  expect(containers.map(({ image }) => digestOf(image))).toEqual([digestOf(Hello.Image), digestOf(Hello.Image)]);
  expect(digestOf(before[0].image)).not.toBe(digestOf(Hello.Image));
});

promise('going back to the first page deploys the same image again, and adds the tag that protects it from lifecycle rules', async () => {
  fs.writeFileSync(page, firstPage);
  const { outputs: { Hello } } = await hello.deploy();

  const { pages } = await pagesOf(hello, 'Hello');
  expect(pages).toEqual([firstPage, firstPage]);
  expect(digestOf(Hello.Image)).toBe(firstDigest);
  const [, repository] = /^[^/]+\/(.+)@/.exec(Hello.Image) ?? [];
  expect((await tagsOf(cloud, repository)).filter(tag => tag.includes('.kept-')))
    .toEqual([expect.stringMatching(new RegExp(`^live-app\\.[0-9a-f]{8}\\.kept-${firstDigest?.slice(7, 19)}$`))]);
});

promise('a failed copy fails the deployment with one sentence, and the service keeps running its old image', async () => {
  const moving = new LocalDeployment(cloud, 'test/e2e/moving-tag-app.ts', { app });
  const others = hello.runningContainers().map(({ id }) => id);
  const own = () => moving.runningContainers().filter(({ id }) => !others.includes(id));
  await moving.deploy();
  const before = own();
  expect(before).toHaveLength(1);

  fs.writeFileSync(page, '<h1>another</h1>\n');
  const started = process.hrtime.bigint();
  expect(await outputOfFailing(moving.deploy('cdk deploy, which has to fail: a tag that would move'))).toMatch(
    /could not tag the image at the destination \S+:v1: the tag already means sha256:[a-f0-9]{64} and must not move to sha256:[a-f0-9]{64}/,
  );

  // A limit with a wide margin: the deployment takes seconds.
  expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(60);
  expect(own()).toEqual(before);
  await moving.destroy();
});

promise('an image for another architecture than the task fails the deployment with one sentence, and the service keeps running its old image', async () => {
  const folder = path.join(cloud.folder, 'arm');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY Dockerfile /\n');
  const others = hello.runningContainers().map(({ id }) => id);
  const good = new LocalDeployment(cloud, 'test/e2e/wrong-platform-app.ts', { app });
  const own = () => good.runningContainers().filter(({ id }) => !others.includes(id));
  await good.deploy();
  const before = own();
  expect(before).toHaveLength(1);

  const bad = new LocalDeployment(cloud, 'test/e2e/wrong-platform-app.ts', { app, arm: folder });
  const started = process.hrtime.bigint();
  expect(await outputOfFailing(bad.deploy('cdk deploy, which has to fail: an image for another architecture'))).toMatch(
    /the image \S+@sha256:[a-f0-9]{64} cannot run in the container 'web' of WrongPlatform\/Service: it is built for linux\/arm64, and the task runs on linux\/amd64;/,
  );

  // A limit with a wide margin: the deployment takes seconds.
  expect(Number(process.hrtime.bigint() - started) / 1e9).toBeLessThan(60);
  expect(own()).toEqual(before);
  await good.destroy();
});

promise('with direct push, one command from an empty account fills the repository and updates the service, without any function', async () => {
  const direct = new LocalDeployment(cloud, 'examples/direct/app.ts', { app });
  const others = hello.runningContainers().map(({ id }) => id);
  expect(await direct.list()).toEqual(['Repositories', 'Web']);
  const images = () => direct.runningContainers().filter(({ id }) => !others.includes(id)).map(({ image }) => image);

  for (const text of ['<h1>first</h1>\n', '<h1>second</h1>\n']) {
    fs.writeFileSync(page, text);
    const { log } = await direct.deploy();

    const { pages } = await pagesOf(direct, 'Web');
    expect(pages).toContain(text);
    // ECS resolves the tag to a digest when it deploys.
    expect(images()).toEqual([expect.stringMatching(/\/direct\/web@sha256:[a-f0-9]{64}$/)]);
    expect(log).not.toMatch(/AWS::Lambda::Function|Custom::ContainerImageCopy/);
  }
  await direct.destroy();
});

promise('an image for two platforms is promoted to another repository unchanged, with its signature', async () => {
  const folder = path.join(cloud.folder, 'two-platforms');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY page /\n');
  fs.writeFileSync(path.join(folder, 'page'), 'for every platform\n');
  const build = new LocalDeployment(cloud, 'test/e2e/promotion-app.ts', { app: folder });
  const { outputs: { Promotion: { Built } } } = await build.deploy();
  const built = await manifestOf(cloud, 'promotion/staging', digestOf(Built));
  expect(built.json.manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);

  const signature = attached('application/vnd.example.signature', built);
  await registryOf(cloud).pushAll('promotion/staging', listOf(signature), tagOfList(built));
  const promote = new LocalDeployment(cloud, 'test/e2e/promotion-app.ts', { app: folder, promote: 'yes' });
  const { outputs: { Promotion: { Promoted } } } = await promote.deploy();

  expect(digestOf(Promoted)).toBe(digestOf(Built));
  expect((await manifestOf(cloud, 'promotion/production', digestOf(Promoted))).bytes).toEqual(built.bytes);
  expect((await manifestOf(cloud, 'promotion/production', signature.digest)).bytes).toEqual(signature.bytes);
  await promote.destroy();
});

promise('a Lambda function gets the image of its architecture from an image for two platforms', async () => {
  const folder = path.join(cloud.folder, 'function');
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'Dockerfile'), 'FROM scratch\nCOPY code /\n');
  fs.writeFileSync(path.join(folder, 'code'), 'for every platform\n');
  const deployment = new LocalDeployment(cloud, 'test/e2e/function-app.ts', { app: folder });
  const { outputs: { Function: { Built, Code } } } = await deployment.deploy();

  const { json: { manifests } } = await manifestOf(cloud, 'function', digestOf(Built));
  expect(manifests.map(({ platform }) => platform.architecture)).toEqual(['amd64', 'arm64']);
  expect(digestOf(Code)).toBe(manifests[1].digest);
  await deployment.destroy();
});
