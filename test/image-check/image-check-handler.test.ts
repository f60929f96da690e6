import { AMD64, ARM64, CheckScene, DOCKER_CONFIG, DOCKER_LIST, DOCKER_MANIFEST, OCI_CONFIG, REPOSITORY } from '../helpers/check-scene';
import { sha256 } from '../helpers/registry-images';
import { OCI_INDEX } from '../helpers/scan-cloud';

let scene: CheckScene;
beforeEach(async () => { scene = await CheckScene.open(); });
afterEach(async () => scene.cloud.stop());

const REFUSED = (version: string) => `the image ${REPOSITORY}@${version} cannot run in the container 'web' of Stack/Service: `;

describe('an image passes the check', () => {
  test.each<[string, object]>([['X86_64', AMD64], ['ARM64', ARM64], ['ARM64', { ...ARM64, variant: 'v8' }], ['X86_64', { ...AMD64, variant: 'v1' }]])('if the task is %s and its configuration has %j', async (Architecture, platform) => {
    const Version = scene.image(platform);

    expect(await scene.deploy({ Version, Architecture })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: expect.stringMatching(/^image-check-[a-f0-9]{16}$/) });
    expect(scene.logs.pop()).toContain(`it is built for linux/${Architecture === 'ARM64' ? 'arm64' : 'amd64'}`);
  });

  test('by its tag, if its digest is unknown', async () => {
    scene.image(AMD64, {}, 'live-web.1');

    expect(await scene.deploy({})).toMatchObject({ Status: 'SUCCESS' });
  });

  test('with Docker or OCI media types', async () => {
    const { digest } = { digest: scene.cloud.addBlob(AMD64) };
    const Version = scene.image({}, { mediaType: DOCKER_MANIFEST, config: { mediaType: DOCKER_CONFIG, digest, size: 1 } });

    expect(await scene.deploy({ Version })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain('it is built for linux/amd64');
  });

  test.each([OCI_INDEX, DOCKER_LIST])('as one of the platforms of an index (%s), without reading a configuration', async mediaType => {
    const Version = scene.index([{ digest: scene.image(AMD64), platform: AMD64 }, { digest: scene.image(ARM64), platform: { ...ARM64, variant: 'v8' } }], mediaType);

    expect(await scene.deploy({ Version, Architecture: 'X86_64' })).toMatchObject({ Status: 'SUCCESS' });
    expect(await scene.deploy({ Version, Architecture: 'ARM64' })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.actions).toEqual(['ecr:BatchGetImage']);
  });

  test('as a platform of a nested index', async () => {
    const inner = scene.index([{ digest: scene.image(ARM64), platform: ARM64 }]);
    const Version = scene.index([{ digest: scene.image(AMD64), platform: AMD64 }, { digest: inner, mediaType: OCI_INDEX }]);

    expect(await scene.deploy({ Version, Architecture: 'ARM64' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('if the index does not have its platform, but the image itself does', async () => {
    const Version = scene.index([{ digest: scene.image(ARM64) }]);

    expect(await scene.deploy({ Version, Architecture: 'ARM64' })).toMatchObject({ Status: 'SUCCESS' });
    expect((await scene.deploy({ Version })).Reason).toContain('it is built for linux/arm64');
  });

  test.each<[string, object]>([
    ['X86_64', { os: 'linux', architecture: 'x86_64' }],
    ['X86_64', { os: 'Linux', architecture: 'AMD64' }],
    ['X86_64', { os: 'linux', architecture: 'x86-64', variant: '' }],
    ['X86_64', { os: 'linux', architecture: 'amd64', variant: 'v1' }],
    ['X86_64', { os: 'linux', architecture: 'amd64', variant: 'v2' }],
    ['X86_64', { os: 'linux', architecture: 'amd64', variant: 'V3' }],
    ['X86_64', { os: 'linux', architecture: 'amd64/v2' }],
    ['ARM64', { os: 'linux', architecture: 'aarch64' }],
    ['ARM64', { os: 'linux', architecture: 'arm64', variant: '8' }],
    ['ARM64', { os: 'linux', architecture: 'arm64', variant: 'v8.0' }],
    ['ARM64', { os: 'LINUX', architecture: 'ARM64', variant: 'V8' }],
    ['ARM64', { os: 'linux', architecture: 'arm64', variant: 'v8.2' }],
  ])('on %s if it is built for %j, in its configuration or in an index', async (Architecture, platform) => {
    const Version = scene.image(platform);

    expect(await scene.deploy({ Version, Architecture })).toMatchObject({ Status: 'SUCCESS' });
    expect(await scene.deploy({ Version: scene.index([{ digest: Version, platform }]), Architecture })).toMatchObject({ Status: 'SUCCESS' });
  });

  test.each<[string, object]>([
    ['X86_64', { ...AMD64, variant: 'v4' }], ['X86_64', { os: 'linux', architecture: '386' }],
    ['ARM64', { ...ARM64, variant: 'v9.2' }], ['ARM64', { os: 'linux', architecture: 'arm', variant: 'v7' }],
  ])('on EC2, where only the instance decides about %s and %j', async (Architecture, platform) => {
    expect(await scene.deploy({ Version: scene.image(platform), Architecture, Runner: 'EC2' })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('for Lambda as the image of an index with the lowest requirements for the processor', async () => {
    const [plain, special] = [scene.image({ ...AMD64, note: 'plain' }), scene.image({ ...AMD64, variant: 'v3' })];
    const Version = scene.index([{ digest: special, platform: { ...AMD64, variant: 'v3' } }, { digest: plain, platform: AMD64 }]);

    expect(await scene.deploy({ Version, Runner: 'LAMBDA' })).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: plain.slice(7) } });
  });

  test('if its configuration is embedded in its manifest, which saves a request, and its layers are null', async () => {
    const config = Buffer.from(JSON.stringify(ARM64));
    const described = { mediaType: OCI_CONFIG, digest: sha256(config), size: config.length, data: config.toString('base64') };
    const Version = scene.image(AMD64, { config: described, layers: null });

    expect(await scene.deploy({ Version, Architecture: 'ARM64' })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.actions).not.toContain('ecr:GetDownloadUrlForLayer');
  });

  test('with attestations next to it', async () => {
    const Version = scene.index([
      { digest: scene.image(AMD64), platform: AMD64 },
      { digest: scene.attestation(), platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } },
      { digest: scene.attestation(), platform: { os: 'unknown', architecture: 'unknown' } },
    ]);

    expect(await scene.deploy({ Version })).toMatchObject({ Status: 'SUCCESS' });
  });

  test('on any architecture, if the task names none and the image exists: nothing else is read', async () => {
    expect(await scene.deploy({ Version: scene.image(ARM64), Architecture: undefined, Runner: 'EC2' })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.actions).toEqual(['ecr:BatchGetImage']);
  });

  test.each<[string, object, string]>([
    ['a type of manifest that is not known', { mediaType: 'application/vnd.example', config: undefined, layers: undefined }, '(none)'],
    ['a configuration of another type', { config: { mediaType: 'application/vnd.example.config', digest: `sha256:${'3'.repeat(64)}`, size: 1 } }, '(application/vnd.example.config)'],
    ['a configuration that is far too large', { config: { mediaType: OCI_CONFIG, digest: `sha256:${'3'.repeat(64)}`, size: 5e6 } }, `(${OCI_CONFIG})`],
  ])('if its platform is unknown, because it has %s; the log says so', async (_, changes, type) => {
    const Version = scene.image(AMD64, changes);

    expect(await scene.deploy({ Version })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain(`its platform is unknown: it has no configuration that is known here ${type}`);
  });

  test.each([{}, { os: 'linux' }, { architecture: 'amd64' }, { os: 1, architecture: [] }])('if its configuration does not have its platform: %j', async platform => {
    expect(await scene.deploy({ Version: scene.image(platform) })).toMatchObject({ Status: 'SUCCESS' });
    expect(scene.logs.pop()).toContain('its platform is unknown: its configuration does not contain it');
  });
});

describe('a deployment fails, before the service changes,', () => {
  test('if the image does not exist', async () => {
    const Version = `sha256:${'a'.repeat(64)}`;

    expect(await scene.deploy({ Version })).toMatchObject({
      Status: 'FAILED', Reason: `${REFUSED(Version)}it is not in the repository; deploy again, so that it is published again`,
    });
  });

  test.each<[string, object, string]>([
    ['X86_64', ARM64, 'it is built for linux/arm64, and the task runs on linux/amd64; build it with platform: Platform.LINUX_AMD64, or give the service cpuArchitecture: CpuArchitecture.ARM64'],
    ['ARM64', AMD64, 'it is built for linux/amd64, and the task runs on linux/arm64; build it with platform: Platform.LINUX_ARM64, or give the service cpuArchitecture: CpuArchitecture.X86_64'],
    ['X86_64', { os: 'windows', architecture: 'amd64' }, 'it is built for windows/amd64, and the task runs on linux/amd64; build it with platform: Platform.LINUX_AMD64'],
    ['ARM64', { os: 'linux', architecture: 'arm', variant: 'v7' }, 'it is built for linux/arm/v7, and the task runs on linux/arm64; build it with platform: Platform.LINUX_ARM64'],
    ['X86_64', { ...AMD64, variant: 'v4' }, 'it is built for linux/amd64/v4, and the task runs on linux/amd64; build it with platform: Platform.LINUX_AMD64'],
    ['ARM64', { ...ARM64, variant: 'v9' }, 'it is built for linux/arm64/v9, and the task runs on linux/arm64; build it with platform: Platform.LINUX_ARM64'],
    ['X86_64', { os: 'linux', architecture: 'i386' }, 'it is built for linux/386, and the task runs on linux/amd64; build it with platform: Platform.LINUX_AMD64'],
    ['ARM64', { os: 'linux', architecture: 'armhf' }, 'it is built for linux/arm/v7, and the task runs on linux/arm64; build it with platform: Platform.LINUX_ARM64'],
    ['RISCV64', AMD64, 'it is built for linux/amd64, and the task runs on linux/riscv64; use an image for linux/riscv64, or give the service cpuArchitecture: CpuArchitecture.X86_64'],
  ])('if the task is %s and the image is %j, and the message names both and the fix', async (Architecture, platform, sentence) => {
    const Version = scene.image(platform);

    expect(await scene.deploy({ Version, Architecture })).toMatchObject({ Status: 'FAILED', Reason: REFUSED(Version) + sentence });
  });

  test('if no platform of an index fits, and the message names the platforms', async () => {
    const Version = scene.index([{ digest: scene.image(ARM64), platform: ARM64 }, { digest: scene.image(AMD64), platform: { os: 'linux', architecture: 's390x' } }]);

    expect((await scene.deploy({ Version })).Reason).toContain('it is built for linux/arm64, linux/s390x, and the task runs on linux/amd64; ');
  });

  test('if no platform of many fits, and the message names some of them', async () => {
    const platforms = Array.from({ length: 40 }, (_, at) => ({ os: 'o'.repeat(30), architecture: `${at}${'a'.repeat(30)}` }));
    const Version = scene.index(platforms.map(platform => ({ digest: scene.image(platform), platform })));

    const { Reason } = await scene.deploy({ Version });
    expect(Reason).toMatch(/5a{16}…, others, and the task runs on linux\/amd64; build it/);
    expect(Buffer.byteLength(scene.answers[0])).toBeLessThanOrEqual(4096);
  });

  test('on EC2, with a fix that changes only the build', async () => {
    expect((await scene.deploy({ Version: scene.image(ARM64), Runner: 'EC2' })).Reason).toMatch(/; build it with platform: Platform\.LINUX_AMD64$/);
  });

  test('if the tag is on an attestation instead of the image', async () => {
    const Version = scene.attestation();

    expect((await scene.deploy({ Version, Architecture: undefined })).Reason).toBe(
      `${REFUSED(Version)}it is not an image, but an attestation of one; build it without: set BUILDX_NO_DEFAULT_ATTESTATIONS=1 where the CDK CLI runs`,
    );
  });

  test('if the tag is on a BuildKit build cache', async () => {
    const Version = scene.image(AMD64, { config: { mediaType: 'application/vnd.buildkit.cacheconfig.v0', digest: `sha256:${'3'.repeat(64)}`, size: 1 } });

    expect((await scene.deploy({ Version })).Reason).toBe(
      `${REFUSED(Version)}it is a cache of BuildKit, not an image; use the tag of the image instead of that of the cache`,
    );
  });

  test('if an index lists an image that does not exist', async () => {
    expect((await scene.deploy({ Version: scene.index([{ digest: `sha256:${'b'.repeat(64)}` }]) })).Reason).toContain(`could not be checked for the container 'web' of Stack/Service: the image sha256:${'b'.repeat(64)} is not in the repository; deploy again`);
  });

  test('if an index lists nothing that can run', async () => {
    expect((await scene.deploy({ Version: scene.index([]) })).Reason).toMatch(/has no image that can run; deploy again, or skip the check: imageCheck: ImageCheck\.none\(\)$/);
  });
});

test('Delete does nothing, for any properties', async () => {
  expect(await scene.deploy({ SchemaVersion: '9' }, { RequestType: 'Delete', PhysicalResourceId: 'image-check-1' })).toMatchObject({ Status: 'SUCCESS', PhysicalResourceId: 'image-check-1' });
  expect(scene.cloud.calls).toEqual([]);
});

test('the physical id stays for any change, so that CloudFormation never replaces the resource', async () => {
  const [first, second] = [scene.image(AMD64), scene.image({ ...AMD64, created: 'later' })];
  const { PhysicalResourceId } = await scene.deploy({ Version: first }, { RequestType: 'Create' });

  expect(await scene.deploy({ Version: second }, { PhysicalResourceId })).toMatchObject({ PhysicalResourceId });
  expect(await scene.deploy({ Version: second, Architecture: 'ARM64' }, { PhysicalResourceId })).toMatchObject({ Status: 'FAILED', PhysicalResourceId });
  expect((await scene.deploy({ Version: first }, { LogicalResourceId: 'Other' })).PhysicalResourceId).not.toBe(PhysicalResourceId);
});

test.each<[object, string]>([
  [{ SchemaVersion: '2' }, "the property 'SchemaVersion' must be '1'"], [{ Repository: 'registry.example/team/web' }, "the property 'Repository' is not a repository of ECR"],
  [{ Repository: 1 }, "the property 'Repository' must be a repository of ECR, not '1'"], [{ Version: 'a b' }, "the property 'Version' must be a digest or a tag"],
  [{ Version: 'sha256:1' }, "the property 'Version' must be a digest or a tag"], [{ Runner: 'FARGATES' }, "the property 'Runner' must be what can run an image"],
  [{ UsedBy: undefined }, "the property 'UsedBy' must be a text"], [{ Architecture: '../..' }, "the property 'Architecture' must be a CPU architecture"],
])('an invalid property fails with a message: %j', async (properties, sentence) => {
  expect((await scene.deploy(properties as {})).Reason).toContain(sentence);
});
