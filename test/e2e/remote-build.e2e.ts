import * as fs from 'fs';
import * as path from 'path';
import { askAws, buildsOf, logOf } from './aws';
import { promise as anyPromise } from './promise';
import { manifestOf, tagsOf } from './registry';
import { story } from './story';
import { LocalDeployment } from '../../local/cdk';
import { ACCOUNT, LocalCloud, REGION } from '../../local/cloud';
import { CommandFailed, ask, say, waitFor } from '../../local/process';

// Images that CodeBuild builds. The double runs the commands of the construct in a container, with a Docker engine and a BuildKit of its own.
const { cloud } = story();
// The setup has said what is missing.
const promise = cloud.hasCodeBuild ? anyPromise : test.skip;
const folder = path.join(cloud.folder, 'remote');
const SECRET = 'npm-token-that-nobody-sees';
const GREETING = 'two words, $(id) "quoted" \'twice\' & more';
const BASE = 'registry.example.com/base:1';
const SBOM = JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', predicateType: 'https://spdx.dev/Document', predicate: {} });
const SCANNER = 'registry.example.com/scanner:1';
const dockerfile = (step = '') => `FROM ${BASE}
ARG GREETING
RUN --mount=type=secret,id=npm test "$(wc -c < /run/secrets/npm)" = ${SECRET.length}
RUN --mount=type=secret,id=npm cat /run/secrets/npm && sleep 4 && echo slow step
COPY index.html /www/
RUN printf '%s\\n' "$GREETING" > /www/greeting.txt
${step}
USER 65534
EXPOSE 8080
STOPSIGNAL SIGKILL
CMD ["httpd", "-f", "-p", "8080", "-h", "/www"]
`;

// The secret before it ends without a new line.
const STEP_RUNS = /\*\*\*slow step$/m;

/** What a deployment needs, and no Docker on the machine that deploys. */
let context: Record<string, string>;
const withoutDocker = Object.create(cloud, { env: { get: () => ({ ...cloud.env, CDK_DOCKER: '/bin/false' }) } }) as LocalCloud;
const deployment = (more: Record<string, string> = {}) => new LocalDeployment(withoutDocker, 'test/e2e/remote-build-app.ts', { ...context, ...more });
const write = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
  fs.writeFileSync(path.join(folder, name), text);
};
const secretArn = async (Name: string, SecretString: string) =>
  (await askAws<{ readonly ARN: string }>(cloud, 'secretsmanager', 'secretsmanager.CreateSecret', { Name, SecretString })).ARN;
const newest = async () => {
  const build = (await buildsOf(cloud)).at(-1);
  if (build === undefined) throw new Error('CodeBuild has run no build');
  return build;
};
const seconds = ({ startTime, endTime }: { readonly startTime: number; readonly endTime: number }) => endTime - startTime;
// A rollback renews the tags that keep an image.
const liveTags = async () => (await tagsOf(cloud, 'remote/web')).filter(tag => !/^cache-|\.kept-/.test(tag));

afterAll(() => ask('docker', ['image', 'rm', SCANNER, BASE], cloud.env));

promise('without Docker, the first deployment builds the image in CodeBuild, pushes it into the repository, and the container answers', async () => {
  write('web/Dockerfile', dockerfile());
  write('web/index.html', 'one\n');
  ask('docker', ['tag', 'public.ecr.aws/docker/library/busybox:1.37', BASE], cloud.env);
  context = {
    app: path.join(folder, 'web'), greeting: GREETING, secret: await secretArn('npm', SECRET),
    registry: await secretArn('registry', JSON.stringify({ username: 'builder-user', password: 'let-me-in' })),
  };

  const { outputs } = await deployment().deploy();

  const pages = await deployment().pages('RemoteBuild');
  expect(pages.map(({ page }) => page)).toEqual(['one\n']);
  expect(pages[0].container.image).toMatch(/\/remote\/web@sha256:[a-f0-9]{64}$/);
  expect(outputs.RemoteBuild.Image).toContain(pages[0].container.image.split('@')[1]);
  // The value of a build argument reaches the Dockerfile as it is.
  expect(await fetch(`${pages[0].container.url}greeting.txt`).then(async answer => answer.text())).toBe(`${GREETING}\n`);
  const builds = await buildsOf(cloud);
  expect(builds.map(({ buildStatus, environment }) => [buildStatus, environment.type])).toEqual([['SUCCEEDED', 'LINUX_CONTAINER']]);
});

promise('a secret reaches the step that mounts it, and is in no log, template, variable or layer', async () => {
  const build = await newest();
  const log = await logOf(cloud, build);
  expect(log).toMatch(/#\d+ [\d.]+ \*\*\*/); // `cat` has printed it
  const template = await askCloudFormation('GetTemplate');
  const image = pulled((await deployment().pages('RemoteBuild'))[0].container.image);

  for (const text of [log, JSON.stringify(build), template, image]) {
    expect(text.length).toBeGreaterThan(1000);
    expect(text).not.toContain(SECRET);
  }
});

promise('an unchanged source does not build, even if something else of the stack changes', async () => {
  const { length } = await buildsOf(cloud);

  await deployment({ version: '2' }).deploy('cdk deploy, another variable of the container');

  expect(await buildsOf(cloud)).toHaveLength(length);
  expect((await deployment().pages('RemoteBuild')).map(({ page }) => page)).toEqual(['one\n']);
});

promise('an edited file is built with the layers of the build before', async () => {
  const cold = await newest();
  write('web/index.html', 'two\n');

  await deployment({ version: '2' }).deploy('cdk deploy, after an edit');

  const warm = await newest();
  expect((await deployment().pages('RemoteBuild')).map(({ page }) => page)).toEqual(['two\n']);
  expect(await logOf(cloud, warm)).toMatch(/CACHED/);
  expect(await logOf(cloud, cold)).toMatch(STEP_RUNS);
  expect(await logOf(cloud, warm)).not.toMatch(STEP_RUNS);
  const durations = [cold, warm].map(build => build.phases.find(({ phaseType }) => phaseType === 'BUILD')?.durationInSeconds ?? NaN);
  say(`  the first build took ${durations[0]} s of ${seconds(cold).toFixed(1)} s, the second one, with a cache, ${durations[1]} s of ${seconds(warm).toFixed(1)} s`);
  expect(durations[1]).toBeLessThan(durations[0]);
});

promise('the local cache of CodeBuild keeps the layers of the build before, and replaces those of an older one', async () => {
  const app = { version: '2', onHost: path.join(folder, 'on-host') };
  const stepRuns = /^#\d+ \d+\.\d+ slow step$/m;
  write('on-host/Dockerfile', `FROM ${BASE}\nRUN echo slow step\nCOPY index.html /\n`);

  const logs = [];
  for (const page of ['one', 'two', 'three']) {
    write('on-host/index.html', page);
    await deployment(app).deploy(`cdk deploy, an image with a local cache: ${page}`);
    const build = await newest();
    expect(build.buildStatus).toBe('SUCCEEDED');
    logs.push(await logOf(cloud, build));
  }

  expect(logs.map(log => stepRuns.test(log))).toEqual([true, false, false]);
  expect(logs.map(log => /^#\d+ CACHED$/m.test(log))).toEqual([false, true, true]);
});

promise('a step that fails, fails the deployment with the step and its last lines, and leaves no tag; the old container goes on', async () => {
  const before = { tags: await liveTags(), containers: deployment().runningContainers('RemoteBuild') };
  write('web/Dockerfile', dockerfile('RUN --mount=type=secret,id=npm echo "the token is $(cat /run/secrets/npm)" && echo "it does not compile" && exit 7'));

  const error = await deployment({ version: '2' }).deploy('cdk deploy, which has to fail: a step of the Dockerfile').catch((reason: unknown) => reason);
  write('web/Dockerfile', dockerfile());

  expect(error).toBeInstanceOf(CommandFailed);
  const output = (error as CommandFailed).output.replace(/\s+/g, ' ');
  expect(output).toMatch(/linux\/amd64/);
  expect(output).toMatch(/it does not compile/);
  expect(output).toMatch(/exit code: 7/);
  expect(output).toMatch(/https:\/\/console\.aws\.amazon\.com\/cloudwatch/);
  expect(output).not.toContain(SECRET);
  expect(await liveTags()).toEqual(before.tags);
  expect(deployment().runningContainers('RemoteBuild').map(({ image }) => image)).toEqual(before.containers.map(({ image }) => image));
});

// Nothing here runs programs for ARM, so the Dockerfile has no RUN. A scanner is an image of the machine that builds.
promise('an image for two platforms is built in two projects, and joined; provenance and SBOM are referrers of the image of each platform', async () => {
  write('both/Dockerfile', 'FROM scratch\nARG TARGETARCH\nCOPY ${TARGETARCH}.txt /\n');
  write('both/amd64.txt', 'amd64');
  write('both/arm64.txt', 'arm64');
  write('scanner/Dockerfile', `FROM ${BASE}\nCOPY scan /\nENTRYPOINT ["sh", "/scan"]\n`);
  write('scanner/scan', `echo '${SBOM}' > "$BUILDKIT_SCAN_DESTINATION/sbom.spdx.json"\n`);
  ask('docker', ['build', '--quiet', '--tag', SCANNER, path.join(folder, 'scanner')], cloud.env);
  const { length } = await buildsOf(cloud);

  const { outputs } = await deployment({ version: '2', both: path.join(folder, 'both'), scanner: SCANNER }).deploy('cdk deploy, an image for two platforms');

  const builds = (await buildsOf(cloud)).slice(length);
  expect(builds.map(({ environment, buildStatus }) => [environment.type, buildStatus]).sort()).toEqual([['ARM_CONTAINER', 'SUCCEEDED'], ['LINUX_CONTAINER', 'SUCCEEDED']]);
  const { json } = await manifestOf(cloud, 'remote/both', outputs.RemoteBuild.Both.split('@')[1]);
  expect(json.manifests.map(({ platform }) => platform.architecture).sort()).toEqual(['amd64', 'arm64']);
  for (const { digest } of json.manifests) {
    const { json: image } = await manifestOf(cloud, 'remote/both', digest);
    expect(image.manifests).toBeUndefined();
    const { json: list } = await manifestOf(cloud, 'remote/both', digest.replace(':', '-'));
    const predicates = list.manifests.map(({ annotations }) => annotations?.['in-toto.io/predicate-type']);
    expect(predicates.sort()).toEqual([expect.stringMatching(/^https:\/\/slsa\.dev\/provenance\//), 'https://spdx.dev/Document']);
  }
});

promise('deleting the stack stops a build that runs', async () => {
  write('web/Dockerfile', dockerfile('RUN sleep 500'));
  const { length } = await buildsOf(cloud);
  const deploying = deployment({ version: '2' }).deploy('cdk deploy, which is interrupted').catch((reason: unknown) => reason);
  await waitFor('the step that sleeps', 300, async () => {
    const running = (await buildsOf(cloud))[length];
    return running && /RUN sleep 500/.test(await logOf(cloud, running).catch(() => '')) || undefined;
  });

  await askCloudFormation('DeleteStack');
  const stopped = await waitFor('the end of the build', 60, async () => {
    const build = await newest();
    return build.buildStatus === 'IN_PROGRESS' ? undefined : build;
  });

  expect(stopped.buildStatus).toBe('STOPPED');
  // The emulator does not get to the end of it: it deletes the functions of a stack that it still updates.
  await deploying;
  const containers = ['ps', '--all', '--quiet', '--filter', 'label=local-cloud-build', '--filter', `label=local-cloud=${cloud.name}`];
  expect(ask('docker', containers, cloud.env).out).toBe('');
});

async function askCloudFormation(action: string): Promise<string> {
  const credential = `Credential=${ACCOUNT}/20260101/${REGION}/cloudformation/aws4_request`;
  const answer = await fetch(`${cloud.env.AWS_ENDPOINT_URL}/`, {
    method: 'POST', body: `Action=${action}&Version=2010-05-15&StackName=RemoteBuild`,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'authorization': `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=host, Signature=0` },
  });
  expect(answer.status).toBe(200);
  return answer.text();
}

/** Configuration, history and layers of an image, as text. */
function pulled(image: string): string {
  const file = path.join(cloud.folder, 'image.tar');
  ask('docker', ['save', '--output', file, image], cloud.env);
  return fs.readFileSync(file, 'latin1');
}
