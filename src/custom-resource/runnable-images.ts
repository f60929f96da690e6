import { EcrApi } from './ecr-api';
import { isRecord, records } from './json';
import { Manifest, StoredImage, manifestOf, readImage } from './stored-image';
import { shortText } from './text';

/** An image of one platform: what a scan looks at, and what runs. */
export interface RunnableImage {
  readonly digest: string;
  /** Of an image that is part of an index. */
  readonly platform?: string;
  /**
   * It has layers that the repository need not have: whoever runs the image downloads them from elsewhere.
   *
   * @default false
   */
  readonly hasForeignLayers?: boolean;
}

/** The platform of an image that does not say. */
export const UNNAMED_PLATFORM = 'an unnamed platform';

type Json = Readonly<Record<string, unknown>>;

/** An entry of an index: what it claims, and how deep the index is nested. */
interface Entry {
  readonly digest: string;
  readonly mediaType?: string;
  readonly platform: string;
  /** Builders give this platform to what they attach to an image. No runtime has it. */
  readonly isUnknown: boolean;
  readonly depth: number;
}

const DIGEST = /^sha256:[a-f0-9]{64}$/;
const FOREIGN = /^application\/vnd\.(?:docker\.image\.rootfs\.foreign|oci\.image\.layer\.nondistributable)\./;
// The limits of the copy, too.
const MAX_DEPTH = 8;
const MAX_MANIFESTS = 1000;
const MAX_BYTES = 32 * 1024 * 1024;

/**
 * The images that can run: all platforms of an index, because any of them may be chosen.
 *
 * Every entry is read, because media types, platforms and annotations of an index are only claims.
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
 * Whether a manifest has only statements about an image, its provenance for example.
 *
 * Nothing runs such layers: containerd and Docker refuse their media types.
 */
export function isAttestation({ json: { layers } }: Manifest): boolean {
  const types = records(layers).map(({ mediaType }) => String(mediaType));
  return types.length > 0 && types.every(type => type.startsWith('application/vnd.in-toto'));
}

/** A platform, for people. */
export function platformName(platform: unknown): string {
  const { os, architecture, variant } = isRecord(platform) ? platform : {};
  return [os, architecture, variant].map(part => shortText(part, 20)).filter(Boolean).join('/') || UNNAMED_PLATFORM;
}

function entriesOf(index: StoredImage, { json: { manifests } }: Manifest, depth: number): Entry[] {
  const entries: readonly unknown[] = Array.isArray(manifests) ? manifests : [];
  if (entries.length > MAX_MANIFESTS) throw tooMany(index);
  return entries.map(each => {
    const { digest, mediaType, platform }: Json = isRecord(each) ? each : {};
    if (typeof digest !== 'string' || !DIGEST.test(digest)) throw new Error(`the index ${index.digest} lists something without a digest`);
    const { os, architecture }: Json = isRecord(platform) ? platform : {};
    // Nothing else is kept, because it may be large.
    return { digest, mediaType: shortText(mediaType, 200), platform: platformName(platform), isUnknown: os === 'unknown' && architecture === 'unknown', depth };
  });
}

function tooMany({ digest }: StoredImage): Error {
  return new Error(`the index ${digest} has more than ${MAX_MANIFESTS} manifests`);
}

function hasForeignLayers({ json: { layers } }: Manifest): boolean {
  return records(layers).some(({ mediaType }) => FOREIGN.test(String(mediaType)));
}
