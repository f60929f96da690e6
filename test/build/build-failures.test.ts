import { BuildScene } from '../helpers/build-scene';
import { image } from '../helpers/registry-images';

const web = image('web');
const NPM = [
  '[Container] 2026/11/30 10:00:00.123 Running command docker buildx build', '#8 [build 3/4] RUN npm ci', '------', ' > [build 3/4] RUN npm ci:',
  '0.345 npm error code E401', '------', 'ERROR: failed to build: failed to solve: process "/bin/sh -c npm ci" did not complete successfully: exit code: 1',
  '[Container] 2026/11/30 10:00:09.123 Command did not exit successfully docker buildx build exit status 1',
];

let scene: BuildScene;
beforeEach(async () => { scene = await BuildScene.open(); });
afterEach(async () => scene.registry.stop());

async function reasonOf(life: object): Promise<string> {
  scene.cloud.lives = { 'linux/amd64': [life] };
  const told = await scene.deploy();
  expect(told.Status).toBe('FAILED');
  return told.Reason ?? '';
}

test('a failed build is reported with its step, its last lines and a link to its log', async () => {
  const reason = await reasonOf({ status: 'FAILED', log: NPM });

  expect(reason).toContain('the build for linux/amd64 failed; its failed step is [build 3/4] RUN npm ci');
  expect(reason).toContain('0.345 npm error code E401');
  expect(reason).toContain('https://console.example/logs/1');
  expect(reason).not.toContain('[Container]');
  expect(scene.tags).toEqual({});
});

test('a build that fails before the Dockerfile is reported with its phase', async () => {
  expect(await reasonOf({ status: 'FAILED', phase: 'PRE_BUILD', message: 'Error while executing command: docker login. Reason: exit status 1' }))
    .toContain('its failed phase is PRE_BUILD: Error while executing command: docker login. Reason: exit status 1');
});

test.each([
  ['a timeout', { status: 'TIMED_OUT' }, 'raise timeout (at most 55 minutes)'],
  ['too little memory', { status: 'FAILED', log: ['process "/bin/sh -c make" did not complete successfully: exit code: 137'] }, 'use a larger computeType'],
  ['a full disk', { status: 'FAILED', log: ['write /x: no space left on device'] }, 'more disk space'],
  ['the limit of Docker Hub', { status: 'FAILED', log: ['429 Too Many Requests: toomanyrequests: You have reached your unauthenticated pull rate limit'] }, 'registryCredentials for docker.io'],
  ['a program of another architecture', { status: 'FAILED', log: ['exec /bin/sh: exec format error'] }, 'check the platform of the base images'],
  ['a private base image', { status: 'FAILED', log: ['pull access denied, repository does not exist or may require authorization'] }, 'give registryCredentials'],
  ['a VPC without a route', { status: 'FAILED', log: ['dial tcp 1.2.3.4:443: i/o timeout'] }, 'NAT gateway'],
  ['an empty log', { status: 'FAILED', log: [] }, 'Its log is empty (https://console.example/logs/1)'],
])('%s is reported with a fix', async (_, life, fix) => {
  expect(await reasonOf(life)).toContain(fix);
});

test('a log that cannot be read does not hide the failure', async () => {
  scene.cloud.failures.set('GetLogEvents', Array.from({ length: 30 }, () => 'AccessDeniedException'));

  expect(await reasonOf({ status: 'FAILED' })).toMatch(/the build for linux\/amd64 failed; .*could not be read.*allow logs:GetLogEvents/);
});

test('a failure of CodeBuild itself is retried, at most twice', async () => {
  scene.cloud.lives = { 'linux/amd64': [{ status: 'FAULT', phase: 'PROVISIONING' }, { image: web }] };
  expect((await scene.deploy()).Status).toBe('SUCCESS');
  expect(scene.cloud.builds).toHaveLength(2);

  expect(await (async () => {
    scene.cloud.lives = { 'linux/amd64': [{ status: 'FAULT', phase: 'PROVISIONING' }] };
    return (await scene.deploy({ Source: 'assets/other.zip' })).Reason;
  })()).toContain('failed inside of CodeBuild: deploy again');
  expect(scene.cloud.builds).toHaveLength(5);
});

test('a build that must be started again waits for the quota', async () => {
  scene.cloud.lives = { 'linux/amd64': [{ status: 'FAULT', phase: 'PROVISIONING' }, { image: web }] };
  scene.cloud.failures.set('StartBuild', ['', 'AccountLimitExceededException: Cannot have more than 1 builds in queue for the account']);

  expect((await scene.deploy()).Status).toBe('SUCCESS');
  expect(new Set(scene.cloud.bodiesOf('StartBuild').map(({ idempotencyToken }) => idempotencyToken)).size).toBe(2);
  expect(scene.cloud.builds).toHaveLength(2);
});

test('a source that cannot be read yet, because its permission is new, is retried', async () => {
  scene.cloud.lives = { 'linux/amd64': [{ status: 'FAILED', phase: 'DOWNLOAD_SOURCE', message: 'AccessDenied: Access Denied status code: 403' }, { image: web }] };

  expect((await scene.deploy()).Status).toBe('SUCCESS');
});

test('a role that cannot be assumed yet is awaited', async () => {
  scene.cloud.lives = { 'linux/amd64': [{ image: web }] };
  scene.cloud.failures.set('StartBuild', ['InvalidInputException: CodeBuild is not authorized to perform: sts:AssumeRole on arn:aws:iam::111122223333:role/builds']);

  expect((await scene.deploy()).Status).toBe('SUCCESS');
});

test('a quota that stays exhausted is explained', async () => {
  scene.cloud.quota = 0;
  const told = await scene.deploy();

  expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('request a higher one in Service Quotas') });
  expect(told.Reason).toContain('the build for linux/amd64 could not start');
});

test('a missing permission is named', async () => {
  scene.cloud.failures.set('StartBuild', Array.from({ length: 30 }, () => 'AccessDeniedException: User is not authorized to perform: codebuild:StartBuild'));

  expect((await scene.deploy()).Reason).toContain('allow codebuild:StartBuild to the role of the function');
});

test('a build that is rejected stops the builds of other platforms', async () => {
  scene.cloud.lives = { 'linux/amd64': [{ image: web, looks: 100 }] };
  scene.cloud.failures.set('StartBuild', ['', 'InvalidInputException: Project cannot be found']);
  const told = await scene.deploy({ Builds: [{ Platform: 'linux/amd64', Project: 'builds' }, { Platform: 'linux/arm64', Project: 'gone' }] });

  expect(told.Reason).toContain('Project cannot be found');
  expect(scene.cloud.stopped).toEqual(['builds:1']);
});

test('a build that exports no digest is a failure', async () => {
  expect(await reasonOf({ status: 'SUCCEEDED' })).toContain('exported no digest');
});

test('nothing is built for a repository that does not exist', async () => {
  const told = await scene.deploy({ Destination: 'not a repository' });

  expect(told.Reason).toContain("the property 'Destination' must be a repository");
  expect(scene.cloud.builds).toEqual([]);
});

test.each<[string, object, string]>([
  ['the version', { SchemaVersion: '2' }, "'SchemaVersion' must be '1'"],
  ['the builds', { Builds: [] }, "'Builds' must be a list"],
  ['a platform', { Builds: [{ Platform: 'x', Project: 'builds' }] }, "'Platform' must be a platform"],
  ['a project', { Builds: [{ Platform: 'linux/amd64', Project: '../x' }] }, "'Project' must be"],
  ['the source', { Source: 'no-key' }, "'Source' must be"],
  ['the arguments', { Arguments: [] }, "'Arguments' must be"],
  ['an argument', { Arguments: [1] }, "'Arguments' must be a list of texts"],
  ['the output', { OutputOptions: ',push=true;rm' }, "'OutputOptions' must be"],
  ['a secret', { Secrets: [{ Id: 'a,env=X', Arn: 'x' }] }, "'Id' must be"],
  ['the ARN of a secret', { Secrets: [{ Id: 'npm', Arn: 'x' }] }, "'Arn' must be"],
  ['the prefix', { LiveTagPrefix: '.x' }, "'LiveTagPrefix' must be"],
  ['a tag', { Tags: ['-'] }, "'Tags' has '-'"],
])('properties are checked before any request: %s', async (_, changes, message) => {
  const told = await scene.deploy(changes as never);

  expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining(message) });
  expect(scene.cloud.calls).toEqual([]);
});
