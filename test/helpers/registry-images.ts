import { createHash } from 'node:crypto';

/** A digest algorithm of the specification. */
export type Algorithm = 'sha256' | 'sha512';

/** A manifest and everything below it. */
export interface TestImage {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
  readonly blobs: readonly Buffer[];
  readonly children: readonly TestImage[];
}

/** The descriptor of a blob. */
export interface TestDescriptor {
  readonly mediaType: string;
  readonly digest: string;
  readonly size: number;
}

/** The sha256 digest of bytes. */
export function sha256(bytes: Buffer): string {
  return digest(bytes, 'sha256');
}

/** The digest of bytes. */
export function digest(bytes: Buffer, algorithm: Algorithm): string {
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`;
}

/** The digest of bytes by the algorithm of another digest. */
export function digestLike(bytes: Buffer, other: string): string {
  return digest(bytes, other.startsWith('sha512:') ? 'sha512' : 'sha256');
}

/** Bytes that are the same in every run. */
export function layer(name: string, size = 1000): Buffer {
  return Buffer.alloc(size, `layer ${name} `);
}

/** An OCI image of some layers. */
export function image(name: string, layers: readonly Buffer[] = [layer(name)]): TestImage {
  const config = Buffer.from(JSON.stringify({ name, architecture: 'amd64', os: 'linux' }));
  return manifest('application/vnd.oci.image.manifest.v1+json', {
    config: descriptor('application/vnd.oci.image.config.v1+json', config),
    layers: layers.map(bytes => descriptor('application/vnd.oci.image.layer.v1.tar+gzip', bytes)),
  }, [config, ...layers]);
}

/** An OCI index of some images or indexes. */
export function index(children: readonly TestImage[]): TestImage {
  const manifests = children.map(child => ({ mediaType: child.mediaType, digest: child.digest, size: child.bytes.length }));
  return manifest('application/vnd.oci.image.index.v1+json', { manifests }, [], children);
}

/** A manifest with any content. */
export function manifest(
  mediaType: string,
  content: object,
  blobs: readonly Buffer[] = [],
  children: readonly TestImage[] = [],
  algorithm: Algorithm = 'sha256',
): TestImage {
  // The spaces ensure that nothing parses and prints it again on the way.
  const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType, ...content }, undefined, 3));
  return { mediaType, bytes, digest: digest(bytes, algorithm), blobs, children };
}

/** The descriptor of bytes. */
export function descriptor(mediaType: string, bytes: Buffer, algorithm: Algorithm = 'sha256'): TestDescriptor {
  return { mediaType, digest: digest(bytes, algorithm), size: bytes.length };
}
