import { Loop } from './loop';
import { promise } from './promise';
import { story } from './story';

// The development loop of a program with one stack, with the real CDK CLI: every edit until the answer of the new container.
const HOTSWAPPED = /AWS::ECS::TaskDefinition.* hotswapped!/;
const REJECTED = /non-hotswappable changes were found/;

const { cloud } = story();

promise('with separate repositories, `cdk deploy` of the one stack creates the repository, pushes, and deploys', async () => {
  const loop = new Loop(cloud, 'direct');
  loop.write('<h1>one</h1>\n');
  const { log, outputs } = await loop.deploy();

  expect(outputs).toEqual({ Route: 'direct', RepositoryUri: expect.stringMatching(/\/loop\/repository-[0-9a-f]{8}$/) });
  expect(log.indexOf('Loop-images')).toBeLessThan(log.indexOf('AWS::ECS::Service'));
  expect(await loop.answer('<h1>one</h1>\n', 'first')).toMatch(/\/loop\/repository-[0-9a-f]{8}[:@]/);
});

promise.each(['--hotswap', '--hotswap-fallback'])('an edited file and an edited environment variable are hotswapped with direct push and %s', async flag => {
  const loop = new Loop(cloud, 'direct');
  const page = `<h1>${flag}</h1>\n`;
  loop.write(page);
  const image = await loop.deploy(flag);
  expect(image.log).toMatch(HOTSWAPPED);
  expect(image.log).not.toMatch(REJECTED);
  await loop.answer(page, 'first');

  loop.greet(flag);
  const variable = await loop.deploy(flag);
  expect(variable.log).toMatch(HOTSWAPPED);
  expect(variable.log).not.toMatch(REJECTED);
  expect(variable.outputs).toEqual(image.outputs);
  await loop.answer(page, flag);
});

promise('with direct push, an output with the image is updated by a full deployment only', async () => {
  const loop = new Loop(cloud, 'direct', { imageOutput: 'true' });
  loop.write('<h1>output</h1>\n');
  const { outputs: before } = await loop.deploy();

  loop.write('<h1>hotswap with output</h1>\n');
  const hotswap = await loop.deploy('--hotswap');
  expect(hotswap.log).toMatch(HOTSWAPPED);
  expect(hotswap.outputs).toEqual(before);
  await loop.answer('<h1>hotswap with output</h1>\n', 'first');

  loop.write('<h1>fallback with output</h1>\n');
  const fallback = await loop.deploy('--hotswap-fallback');
  expect(fallback.log).toMatch(REJECTED);
  expect(fallback.outputs.Image).not.toBe(before.Image);
  await loop.answer('<h1>fallback with output</h1>\n', 'first');
});

promise('`cdk watch` hotswaps each edit with direct push', async () => {
  await watches(new Loop(cloud, 'direct'));
});

promise('`cdk destroy --all` deletes both stacks, that of the repository last', async () => {
  const loop = new Loop(cloud, 'direct');
  expect(await loop.cdk('list')).toMatch(/^Loop\/images \(Loop-images\)\nLoop$/m);
  const log = await loop.cdk('destroy', '--all', '--force');
  expect(log).toMatch(/Loop: destroyed[^]*Loop\/images.*: destroyed/);
});

promise('in development mode, `cdk watch` hotswaps each edit of an image that is copied otherwise', async () => {
  const loop = new Loop(cloud, 'copy', { 'cdk-container-delivery:development': 'true' });
  await loop.deploy();
  await watches(loop);
  await loop.cdk('destroy', '--all', '--force');
});

// The app of the next two tests, in its first version.
let repositoryUri = '';
let copy = '';

promise('`cdk diff` shows that the task definition may change when a file of a copied image changes', async () => {
  const copied = new Loop(cloud, 'copy');
  copied.write('<h1>copied</h1>\n');
  repositoryUri = (await copied.deploy()).outputs.RepositoryUri;
  copy = await copied.answer('<h1>copied</h1>\n', 'first');

  copied.write('<h1>edited</h1>\n');
  expect(await copied.cdk('diff', 'Loop')).toMatch(/\[~\] AWS::ECS::TaskDefinition Service\/TaskDefinition .* may be replaced/);
  // Without a change set, the effect of the new digest is unknown.
  const template = await copied.cdk('diff', 'Loop', '--method', 'template');
  expect(template).toMatch(/\[~\] Custom::ContainerImageCopy [^]*\[~\] Source/);
  expect(template).not.toContain('AWS::ECS::TaskDefinition');
});

promise('an app with copies moves to direct push, and keeps its repository', async () => {
  const repositoryName = repositoryUri.slice(repositoryUri.indexOf('/') + 1);
  const moving = new Loop(cloud, 'moving', { repositoryName });
  moving.write('<h1>copied</h1>\n');
  await moving.deploy('--exclusively');
  const { log } = await moving.deploy('--import-existing-resources');
  expect(log).toMatch(/IMPORT_COMPLETE .*AWS::ECR::Repository/);
  expect(await moving.answer('<h1>copied</h1>\n', 'first')).toBe(copy);

  const direct = new Loop(cloud, 'direct', { repositoryName });
  direct.write('<h1>pushed</h1>\n');
  expect((await direct.deploy()).outputs).toEqual({ Route: 'direct', RepositoryUri: repositoryUri });
  expect(await direct.answer('<h1>pushed</h1>\n', 'first')).toContain(`/${repositoryName}`);
  await direct.cdk('destroy', '--all', '--force');
});

async function watches(loop: Loop): Promise<void> {
  const watch = await loop.watch();
  try {
    loop.write('<h1>watched</h1>\n');
    await loop.answer('<h1>watched</h1>\n', 'first');
    loop.greet('watched');
    await loop.answer('<h1>watched</h1>\n', 'watched');
    expect(watch.log()).toMatch(HOTSWAPPED);
    expect(watch.log()).not.toMatch(/CREATE_IN_PROGRESS|UPDATE_IN_PROGRESS/);
  } finally {
    await watch.end();
  }
}
