import { Question, Said, ask } from './registry-ask';
import { TestImage, digest, sha256 } from './registry-images';
import { Credentials } from '../../src/engine/contract';

/** A registry, simulated or real. */
export interface Host {
  readonly origin: string;
  readonly credentials?: Credentials;
}

const OCTETS = { 'content-type': 'application/octet-stream' };

/** A client that follows the specification exactly, with valid credentials, and follows one redirect. */
export class Guest {
  constructor(private readonly registry: Host) {}

  /** Sends a request, logs in if required, and sends it again. */
  public async ask(method: string, path: string, question: Question = {}): Promise<Said> {
    const url = new URL(path, this.registry.origin);
    const first = await ask(method, url, question);
    const signedIn = async () => ask(method, url, { ...question, headers: { ...question.headers, authorization: await this.signIn(first) } });
    const said = first.status === 401 ? await signedIn() : first;
    return said.status === 307 ? ask(method, said.headers.location ?? '', question) : said;
  }

  /** Begins an upload and returns its Location. */
  public async begin(name: string): Promise<string> {
    const { headers } = await this.ask('POST', `/v2/${name}/blobs/uploads/`);
    return headers.location ?? '';
  }

  /** Ends an upload with some bytes, and the digest of the blob. */
  public async end(upload: string, bytes: Buffer | string, name: string, headers: Question['headers'] = {}): Promise<Said> {
    const url = new URL(upload, this.registry.origin);
    url.searchParams.set('digest', name);
    return this.ask('PUT', url.href, { headers: { ...OCTETS, ...headers }, body: bytes });
  }

  /** Sends a chunk. */
  public async chunk(upload: string, bytes: Buffer | string, range?: string): Promise<Said> {
    return this.ask('PATCH', upload, { headers: { ...OCTETS, ...range === undefined ? {} : { 'content-range': range } }, body: bytes });
  }

  /** Pushes the blobs of an image, under the digests in the image. */
  public async pushBlobs(name: string, { blobs, bytes }: TestImage): Promise<void> {
    for (const blob of blobs) {
      const long = digest(blob, 'sha512');
      await this.end(await this.begin(name), blob, bytes.includes(long) ? long : sha256(blob));
    }
  }

  /** Pushes a manifest. */
  public async push(name: string, version: string, { mediaType, bytes }: TestImage): Promise<Said> {
    return this.ask('PUT', `/v2/${name}/manifests/${version}`, { headers: { 'content-type': mediaType }, body: bytes });
  }

  /** Pushes an image with everything below it, under its digest or a tag. */
  public async pushAll(name: string, image: TestImage, version = image.digest): Promise<void> {
    for (const child of image.children) await this.pushAll(name, child);
    await this.pushBlobs(name, image);
    const { status, body } = await this.push(name, version, image);
    if (status !== 201) throw new Error(`${name} did not take ${version}: ${status} ${body.toString().slice(0, 300)}`);
  }

  /** Reads a manifest. */
  public async pull(name: string, version: string, { mediaType }: TestImage): Promise<Said> {
    return this.ask('GET', `/v2/${name}/manifests/${version}`, { headers: { accept: mediaType } });
  }

  private async signIn({ headers }: Said): Promise<string> {
    const { username, password } = this.registry.credentials ?? { username: '', password: '' };
    const basic = `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
    const [, realm, service, scope] = /^Bearer realm="(.+?)",service="(.+?)",scope="(.*?)"/.exec(headers['www-authenticate'] ?? '') ?? [];
    if (realm === undefined) return basic;
    const url = new URL(realm);
    url.searchParams.set('service', service);
    if (scope !== '') url.searchParams.set('scope', scope);
    const { body } = await ask('GET', url, { headers: { authorization: basic } });
    return `Bearer ${JSON.parse(body.toString()).token}`;
  }
}
