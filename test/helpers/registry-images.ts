import { createHash } from 'node:crypto';

/** A manifest and everything below it. */
export interface TestImage {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly blobs: readonly Buffer[];
  readonly children: readonly TestImage[];
}

/** The sha256 digest of some bytes. */
export function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

/** Bytes that are the same in every run. */
export function layer(name: string, size = 1000): Buffer {
  return Buffer.alloc(size, `layer ${name} `);
}

/** An OCI image of some layers. */
export function image(name: string, layers: readonly Buffer[] = [layer(name)]): TestImage {
  const config = Buffer.from(JSON.stringify({ name, architecture: 'amd64', os: 'linux' }));
  return manifest('application/vnd.oci.image.manifest.v1+json', {
    config: describe('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map(bytes => describe('application/vnd.oci.image.layer.v1.tar+gzip', bytes)),
  }, [config, ...layers]);
}

/** An OCI index of some images or indexes. */
export function index(children: readonly TestImage[]): TestImage {
  const manifests = children.map(child => describe(child.mediaType, child.bytes));
  return manifest('application/vnd.oci.image.index.v1+json', { manifests }, [], children);
}

/** A manifest with any content. */
export function manifest(mediaType: string, content: object, blobs: readonly Buffer[] = [], children: readonly TestImage[] = []): TestImage {
  // The spaces make sure that nobody parses and prints it again on the way.
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }, undefined, 3));
  return { mediaType, bytes, digest: sha256(bytes), blobs, children };
}

function describe(mediaType: string, bytes: Buffer) {
  return { mediaType, digest: sha256(bytes), size: bytes.length };
}
