import { attestedBy } from './attestations';
import { formatReference } from './contract';
import { Failure, shown } from './errors';
import { Located, MAX_MANIFESTS, Node, locate } from './graph';
import { parseObject } from './json';
import { BlobDescriptor, CONFIGURATIONS, IndexEntry, MAX_MANIFEST_BYTES, RawManifest, indexOf, newIndex, readManifest, simplified } from './manifest';
import { ATTACHMENT_PLATFORM, Platform, formatPlatform, isSamePlatform, parsePlatform, readPlatform } from './platforms';
import { RegistryClient } from './registry-client';

/** An image of one platform (or of several already) at a source. */
export interface PlatformImage {
  readonly version: string;
  readonly from: RegistryClient;
}

type Json = Readonly<Record<string, unknown>>;

/** An entry of an index, and the location of its manifest. */
interface Entry {
  readonly json: Json;
  readonly child: Located;
}

const MAX_NAMES = 20;
/** The platform of content that may be for any, such as a nested index. It is always selected. */
const ANY: Platform = {};
const WHY_TWICE = 'If one of them was built for another platform, fix its build, and delete its tag, because an existing tag is not built again: Docker '
  + 'without BuildKit takes FROM scratch for one platform from the cache of another, and not every base image is there for every platform';

/**
 * Joins several images to one index, in their order. Only a manifest is created; layers stay unchanged.
 *
 * @param areBuilt whether this deployment built the images, so that the message for a wrong platform can name the build.
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
 */
export async function joinPlatforms(images: readonly PlatformImage[], areBuilt: boolean): Promise<Node> {
  const entries: Entry[] = [];
  const taken = new Map<string, PlatformImage>();
  let characters = 0;
  for (const image of images) {
    const { version, from } = image;
    for (const entry of await entriesOf(image)) {
      const platform = nameOf(entry.json.platform);
      const other = platform === ATTACHMENT_PLATFORM ? undefined : taken.get(platform);
      if (other !== undefined) {
        const same = formatReference(other.from.connection.repository, other.version);
        const reason = `another image is for ${shown(platform)} already, ${same}: name each platform once`;
        await refuse(from, 'join the platforms', version, areBuilt ? `${reason}. ${WHY_TWICE}` : reason);
      }
      taken.set(platform, image);
      entries.push(entry);
      // No registry would accept the index, and the entries of many large indexes would not fit into the memory.
      characters += JSON.stringify(entry.json).length;
      if (characters > MAX_MANIFEST_BYTES) await refuse(from, 'join the platforms', version, `the index of all platforms is larger than ${MAX_MANIFEST_BYTES} bytes`);
    }
  }
  return { manifest: newIndex(entries.map(({ json }) => json)), kind: 'index', children: entries.map(({ child }) => child), blobs: [] };
}

async function entriesOf({ version, from }: PlatformImage): Promise<Entry[]> {
  const manifest = await from.getManifest(version);
  const { digest, mediaType, bytes: { length: size } } = manifest;
  const { kind, children, blobs } = await from.connection.saying({ operation: 'read the manifest', version: digest }, () => readManifest(manifest));
  if (kind === 'index') {
    if (children.length === 0) await refuse(from, 'join the platforms', version, 'it is an index of no image');
    return children.map(child => ({ child: locate(child, from), json: child.json }));
  }
  const config = await from.getBlob(blobs[0], MAX_MANIFEST_BYTES);
  const platform = await from.connection.saying({ operation: 'read the platform', version }, () => {
    const given = parseObject(config, 'the configuration');
    const known = readPlatform(given);
    if (known.os === undefined || known.architecture === undefined) throw new Failure('its configuration does not name one');
    // Normalized names stay as they are, with the variant that the builder has written.
    const isUsual = given.os === known.os && given.architecture === known.architecture;
    const { architecture, os, variant } = isUsual ? given : known;
    const osVersion = given['os.version'];
    return {
      architecture, os, ...(typeof osVersion === 'string' && { 'os.version': osVersion }), ...(typeof variant === 'string' && { variant }),
    };
  });
  return [{ child: { mediaType, digest, size, from }, json: { mediaType, digest, size, platform } }];
}

/**
 * The part of an image for some platforms: an index of their images and of the attestations of these, with all other fields of the
 * original. An image of one platform, and an index of only these, stay as they are.
 *
 * @param names at least one, for example `linux/amd64`.
 */
export async function selectPlatforms(image: Node, from: RegistryClient, names: readonly string[]): Promise<Node> {
  const wanted = names.map(parsePlatform);
  if (image.kind === 'image') {
    await checkPlatform(image, from, wanted);
    return image;
  }
  const { manifest } = image;
  const entries = readManifest(manifest).children;
  if (entries.length > MAX_MANIFESTS) await refuse(from, 'select the platforms', manifest.digest, `it has more than ${MAX_MANIFESTS} manifests`);
  const platforms = await platformsIn(entries, from);
  const isIn = (own: Platform, asked: Platform) => own === ANY || isSamePlatform(asked, own);
  const missing = wanted.filter(each => ![...platforms.values()].some(own => isIn(own, each)));
  if (missing.length > 0) {
    await refuse(from, 'select the platforms', manifest.digest, `it has no image for ${named(missing)}, only for ${named([...platforms.values()])}`);
  }
  const chosen = new Set<string | undefined>([...platforms].filter(([, own]) => wanted.some(each => isIn(own, each))).map(([digest]) => digest));
  const kept = entries.filter(entry => chosen.has(entry.digest) || chosen.has(attestedBy(entry)));
  if (kept.length === entries.length) return image;
  const omitted = [...platforms].filter(([digest]) => !chosen.has(digest)).map(([, platform]) => platform);
  return {
    manifest: reduced(manifest, kept), kind: 'index', children: kept.map(entry => locate(entry, from)), blobs: [],
    leftOut: `${omitted.length === 0 ? 'attachments of unknown images' : from.connection.clean(named(omitted))}, and signatures of the complete index ${manifest.digest}`,
  };
}

async function checkPlatform({ manifest, blobs: [config] }: Node, from: RegistryClient, wanted: readonly Platform[]): Promise<void> {
  const platform = await platformOf(config, from);
  if (platform === undefined || wanted.some(each => isSamePlatform(each, platform))) return;
  await refuse(from, 'select the platforms', manifest.digest, `it has no image for ${named(wanted)}, only for ${named([platform])}`);
}

/** The platforms of the images in an index, by digest, without attachments. */
async function platformsIn(entries: readonly IndexEntry[], from: RegistryClient): Promise<ReadonlyMap<string, Platform>> {
  const platforms = new Map<string, Platform>();
  for (const entry of entries) {
    const platform = readPlatform(entry.json.platform);
    const name = formatPlatform(platform);
    if (name === ATTACHMENT_PLATFORM || attestedBy(entry) !== undefined) continue;
    platforms.set(entry.digest, name === '' ? await platformBelow(entry, from) : platform);
  }
  return platforms;
}

/** The platform of an index entry that does not name it. */
async function platformBelow({ digest, size, mediaType }: IndexEntry, from: RegistryClient): Promise<Platform> {
  const manifest = await from.getManifest(digest, size);
  const { kind, blobs: [config] } = await from.connection.saying({ operation: 'read the manifest', version: digest }, () => readManifest(manifest, mediaType));
  return kind === 'index' ? ANY : await platformOf(config, from) ?? ANY;
}

/** The platform in the configuration of an image; undefined for other configurations. */
async function platformOf(config: BlobDescriptor, from: RegistryClient): Promise<Platform | undefined> {
  if (!CONFIGURATIONS.includes(simplified(config.mediaType))) return undefined;
  const bytes = await from.getBlob(config, MAX_MANIFEST_BYTES);
  const platform = await from.connection.saying({ operation: 'read the platform', version: config.digest }, () => readPlatform(parseObject(bytes, 'the configuration')));
  return platform.os === undefined || platform.architecture === undefined ? undefined : platform;
}

function reduced({ bytes, mediaType }: RawManifest, kept: readonly IndexEntry[]): RawManifest {
  return indexOf({ ...parseObject(bytes, 'the manifest'), manifests: kept.map(({ json }) => json) }, mediaType);
}

async function refuse(from: RegistryClient, operation: string, version: string, reason: string): Promise<void> {
  await from.connection.saying({ operation, version }, () => { throw new Failure(reason); });
}

function named(platforms: readonly Platform[]): string {
  const all = [...new Set(platforms.map(platform => shown(formatPlatform(platform))))];
  return (all.slice(0, MAX_NAMES).join(', ') || 'no platform') + (all.length > MAX_NAMES ? ' and others' : '');
}

function nameOf(platform: unknown): string {
  return formatPlatform(readPlatform(platform)) || 'no platform';
}
