import { TestImage, sha256 } from './registry-images';

/** Why a registry refuses a manifest. */
export type Refusal = 'MANIFEST_BLOB_UNKNOWN' | 'MANIFEST_UNKNOWN' | 'TAG_INVALID';

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

interface Content {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string; readonly mediaType: string }[];
}

/** What one repository holds; refuses incomplete images like a real registry. */
export class TestRepository {
  public readonly blobs = new Map<string, Buffer>();
  public readonly manifests = new Map<string, StoredManifest>();
  public readonly tags = new Map<string, string>();

  /** Puts a whole image there without any request. */
  public add(image: TestImage, tag?: string): void {
    image.children.forEach(child => this.add(child));
    image.blobs.forEach(blob => this.blobs.set(sha256(blob), blob));
    this.manifests.set(image.digest, image);
    if (tag !== undefined) this.tags.set(tag, image.digest);
  }

  /** The manifest behind a tag or digest. */
  public find(version: string): StoredManifest | undefined {
    return this.manifests.get(this.tags.get(version) ?? version);
  }

  /** Stores a manifest, unless something below it is missing or the tag must not move. */
  public put(version: string, mediaType: string, bytes: Buffer, immutable: boolean): Refusal | undefined {
    const digest = sha256(bytes);
    const { manifests = [], config, layers = [] }: Content = JSON.parse(bytes.toString());
    const blobs = [...(config === undefined ? [] : [config]), ...layers.filter(each => !each.mediaType.includes('nondistributable'))];
    if (!blobs.every(blob => this.blobs.has(blob.digest))) return 'MANIFEST_BLOB_UNKNOWN';
    if (!manifests.every(child => this.manifests.has(child.digest))) return 'MANIFEST_UNKNOWN';
    const isTag = !version.startsWith('sha256:');
    if (isTag && immutable && this.tags.has(version)) return 'TAG_INVALID';
    this.manifests.set(digest, { mediaType, bytes, digest });
    if (isTag) this.tags.set(version, digest);
    return undefined;
  }
}
