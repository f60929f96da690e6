import { BuildScene, PREFIX, SECRET_ARN, Told } from '../helpers/build-scene';
import { platformImage } from '../helpers/registry-artifacts';
import { TestImage, image } from '../helpers/registry-images';

const web = image('web');
const BOTH = { Builds: [{ Platform: 'linux/amd64', Project: 'builds' }, { Platform: 'linux/arm64', Project: 'arm-builds' }] };

let scene: BuildScene;
beforeEach(async () => {
  scene = await BuildScene.open();
  scene.cloud.lives = { 'linux/amd64': [{ image: web }] };
});
afterEach(async () => scene.registry.stop());

const success = (built: TestImage): Partial<Told> => ({
  Status: 'SUCCESS', Data: { DigestHex: built.digest.slice(7), Tag: `${PREFIX}${built.digest.slice(7, 19)}` },
});

describe('a first build', () => {
  test('is started, awaited and tagged, and its digest is returned', async () => {
    expect(await scene.deploy()).toMatchObject(success(web));

    expect(scene.cloud.builds).toHaveLength(1);
    expect(scene.cloud.builds[0].request).toMatchObject({ projectName: 'builds', sourceTypeOverride: 'S3', sourceLocationOverride: 'assets/source.zip' });
    expect(Object.values(scene.tags)).toEqual([web.digest, web.digest]);
    expect(Object.keys(scene.tags).sort()).toEqual([`${PREFIX}${web.digest.slice(7, 19)}`, expect.stringMatching(/^live-web\.1234\.source-[0-9a-f]{12}$/)]);
  });

  test('passes each argument unchanged, with any characters', async () => {
    const wild = ['--build-arg', 'A=$(rm -rf /) `x` "q" \'s\' \\ \n end', '--file', 'context/Dockerfile', 'context'];
    await scene.deploy({ Arguments: wild, UncountedArguments: ['--no-cache'] });

    expect(scene.cloud.argumentsOf()).toEqual(['--platform', 'linux/amd64', '--no-cache', ...wild]);
  });

  test('passes secrets by their ARN and never reads them', async () => {
    await scene.deploy({ Secrets: [{ Id: 'npm', Arn: SECRET_ARN }] });

    expect(scene.cloud.argumentsOf()).toEqual(expect.arrayContaining(['--secret', 'id=npm,env=BUILD_SECRET_1']));
    expect(scene.cloud.builds[0].request.environmentVariablesOverride).toEqual(expect.arrayContaining([
      { name: 'BUILD_SECRET_1', value: SECRET_ARN, type: 'SECRETS_MANAGER' },
    ]));
    expect(new Set(scene.cloud.calls.map(({ operation }) => operation))).not.toContain('GetSecretValue');
  });

  test('gets more tags and floating tags', async () => {
    const other = image('other');
    scene.registry.add('team/web', other, 'stable');
    await scene.deploy({ Tags: ['v1'], FloatingTags: ['stable'] });

    expect(scene.tags).toMatchObject({ v1: web.digest, stable: web.digest });
  });

  test('fails without moving an immutable tag', async () => {
    const other = image('other');
    scene.registry.add('team/web', other, 'v1');
    const told = await scene.deploy({ Tags: ['v1'] });

    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('choose another tag') });
    expect(scene.tags).toEqual({ v1: other.digest });
  });

  test('is tagged without an upload, and without requests for its layers', async () => {
    await scene.deploy();

    expect(scene.registry.count('POST upload', 'PUT upload', 'mount', 'HEAD blob', 'GET blob')).toBe(0);
  });

  test('is not marked as deployed again', async () => {
    await scene.deploy();

    expect(Object.keys(scene.tags).filter(tag => tag.includes('kept-'))).toEqual([]);
  });
});

describe('a further deployment', () => {
  test('does not build the same inputs again', async () => {
    await scene.deploy();
    const told = await scene.deploy({ Tags: ['v2'] });

    expect(told).toMatchObject(success(web));
    expect(scene.cloud.builds).toHaveLength(1);
    expect(scene.tags.v2).toBe(web.digest);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another source', { Source: 'assets/other.zip' }],
    ['another build argument', { Arguments: ['--build-arg', 'A=2', '--file', 'context/Dockerfile', 'context'] }],
    ['another platform', { Builds: [{ Platform: 'linux/arm64', Project: 'builds' }] }],
    ['another compression', { OutputOptions: ',compression=zstd' }],
    ['another secret ID', { Secrets: [{ Id: 'npm', Arn: SECRET_ARN }] }],
  ])('builds %s', async (_, changes) => {
    await scene.deploy();
    const next = image('next');
    scene.cloud.lives = { 'linux/amd64': [{ image: next }], 'linux/arm64': [{ image: next }] };

    expect(await scene.deploy(changes)).toMatchObject(success(next));
    expect(scene.cloud.builds).toHaveLength(2);
  });

  test.each<[string, Readonly<Record<string, unknown>>]>([
    ['another bucket, as in another account', { Source: 'other-assets/source.zip' }],
    ['another cache', { Builds: [{ Platform: 'linux/amd64', Project: 'builds', Arguments: ['--cache-from', 'type=local'] }] }],
    ['arguments that do not count', { UncountedArguments: ['--no-cache'] }],
    ['another project', { Builds: [{ Platform: 'linux/amd64', Project: 'renamed' }] }],
  ])('does not build for %s', async (_, changes) => {
    await scene.deploy();
    await scene.deploy(changes);

    expect(scene.cloud.builds).toHaveLength(1);
  });

  test('marks an old image as deployed again', async () => {
    await scene.deploy();
    await scene.deploy({ Tags: ['again'] });

    expect(scene.tags[`${PREFIX}kept-${web.digest.slice(7, 19)}`]).toBe(web.digest);
  });

  test('marks an image that is built again with the same result', async () => {
    await scene.deploy();
    await scene.deploy({ Source: 'assets/comment-changed.zip' });

    expect(scene.cloud.builds).toHaveLength(2);
    expect(scene.tags[`${PREFIX}kept-${web.digest.slice(7, 19)}`]).toBe(web.digest);
  });
});

describe('a rollback', () => {
  test('uses the image of the old inputs without a build', async () => {
    await scene.deploy();
    scene.cloud.stackStatuses = ['UPDATE_ROLLBACK_IN_PROGRESS'];

    expect(await scene.deploy()).toMatchObject(success(web));
    expect(scene.cloud.builds).toHaveLength(1);
  });

  test('fails if the image is gone, and does not build it', async () => {
    scene.cloud.stackStatuses = ['UPDATE_ROLLBACK_IN_PROGRESS'];
    const told = await scene.deploy();

    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('a rollback never builds') });
    expect(scene.cloud.builds).toEqual([]);
  });

  test('stops the build that is still running', async () => {
    await scene.deploy();
    const event = scene.event();
    const [{ request }] = scene.cloud.builds;
    const resource = (request.environmentVariablesOverride as { name: string; value: string }[]).find(({ name }) => name === 'BUILD_RESOURCE')?.value ?? '';
    scene.cloud.add('builds:overtaken', resource);
    scene.cloud.add('builds:stranger', 'other');
    scene.cloud.stackStatuses = ['UPDATE_ROLLBACK_IN_PROGRESS'];
    await scene.serve(event);

    expect(scene.cloud.stopped).toEqual(['builds:overtaken']);
  });

  test('that begins during the build does not move the tags', async () => {
    scene.registry.add('team/web', image('other'), 'stable');
    scene.cloud.stackStatuses = ['UPDATE_IN_PROGRESS', 'UPDATE_ROLLBACK_IN_PROGRESS'];
    const told = await scene.deploy({ FloatingTags: ['stable'] });

    expect(told).toMatchObject({ Status: 'FAILED', Reason: 'CloudFormation rolls back, so the image that was built gets no tags' });
    expect(Object.keys(scene.tags)).toEqual(['stable']);
  });
});

describe('several platforms', () => {
  const [amd64, arm64] = [platformImage({ os: 'linux', architecture: 'amd64' }), platformImage({ os: 'linux', architecture: 'arm64' })];
  beforeEach(() => { scene.cloud.lives = { 'linux/amd64': [{ image: amd64, looks: 5 }], 'linux/arm64': [{ image: arm64 }] }; });

  test('are built concurrently and joined to one index', async () => {
    const told = await scene.deploy(BOTH);

    expect(told.Status).toBe('SUCCESS');
    expect(scene.cloud.builds.map(({ request }) => request.projectName)).toEqual(['builds', 'arm-builds']);
    const stored = scene.registry.repository('team/web').find(`sha256:${told.Data?.DigestHex}`);
    expect(JSON.parse(String(stored?.bytes)).manifests).toMatchObject([
      { digest: amd64.digest, platform: { architecture: 'amd64' } }, { digest: arm64.digest, platform: { architecture: 'arm64' } },
    ]);
    expect(scene.registry.count('POST upload', 'PUT upload', 'mount')).toBe(0);
  });

  test('wait for each other if the account may run only one build', async () => {
    scene.cloud.quota = 1;

    expect((await scene.deploy(BOTH)).Status).toBe('SUCCESS');
    expect(scene.cloud.builds).toHaveLength(2);
  });

  test('all stop if one fails, and no tag is written', async () => {
    scene.cloud.lives = { 'linux/amd64': [{ image: amd64, looks: 500 }], 'linux/arm64': [{ status: 'FAILED' }] };
    const told = await scene.deploy(BOTH);

    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('the build for linux/arm64 failed') });
    expect(scene.cloud.stopped).toEqual(['builds:1']);
    expect(scene.tags).toEqual({});
  });
});

describe('a long build', () => {
  test('continues in another invocation and is started once', async () => {
    scene.cloud.lives = { 'linux/amd64': [{ image: web, looks: 400 }] };

    expect(await scene.deploy()).toMatchObject(success(web));
    expect(scene.invocations).toBeGreaterThan(1);
    expect(scene.cloud.builds).toHaveLength(1);
  });

  test('is stopped before CloudFormation stops waiting', async () => {
    scene.cloud.lives = { 'linux/amd64': [{ looks: 100_000 }] };
    const told = await scene.deploy();

    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('use a larger computeType') });
    expect(scene.cloud.stopped).toEqual(['builds:1']);
    expect(scene.tags).toEqual({});
  });

  test('is found again if Lambda delivers its event twice', async () => {
    const event = scene.event();
    await scene.serve(event);
    scene.registry.repository('team/web').tags.clear();

    expect(await scene.serve(event)).toMatchObject(success(web));
    expect(scene.cloud.builds).toHaveLength(1);
  });

  test('is queried again if CodeBuild does not answer for a while', async () => {
    scene.cloud.failures.set('BatchGetBuilds', Array.from({ length: 8 }, () => 'ThrottlingException'));

    expect(await scene.deploy()).toMatchObject(success(web));
  });
});

describe('a deletion', () => {
  test('keeps all images and stops the running builds', async () => {
    await scene.deploy();
    const before = scene.tags;
    const variables = scene.cloud.builds[0].request.environmentVariablesOverride as { name: string; value: string }[];
    scene.cloud.add('builds:running', variables.find(({ name }) => name === 'BUILD_RESOURCE')?.value ?? '');

    expect(await scene.deploy({}, { RequestType: 'Delete' })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'image' });
    expect(scene.cloud.stopped).toEqual(['builds:running']);
    expect(scene.tags).toEqual(before);
  });

  test('succeeds if the projects are gone, or the properties are wrong', async () => {
    scene.cloud.failures.set('ListBuildsForProject', ['ResourceNotFoundException']);

    expect((await scene.deploy({}, { RequestType: 'Delete' })).Status).toBe('SUCCESS');
    expect((await scene.deploy({ SchemaVersion: '9' }, { RequestType: 'Delete' })).Status).toBe('SUCCESS');
  });
});
