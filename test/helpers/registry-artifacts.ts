import { TestImage, layer, manifest, sha256 } from './registry-images';

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';

/** The descriptor of a blob. */
export function describeBytes(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}

/** The entry of an image in an index. */
export function describeImage({ mediaType, bytes }: TestImage) {
  return describeBytes(mediaType, bytes);
}

/** A signature, or another attachment of an image. */
export function attached(kind: string, subject: TestImage): TestImage {
  const config = Buffer.from('{}');
  const content = Buffer.from(`${kind} of ${subject.digest}`);
  return manifest(OCI_MANIFEST, {
    artifactType: kind,
    config: describeBytes('application/vnd.oci.empty.v1+json', config),
    layers: [describeBytes('application/octet-stream', content)],
    subject: describeImage(subject),
  }, [config, content]);
}

/** The index in which clients store referrers. */
export function listOf(...referrers: readonly TestImage[]): TestImage {
  const manifests = referrers.map(each => ({ ...describeImage(each), artifactType: JSON.parse(String(each.bytes)).artifactType }));
  return manifest('application/vnd.oci.image.index.v1+json', { manifests }, [], referrers);
}

/** The tag of that index. */
export function tagOfList({ digest }: TestImage): string {
  return digest.replace(':', '-');
}

/** An image whose configuration names this platform. */
export function platformImage(platform: object, layers: readonly Buffer[] = [layer('base')]): TestImage {
  const config = Buffer.from(JSON.stringify({ ...platform, rootfs: {} }));
  return manifest(OCI_MANIFEST, {
    config: describeBytes('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map(bytes => describeBytes('application/vnd.oci.image.layer.v1.tar+gzip', bytes)),
  }, [config, ...layers]);
}
