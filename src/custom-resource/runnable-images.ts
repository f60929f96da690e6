import { EcrApi, Manifest, StoredImage, manifestOf, readImage } from './ecr';
import { shortText } from './text';
import { isObject, records } from '../engine/json';
import { isForeign } from '../engine/manifest';

/** An image of one platform, which can be scanned and run. */
export interface RunnableImage {
  readonly digest: string;
  /** @default - the image is not part of an index */
  readonly platform?: string;
  /**
   * Whether it has layers that may not be in the repository. They are downloaded from elsewhere when the image runs.
   *
   * @default false
   */
  readonly hasForeignLayers?: boolean;
}

/** The platform in messages about an image without a platform. */
export const UNNAMED_PLATFORM = 'an unnamed platform';

type Json = Readonly<Record<string, unknown>>;

/** An entry of an index: its claims, and the depth of the index. */
interface IndexEntry {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform: string;
  /** Whether the platform is the one that builders use for attachments. No runtime has it. */
  readonly isUnknown: boolean;
  readonly depth: number;
}

const DIGEST = /^sha256:[a-f0-9]{64}$/;
// The same limits as for copies.
const MAX_DEPTH = 8;
const MAX_MANIFESTS = 1000;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The images that can run: all platforms of an index, because each of them may be chosen.
 *
 * Every entry is read, because media types, platforms and annotations in an index are only claims.
 */
export async function runnableImages(ecr: EcrApi, image: StoredImage): Promise<RunnableImage[]> {
  const root = manifestOf(image);
  if (root.kind !== 'index') return [{ digest: image.digest, hasForeignLayers: hasForeignLayers(root) }];
  const queue = entriesOf(image, root, 1);
  const seen = new Set<string>();
  const found: RunnableImage[] = [];
  let bytes = image.manifest.length;
  for (const { depth, ...entry } of queue) {
    const key = JSON.stringify(entry);
    if (seen.has(key)) continue;
    seen.add(key);
    const child = await readImage(ecr, entry.digest);
    bytes += child.manifest.length;
    if (bytes > MAX_BYTES) throw new Error(`the manifests of the index ${image.digest} are larger than ${MAX_BYTES} bytes`);
    const manifest = manifestOf(child, entry.mediaType);
    if (manifest.kind === 'index') {
      if (depth === MAX_DEPTH) throw new Error(`indexes are nested deeper than ${MAX_DEPTH} levels`);
      queue.push(...entriesOf(child, manifest, depth + 1));
      if (queue.length > MAX_MANIFESTS) throw tooMany(image);
    } else if (!(entry.isUnknown && isAttestation(manifest))) {
      found.push({ digest: entry.digest, platform: entry.platform, hasForeignLayers: hasForeignLayers(manifest) });
    }
  }
  if (found.length === 0) throw new Error(`the index ${image.digest} has no image that can run`);
  return found;
}

/**
 * Whether a manifest contains only attestations of an image, for example its provenance.
 *
 * Such layers never run, because containerd and Docker reject their media types.
 */
export function isAttestation({ json: { layers } }: Manifest): boolean {
  const types = records(layers).map(({ mediaType }) => String(mediaType));
  return types.length > 0 && types.every(type => type.startsWith('application/vnd.in-toto'));
}

/** A platform for messages. */
export function platformName(platform: unknown): string {
  const { os, architecture, variant } = isObject(platform) ? platform : {};
  return [os, architecture, variant].map(part => shortText(part, 20)).filter(Boolean).join('/') || UNNAMED_PLATFORM;
}

function entriesOf(index: StoredImage, { json: { manifests } }: Manifest, depth: number): IndexEntry[] {
  const entries: readonly unknown[] = Array.isArray(manifests) ? manifests : [];
  if (entries.length > MAX_MANIFESTS) throw tooMany(index);
  return entries.map(each => {
    const { digest, mediaType, platform }: Json = isObject(each) ? each : {};
    if (typeof digest !== 'string' || !DIGEST.test(digest)) throw new Error(`the index ${index.digest} lists something without a digest`);
    // Other fields are not kept, because they may be large.
    const { os, architecture }: Json = isObject(platform) ? platform : {};
    return { digest, mediaType: shortText(mediaType, 200), platform: platformName(platform), isUnknown: os === 'unknown' && architecture === 'unknown', depth };
  });
}

function tooMany({ digest }: StoredImage): Error {
  return new Error(`the index ${digest} has more than ${MAX_MANIFESTS} manifests`);
}

function hasForeignLayers({ json: { layers } }: Manifest): boolean {
  return records(layers).some(({ mediaType }) => isForeign(String(mediaType)));
}
