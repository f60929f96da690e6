import { cpSync, existsSync, linkSync, mkdirSync, readFileSync, readdirSync } from 'node:fs';
import * as path from 'node:path';
import { PushedImage } from './images';

const ROOT = path.join('docker', 'registry', 'v2');

/**
 * Copies the storage of a registry fast: blobs, which never change, become hard links.
 *
 * So every run begins with the same content, whatever the previous run changed.
 */
export function cloneStorage(from: string, to: string): void {
  const repositories = path.join(ROOT, 'repositories');
  if (existsSync(path.join(from, repositories))) cpSync(path.join(from, repositories), path.join(to, repositories), { recursive: true });
  linkFiles(path.join(from, ROOT, 'blobs'), path.join(to, ROOT, 'blobs'));
}

/** The digests of the tags of a repository. */
export function taggedDigests(storage: string, repository: string): string[] {
  const tags = path.join(storage, ROOT, 'repositories', repository, '_manifests', 'tags');
  if (!existsSync(tags)) return [];
  return readdirSync(tags).map(tag => readFileSync(path.join(tags, tag, 'current', 'link'), 'utf8'));
}

/** The missing parts of an image in a repository, `undefined` if it has a tag and all blobs. */
export function whyIncomplete(storage: string, repository: string, image: PushedImage): string | undefined {
  if (!taggedDigests(storage, repository).includes(image.digest)) return 'no tag names the image';
  const missing = image.blobs.filter(({ digest }) => !hasBlob(storage, repository, digest));
  return missing.length === 0 ? undefined : `${missing.length} blobs are missing`;
}

/** Whether a repository has a blob: the registry keeps the bytes once for all its repositories, and a link in each. */
function hasBlob(storage: string, repository: string, digest: string): boolean {
  const hex = digest.slice('sha256:'.length);
  return existsSync(path.join(storage, ROOT, 'repositories', repository, '_layers', 'sha256', hex, 'link'))
    && existsSync(path.join(storage, ROOT, 'blobs', 'sha256', hex.slice(0, 2), hex, 'data'));
}

function linkFiles(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const entry of readdirSync(from, { withFileTypes: true })) {
    const [source, target] = [path.join(from, entry.name), path.join(to, entry.name)];
    if (entry.isDirectory()) linkFiles(source, target);
    else linkSync(source, target);
  }
}
