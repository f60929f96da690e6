import { digestOf } from './digest';
import { isObject, parseObject } from './json';
import { IMAGES, IndexEntry, RawManifest, newIndex, readManifest } from './manifest';
import { Referrer, addToFallbackTag } from './referrers';
import { RegistryClient } from './registry-client';

type Json = Readonly<Record<string, unknown>>;

/** The artifact type of a statement about an image. @see https://github.com/in-toto/attestation/blob/main/spec/v1/bundle.md */
const IN_TOTO = 'application/vnd.in-toto+json';
const PREDICATE_TYPE = 'in-toto.io/predicate-type';

/** The digest of the image that an index entry with attestations belongs to, as BuildKit writes it. */
export function attestedBy({ json: { annotations } }: IndexEntry): string | undefined {
  const digest = isObject(annotations) && annotations['vnd.docker.reference.type'] !== undefined ? annotations['vnd.docker.reference.digest'] : undefined;
  return typeof digest === 'string' ? digest : undefined;
}

/**
 * Turns the attestations in an index that BuildKit has pushed into referrers of its images. Only manifests are written, because the
 * statements are already in the repository.
 *
 * BuildKit lists attestations beside the image, so that even an image for one platform becomes an index, which Lambda does not accept.
 *
 * @returns the digest of the image without attestations.
 * @see https://docs.docker.com/build/metadata/attestations/attestation-storage/
 */
export async function detachAttestations(version: string, repository: RegistryClient): Promise<string> {
  const pushed = await repository.getManifest(version);
  const saying = { operation: 'read the attestations', version: pushed.digest };
  const { children } = await repository.connection.saying(saying, () => readManifest(pushed));
  const attestations = children.filter(entry => attestedBy(entry) !== undefined);
  if (attestations.length === 0) return pushed.digest;
  const images = children.filter(entry => !attestations.includes(entry));
  for (const image of images) {
    const statements = await statementsAbout(image, attestations, repository);
    for (const { manifest } of statements) await repository.putManifest(manifest.digest, manifest);
    await addToFallbackTag(image.digest, statements.map(({ referrer }) => referrer), repository);
  }
  if (images.length === 1) return images[0].digest;
  const index = newIndex(images.map(({ json }) => json));
  await repository.putManifest(index.digest, index);
  return index.digest;
}

/** A statement about an image, as a referrer of it. */
interface Statement {
  readonly manifest: RawManifest;
  readonly referrer: Referrer;
}

async function statementsAbout(image: IndexEntry, attestations: readonly IndexEntry[], repository: RegistryClient): Promise<Statement[]> {
  const statements: Statement[] = [];
  for (const { digest, size } of attestations.filter(entry => attestedBy(entry) === image.digest)) {
    const attestation = await repository.getManifest(digest, size);
    const { config, layers } = parseObject(attestation.bytes, 'the manifest');
    for (const layer of Array.isArray(layers) ? layers.filter(isObject) : []) statements.push(statement(image, config, layer));
  }
  return statements;
}

/** One referrer for each statement, so that clients can select provenance or bill of materials by its annotation. */
function statement({ mediaType: subjectType, digest, size }: IndexEntry, config: unknown, layer: Json): Statement {
  const [mediaType] = IMAGES;
  const predicate = isObject(layer.annotations) ? layer.annotations[PREDICATE_TYPE] : undefined;
  const annotations = typeof predicate === 'string' ? { [PREDICATE_TYPE]: predicate } : {};
  const bytes = Buffer.from(JSON.stringify({
    schemaVersion: 2, mediaType, artifactType: IN_TOTO, config, layers: [layer], subject: { mediaType: subjectType, digest, size }, annotations,
  }));
  const entry = { mediaType, digest: digestOf(bytes), size: bytes.length, artifactType: IN_TOTO, annotations };
  return { manifest: { mediaType, bytes, digest: entry.digest }, referrer: { ...entry, kind: IN_TOTO, json: entry } };
}
