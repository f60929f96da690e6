import { createHash } from 'crypto';
import * as fs from 'fs';
import * as os from 'os';
import * as path from 'path';
import { gzipSync } from 'zlib';
import { TarWriter } from '../../src/image/sources/tar';

/** An image in an archive of a test. */
export interface TestImage {
  readonly names?: string[];
  /** @default 'amd64' */
  readonly architecture?: string;
  readonly variant?: string;
  /** @default 'linux' */
  readonly os?: string;
  /** The text of the only layer, which is not a real layer. @default 'layer' */
  readonly text?: string;
}

/** The content of files by their paths. */
export interface Files {
  readonly [path: string]: string;
}

export const sha256 = (text: string | Buffer) => createHash('sha256').update(text).digest('hex');

const configOf = ({ architecture = 'amd64', variant, os: system = 'linux', text = 'layer' }: TestImage) =>
  JSON.stringify({ architecture, os: system, variant, rootfs: { type: 'layers', diff_ids: [`sha256:${sha256(text)}`] } });

/** The image ID in Docker. */
export const idOf = (image: TestImage) => `sha256:${sha256(configOf(image))}`;

/** The files of `docker save`. */
export function dockerFiles(...images: TestImage[]): Files {
  const files: { [path: string]: string } = {};
  const entries = images.map(image => {
    const { text = 'layer', names = [] } = image;
    const config = configOf(image);
    files[`${sha256(config)}.json`] = config;
    files[`${sha256(text)}/layer.tar`] = text;
    return { Config: `${sha256(config)}.json`, RepoTags: names, Layers: [`${sha256(text)}/layer.tar`] };
  });
  return { ...files, 'manifest.json': JSON.stringify(entries) };
}

/** A descriptor, and the blobs below it. */
interface Stored {
  readonly descriptor: object;
  readonly blobs: Files;
}

const stored = (mediaType: string, content: string, more: object = {}, blobs: Files = {}): Stored => ({
  descriptor: { mediaType, digest: `sha256:${sha256(content)}`, size: content.length, ...more },
  blobs: { ...blobs, [`blobs/sha256/${sha256(content)}`]: content },
});

/** An image as a manifest with its blobs. */
export function manifestOf(image: TestImage, more: object = {}): Stored {
  const config = stored('application/vnd.oci.image.config.v1+json', configOf(image));
  const layer = stored('application/vnd.oci.image.layer.v1.tar', image.text ?? 'layer');
  const manifest = JSON.stringify({ schemaVersion: 2, config: config.descriptor, layers: [layer.descriptor] });
  const { names: [name] = [] } = image;
  const annotations = name === undefined ? undefined : { 'org.opencontainers.image.ref.name': name };
  return stored('application/vnd.oci.image.manifest.v1+json', manifest, { annotations, ...more }, { ...config.blobs, ...layer.blobs });
}

/** An index of manifests, as a blob. */
export function indexOf(children: Stored[], more: object = {}): Stored {
  const json = JSON.stringify({ schemaVersion: 2, manifests: children.map(({ descriptor }) => descriptor) });
  return stored('application/vnd.oci.image.index.v1+json', json, more, Object.assign({}, ...children.map(({ blobs }) => blobs)));
}

/** The files of an OCI archive. */
export function ociFiles(...children: Stored[]): Files {
  return {
    ...Object.assign({}, ...children.map(({ blobs }) => blobs)),
    'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    'index.json': JSON.stringify({ schemaVersion: 2, manifests: children.map(({ descriptor }) => descriptor) }),
  };
}

/** Writes files into a tar archive. Returns its path. */
export function archiveOf(files: Files, name = 'image.tar'): string {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'archive-')), name);
  const descriptor = fs.openSync(file, 'w');
  const writer = new TarWriter(descriptor);
  for (const [place, text] of Object.entries(files)) writer.add({ name: place, size: Buffer.byteLength(text) }, write => write(Buffer.from(text)));
  writer.end();
  fs.closeSync(descriptor);
  return file;
}

/** An archive of `docker save`. */
export const dockerArchive = (...images: TestImage[]) => archiveOf(dockerFiles(...images.length === 0 ? [{ names: ['web:latest'] }] : images));

/** The same archive, compressed with gzip. */
export function gzipped(file: string): string {
  fs.writeFileSync(`${file}.gz`, gzipSync(fs.readFileSync(file)));
  return `${file}.gz`;
}
