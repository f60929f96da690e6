import { createHash } from 'crypto';
import * as fs from 'fs';
import * as path from 'path';
import { Compression, compressionOf, TarArchive, TarFile, TarWriter, unpack } from './tar';
import { isObject } from '../../private/shape';
import { platformIn } from '../platform-names';

// The maximum size of configurations and manifests, as in registries.
const MAX_JSON = 4 * 1024 * 1024;
const MAX_DEPTH = 3;

const IMAGE_CONFIGURATIONS = ['application/vnd.oci.image.config.v1+json', 'application/vnd.docker.container.image.v1+json'];

type Json = { readonly [name: string]: unknown };

/** An image in an archive. */
export interface ArchivedImage {
  /** The digest of the configuration, which Docker uses as the image ID. */
  readonly id: string;
  /** Its names with tags, as the archive writes them. */
  readonly names: string[];
  /** @default - unknown */
  readonly platform?: string;
  /** The digest of the manifest. @default - unknown */
  readonly digest?: string;
  /** The files of the configuration and the layers. */
  readonly config: TarFile;
  readonly layers: TarFile[];
  /** Whether every version of Docker finds the image in the archive. Otherwise, only versions with the containerd image store find it. */
  readonly isForDocker: boolean;
}

/** The content of an archive. */
export interface ImageArchive {
  /** The images, each once; undefined if this library cannot read the archive, although Docker may be able to. */
  readonly images?: ArchivedImage[];
}

/** The reason why a file is not an image archive, as the end of a sentence. */
export class NoImageArchive extends Error {}

/**
 * Reads the images of an archive, and calls a function while the archive is open.
 *
 * @param file the archive, which may be compressed
 * @param folder a folder for the decompressed archive, which is deleted afterwards
 * @throws NoImageArchive
 */
export function readImageArchive<T>(file: string, folder: string, use: (archive: ImageArchive, tar?: TarArchive) => T): T {
  return withDescriptor(file, 'r', descriptor => {
    const compression = compressionOf(descriptor);
    if (compression === 'none') return useTar(descriptor, use);
    // Docker can read these formats, but Node.js cannot.
    if (compression === 'bzip2' || compression === 'xz') return use({});
    if (compression === 'unknown') throw new NoImageArchive('it is neither a tar archive nor a compressed one');
    return usePacked(descriptor, compression, folder, use);
  });
}

function usePacked<T>(
  descriptor: number, compression: Extract<Compression, 'gzip' | 'zstd'>, folder: string, use: (archive: ImageArchive, tar?: TarArchive) => T,
): T {
  const unpacked = fs.mkdtempSync(path.join(folder, '.unpacked-'));
  try {
    return withDescriptor(path.join(unpacked, 'tar'), 'w+', to => {
      const isRead = explaining(() => unpack(descriptor, compression, to));
      return isRead ? useTar(to, use) : use({});
    });
  } finally {
    fs.rmSync(unpacked, { recursive: true, force: true });
  }
}

function useTar<T>(descriptor: number, use: (archive: ImageArchive, tar?: TarArchive) => T): T {
  const tar = explaining(() => new TarArchive(descriptor));
  return use({ images: imagesIn(tar) }, tar);
}

function withDescriptor<T>(file: string, flags: string, use: (descriptor: number) => T): T {
  const descriptor = fs.openSync(file, flags);
  try {
    return use(descriptor);
  } finally {
    fs.closeSync(descriptor);
  }
}

function explaining<T>(read: () => T): T {
  try {
    return read();
  } catch (problem) {
    throw new NoImageArchive(`it cannot be read: ${(problem as Error).message}`);
  }
}

/** The images of an archive. Tools write `manifest.json` (Docker), `index.json` (OCI) or both. */
function imagesIn(tar: TarArchive): ArchivedImage[] | undefined {
  const [docker, oci] = [tar.find('manifest.json'), tar.find('index.json')];
  if (docker === undefined && oci === undefined) {
    // The format before Docker 1.10, which some versions still load.
    if (tar.find('repositories') !== undefined) return undefined;
    throw new NoImageArchive(tar.names.some(name => /^(etc|usr|bin)\//.test(name))
      ? 'it has the files of a container, but no image' : 'it has neither a manifest.json nor an index.json');
  }
  const images = new Map<string, ArchivedImage>();
  const found = [...docker ? dockerImages(tar, docker) : [], ...oci ? ociImages(tar, readJson(tar, oci), []) : []];
  for (const image of found) {
    const known = images.get(image.id);
    // For an image in both files, Docker uses the names in manifest.json.
    const more = image.isForDocker || !known?.isForDocker ? image.names : [];
    images.set(image.id, { ...known ?? image, names: [...new Set([...known?.names ?? [], ...more])], digest: known?.digest ?? image.digest });
  }
  if (images.size === 0) throw new NoImageArchive('it has no image');
  return [...images.values()];
}

function dockerImages(tar: TarArchive, manifest: TarFile): ArchivedImage[] {
  const entries = readJson(tar, manifest);
  if (!Array.isArray(entries)) throw new NoImageArchive('its manifest.json is not a list');
  return entries.map((entry: unknown) => {
    const { Config: config, Layers: layers, RepoTags: names } = isObject(entry) ? entry : {} as Json;
    return imageOf(tar, { config: String(config), layers: texts(layers), names: texts(names), isForDocker: true });
  });
}

/** The images of an index and of the indexes in it. Attestations, and images whose content is not in the archive, are left out. */
function ociImages(tar: TarArchive, index: unknown, names: string[], depth = 0): ArchivedImage[] {
  const entries = isObject(index) && Array.isArray(index.manifests) ? index.manifests.filter(isObject) : [];
  return entries.flatMap(entry => {
    const digest = String(entry.digest);
    const file = blobOf(tar, digest);
    const annotations = isObject(entry.annotations) ? entry.annotations : {};
    if (file === undefined || annotations['vnd.docker.reference.type'] !== undefined || depth >= MAX_DEPTH) return [];
    const name = annotations['io.containerd.image.name'] ?? annotations['org.opencontainers.image.ref.name'];
    const all = typeof name === 'string' ? [...names, name] : names;
    const json = readJson(tar, file);
    if (!isObject(json)) return [];
    if (Array.isArray(json.manifests)) return ociImages(tar, json, all, depth + 1);
    const { config, layers } = json;
    // Signatures and other artifacts have other configurations.
    if (!isObject(config) || !IMAGE_CONFIGURATIONS.includes(String(config.mediaType))) return [];
    const digests = Array.isArray(layers) ? layers.filter(isObject).map(layer => String(layer.digest)) : [];
    const image = imageOf(tar, { config: pathOf(String(config.digest)), layers: digests.map(pathOf), names: all, digest, isForDocker: false });
    return image.platform === 'unknown/unknown' ? [] : [image];
  });
}

interface Parts extends Pick<ArchivedImage, 'names' | 'digest' | 'isForDocker'> {
  readonly config: string;
  readonly layers: string[];
}

function imageOf(tar: TarArchive, { config, layers, ...rest }: Parts): ArchivedImage {
  const file = fileOf(tar, config);
  const bytes = tar.read(file, MAX_JSON);
  const json = parse(bytes, config);
  return {
    ...rest,
    id: `sha256:${createHash('sha256').update(bytes ?? '').digest('hex')}`,
    platform: isObject(json) ? platformIn(json) : undefined,
    config: file,
    layers: layers.map(layer => fileOf(tar, layer)),
  };
}

function fileOf(tar: TarArchive, name: string): TarFile {
  const file = tar.find(name);
  if (file === undefined) throw new NoImageArchive(`it names the file ${JSON.stringify(name)}, which is not in it`);
  return file;
}

function pathOf(digest: string): string {
  return `blobs/${digest.replace(':', '/')}`;
}

function blobOf(tar: TarArchive, digest: string): TarFile | undefined {
  return tar.find(pathOf(digest));
}

function readJson(tar: TarArchive, file: TarFile): unknown {
  return parse(tar.read(file, MAX_JSON), 'a manifest');
}

function parse(bytes: Buffer | undefined, what: string): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    throw new NoImageArchive(`${what} in it is not JSON`);
  }
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter(each => typeof each === 'string') : [];
}

/**
 * Writes an archive with one image, in the format that every version of Docker, Podman and containerd loads.
 *
 * @param name the only name of the image in it
 */
export function writeImage(tar: TarArchive, image: ArchivedImage, name: string, to: number): void {
  const writer = new TarWriter(to);
  const layers = image.layers.map((_, position) => `layer${position}.tar`);
  const manifest = Buffer.from(JSON.stringify([{ Config: 'config.json', RepoTags: [name], Layers: layers }]));
  writer.add({ name: 'manifest.json', size: manifest.length }, write => write(manifest));
  writer.add({ name: 'config.json', size: image.config.size }, write => tar.copy(image.config, write));
  image.layers.forEach((layer, position) => writer.add({ name: layers[position], size: layer.size }, write => tar.copy(layer, write)));
  writer.end();
}
