import { forEachLimited } from './clock';
import { Descriptor } from './digest';
import { Failure } from './errors';
import { parseObject } from './json';
import { RawManifest, readManifest, MAX_MANIFEST_BYTES, newIndex } from './manifest';
import { ATTACHMENT_PLATFORM, formatPlatform, readPlatform } from './platforms';
import { RegistryClient } from './registry-client';

/** Content and the repository that has it. */
export interface Located extends Descriptor {
  readonly from: RegistryClient;
}

/** A manifest and its references. */
export interface Node {
  readonly manifest: RawManifest;
  /** @default - created by this copy, so no source has it */
  readonly from?: RegistryClient;
  /** Manifests of an index. */
  readonly children: readonly Located[];
  /** Configuration and layers of an image. */
  readonly blobs: readonly Located[];
}

/** Everything that must be at the destination before the root can be tagged. */
export interface ImageGraph {
  /** Manifests below the root that the destination lacks, each after its own children. */
  readonly children: readonly RawManifest[];
  /** Blobs of the root and of these manifests, each once. */
  readonly blobs: readonly Located[];
  /** All manifests below the root, including those that the destination has. */
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
 * The references of a manifest of a repository.
 *
 * @param listedAs the media type that the parent index gives it, if it has a parent.
 */
export async function nodeOf(manifest: RawManifest, from: RegistryClient, listedAs?: string): Promise<Node> {
  const reading = { operation: 'read the manifest', version: manifest.digest };
  const { children, blobs } = await from.connection.saying(reading, () => readManifest(manifest, listedAs));
  // Only these fields are kept, because the rest of an entry can be large.
  const located = (list: readonly Descriptor[]) => list.map(({ mediaType, digest, size }) => ({ mediaType, digest, size, from }));
  return { manifest, from, children: located(children), blobs: located(blobs) };
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
  return { children: childrenFirst(root, nodes), blobs: unique(present.flatMap(node => node.blobs)), below: [...seen.values()] };
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

function unique(located: readonly Located[]): Located[] {
  return [...new Map(located.map(each => [each.digest, each])).values()];
}

/** An image of one platform (or of several already) at a source. */
export interface PlatformImage {
  readonly version: string;
  readonly from: RegistryClient;
}

/** An entry of an index, and the location of its manifest. */
interface Entry {
  readonly json: Readonly<Record<string, unknown>>;
  readonly child: Located;
}

const MAX_NAME = 100;
const WHY_TWICE = 'Docker without BuildKit takes FROM scratch for one platform from the cache of another, and not every base image is there for every '
  + 'platform; fix the build, and delete this tag, because an existing tag is not built again';

/**
 * Joins several images to one index, in their order. Only a manifest is created; layers stay unchanged.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
 */
export async function joinPlatforms(images: readonly PlatformImage[]): Promise<Node> {
  const entries: Entry[] = [];
  const taken = new Set<string>();
  for (const { version, from } of images) {
    for (const entry of await entriesOf(version, from)) {
      const platform = platformName(entry.json.platform);
      if (platform !== ATTACHMENT_PLATFORM && taken.has(platform)) {
        await from.connection.saying({ operation: 'join the platforms', version }, () => {
          throw new Failure(`another image is for ${platform} already: ${WHY_TWICE}`);
        });
      }
      taken.add(platform);
      entries.push(entry);
    }
  }
  return { manifest: newIndex(entries.map(({ json }) => json)), children: entries.map(({ child }) => child), blobs: [] };
}

async function entriesOf(version: string, from: RegistryClient): Promise<Entry[]> {
  const manifest = await from.getManifest(version);
  const { digest, mediaType, bytes: { length: size } } = manifest;
  const { kind, children, blobs } = await from.connection.saying({ operation: 'read the manifest', version: digest }, () => readManifest(manifest));
  if (kind === 'index') {
    if (children.length === 0) {
      await from.connection.saying({ operation: 'join the platforms', version }, () => { throw new Failure('it is an index of no image'); });
    }
    return children.map(({ json, ...child }) => ({ child: { ...child, from }, json }));
  }
  const config = await from.getBlob(blobs[0], MAX_MANIFEST_BYTES);
  const platform = await from.connection.saying({ operation: 'read the platform', version }, () => {
    const { architecture, os, variant, ...rest } = parseObject(config, 'the configuration');
    if (typeof architecture !== 'string' || typeof os !== 'string') throw new Failure('its configuration does not name one');
    const osVersion = rest['os.version'];
    return {
      architecture, os, ...(typeof osVersion === 'string' && { 'os.version': osVersion }), ...(typeof variant === 'string' && { variant }),
    };
  });
  return [{ child: { mediaType, digest, size, from }, json: { mediaType, digest, size, platform } }];
}

function platformName(platform: unknown): string {
  return formatPlatform(readPlatform(platform)).slice(0, MAX_NAME) || 'no platform';
}
