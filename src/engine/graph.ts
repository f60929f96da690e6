import { forEachLimited } from './clock';
import { Descriptor, inlineContent } from './digest';
import { Failure } from './errors';
import { BlobDescriptor, RawManifest, mediaTypeOf, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** Content and the repository that has it. */
export interface Located extends Descriptor {
  readonly from: RegistryClient;
}

/** A configuration or layer, and the repository that should have it. */
export type LocatedBlob = Located & BlobDescriptor;

/** A manifest and its references. */
export interface Node {
  readonly manifest: RawManifest;
  readonly kind: 'image' | 'index';
  /** @default - created by this copy, so no source has it */
  readonly from?: RegistryClient;
  /** Manifests of an index. */
  readonly children: readonly Located[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly LocatedBlob[];
  /**
   * A description of the parts of the source that are deliberately left out.
   *
   * @default - none
   */
  readonly leftOut?: string;
}

/** Everything that must be at the destination before the root can be tagged. */
export interface ImageGraph {
  /** Manifests below the root that the destination lacks, each after its own children. */
  readonly children: readonly RawManifest[];
  /** Blobs of the root and of these manifests, each once. */
  readonly blobs: readonly LocatedBlob[];
  /** All manifests below the root, including those that the destination has. */
  readonly below: readonly Located[];
}

const CONCURRENCY = 4;
const MAX_DEPTH = 8;
/** The maximum number of manifests of one image. */
export const MAX_MANIFESTS = 1000;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

/** Reads a manifest with its references. */
export async function readNode(located: Located): Promise<Node> {
  const { digest, size, mediaType, from } = located;
  const bytes = inlineContent(located);
  const manifest = bytes === undefined ? await from.getManifest(digest, size) : await from.connection.saying(
    { operation: 'read the manifest', version: digest }, () => ({ bytes, digest, mediaType: mediaTypeOf(bytes, mediaType) }),
  );
  return nodeOf(manifest, from, mediaType);
}

/**
 * The references of a manifest of a repository.
 *
 * @param listedAs the media type in the parent index, if it has a parent.
 */
export async function nodeOf(manifest: RawManifest, from: RegistryClient, listedAs?: string): Promise<Node> {
  const reading = { operation: 'read the manifest', version: manifest.digest };
  const { kind, children, blobs } = await from.connection.saying(reading, () => readManifest(manifest, listedAs));
  const located = blobs.map(blob => ({ ...locate(blob, from), isForeign: blob.isForeign }));
  return { manifest, from, kind, children: children.map(child => locate(child, from)), blobs: located };
}

/** A descriptor and its repository. Other fields are not kept, because the rest of an entry can be large. */
export function locate({ mediaType, digest, size, data }: Descriptor, from: RegistryClient): Located {
  return { mediaType, digest, size, data, from };
}

/** Reads all manifests below a manifest, except those that the destination has. Without a destination, it reads all. */
export async function readGraph(root: Node, destination?: RegistryClient): Promise<ImageGraph> {
  const nodes = new Map<string, Node | undefined>([[root.manifest.digest, root]]);
  const seen = new Map<string, Located>();
  let level = root.children;
  let bytes = root.manifest.bytes.length;
  for (let depth = 1; level.length > 0; depth++) {
    const fresh = unique(level).filter(child => !nodes.has(child.digest));
    if (depth > MAX_DEPTH) await refuse(level[0], `indexes are nested deeper than ${MAX_DEPTH} levels`);
    if (nodes.size + fresh.length > MAX_MANIFESTS) await refuse(level[0], `it has more than ${MAX_MANIFESTS} manifests`);
    const below: Located[] = [];
    await forEachLimited(fresh, CONCURRENCY, async child => {
      seen.set(child.digest, child);
      // A registry accepts an index only after its children, so an existing one is complete.
      if (await destination?.findManifest(child.digest) === child.digest) {
        nodes.set(child.digest, undefined);
        return;
      }
      const node = await readNode(child);
      bytes += node.manifest.bytes.length;
      if (bytes > MAX_TOTAL_BYTES) await refuse(child, `its manifests are larger than ${MAX_TOTAL_BYTES} bytes`);
      nodes.set(child.digest, node);
      below.push(...node.children);
    });
    level = below;
  }
  const present = [...nodes.values()].filter(node => node !== undefined);
  // If a blob is both, it must not be missing.
  const blobs = present.flatMap(node => node.blobs).sort((one, other) => Number(other.isForeign) - Number(one.isForeign));
  return { children: childrenFirst(root, nodes), blobs: unique(blobs), below: [...seen.values()] };
}

/** The nodes below the root in post-order. Digests cannot form a cycle, but a shared child can appear at several depths. */
function childrenFirst(root: Node, nodes: ReadonlyMap<string, Node | undefined>): RawManifest[] {
  const ordered = new Map<string, RawManifest>();
  const visit = (node: Node) => {
    for (const { digest } of node.children) {
      const child = nodes.get(digest);
      if (child === undefined || ordered.has(digest)) continue;
      visit(child);
      ordered.set(digest, child.manifest);
    }
  };
  visit(root);
  return [...ordered.values()];
}

async function refuse({ from, digest }: Located, reason: string): Promise<void> {
  await from.connection.saying({ operation: 'read the index', version: digest }, () => { throw new Failure(reason); });
}

function unique<T extends Located>(located: readonly T[]): T[] {
  return [...new Map(located.map(each => [each.digest, each])).values()];
}
