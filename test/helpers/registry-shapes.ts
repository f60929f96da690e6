import { Algorithm, TestDescriptor, TestImage, descriptor, digest, image, index, layer, manifest } from './registry-images';
import { TestRepository } from './registry-store';

/** Real-world content. */
export interface Shape {
  readonly name: string;
  readonly image: TestImage;
  /** Additional content of the source, or missing content. */
  readonly prepare?: (source: TestRepository) => void;
  /** The kind of reference. @default 'tag' */
  readonly by?: 'digest';
}

/** The types of OCI and Docker manifests. */
export const OCI_IMAGE = 'application/vnd.oci.image.manifest.v1+json';
export const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';
const OCI_CONFIG = 'application/vnd.oci.image.config.v1+json';
const OCI_LAYER = 'application/vnd.oci.image.layer.v1.tar+gzip';
const DOCKER = 'application/vnd.docker';

const empty = Buffer.from('{}');
const nothing = descriptor('application/vnd.oci.empty.v1+json', empty);
const [web, arm] = [image('web', [layer('base'), layer('web')]), image('arm', [layer('base'), layer('arm')])];
const describes = ({ mediaType, digest: named, bytes }: TestImage): TestDescriptor => ({ mediaType, digest: named, size: bytes.length });
const lacking: TestImage = image('lacking');
const signature = artifact('application/vnd.dev.cosign.artifact.sig.v1+json', layer('signature', 200));

/** The content shapes of the OCI conformance suite. */
export const CONFORMANCE_SHAPES: readonly Shape[] = [
  { name: 'an image', image: web },
  { name: 'an index', image: index([web, arm]) },
  { name: 'an index of indexes', image: index([index([web]), index([arm, web])]) },
  { name: 'a sparse index', image: index([web, lacking]), prepare: source => source.manifests.delete(lacking.digest) },
  { name: 'an artifact', image: artifact('application/vnd.example.sbom', layer('sbom')) },
  { name: 'a subject', image: artifact('application/vnd.example.sbom', layer('sbom'), web), prepare: source => source.add(web) },
  { name: 'a missing subject', image: artifact('application/vnd.example.sbom', layer('sbom'), web) },
  { name: 'an artifact list', image: listed({ artifactType: 'application/vnd.example.bundle' }) },
  { name: 'a subject list', image: listed({ subject: describes(web) }) },
  { name: 'a data field', image: withData(layer('inline', 300)) },
  { name: 'non-distributable layers', image: foreign('application/vnd.oci.image.layer.nondistributable.v1.tar+gzip') },
  { name: 'custom fields', image: ociImage({ 'org.example': { deep: [1, null, { x: 'é' }] }, 'annotations': { ü: '✓' } }, [layer('custom')]) },
  { name: 'no layers', image: image('no layers', []) },
  { name: 'an empty blob', image: image('empty blob', [Buffer.alloc(0)]) },
  { name: 'sha512', image: ociImage({}, [layer('long digest')], 'sha512', 'sha512'), by: 'digest' },
];

/** Other shapes that users push. */
export const WORLDLY_SHAPES: readonly Shape[] = [
  { name: 'sha512 blobs', image: ociImage({}, [layer('long digest')], 'sha512') },
  { name: 'a Docker image', image: docker('one') },
  { name: 'a Docker manifest list', image: dockerList([docker('one'), docker('two')]) },
  { name: 'a Docker image with foreign layers', image: foreign(`${DOCKER}.image.rootfs.foreign.diff.tar.gzip`) },
  { name: 'attestations of buildx', image: attested([web, arm]) },
  {
    name: 'tags of cosign beside it',
    image: web,
    prepare: source => ['sig', 'att', 'sbom'].forEach(kind => source.add(signature, `${web.digest.replace(':', '-')}.${kind}`)),
  },
  { name: 'indexes nested three deep', image: index([index([index([web]), arm])]) },
  { name: 'one hundred and twenty-seven layers', image: image('many', Array.from({ length: 127 }, (_, each) => layer(`layer ${each}`, 100))) },
  { name: 'a manifest of four mebibytes', image: padded(4 * 1024 * 1024) },
  { name: 'an index of three hundred', image: index(Array.from({ length: 300 }, (_, each) => image(`platform ${each}`, [layer('shared')]))) },
  { name: 'zstd layers', image: layered('application/vnd.oci.image.layer.v1.tar+zstd', layer('zstd')) },
  { name: 'Docker schema 1', image: manifest(`${DOCKER}.distribution.manifest.v1+prettyjws`, { schemaVersion: 1, name: 'web', fsLayers: [] }) },
];

/** An OCI image of any number of bytes. */
export function padded(size: number): TestImage {
  const without = ociImage({ annotations: { padding: '' } }, [layer('padded')]).bytes.length;
  return ociImage({ annotations: { padding: 'x'.repeat(size - without) } }, [layer('padded')]);
}

/** An OCI artifact, with its subject. */
export function artifact(artifactType: string, content: Buffer, subject?: TestImage): TestImage {
  const about = subject === undefined ? {} : { subject: describes(subject) };
  return manifest(OCI_IMAGE, { artifactType, config: nothing, layers: [descriptor(artifactType, content)], ...about }, [empty, content]);
}

function ociImage(extra: object, layers: readonly Buffer[], blobs: Algorithm = 'sha256', own: Algorithm = 'sha256'): TestImage {
  const config = Buffer.from(JSON.stringify({ architecture: 'amd64', os: 'linux' }));
  return manifest(OCI_IMAGE, {
    config: descriptor(OCI_CONFIG, config, blobs), layers: layers.map(each => descriptor(OCI_LAYER, each, blobs)), ...extra,
  }, [config, ...layers], [], own);
}

function layered(mediaType: string, content: Buffer): TestImage {
  return manifest(OCI_IMAGE, { config: descriptor(OCI_CONFIG, empty), layers: [descriptor(mediaType, content)] }, [empty, content]);
}

function listed(fields: object): TestImage {
  return manifest(OCI_INDEX, { manifests: [describes(web), describes(arm)], ...fields }, [], [web, arm]);
}

function withData(content: Buffer): TestImage {
  const inline = { ...descriptor(OCI_LAYER, content), data: content.toString('base64') };
  return manifest(OCI_IMAGE, { config: { ...nothing, data: empty.toString('base64') }, layers: [inline] }, [empty, content]);
}

/** One layer that the registry has, and a nondistributable one. */
function foreign(mediaType: string): TestImage {
  const isDocker = mediaType.startsWith(DOCKER);
  const elsewhere = { mediaType, digest: digest(layer('windows'), 'sha256'), size: 1000, urls: ['https://mcr.example/windows'] };
  const own = descriptor(isDocker ? `${DOCKER}.image.rootfs.diff.tar.gzip` : OCI_LAYER, layer('own'));
  const config = descriptor(isDocker ? `${DOCKER}.container.image.v1+json` : OCI_CONFIG, empty);
  return manifest(isDocker ? `${DOCKER}.distribution.manifest.v2+json` : OCI_IMAGE, { config, layers: [elsewhere, own] }, [empty, layer('own')]);
}

function docker(name: string): TestImage {
  const config = Buffer.from(JSON.stringify({ name, architecture: 'amd64', os: 'linux' }));
  return manifest(`${DOCKER}.distribution.manifest.v2+json`, {
    config: descriptor(`${DOCKER}.container.image.v1+json`, config),
    layers: [descriptor(`${DOCKER}.image.rootfs.diff.tar.gzip`, layer(name))],
  }, [config, layer(name)]);
}

function dockerList(children: readonly TestImage[]): TestImage {
  const manifests = children.map(child => ({ ...describes(child), platform: { architecture: 'amd64', os: 'linux' } }));
  return manifest(`${DOCKER}.distribution.manifest.list.v2+json`, { manifests }, [], children);
}

/** As in buildx: next to every image one for an unknown platform, with its attestations. */
function attested(images: readonly TestImage[]): TestImage {
  const attestations = images.map(({ digest: about }) => layered('application/vnd.in-toto+json', Buffer.from(`{"subject":"${about}"}`)));
  const manifests = [
    ...images.map(each => ({ ...describes(each), platform: { architecture: 'amd64', os: 'linux' } })),
    ...attestations.map((each, position) => ({
      ...describes(each),
      platform: { architecture: 'unknown', os: 'unknown' },
      annotations: { 'vnd.docker.reference.type': 'attestation-manifest', 'vnd.docker.reference.digest': images[position].digest },
    })),
  ];
  return manifest(OCI_INDEX, { manifests }, [], [...images, ...attestations]);
}
