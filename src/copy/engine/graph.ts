import { forEachLimited } from './concurrency';
import { Descriptor } from './contract';
import { Failure } from './errors';
import { ManifestContent, RawManifest, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** Everything that has to be in the destination before the image can be tagged. */
export interface ImageGraph {
  readonly root: RawManifest;
  /** Manifests below the root that the destination lacks, each one after its own children. */
  readonly children: readonly RawManifest[];
  /** Blobs of all these manifests, each one once. */
  readonly blobs: readonly Descriptor[];
}

interface Node extends ManifestContent {
  readonly manifest: RawManifest;
}

const MAX_DEPTH = 8;
const MAX_MANIFESTS = 1000;
const MAX_TOTAL_BYTES = 32 * 1024 * 1024;

/** Reads an image from the source, leaving out what the destination has already. */
export async function readGraph(digest: string, source: RegistryClient, destination: RegistryClient, concurrency: number): Promise<ImageGraph> {
  const nodes = new Map<string, Node | undefined>();
  const root = await readNode({ digest }, source);
  nodes.set(digest, root);
  let level: readonly Descriptor[] = root.children;
  let bytes = root.manifest.bytes.length;
  for (let depth = 1; level.length > 0; depth++) {
    await refuseUnless(depth <= MAX_DEPTH, `indexes are nested deeper than ${MAX_DEPTH} levels`, digest, source);
    const fresh = unique(level).filter(child => !nodes.has(child.digest));
    await refuseUnless(nodes.size + fresh.length <= MAX_MANIFESTS, `it has more than ${MAX_MANIFESTS} manifests`, digest, source);
    const below: Descriptor[] = [];
    await forEachLimited(fresh, concurrency, async child => {
      // A registry accepts an index only after its children: what is there is complete.
      if (await destination.findManifest(child.digest) === child.digest) {
        nodes.set(child.digest, undefined);
        return;
      }
      const node = await readNode(child, source);
      bytes += node.manifest.bytes.length;
      await refuseUnless(bytes <= MAX_TOTAL_BYTES, `its manifests are larger than ${MAX_TOTAL_BYTES} bytes`, digest, source);
      nodes.set(child.digest, node);
      below.push(...node.children);
    });
    level = below;
  }
  const present = [...nodes.values()].filter(node => node !== undefined);
  return { root: root.manifest, children: childrenFirst(root, nodes), blobs: unique(present.flatMap(node => node.blobs)) };
}

async function readNode({ digest, size }: Pick<Descriptor, 'digest'> & Partial<Descriptor>, source: RegistryClient): Promise<Node> {
  const manifest = await source.getManifest(digest, size);
  const reading = { operation: 'read the manifest', version: digest };
  return { manifest, ...await source.connection.saying(reading, () => readManifest(manifest)) };
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

async function refuseUnless(condition: boolean, reason: string, digest: string, source: RegistryClient): Promise<void> {
  const reading = { operation: 'read the index', version: digest };
  if (!condition) await source.connection.saying(reading, () => { throw new Failure(reason); });
}

function unique(descriptors: readonly Descriptor[]): Descriptor[] {
  return [...new Map(descriptors.map(descriptor => [descriptor.digest, descriptor])).values()];
}
