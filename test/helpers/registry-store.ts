import { TestImage, digest, sha256 } from './registry-images';

/** A manifest as it was pushed. */
export interface StoredManifest {
  readonly mediaType: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** What a registry reads in a manifest. */
export interface ManifestFields {
  readonly mediaType?: string;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string; readonly mediaType: string };
  readonly layers?: readonly { readonly digest: string; readonly mediaType: string }[];
  readonly subject?: { readonly digest: string };
}

/** Digests that a manifest names and the repository lacks. */
export interface Missing {
  readonly blobs: readonly string[];
  readonly manifests: readonly string[];
}

/** What one repository holds. */
export class TestRepository {
  /** By their sha256 digest, whatever they were pushed as. */
  public readonly blobs = new Map<string, Buffer>();
  /** Other digests that blobs are known by, with their sha256 digests. */
  private readonly aliases = new Map<string, string>();
  public readonly manifests = new Map<string, StoredManifest>();
  public readonly tags = new Map<string, string>();
  /** Digests of images that were put away: they cannot be read until they are pushed again. */
  public readonly archived = new Set<string>();
  public encryptionKey = 'AES256';

  /** Puts a whole image there without any request. */
  public add(image: TestImage, tag?: string): void {
    image.children.forEach(child => this.add(child));
    image.blobs.forEach(blob => this.keep(blob, digest(blob, 'sha512')));
    this.manifests.set(image.digest, image);
    if (tag !== undefined) this.tags.set(tag, image.digest);
  }

  /** The manifest behind a tag or digest, unless it is archived. */
  public find(version: string): StoredManifest | undefined {
    const found = this.tags.get(version) ?? version;
    return this.archived.has(found) ? undefined : this.manifests.get(found);
  }

  /** Stores a blob that will be asked for by a digest of either algorithm. */
  public keep(bytes: Buffer, asked: string): void {
    this.blobs.set(sha256(bytes), bytes);
    this.aliases.set(asked, sha256(bytes));
  }

  /** A blob, by sha256 or by what else it is known by. */
  public blob(asked: string): Buffer | undefined {
    return this.blobs.get(asked) ?? this.blobs.get(this.aliases.get(asked) ?? '');
  }

  /** What has to be here before a manifest is complete. A subject may come later; foreign layers are never here. */
  public missing({ manifests, config, layers }: ManifestFields): Missing {
    const own = (layers ?? []).filter(({ mediaType }) => !/nondistributable|foreign/.test(mediaType));
    return {
      blobs: [...(config ? [config] : []), ...own].map(each => each.digest).filter(each => this.blob(each) === undefined),
      manifests: (manifests ?? []).map(each => each.digest).filter(each => this.find(each) === undefined),
    };
  }

  /** Stores a manifest as it is. */
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
