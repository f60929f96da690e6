import { TestImage, digest, sha256 } from './registry-images';

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** The fields that a registry reads in a manifest. */
export interface ManifestFields {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string; readonly mediaType: string }[];
  readonly subject?: { readonly digest: string };
}

/** Digests in a manifest that the repository does not have. */
export interface Missing {
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
}

/** The content of one repository. */
export class TestRepository {
  /** By their sha256 digest, for any digest at the push. */
  public readonly blobs = new Map<string, Buffer>();
  /** Other digests of blobs, with their sha256 digests. */
  private readonly aliases = new Map<string, string>();
  public readonly manifests = new Map<string, StoredManifest>();
  public readonly tags = new Map<string, string>();
  /** Digests of archived images: they cannot be read until they are pushed again. */
  public readonly archived = new Set<string>();
  public encryptionKey = 'AES256';

  /** Stores a whole image without any request. */
  public add(image: TestImage, tag?: string): void {
    image.children.forEach(child => this.add(child));
    image.blobs.forEach(blob => this.keep(blob, digest(blob, 'sha512')));
    this.manifests.set(image.digest, image);
    if (tag !== undefined) this.tags.set(tag, image.digest);
  }

  /** The manifest of a tag or digest, unless it is archived. */
  public find(version: string): StoredManifest | undefined {
    const found = this.tags.get(version) ?? version;
    return this.archived.has(found) ? undefined : this.manifests.get(found);
  }

  /** Stores a blob that can be requested by a digest of either algorithm. */
  public keep(bytes: Buffer, asked: string): void {
    this.blobs.set(sha256(bytes), bytes);
    this.aliases.set(asked, sha256(bytes));
  }

  /** A blob, by sha256 or another digest. */
  public blob(asked: string): Buffer | undefined {
    return this.blobs.get(asked) ?? this.blobs.get(this.aliases.get(asked) ?? '');
  }

  /** The parts that must exist before a manifest is complete. A subject can be pushed later; foreign layers are never here. */
  public missing({ manifests, config, layers }: ManifestFields): Missing {
    const own = (layers ?? []).filter(({ mediaType }) => !/nondistributable|foreign/.test(mediaType));
    return {
      blobs: [...(config ? [config] : []), ...own].map(each => each.digest).filter(each => this.blob(each) === undefined),
      manifests: (manifests ?? []).map(each => each.digest).filter(each => this.find(each) === undefined),
    };
  }

  /** Stores a manifest without changes. */
  public store(manifest: StoredManifest, tag?: string): void {
    this.archived.delete(manifest.digest);
    this.manifests.set(manifest.digest, manifest);
    if (tag !== undefined) this.tags.set(tag, manifest.digest);
  }

  /** Whether an image of this repository has a blob. */
  public refersTo(blob: string): boolean {
    return [...this.manifests.values()].some(({ bytes }) => {
      const { config, layers = [] } = fieldsOf(bytes);
      return [config, ...layers].some(each => each?.digest === blob);
    });
  }

  /** Manifests that have a digest as their subject. */
  public referrers(subject: string): StoredManifest[] {
    return [...this.manifests.values()].filter(({ bytes }) => fieldsOf(bytes).subject?.digest === subject);
  }
}

/** The fields of a manifest. */
export function fieldsOf(bytes: Buffer): ManifestFields {
  return JSON.parse(bytes.toString());
}
