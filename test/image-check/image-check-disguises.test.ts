import { AMD64, ARM64, CheckScene, GZIP, REPOSITORY, STACK } from '../helpers/check-scene';
import { OCI_INDEX, OCI_MANIFEST } from '../helpers/scan-cloud';

let scene: CheckScene;
beforeEach(async () => { scene = await CheckScene.open(); });
afterEach(async () => scene.cloud.stop());

const UNKNOWN = { os: 'unknown', architecture: 'unknown' };
const ATTESTED = { 'vnd.docker.reference.type': 'attestation-manifest' };
const LAYERS = [{ mediaType: GZIP, digest: `sha256:${'1'.repeat(64)}`, size: 1 }];

describe.each(['FARGATE', 'EC2', 'LAMBDA'])('for %s, an ambiguous image is rejected:', Runner => {
  const inner = () => [{ mediaType: OCI_MANIFEST, digest: scene.image(AMD64), size: 1, platform: AMD64 }];

  test.each<[string, () => string]>([
    ['it is an image and an index at once', () => JSON.stringify({ schemaVersion: 2, mediaType: OCI_MANIFEST, layers: LAYERS, manifests: inner() })],
    ['it is an index with the configuration of an image', () => JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, config: {}, manifests: inner() })],
    ['it is an index by its media type and an image by its layers', () => JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, layers: LAYERS })],
    ['it has two lists of images', () => `{"manifests":${JSON.stringify(inner())},"manifests":[]}`],
    ['it has a list of images in capital letters', () => `{"layers":[],"MANIFESTS":${JSON.stringify(inner())}}`],
    ['it is nested too deep', () => `{"layers":${'['.repeat(70)}${']'.repeat(70)}}`],
  ])('%s', async (_, text) => {
    const Version = scene.cloud.addText(text(), OCI_MANIFEST);

    for (const Architecture of ['X86_64', undefined]) {
      const { Status, Reason } = await scene.deploy({ Version, Runner, Architecture });
      expect(Status).toBe('FAILED');
      expect(Reason).toContain(`the image ${REPOSITORY}@${Version} cannot run in the container 'web' of Stack/Service: the manifest `);
      expect(Reason).toMatch(/; build the image again$/);
      expect(Reason).not.toContain('skip the check');
    }
  });

  test('an index lists an index as an image', async () => {
    const Version = scene.index([{ digest: scene.index([{ digest: scene.image(AMD64), platform: AMD64 }]), platform: AMD64 }]);

    expect((await scene.deploy({ Version, Runner })).Reason).toMatch(/cannot run in .*; build the image again$/);
  });

  test('an index lists an image as an index', async () => {
    const Version = scene.index([{ digest: scene.image(AMD64), mediaType: OCI_INDEX, platform: AMD64 }]);

    expect((await scene.deploy({ Version, Runner })).Reason).toMatch(/cannot run in .*; build the image again$/);
  });
});

test('an ambiguous image does not stop a rollback', async () => {
  scene.cloud.stacks.set(STACK, { status: 'UPDATE_ROLLBACK_IN_PROGRESS' });
  const Version = scene.cloud.addText('{"layers":[],"manifests":[]}', OCI_MANIFEST);

  expect(await scene.deploy({ Version })).toMatchObject({ Status: 'SUCCESS' });
});

test('an image that an index lists for two platforms runs on both', async () => {
  const digest = scene.image(AMD64);
  const Version = scene.index([{ digest, platform: AMD64 }, { digest, platform: ARM64 }]);

  for (const Architecture of ['X86_64', 'ARM64']) expect(await scene.deploy({ Version, Architecture })).toMatchObject({ Status: 'SUCCESS' });
});

test.each([ATTESTED, {}, { 'com.example': 'x' }])('an image that an index presents as an attestation (%j) is reported as not runnable, and not skipped', async annotations => {
  const Version = scene.index([{ digest: scene.image(ARM64), platform: UNKNOWN, annotations }]);

  expect((await scene.deploy({ Version, Architecture: 'ARM64' })).Reason).toContain('it is built for unknown/unknown, and the task runs on linux/arm64');
});

test.each<[string, string]>([
  ['that is nested too deep', `{"os":"linux","architecture":"arm64","a":${'['.repeat(100)}${']'.repeat(100)}}`], ['with very many values', `{"os":"linux","architecture":"arm64","a":[${'0,'.repeat(400_000)}0]}`],
  ['that is not JSON', '{"os":"linux"'], ['that is not an object', '["linux"]'],
])('a configuration %s is not parsed, and the check ignores it', async (_, text) => {
  const config = { mediaType: 'application/vnd.oci.image.config.v1+json', digest: scene.cloud.addBlobText(text), size: text.length };

  expect(await scene.deploy({ Version: scene.image({}, { config }) })).toMatchObject({ Status: 'SUCCESS' });
  expect(scene.logs.pop()).toContain('its platform is unknown: its configuration does not contain it');
});
