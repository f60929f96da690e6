import { Duration } from 'aws-cdk-lib';
import { Platform } from 'aws-cdk-lib/aws-ecr-assets';
import { ImageRepository, LifecycleRule } from '../../src';
import { AMD64, ARM64, CheckScene, DOCKER_CONFIG, DOCKER_LIST, DOCKER_MANIFEST, Entry, GZIP, REPOSITORY } from '../helpers/check-scene';
import { OCI_INDEX } from '../helpers/scan-cloud';
import { APP, newStack } from '../helpers/stack';

let scene: CheckScene;
beforeEach(async () => { scene = await CheckScene.open(); });
afterEach(async () => scene.cloud.stop());

const layer = (mediaType: string, size = 1000) => ({ mediaType, size, digest: `sha256:${'1'.repeat(64)}` });
const REFUSED = (version: string) => `the image ${REPOSITORY}@${version} cannot run in the function Stack/Function: `;
const hex = (digest: string) => ({ Status: 'SUCCESS', Data: { DigestHex: digest.slice(7) } });

function attestation(): Entry {
  return { digest: scene.attestation(), platform: { os: 'unknown', architecture: 'unknown' }, annotations: { 'vnd.docker.reference.type': 'attestation-manifest' } };
}

describe('a Lambda function gets', () => {
  test('the image itself, if it is for one platform', async () => {
    const Version = scene.image(AMD64);

    expect(await scene.deployFunction({ Version })).toMatchObject(hex(Version));
  });

  test('its digest, if only the tag is known', async () => {
    const digest = scene.image(ARM64, {}, 'live-web.2');

    expect(await scene.deployFunction({ Version: 'live-web.2', Architecture: 'arm64' })).toMatchObject(hex(digest));
  });

  test.each([OCI_INDEX, DOCKER_LIST])('the image for its architecture from an index (%s), which Lambda does not support', async mediaType => {
    const [amd, arm] = [scene.image(AMD64), scene.image(ARM64)];
    const Version = scene.index([{ digest: arm, platform: { ...ARM64, variant: 'v8' } }, { digest: amd, platform: AMD64 }], mediaType);

    expect(await scene.deployFunction({ Version, Architecture: 'x86_64' })).toMatchObject(hex(amd));
    expect(await scene.deployFunction({ Version, Architecture: 'arm64' })).toMatchObject(hex(arm));
  });

  test('the image without its attestations, which are in an index too', async () => {
    const digest = scene.image(AMD64);

    expect(await scene.deployFunction({ Version: scene.index([attestation(), { digest, platform: AMD64 }]) })).toMatchObject(hex(digest));
  });

  test('the image for its architecture from a nested index', async () => {
    const digest = scene.image(ARM64);
    const inner = scene.index([{ digest, platform: ARM64 }, attestation()]);

    expect(await scene.deployFunction({ Version: scene.index([{ digest: inner, mediaType: OCI_INDEX }]), Architecture: 'arm64' })).toMatchObject(hex(digest));
  });

  test('an image with Docker media types', async () => {
    const config = { mediaType: DOCKER_CONFIG, digest: scene.cloud.addBlob(AMD64), size: 1 };
    const Version = scene.image({}, { mediaType: DOCKER_MANIFEST, config, layers: [layer('application/vnd.docker.image.rootfs.diff.tar.gzip')] });

    expect(await scene.deployFunction({ Version })).toMatchObject(hex(Version));
    expect(scene.logs.pop()).toMatch(/it is built for linux\/amd64$/);
  });

  test('an image with layers whose type Lambda may not support; the log says so', async () => {
    const Version = scene.image(AMD64, { layers: [layer(GZIP), layer('application/vnd.oci.image.layer.v1.tar+zstd')] });

    expect(await scene.deployFunction({ Version })).toMatchObject(hex(Version));
    expect(scene.logs.pop()).toContain('Lambda is not documented to accept its layers of type application/vnd.oci.image.layer.v1.tar+zstd');
  });

  test('an image with an unknown platform', async () => {
    const Version = scene.image({});

    expect(await scene.deployFunction({ Version })).toMatchObject(hex(Version));
  });
});

describe('a deployment fails, before the function changes,', () => {
  test('if the image is for another architecture, instead of at the first invocation', async () => {
    const Version = scene.image(ARM64);

    expect((await scene.deployFunction({ Version })).Reason).toBe(
      `${REFUSED(Version)}it is built for linux/arm64, and the function runs on linux/amd64; build it with platform: Platform.LINUX_AMD64, or give the function architecture: Architecture.ARM_64`,
    );
  });

  test('if no image of an index is for its architecture', async () => {
    const Version = scene.index([{ digest: scene.image(AMD64), platform: AMD64 }, attestation()]);

    expect((await scene.deployFunction({ Version, Architecture: 'arm64' })).Reason).toBe(
      `${REFUSED(Version)}it is built for linux/amd64, and the function runs on linux/arm64; build it with platform: Platform.LINUX_ARM64, or give the function architecture: Architecture.X86_64`,
    );
  });

  test('if the image is an attestation', async () => {
    const Version = scene.attestation();

    expect((await scene.deployFunction({ Version })).Reason).toContain('it is not an image, but an attestation of one; build it without');
  });

  test.each<[string, object, string]>([
    ['the manifest is of a type that Lambda does not take', { mediaType: 'application/vnd.example' }, 'it is of type application/vnd.example, and Lambda supports'],
    ['its configuration is not that of an image', { config: { mediaType: 'application/vnd.oci.empty.v1+json', digest: `sha256:${'3'.repeat(64)}`, size: 2 } }, 'its configuration is of type application/vnd.oci.empty.v1+json, which is not a configuration of an image; use'],
    ['it is larger than Lambda takes', { layers: [layer(GZIP, 6e9), layer(GZIP, 6e9)] }, 'its layers have 11.2 GiB compressed, and Lambda accepts 10 GB uncompressed; make'],
  ])('if %s', async (_, changes, sentence) => {
    const Version = scene.image(AMD64, changes);

    expect((await scene.deployFunction({ Version })).Reason).toContain(REFUSED(Version) + sentence);
  });

  test('if the image for its architecture is larger than the limit of Lambda', async () => {
    const digest = scene.image(AMD64, { layers: [layer(GZIP, 11e9)] });

    expect((await scene.deployFunction({ Version: scene.index([{ digest, platform: AMD64 }]) })).Reason).toContain('Lambda accepts 10 GB uncompressed');
  });
});

test('the single-platform image of the function stays as long as the index that lists it, because of the rules of ECR', () => {
  const repository = new ImageRepository(newStack(), 'Repository', { lifecycleRules: [LifecycleRule.expireUntagged({ olderThan: Duration.days(14) })] });
  const { imageTagPrefix } = repository.buildAndPushImage(APP, { platforms: [Platform.LINUX_AMD64, Platform.LINUX_ARM64] });
  const pushedAt = new Date('2020-01-01');
  const images = [
    { digest: 'index', tags: [`${imageTagPrefix}123456789012`], pushedAt, children: ['amd64', 'arm64'] },
    ...['amd64', 'arm64', 'of no index'].map(digest => ({ digest, pushedAt })),
  ];

  expect(repository.lifecycleSimulator.simulate(images, new Date('2026-01-01')).map(({ image }) => image.digest)).toEqual(['of no index']);
});
