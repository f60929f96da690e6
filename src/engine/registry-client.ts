import { RepositoryConnection, Exchange } from './connection';
import { Descriptor, isDigest, VerifiedBlob, digestOf, verifyBytes } from './digest';
import { CopyError, Failure } from './errors';
import { HttpResponse, StreamedBody, asFailure, discard, resolveLocation } from './http';
import { ACCEPTED_MANIFESTS, MAX_MANIFEST_BYTES, OCI_INDEX, RawManifest, mediaTypeOf } from './manifest';
import { RetryPolicy, repeat } from './retry';

/** A page of a list. */
export interface Page {
  readonly manifest: RawManifest;
  /** Whether it is the last page. */
  readonly isLast: boolean;
  /** The address of the next page, if it may be read. */
  readonly next?: URL;
}

/** The result of starting an upload: the blob was mounted, or the address for it. */
export type Upload = 'mounted' | URL;

/** The operations that write a manifest. */
export const MANIFEST_WRITES = { byDigest: 'write the manifest', byTag: 'tag the image' } as const;

// The status codes of registries without the referrers API.
const NO_REFERRERS = [400, 404, 405, 501];
const MAX_LINK = 4096;

/** The requests of the OCI distribution API that a copy needs, for one repository. */
export class RegistryClient {
  constructor(public readonly connection: RepositoryConnection, private readonly retries: RetryPolicy) {}

  /** The digest of a tag or digest, or `undefined` if it does not exist. */
  public async findManifest(version: string): Promise<string | undefined> {
    const exchange = this.manifest('look up the manifest', version, 'HEAD', [200, 404]);
    return repeat(this.retries, async () => {
      const response = await this.connection.exchange(exchange);
      discard(response);
      if (response.status === 404) return undefined;
      return digestHeader(response) ?? (await this.readManifest(version)).digest;
    });
  }

  /** A manifest, verified against its digest (and size). */
  public async getManifest(version: string, size?: number): Promise<RawManifest> {
    return repeat(this.retries, async () => this.readManifest(version, size));
  }

  /**
   * A page of the referrers of a manifest, or `undefined` if the registry has no such list.
   *
   * @param next the address of the page. Without it, the first page.
   */
  public async getReferrers(digest: string, next?: URL): Promise<Page | undefined> {
    const exchange: Exchange = {
      operation: 'list the referrers', version: digest, method: 'GET', target: next ?? `referrers/${digest}`,
      headers: { accept: OCI_INDEX }, expected: next === undefined ? [200, ...NO_REFERRERS] : [200],
    };
    return repeat(this.retries, async () => {
      const response = await this.connection.exchange(exchange);
      if (response.status === 200) {
        const bytes = await this.connection.read(exchange, response, MAX_MANIFEST_BYTES);
        return { manifest: { mediaType: OCI_INDEX, digest, bytes }, ...nextPage(response) };
      }
      discard(response);
      return undefined;
    });
  }

  /** Stores a manifest under a tag or its digest. */
  public async putManifest(version: string, manifest: RawManifest): Promise<void> {
    const operation = isDigest(version) ? MANIFEST_WRITES.byDigest : MANIFEST_WRITES.byTag;
    const exchange: Exchange = {
      ...this.manifest(operation, version, 'PUT', [200, 201, 202]),
      headers: { 'content-type': manifest.mediaType, 'content-length': String(manifest.bytes.length) },
      body: manifest.bytes,
    };
    await repeat(this.retries, async () => {
      const response = await this.connection.exchange(exchange);
      discard(response);
      const stored = digestHeader(response);
      if (stored !== undefined && stored !== manifest.digest) {
        throw this.connection.error(exchange, { reason: `the registry stored ${stored} instead of ${manifest.digest}` });
      }
    });
  }

  /** Whether the repository has a blob. */
  public async hasBlob({ digest }: Descriptor): Promise<boolean> {
    return repeat(this.retries, async () => {
      const response = await this.connection.exchange({
        operation: 'look up the blob', version: digest, method: 'HEAD', target: `blobs/${digest}`, expected: [200, 404],
      });
      discard(response);
      return response.status === 200;
    });
  }

  /** A small blob, verified. */
  public async getBlob(blob: Descriptor, limit: number): Promise<Buffer> {
    const reading = { operation: 'read the blob', version: blob.digest };
    return repeat(this.retries, async () => {
      const bytes = await this.connection.read(reading, await this.openBlob(blob), limit);
      return this.connection.saying(reading, () => {
        verifyBytes(bytes, blob.digest, blob.size);
        return bytes;
      });
    });
  }

  /** Asks the registry to mount a blob from another of its repositories. */
  public async mountBlob({ digest }: Descriptor, from: string): Promise<Upload> {
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`;
    return repeat(this.retries, async () => this.startUpload({ operation: 'mount the blob', version: digest }, `blobs/uploads/?${query}`));
  }

  /**
   * Streams a blob from another repository into this one: one POST (none with a given session) and one PUT. A failed attempt starts
   * again from the first byte with a new session.
   */
  public async streamBlob(blob: Descriptor, source: RegistryClient, session?: URL): Promise<void> {
    const begun = { operation: 'upload the blob', version: blob.digest };
    let open = session;
    await repeat({ ...this.retries, isUnhurried: true }, async () => {
      const target = open ?? await this.startUpload(begun, 'blobs/uploads/');
      open = undefined;
      if (target !== 'mounted') await this.upload(blob, source, target);
    });
  }

  private async upload(blob: Descriptor, source: RegistryClient, session: URL): Promise<void> {
    const reading = { operation: 'read the blob', version: blob.digest };
    const download = await source.openBlob(blob);
    const target = new URL(session);
    target.searchParams.set('digest', blob.digest);
    const body: StreamedBody = { feed: [download.body, new VerifiedBlob(blob)], size: blob.size };
    try {
      discard(await this.connection.exchange({
        operation: 'upload the blob',
        version: blob.digest,
        method: 'PUT',
        target,
        headers: { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) },
        body,
        expected: [201, 204],
      }));
    } catch (error) {
      if (error instanceof CopyError) throw error;
      const { reason, retry } = asFailure(error);
      throw source.connection.error(reading, { reason, retry });
    } finally {
      // The registry may have responded before it read everything.
      body.feed.forEach(stream => stream.destroy());
    }
  }

  private async openBlob(blob: Descriptor): Promise<HttpResponse> {
    const exchange: Exchange = {
      operation: 'read the blob', version: blob.digest, method: 'GET', target: `blobs/${blob.digest}`, expected: [200],
    };
    const response = await this.connection.exchange(exchange);
    const announced = response.headers['content-length'];
    if (announced !== undefined && Number(announced) !== blob.size) {
      response.body.destroy();
      throw this.connection.error(exchange, { reason: `expected ${blob.size} bytes, the registry offers ${announced}`, retry: 'corrupt' });
    }
    return response;
  }

  private async startUpload(words: Pick<Exchange, 'operation' | 'version'>, target: string): Promise<Upload> {
    const exchange: Exchange = { ...words, method: 'POST', target, headers: { 'content-length': '0' }, expected: [201, 202] };
    const response = await this.connection.exchange(exchange);
    discard(response);
    if (response.status === 201) return 'mounted';
    return this.connection.saying(exchange, () => {
      if (response.headers.location === undefined) throw new Failure('the registry accepted the upload without saying where');
      return resolveLocation(response.headers.location, response.url);
    });
  }

  private async readManifest(version: string, size?: number): Promise<RawManifest> {
    const exchange = this.manifest('read the manifest', version, 'GET', [200]);
    const response = await this.connection.exchange(exchange);
    const bytes = await this.connection.read(exchange, response, MAX_MANIFEST_BYTES);
    return this.connection.saying(exchange, () => {
      const expected = isDigest(version) ? version : digestHeader(response);
      if (expected !== undefined) verifyBytes(bytes, expected, size);
      const header = response.headers['content-type'] ?? '';
      // Without a digest, corrupt bytes are only noticed if they are not a manifest.
      const mediaType = mediaTypeOf(bytes, header, expected === undefined ? 'corrupt' : undefined);
      return { bytes, digest: expected ?? digestOf(bytes), mediaType };
    });
  }

  private manifest(operation: string, version: string, method: string, expected: readonly number[]): Exchange {
    return { operation, version, method, target: `manifests/${version}`, headers: { accept: ACCEPTED_MANIFESTS }, expected };
  }
}

/** The next page of a list. It is never at another origin. */
function nextPage({ headers: { link }, url }: HttpResponse): Omit<Page, 'manifest'> {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(String(link ?? '').slice(0, MAX_LINK)) ?? [];
  const next = target !== undefined && URL.canParse(target, url.href) ? new URL(target, url) : undefined;
  return { isLast: target === undefined, next: next?.origin === url.origin ? next : undefined };
}

function digestHeader({ headers }: HttpResponse): string | undefined {
  const header = headers['docker-content-digest'];
  return typeof header === 'string' && isDigest(header) ? header : undefined;
}
