import { execFile } from 'child_process';
import * as fs from 'fs';
import * as path from 'path';
import { promisify } from 'util';
import { tagsOf } from './registry';
import { LocalDeployment } from '../../local/cdk';
import { LocalCloud } from '../../local/cloud';
import { CommandFailed, MissingTool, say } from '../../local/process';
import { DockerRegistry } from '../certify/docker-registry';
import { AwsFederation, ISSUER } from '../helpers/aws-federation';
import { GoogleCloud, PROVIDER } from '../helpers/google-cloud';
import { GoogleDocker } from '../helpers/google-docker';

// One story on the local cloud, with a fake Google in front of a real registry: each test continues where the previous one ended.
const REPOSITORY = 'projects/my-project/locations/europe-west1/repositories/images';

let aws: AwsFederation;
let google: GoogleCloud;
let registry: DockerRegistry;
let front: GoogleDocker;
let cloud: LocalCloud;
let missing: string | undefined;
let folder: string;
let logs = '';

const promise = (title: string, work: () => Promise<void>) => test(title, async () => {
  if (missing === undefined) await work();
  else say(`  skipped: ${missing}`);
});
const deployment = (context: Record<string, string> = {}) => new LocalDeployment(cloud, 'test/e2e/google-app.ts', { app: path.join(folder, 'app'), ...context });

async function failing(command: Promise<unknown>): Promise<string> {
  const error = await command.then(() => undefined, (reason: unknown) => reason);
  if (!(error instanceof CommandFailed)) throw new Error('The command was expected to fail.');
  logs += error.output;
  return error.output.replace(/\s+/g, ' ');
}

/** Pulls an image with the newest access token. Returns whether it worked. The fake runs in this process, so the process must not be blocked. */
async function pull(name: string): Promise<boolean> {
  const token = [...google.accessTokens.keys()].at(-1) ?? 'none';
  const target = path.join(folder, 'pulled');
  fs.rmSync(target, { recursive: true, force: true });
  return promisify(execFile)('skopeo', [
    '--insecure-policy', 'copy', '--src-tls-verify=false', '--src-creds', `oauth2accesstoken:${token}`,
    `docker://${new URL(front.origin).host}/my-project/images/${name}`, `dir:${target}`,
  ]).then(() => true, () => false);
}

beforeAll(async () => {
  aws = await AwsFederation.start();
  aws.isEnabled = false;
  // The emulator gives functions its own credentials.
  aws.verifiesSignatures = false;
  google = await GoogleCloud.start(aws);
  registry = await DockerRegistry.start();
  front = await GoogleDocker.start(google, registry.origin);
  google.images = async name => front.images(name);
  cloud = new LocalCloud('google', undefined, {
    python: process.env.LOCAL_CLOUD_PYTHON,
    otherClouds: {
      variables: { AWS_ENDPOINT_URL_STS: aws.origin, AWS_ENDPOINT_URL_IAM: aws.origin, CLOUD_ORIGINS: JSON.stringify(google.origins) },
      registries: { [front.host]: front.origin },
    },
  });
  await cloud.stop();
  try {
    await cloud.start();
  } catch (error) {
    if (!(error instanceof MissingTool) || process.env.CI) throw error;
    missing = error.message;
    return;
  }
  folder = path.join(cloud.folder, 'site');
  fs.mkdirSync(path.join(folder, 'app'), { recursive: true });
  fs.writeFileSync(path.join(folder, 'app', 'Dockerfile'), 'FROM scratch\nCOPY page /\n');
  fs.writeFileSync(path.join(folder, 'app', 'page'), 'one');
  await deployment().bootstrap();
}, 600_000);

afterAll(async () => {
  await cloud?.stop();
  await Promise.all([front, registry, google, aws].map(async each => each?.stop()));
}, 120_000);

promise('from nothing: federation is enabled, the repository exists, and skopeo pulls the published image with the exchanged token', async () => {
  const { outputs, log } = await deployment().deploy();
  logs += log;

  expect(aws.isEnabled).toBe(true);
  expect(outputs.Google).toMatchObject({ Issuer: ISSUER, Uri: 'europe-west1-docker.pkg.dev/my-project/images' });
  expect(google.repositories.get(REPOSITORY)).toMatchObject({ format: 'DOCKER', labels: { team: 'shop' } });
  const [, digest] = /^europe-west1-docker\.pkg\.dev\/my-project\/images\/myapp@(sha256:[0-9a-f]{64})$/.exec(outputs.Google.Published) ?? [];
  for (const name of ['myapp:v1.0.0', `myapp@${digest}`]) expect(await pull(name)).toBe(true);
  expect(new Set(front.logins)).toEqual(new Set(['oauth2accesstoken']));
});

promise('without a token, the image cannot be pulled', async () => {
  google.accessTokens.set('ya29.wrong', 0);
  expect(await pull('myapp:v1.0.0')).toBe(false);
  google.accessTokens.delete('ya29.wrong');
});

promise('an unchanged app has nothing to deploy', async () => {
  const { length } = google.calls;
  const { log } = await deployment().deploy();

  expect(log).toContain('Google (no changes)');
  expect(google.calls).toHaveLength(length);
});

promise('an update changes the repository, publishes the new image, and mirrors it back without a password', async () => {
  fs.writeFileSync(path.join(folder, 'app', 'page'), 'two');
  const { outputs } = await deployment({ description: 'the shop', tag: 'v2.0.0', mirror: 'v1.0.0' }).deploy();

  expect(google.callsOf('repositories.patch').map(({ query }) => query.updateMask)).toEqual(['description']);
  expect(google.repositories.get(REPOSITORY)).toMatchObject({ description: 'the shop' });
  expect([await pull('myapp:v1.0.0'), await pull('myapp:v2.0.0')]).toEqual([true, true]);
  expect(outputs.Google.Mirrored).toMatch(/google\/web@sha256:/);
  expect((await tagsOf(cloud, 'google/web')).filter(tag => /^live-mirrored\.\w+\.[0-9a-f]+$/.test(tag))).toHaveLength(1);
});

promise('a failed deployment has its reason in one sentence, and leaves everything unchanged', async () => {
  const before = JSON.stringify([...google.repositories]);
  // Once, so that the rollback works.
  google.refuse('generateAccessToken', {
    code: 403, status: 'PERMISSION_DENIED', message: 'Permission \'iam.serviceAccounts.getAccessToken\' denied on resource', reason: 'IAM_PERMISSION_DENIED',
  });
  fs.writeFileSync(path.join(folder, 'app', 'page'), 'three');
  const output = await failing(deployment({ description: 'other', tag: 'v3.0.0' }).deploy());

  expect(output).toMatch(/grant roles\/iam\.workloadIdentityUser on the service account/);
  expect(JSON.stringify([...google.repositories])).toBe(before);
});

promise('a repository of another owner is not adopted', async () => {
  google.repositories.set(REPOSITORY.replace(/images$/, 'taken'), { name: REPOSITORY.replace(/images$/, 'taken'), format: 'DOCKER', mode: 'STANDARD_REPOSITORY' });
  const output = await failing(deployment({ repository: 'taken', tag: 'v4.0.0' }).deploy());

  expect(output).toMatch(/exists already, and this stack has not created it; set adoptExisting: true/);
  expect([...google.repositories.keys()].sort()).toEqual([REPOSITORY, REPOSITORY.replace(/images$/, 'taken')].sort());
});

promise('with emptyOnDelete, the repository is deleted with its images', async () => {
  await deployment({ empty: 'true', tag: 'v4.0.0' }).deploy();
  expect(await front.images(REPOSITORY)).toBeGreaterThan(0);

  await deployment({ empty: 'true', tag: 'v4.0.0' }).destroy();
  expect(google.repositories.has(REPOSITORY)).toBe(false);
  expect(aws.isEnabled).toBe(true);
});

// The last deployment: the emulator deletes the function of a resource whose deletion has failed.
promise('without emptyOnDelete, deletion fails while the repository has images', async () => {
  await deployment().deploy();
  const output = await failing(deployment().destroy());

  expect(output).toMatch(/has images; delete them and try again/);
  expect(google.repositories.has(REPOSITORY)).toBe(true);
});

promise('no log, template or response contains a secret', () => {
  const secrets = [...aws.tokens, ...google.federatedTokens, ...google.accessTokens.keys()];
  expect(secrets.length).toBeGreaterThan(3);
  const files = fs.readdirSync(cloud.folder, { recursive: true, encoding: 'utf8' }).filter(file => /\.(json|log|yaml)$/.test(file));
  const all = files.map(file => fs.readFileSync(path.join(cloud.folder, file), 'utf8')).join('\n') + logs;
  expect(secrets.filter(secret => all.includes(secret))).toEqual([]);
  expect(google.callsOf('sts.token').every(({ body }) => body.audience === `//iam.googleapis.com/${PROVIDER}`)).toBe(true);
  return Promise.resolve();
});
