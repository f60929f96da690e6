import { forEachLimited } from './concurrency';
import { Descriptor } from './contract';
import { Failure } from './errors';
import { RawManifest, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** Content, and the repository that has it. */
export interface Located extends Descriptor {
  readonly from: RegistryClient;
}

/** A manifest and what it refers to. */
export interface Node {
  readonly manifest: RawManifest;
  /** @default - made here, so it is at no source */
  readonly from?: RegistryClient;
  /** Manifests of an index. */
  readonly children: readonly Located[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly Located[];
}

/** Everything that has to be in the destination before the root can be tagged. */
export interface ImageGraph {
  /** Manifests below the root that the destination lacks, each one after its own children. */
  readonly children: readonly RawManifest[];
  /** Blobs of the root and of these manifests, each one once. */
  readonly blobs: readonly Located[];
  /** All manifests below the root, whether the destination has them or not. */
  readonly below: readonly Located[];
}

const CONCURRENCY = 4;
const MAX_DEPTH = 8;
const MAX_MANIFESTS = 1000;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

/** Reads a manifest with its references. */
export async function readNode({ digest, size, mediaType, from }: Located): Promise<Node> {
  return nodeOf(await from.getManifest(digest, size), from, mediaType);
}

/**
 * What a manifest of a repository refers to.
 *
 * @param listedAs the media type that the parent index gives it, if it has a parent.
 */
export async function nodeOf(manifest: RawManifest, from: RegistryClient, listedAs?: string): Promise<Node> {
  const reading = { operation: 'read the manifest', version: manifest.digest };
  const { children, blobs } = await from.connection.saying(reading, () => readManifest(manifest, listedAs));
  // Only what is needed is kept: the rest of an entry can be large.
  const located = (list: readonly Descriptor[]) => list.map(({ mediaType, digest, size }) => ({ mediaType, digest, size, from }));
  return { manifest, from, children: located(children), blobs: located(blobs) };
}

/** Reads all that is below a manifest, leaving out what the destination has; without a destination nothing is left out. */
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
      // A registry accepts an index only after its children: what is there is complete.
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
  return { children: childrenFirst(root, nodes), blobs: unique(present.flatMap(node => node.blobs)), below: [...seen.values()] };
}

/** Post-order without the root. Digests cannot form a cycle, but a shared child can appear at several depths. */
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

function unique(located: readonly Located[]): Located[] {
  return [...new Map(located.map(each => [each.digest, each])).values()];
}
