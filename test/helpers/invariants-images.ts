import { TestImage } from './registry-images';
import { TestRepository } from './registry-store';

interface Content {
  readonly manifests?: readonly { readonly digest: string }[];
  readonly config?: { readonly digest: string };
  readonly layers?: readonly { readonly digest: string }[];
}

/** I1: tags on an incomplete image. */
export function incompleteTags(repository: TestRepository): string[] {
  return [...repository.tags].flatMap(([tag, digest]) => missing(repository, digest).map(lost => `the tag ${tag} means an image that lacks ${lost}`));
}

/** I2: content that differs from the copied image. */
export function differences(repository: TestRepository, tag: string, image: TestImage): string[] {
  const digest = repository.tags.get(tag);
  return digest === image.digest ? differentParts(repository, image) : [`the tag ${tag} means ${digest} instead of ${image.digest}`];
}

function differentParts({ blobs, manifests }: TestRepository, { digest, bytes, mediaType, blobs: contents, children }: TestImage): string[] {
  const manifest = manifests.get(digest);
  const same = manifest !== undefined && manifest.bytes.equals(bytes) && manifest.mediaType === mediaType;
  const stored = [...blobs.values()];
  const lost = contents.filter(content => !stored.some(blob => blob.equals(content)));
  return [
    ...(same ? [] : [`the manifest ${digest} is another one`]),
    ...lost.map(({ length }) => `a blob of ${length} bytes is another one`),
    ...children.flatMap(child => differentParts({ blobs, manifests } as TestRepository, child)),
  ];
}

function missing(repository: TestRepository, digest: string): string[] {
  const manifest = repository.manifests.get(digest);
  if (manifest === undefined) return [digest];
  const { manifests = [], config, layers = [] }: Content = JSON.parse(manifest.bytes.toString());
  const blobs = [...(config === undefined ? [] : [config]), ...layers].map(each => each.digest);
  return [...blobs.filter(blob => !repository.blobs.has(blob)), ...manifests.flatMap(child => missing(repository, child.digest))];
}
