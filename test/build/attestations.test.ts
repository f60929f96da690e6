import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { BuildAttestation, ImageBuilder, ImageRepository, ProvenanceDetail } from '../../src';
import { appWith } from '../helpers/build-context';
import { BuildScene, PREFIX } from '../helpers/build-scene';
import { describeBytes, describeImage, platformImage, tagOfList } from '../helpers/registry-artifacts';
import { TestImage, image, manifest } from '../helpers/registry-images';
import { Manifests } from '../helpers/registry-manifests';
import { TestRegistryOptions } from '../helpers/registry-options';
import { plain } from '../helpers/registry-profiles';
import { referrersApi } from '../helpers/registry-referrers';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const IN_TOTO = 'application/vnd.in-toto+json';
const PREDICATE = 'in-toto.io/predicate-type';
const SLSA = 'https://slsa.dev/provenance/v1';
const SPDX = 'https://spdx.dev/Document';
const FLAGS = ['--provenance=mode=max', '--sbom=true'];

/** The output of BuildKit: an index of the image and of a manifest with statements about it. */
function attestedBy(subject: TestImage, platform: object, predicates: readonly string[]): TestImage {
  const config = Buffer.from('{"architecture":"unknown","os":"unknown"}');
  const statements = predicates.map(type => Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v0.1', predicateType: type, subject: [subject.digest] })));
  const attestation = manifest(OCI_MANIFEST, {
    config: describeBytes('application/vnd.oci.image.config.v1+json', config),
    layers: statements.map((bytes, position) => ({ ...describeBytes(IN_TOTO, bytes), annotations: { [PREDICATE]: predicates[position] } })),
  }, [config, ...statements]);
  return manifest(OCI_INDEX, {
    manifests: [
      { ...describeImage(subject), platform },
      {
        ...describeImage(attestation), platform: { architecture: 'unknown', os: 'unknown' },
        annotations: { 'vnd.docker.reference.digest': subject.digest, 'vnd.docker.reference.type': 'attestation-manifest' },
      },
    ],
  }, [], [subject, attestation]);
}

const web = image('web');
const AMD64 = { architecture: 'amd64', os: 'linux' };
const ARM64 = { architecture: 'arm64', os: 'linux' };

let scene: BuildScene;
const open = async (options: TestRegistryOptions = { profile: plain({ manifests: new Manifests(undefined, referrersApi) }) }) => {
  scene = await BuildScene.open(options);
  scene.cloud.lives = { 'linux/amd64': [{ image: attestedBy(web, AMD64, [SLSA, SPDX]) }] };
};
afterEach(async () => scene.registry.stop());

/** The statements about an image in the repository, as clients find them. */
function statementsAbout(digest: string) {
  const { manifests } = scene.registry.repository('team/web');
  return [...manifests.values()].map(({ bytes }) => JSON.parse(String(bytes))).filter(({ subject }) => subject?.digest === digest);
}

describe('attestations of a remote build', () => {
  test('are referrers, and the image stays one manifest, which Lambda accepts', async () => {
    await open();
    const told = await scene.deploy({ Attestations: FLAGS });

    expect(told).toMatchObject({ Status: 'SUCCESS', Data: { DigestHex: web.digest.slice(7), Tag: `${PREFIX}${web.digest.slice(7, 19)}` } });
    expect(new Set(Object.values(scene.tags))).toEqual(new Set([web.digest]));
    expect(statementsAbout(web.digest)).toEqual([SLSA, SPDX].map(type => expect.objectContaining({
      schemaVersion: 2, mediaType: OCI_MANIFEST, artifactType: IN_TOTO, annotations: { [PREDICATE]: type },
      subject: { mediaType: web.mediaType, digest: web.digest, size: web.bytes.length },
      layers: [expect.objectContaining({ mediaType: IN_TOTO, annotations: { [PREDICATE]: type } })],
    })));
  });

  test('need no upload: the repository has the statements already', async () => {
    await open();
    await scene.deploy({ Attestations: FLAGS });

    expect(scene.registry.count('POST upload', 'PUT upload', 'mount', 'GET blob')).toBe(0);
  });

  test('are found under a tag in a registry without the referrers API', async () => {
    await open({ profile: plain() });
    await scene.deploy({ Attestations: FLAGS });

    const list = scene.registry.repository('team/web').manifests.get(scene.tags[tagOfList(web)]);
    expect(JSON.parse(String(list?.bytes)).manifests).toEqual(statementsAbout(web.digest).map(({ annotations }) => (
      expect.objectContaining({ mediaType: OCI_MANIFEST, artifactType: IN_TOTO, annotations })
    )));
  });

  test('of several platforms belong to the image of their platform', async () => {
    await open();
    const [amd, arm] = [platformImage(AMD64), platformImage(ARM64)];
    const attested = [attestedBy(amd, AMD64, [SLSA]), attestedBy(arm, ARM64, [SLSA])];
    scene.cloud.lives = { 'linux/amd64': [{ image: attested[0] }], 'linux/arm64': [{ image: attested[1] }] };
    const told = await scene.deploy({
      Builds: [{ Platform: 'linux/amd64', Project: 'builds' }, { Platform: 'linux/arm64', Project: 'arm-builds' }], Attestations: FLAGS,
    });

    const index = scene.registry.repository('team/web').manifests.get(`sha256:${told.Data?.DigestHex}`);
    const entries = [{ ...describeImage(amd), platform: AMD64 }, { ...describeImage(arm), platform: ARM64 }];

    expect(JSON.parse(String(index?.bytes)).manifests).toEqual(entries);
    expect([amd, arm].map(({ digest }) => statementsAbout(digest).length)).toEqual([1, 1]);
  });

  test('are requested from BuildKit before the arguments of the user', async () => {
    await open();
    await scene.deploy({ Attestations: FLAGS });

    expect(scene.cloud.argumentsOf()).toEqual(['--platform', 'linux/amd64', ...FLAGS, '--file', 'context/Dockerfile', 'context']);
  });

  test('that are added later start a build, and an unchanged deployment does not', async () => {
    await open();
    scene.cloud.lives = { 'linux/amd64': [{ image: web }, { image: attestedBy(web, AMD64, [SLSA]) }] };
    await scene.deploy();
    await scene.deploy({ Attestations: FLAGS });
    await scene.deploy({ Attestations: FLAGS });

    expect(scene.cloud.builds).toHaveLength(2);
    expect(statementsAbout(web.digest)).toHaveLength(1);
  });

  test('that cannot be stored fail the deployment before the image has a tag', async () => {
    await open();
    scene.registry.fail('PUT manifest', { status: 403, code: 'DENIED' });
    const told = await scene.deploy({ Attestations: FLAGS });

    expect(told).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining('could not write the manifest') });
    expect(scene.tags).toEqual({});
  });

  test.each([['--output=type=local'], ['--provenance=mode=max --push'], ['provenance'], [7]])('%p is rejected, and nothing is built', async flag => {
    await open();
    expect(await scene.deploy({ Attestations: [flag] })).toMatchObject({ Status: 'FAILED', Reason: expect.stringContaining("'Attestations'") });
    expect(scene.cloud.builds).toEqual([]);
  });
});

describe('ImageBuilder.codeBuild({ attestations })', () => {
  const flagsOf = (...attestations: BuildAttestation[]) => {
    const stack = new Stack(new App(), 'Stack');
    new ImageRepository(stack, 'Repository').buildAndPushImage(appWith({ 'index.html': 'hello' }), { builder: ImageBuilder.codeBuild({ attestations }) });
    const [{ Properties }] = Object.values(Template.fromStack(stack).findResources('Custom::ContainerImageBuild'));
    return Properties.Attestations;
  };
  beforeEach(async () => open());

  test('asks BuildKit for provenance and an SBOM', () => {
    expect(flagsOf(BuildAttestation.provenance(), BuildAttestation.sbom())).toEqual(['--provenance=mode=min', '--sbom=true']);
    expect(flagsOf(BuildAttestation.provenance(ProvenanceDetail.MAX), BuildAttestation.sbom('registry.example.com/scanner:1'))).toEqual([
      '--provenance=mode=max', '--sbom=generator=registry.example.com/scanner:1',
    ]);
    expect(flagsOf()).toBeUndefined();
  });

  test.each([
    ['the same kind twice', () => [BuildAttestation.provenance(), BuildAttestation.provenance(ProvenanceDetail.MAX)], /builder.attestations' must have each kind once, got "provenance"/],
    ['an unknown detail', () => [BuildAttestation.provenance('all' as never)], /'detail' must be a ProvenanceDetail, got "all"/],
    ['a generator with a comma', () => [BuildAttestation.sbom('scanner,push=true')], /'generator' must be the reference of an image/],
    ['a text', () => ['provenance' as never], /must be a BuildAttestation.*BuildAttestation.provenance\(\)/],
  ])('rejects %s', (_title, attestations, message) => expect(() => flagsOf(...attestations())).toThrow(message));
});
