import { Failure } from './errors';
import { Located, Node } from './graph';
import { parseObject } from './json';
import { MAX_MANIFEST_BYTES, newIndex, readManifest } from './manifest';
import { RegistryClient } from './registry-client';

/** An image of one platform (or of several already) at a source. */
export interface PlatformImage {
  readonly version: string;
  readonly from: RegistryClient;
}

/** An entry of an index, and where its manifest is. */
interface Entry {
  readonly json: Readonly<Record<string, unknown>>;
  readonly child: Located;
}

const MAX_NAME = 100;
const WHY_TWICE = 'Docker without BuildKit takes FROM scratch for one platform from the cache of another, and not every base image is there for every '
  + 'platform; mend the build, and delete this tag, because what is there is not built again';
// What builders attach to an image (provenance, for example) has this in the place of a platform.
const ATTACHMENT = 'unknown/unknown';

/**
 * An index of several images, in their order: only manifests are made, no layer is touched.
 *
 * @see https://github.com/opencontainers/image-spec/blob/v1.1.0/image-index.md
 */
export async function joinPlatforms(images: readonly PlatformImage[]): Promise<Node> {
  const entries: Entry[] = [];
  const taken = new Set<string>();
  for (const { version, from } of images) {
    for (const entry of await entriesOf(version, from)) {
      const platform = platformName(entry.json.platform);
      if (platform !== ATTACHMENT && taken.has(platform)) {
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
  const { os, architecture, variant, 'os.version': version } = (platform ?? {}) as Readonly<Record<string, unknown>>;
  // An arm64 without a variant is v8: https://github.com/containerd/platforms/blob/main/platforms.go
  const special = architecture === 'arm64' && variant === 'v8' ? undefined : variant;
  const parts = [os, architecture, special, version].filter(part => typeof part === 'string');
  return parts.length === 0 ? 'no platform' : parts.join('/').slice(0, MAX_NAME);
}
