import { TestRegistry } from './registry';
import { TestImage, sha256 } from './registry-images';
import { TestRepository, fieldsOf } from './registry-store';

/** An image exists with everything below it, byte for byte, and its tags are on it. */
export function expectWhole(repository: TestRepository, image: TestImage, ...tags: readonly string[]): void {
  const stored = repository.find(image.digest);
  expect(stored?.bytes.equals(image.bytes)).toBe(true);
  expect(stored?.mediaType).toBe(image.mediaType);
  expect(repository.missing(fieldsOf(image.bytes))).toEqual({ blobs: [], manifests: [] });
  expect(image.blobs.every(blob => repository.blobs.get(sha256(blob))?.equals(blob))).toBe(true);
  expect(tags.map(tag => repository.tags.get(tag))).toEqual(tags.map(() => image.digest));
  image.children.forEach(child => expectWhole(repository, child));
}

/** No registry has received credentials of another one, and no storage service any authorization. */
export function expectNoLeak(...registries: readonly TestRegistry[]): void {
  for (const registry of registries) {
    const others = registries.filter(other => other !== registry).flatMap(({ credentials }) => secretsOf(credentials));
    const seen = JSON.stringify(registry.requests);
    expect(others.filter(secret => seen.includes(secret))).toEqual([]);
    expect(registry.storage?.requests.filter(({ headers }) => headers.authorization !== undefined) ?? []).toEqual([]);
  }
}

function secretsOf(credentials: TestRegistry['credentials']): string[] {
  if (credentials === undefined) return [];
  const { username, password } = credentials;
  return [password, Buffer.from(`${username}:${password}`).toString('base64')];
}
