import { createCipheriv, createHash } from 'node:crypto';
import { request } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A layer: one file of incompressible bytes, the same ones for the same seed. */
export interface LayerSpec {
  readonly seed: string;
  readonly bytes: number;
}

/** An image in a registry. */
export interface PushedImage {
  readonly digest: string;
  readonly blobs: readonly Descriptor[];
}

interface Descriptor {
  readonly mediaType: string;
  readonly size: number;
  readonly digest: string;
}

interface PushedLayer extends Descriptor {
  readonly diffId: string;
}

/** Images of the benchmark have this label, so that leftovers can be found in a Docker engine. */
export const IMAGE_LABEL = 'cdk-container-delivery.bench';

const MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const CONFIG = 'application/vnd.docker.container.image.v1+json';
const LAYER = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
const CHUNK = 1024 * 1024;

/** Creates images and pushes them into one registry, without holding a layer in memory. */
export class ImagePusher {
  private readonly layers = new Map<string, { readonly layer: PushedLayer; readonly repository: string }>();

  constructor(private readonly origin: string) {}

  public async push(repository: string, tags: (digest: string) => readonly string[], specs: readonly LayerSpec[]): Promise<PushedImage> {
    const layers: PushedLayer[] = [];
    for (const spec of specs) layers.push(await this.pushLayer(repository, spec));
    const config = Buffer.from(JSON.stringify({
      architecture: process.arch === 'arm64' ? 'arm64' : 'amd64',
      os: 'linux',
      config: { Labels: { [IMAGE_LABEL]: 'true' } },
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
    }));
    const configDescriptor = { mediaType: CONFIG, size: config.length, digest: sha256(config) };
    await this.upload(repository, Readable.from([config]), async () => configDescriptor.digest);
    const descriptors = layers.map(({ mediaType, size, digest }) => ({ mediaType, size, digest }));
    const manifest = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: MANIFEST, config: configDescriptor, layers: descriptors }));
    const digest = sha256(manifest);
    for (const tag of tags(digest)) await this.send('PUT', `/v2/${repository}/manifests/${tag}`, Readable.from([manifest]), MANIFEST);
    return { digest, blobs: [configDescriptor, ...descriptors] };
  }

  private async pushLayer(repository: string, spec: LayerSpec): Promise<PushedLayer> {
    const known = this.layers.get(spec.seed);
    if (known !== undefined) {
      await this.send('POST', `/v2/${repository}/blobs/uploads/?mount=${known.layer.digest}&from=${known.repository}`);
      return known.layer;
    }
    const [diff, blob] = [createHash('sha256'), createHash('sha256')];
    let size = 0;
    const bytes = new PassThrough({ highWaterMark: 4 * CHUNK });
    // Level 0 wraps the bytes in gzip without compression.
    const compressed = pipeline(
      Readable.from(tar(spec, chunk => diff.update(chunk))),
      createGzip({ level: 0, chunkSize: CHUNK }),
      async function* (chunks: AsyncIterable<Buffer>) {
        for await (const chunk of chunks) {
          blob.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      bytes,
    );
    const digest = await this.upload(repository, bytes, async () => compressed.then(() => `sha256:${blob.digest('hex')}`));
    const layer = { mediaType: LAYER, size, digest, diffId: `sha256:${diff.digest('hex')}` };
    this.layers.set(spec.seed, { layer, repository });
    return layer;
  }

  private async upload(repository: string, bytes: Readable, digestAtEnd: () => Promise<string>): Promise<string> {
    const session = await this.send('POST', `/v2/${repository}/blobs/uploads/`);
    const next = await this.send('PATCH', session, bytes);
    const digest = await digestAtEnd();
    await this.send('PUT', `${next}&digest=${digest}`);
    return digest;
  }

  /** Sends a request that must succeed, and returns its Location. */
  private async send(method: string, target: string, body: Readable = Readable.from([]), contentType = 'application/octet-stream'): Promise<string> {
    const outgoing = request(new URL(target, this.origin), { method, headers: { 'content-type': contentType } });
    const answered = new Promise<string>((resolve, reject) => {
      outgoing.on('error', reject).on('response', response => {
        response.resume();
        const { statusCode = 0, headers } = response;
        if (statusCode < 300) resolve(headers.location ?? '');
        else reject(new Error(`${method} ${target} was answered with ${statusCode}`));
      });
    });
    await Promise.all([pipeline(body, outgoing), answered]);
    return answered;
  }
}

/** A tar archive with one file. */
function* tar({ seed, bytes }: LayerSpec, onChunk: (chunk: Buffer) => void): Generator<Buffer> {
  const chunks = function* () {
    yield tarHeader(`layer-${seed}.bin`, bytes);
    const cipher = createCipheriv('aes-256-ctr', createHash('sha256').update(seed).digest(), Buffer.alloc(16));
    const zeros = Buffer.alloc(CHUNK);
    for (let left = bytes; left > 0; left -= CHUNK) yield cipher.update(left < CHUNK ? zeros.subarray(0, left) : zeros);
    yield Buffer.alloc((512 - bytes % 512) % 512 + 1024);
  };
  for (const chunk of chunks()) {
    onChunk(chunk);
    yield chunk;
  }
}

function tarHeader(name: string, size: number): Buffer {
  const header = Buffer.alloc(512);
  header.write(name, 0);
  header.write('0000644\0' + '0000000\0' + '0000000\0' + `${size.toString(8).padStart(11, '0')}\0` + '00000000000\0' + ' '.repeat(8) + '0', 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

function sha256(bytes: Buffer): string {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}
