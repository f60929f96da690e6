import { RepositoryConnection, Exchange } from './connection';
import { BlobCheck, Descriptor, Verification, isDigest, digestOf, inlineContent, verifyBytes } from './digest';
import { CopyError, Failure } from './errors';
import { NextLink, digestHeader, nextLink } from './headers';
import { HttpRequest, HttpResponse, asFailure, discard, patienceFor, resolveLocation } from './http';
import { markupOf } from './json';
import { ACCEPTED_MANIFESTS, MAX_MANIFEST_BYTES, OCI_INDEX, RawManifest, mediaTypeOf } from './manifest';
import { RetryPolicy, repeat, retryReason } from './retry';

/** A page of a list. */
export interface Page extends NextLink {
  readonly manifest: RawManifest;
}

/** The result of starting an upload: the blob was mounted, or the address for it. */
export type Upload = 'mounted' | URL;

/** The operations that write a manifest. */
export const MANIFEST_WRITES = { byDigest: 'write the manifest', byTag: 'tag the image' } as const;

// The status codes of registries without the referrers API.
const NO_REFERRERS = [400, 404, 405, 501];
// The status codes of servers that do not accept HEAD. GET then succeeds, or fails with an explanation.
const NO_HEAD = [400, 403, 405, 406, 410, 415, 422, 501];

/** One attempt to stream a blob. */
interface Attempt {
  readonly patience: number;
  readonly verification: Verification;
}

/** The requests of the OCI distribution API that a copy needs, for one repository. */
export class RegistryClient {
  /** @param verifiesUploads whether the registry is known to reject an upload with other bytes than its digest says. */
  constructor(public readonly connection: RepositoryConnection, private readonly retries: RetryPolicy, private readonly verifiesUploads = false) {}

  /** The digest of a tag or digest, or `undefined` if it does not exist. */
  public async findManifest(version: string): Promise<string | undefined> {
    const operation = 'look up the manifest';
    return repeat(this.retries, async () => {
      const head = await this.connection.exchange(this.manifest(operation, version, 'HEAD', [200, 404, ...NO_HEAD]));
      discard(head);
      if (head.status === 404) return undefined;
      const digest = head.status === 200 ? digestHeader(head) : undefined;
      if (digest !== undefined) return digest;
      const exchange = this.manifest(operation, version, 'GET', [200, 404]);
      const response = await this.connection.exchange(exchange);
      if (response.status === 200) return (await this.readManifest(exchange, response, version)).digest;
      discard(response);
      return undefined;
    });
  }

  /** A manifest, verified against its digest (and size). */
  public async getManifest(version: string, size?: number): Promise<RawManifest> {
    const exchange = this.manifest('read the manifest', version, 'GET', [200]);
    return repeat(this.retries, async () => this.readManifest(exchange, await this.connection.exchange(exchange), version, size));
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
        // Some hosts return a web page for every unknown path.
        if (next === undefined && markupOf(bytes) !== undefined) return undefined;
        return { manifest: { mediaType: OCI_INDEX, digest, bytes }, ...nextLink(response.headers.link as string | undefined, response.url) };
      }
      discard(response);
      return undefined;
    });
  }

  /** Stores a manifest under a tag or its digest. */
  public async putManifest(version: string, manifest: RawManifest): Promise<void> {
    const operation = isDigest(version) ? MANIFEST_WRITES.byDigest : MANIFEST_WRITES.byTag;
    const exchange: Exchange = {
      ...this.manifest(operation, version, 'PUT', [200, 201, 202, 204]),
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
    const look = { operation: 'look up the blob', version: digest, target: `blobs/${digest}` };
    return repeat(this.retries, async () => {
      const head = await this.connection.exchange({ ...look, method: 'HEAD', expected: [200, 404, ...NO_HEAD] });
      discard(head);
      if (!NO_HEAD.includes(head.status)) return head.status === 200;
      // An empty blob has no first byte, hence 416.
      const isThere = [200, 206, 416];
      const expected = [...isThere, 404, ...NO_HEAD.filter(status => status !== 403)];
      const part = await this.connection.exchange({ ...look, method: 'GET', headers: { range: 'bytes=0-0' }, expected });
      discard(part);
      return isThere.includes(part.status);
    });
  }

  /** A small blob, verified. */
  public async getBlob(blob: Descriptor, limit: number): Promise<Buffer> {
    const reading = { operation: 'read the blob', version: blob.digest };
    const inline = inlineContent(blob);
    if (inline !== undefined) return inline;
    return repeat({ ...this.retries, isUnhurried: true }, async attempt => {
      const bytes = await this.connection.read(reading, await this.openBlob(blob, patienceFor(attempt)), limit);
      return this.connection.saying(reading, () => {
        verifyBytes(bytes, blob.digest, blob.size);
        return bytes;
      });
    });
  }

  /** Asks the registry to mount a blob from another of its repositories. `undefined` if the registry refuses it. */
  public async mountBlob({ digest }: Descriptor, from: string): Promise<Upload | undefined> {
    const query = `mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`;
    const exchange = this.post({ operation: 'mount the blob', version: digest }, `blobs/uploads/?${query}`, [201, 202]);
    try {
      return await repeat(this.retries, async () => {
        const response = await this.connection.exchange(exchange);
        discard(response);
        if (response.status === 201) return 'mounted';
        return response.headers.location === undefined ? undefined : this.uploadAddress(exchange, response);
      });
    } catch (error) {
      // A registry that is busy or fails would not accept an upload either.
      const isRefused = error instanceof CopyError && error.status !== undefined && !['busy', 'transient'].includes(retryReason(error.status, error.code) ?? '');
      if (isRefused) return undefined;
      throw error;
    }
  }

  /**
   * Streams a blob from another repository into this one: one POST (none with a given session) and one PUT. A failed attempt starts
   * again from the first byte with a new session.
   */
  public async streamBlob(blob: Descriptor, source: RegistryClient, session?: URL): Promise<void> {
    const begun = { operation: 'upload the blob', version: blob.digest };
    let open = session;
    const exchange = this.post(begun, 'blobs/uploads/', [200, 201, 202]);
    await repeat({ ...this.retries, isUnhurried: true }, async attempt => {
      const target = open ?? await this.startUpload(exchange);
      open = undefined;
      const inline = inlineContent(blob);
      if (inline !== undefined) await this.putBlob(blob, target, inline, patienceFor(attempt));
      else await this.upload(blob, source, target, { patience: patienceFor(attempt), verification: this.verificationOf(blob, attempt) });
    });
  }

  /** If the registry verifies the digest, it is calculated here only after a failed attempt, to find out which side has the wrong bytes. */
  private verificationOf({ digest }: Descriptor, attempt: number): Verification {
    return this.verifiesUploads && attempt === 1 && digest.startsWith('sha256:') ? 'size' : 'size and digest';
  }

  private async upload(blob: Descriptor, source: RegistryClient, session: URL, { patience, verification }: Attempt): Promise<void> {
    const download = await source.openBlob(blob, patience);
    try {
      await this.putBlob(blob, session, { source: download.body, check: new BlobCheck(blob, verification), size: blob.size }, patience);
    } catch (error) {
      if (error instanceof CopyError) throw error;
      const { reason, retry } = asFailure(error);
      throw source.connection.error({ operation: 'read the blob', version: blob.digest }, { reason, retry });
    } finally {
      // The registry may have responded before it read everything.
      download.body.destroy();
    }
  }

  private async putBlob({ digest, size }: Descriptor, session: URL, body: HttpRequest['body'], patience: number): Promise<void> {
    const target = new URL(session);
    target.searchParams.set('digest', digest);
    const headers = { 'content-type': 'application/octet-stream', 'content-length': String(size) };
    // Some registries return 200. If they have not stored the blob, they reject its manifest.
    discard(await this.connection.exchange({
      operation: 'upload the blob', version: digest, method: 'PUT', target, headers, body, patience, expected: [200, 201, 202, 204],
    }));
  }

  private async openBlob(blob: Descriptor, patience: number): Promise<HttpResponse> {
    const exchange: Exchange = {
      operation: 'read the blob', version: blob.digest, method: 'GET', target: `blobs/${blob.digest}`, patience, expected: [200],
    };
    const response = await this.connection.exchange(exchange);
    const announced = response.headers['content-length'];
    if (announced !== undefined && Number(announced) !== blob.size) {
      response.body.destroy();
      throw this.connection.error(exchange, { reason: `expected ${blob.size} bytes, the registry offers ${announced}`, retry: 'corrupt' });
    }
    return response;
  }

  private async startUpload(exchange: Exchange): Promise<URL> {
    const response = await this.connection.exchange(exchange);
    discard(response);
    return this.uploadAddress(exchange, response);
  }

  private async uploadAddress(exchange: Exchange, response: HttpResponse): Promise<URL> {
    return this.connection.saying(exchange, () => {
      if (response.headers.location === undefined) throw new Failure('the registry accepted the upload without saying where');
      return resolveLocation(response.headers.location, response.url);
    });
  }

  private post(words: Pick<Exchange, 'operation' | 'version'>, target: string, expected: readonly number[]): Exchange {
    return { ...words, method: 'POST', target, headers: { 'content-length': '0' }, expected };
  }

  private async readManifest(exchange: Exchange, response: HttpResponse, version: string, size?: number): Promise<RawManifest> {
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
